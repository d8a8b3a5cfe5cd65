"""What can go wrong. An error of the daemon is ``"CODE: sentence"``; each code
has a class here, named after it."""
from __future__ import annotations

import re
from typing import Dict, Optional, Type


class Error(Exception):
    """All that this package raises."""


class Disconnected(Error):
    """The daemon could not be reached, or the connection broke.

    ``unknown`` counts the requests to learn whose fate is not known: each may
    have been taken or not (see the README, "After a lost connection").
    """

    def __init__(self, why: str, unknown: int = 0) -> None:
        super().__init__(why)
        self.unknown = unknown


class Timeout(Disconnected):
    """No answer came in time; the connection was closed."""


class BadFrame(Error, ValueError):
    """A frame is not what the model takes; the sentence says what to do."""

    code = "BAD_FRAME"


class Refused(Error):
    """The daemon answered with an error."""

    code = ""


class Busy(Refused):
    """The model's inbox is full; ``retry_after_ms`` says when to try again."""

    code = "BUSY"

    @property
    def retry_after_ms(self) -> int:
        found = re.search(r"retry_after_ms[ =:]*(\d+)", str(self))
        return int(found.group(1)) if found else 10


def _classes() -> Dict[str, Type[Error]]:
    codes = """BAD_MESSAGE UNKNOWN_METHOD BAD_PARAMS UNKNOWN_MODEL MODEL_EXISTS
        BAD_SPEC LABELS_FULL DROPPED OVERLOADED TOO_LARGE TOO_MANY NOT_ALLOWED
        NO_MEMORY STORAGE NOTHING_REMEMBERED SHUTTING_DOWN INTERNAL FOLLOWS
        UNKNOWN_ID NOT_DURABLE UNKNOWN_VERSION VERSION_EXISTS BAD_TOKEN
        UNKNOWN_LABEL LABEL_EXISTS""".split()
    made: Dict[str, Type[Error]] = {"BUSY": Busy}

    class RefusedFrame(BadFrame, Refused):
        """BAD_FRAME, said by the daemon."""

        code = "BAD_FRAME"

    made["BAD_FRAME"] = RefusedFrame
    for code in codes:
        name = "".join(word.title() for word in code.split("_"))
        made[code] = type(name, (Refused,), {"code": code})
    return made


#: Classes by code: ``ffd.errors.CODES["UNKNOWN_MODEL"]``.
CODES = _classes()
UnknownModel = CODES["UNKNOWN_MODEL"]
ModelExists = CODES["MODEL_EXISTS"]
UnknownId = CODES["UNKNOWN_ID"]
NotAllowed = CODES["NOT_ALLOWED"]
Dropped = CODES["DROPPED"]


def of(error: object) -> Error:
    """The exception for what a response holds."""
    text = str(error)
    code = text.split(":", 1)[0]
    made: Optional[Type[Error]] = CODES.get(code)
    return made(text) if made else Refused(text)

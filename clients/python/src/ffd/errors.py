"""What can go wrong. An error of the daemon is ``"CODE: sentence"``; each code
has a class here, named after it."""
from __future__ import annotations

import re
from typing import Any, Dict, Optional, Type


class Error(Exception):
    """All that this package raises."""


class Disconnected(Error):
    """The daemon could not be reached, or the connection broke.

    ``unknown`` counts the frames of which it is not known whether they were
    learned: each may have been taken or not (see the README, "After a lost
    connection"). ``said`` is what the daemon gave as the reason, if it did;
    ``done``, of a stream or of many frames, a Learned of all that was answered.
    """

    def __init__(self, why: str, unknown: int = 0,
                 said: Optional[Error] = None) -> None:
        super().__init__(why)
        self.unknown, self.said = unknown, said
        self.done: Any = None


class Timeout(Disconnected):
    """No answer came in time; the connection was closed."""


class Unsent(Disconnected):
    """The connection broke before all of a request was sent, so the daemon has
    not taken it."""


def doubt(frames: int) -> str:
    """The end of a sentence about a connection that was lost."""
    return f"; of {frames} frames it is not known whether they were learned" \
        if frames else ""


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
        UNKNOWN_LABEL LABEL_EXISTS NO_WINDOW""".split()
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
BadMessage = CODES["BAD_MESSAGE"]
UnknownMethod = CODES["UNKNOWN_METHOD"]
BadParams = CODES["BAD_PARAMS"]
UnknownModel = CODES["UNKNOWN_MODEL"]
ModelExists = CODES["MODEL_EXISTS"]
BadSpec = CODES["BAD_SPEC"]
LabelsFull = CODES["LABELS_FULL"]
Dropped = CODES["DROPPED"]
Overloaded = CODES["OVERLOADED"]
TooLarge = CODES["TOO_LARGE"]
TooMany = CODES["TOO_MANY"]
NotAllowed = CODES["NOT_ALLOWED"]
NoMemory = CODES["NO_MEMORY"]
Storage = CODES["STORAGE"]
NothingRemembered = CODES["NOTHING_REMEMBERED"]
ShuttingDown = CODES["SHUTTING_DOWN"]
Internal = CODES["INTERNAL"]
Follows = CODES["FOLLOWS"]
UnknownId = CODES["UNKNOWN_ID"]
NotDurable = CODES["NOT_DURABLE"]
UnknownVersion = CODES["UNKNOWN_VERSION"]
VersionExists = CODES["VERSION_EXISTS"]
BadToken = CODES["BAD_TOKEN"]
UnknownLabel = CODES["UNKNOWN_LABEL"]
LabelExists = CODES["LABEL_EXISTS"]
NoWindow = CODES["NO_WINDOW"]


def of(error: object) -> Error:
    """The exception for what a response holds."""
    text = str(error)
    code = text.split(":", 1)[0]
    made: Optional[Type[Error]] = CODES.get(code)
    return made(text) if made else Refused(text)

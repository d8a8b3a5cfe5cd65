"""MessagePack-RPC as bytes: no socket in here, so that both clients share it.

request ``[0, msgid, method, params]``, response ``[1, msgid, error, result]``,
notification ``[2, "event", [topic, payload]]`` (proto/PROTOCOL.md).
"""
from __future__ import annotations

from typing import Any, Iterator, Sequence, Union

import msgpack  # type: ignore[import]

from .errors import Disconnected

MESSAGE_MOST = 64 * 1024 * 1024  # bytes of one answer


def request(msgid: int, method: str, params: Sequence[Any]) -> bytes:
    return bytes(msgpack.packb([0, msgid, method, list(params)],
                               use_bin_type=True))


class Response:
    __slots__ = ("msgid", "error", "result")

    def __init__(self, msgid: int, error: Any, result: Any) -> None:
        self.msgid, self.error, self.result = msgid, error, result


class Told:
    """An event."""

    __slots__ = ("topic", "payload")

    def __init__(self, topic: str, payload: Any) -> None:
        self.topic, self.payload = topic, payload


Message = Union[Response, Told]


class Reader:
    """Bytes in, messages out, however they were cut."""

    def __init__(self) -> None:
        self._unpacker = msgpack.Unpacker(raw=False, strict_map_key=False,
                                          max_buffer_size=MESSAGE_MOST)

    def feed(self, data: bytes) -> Iterator[Message]:
        try:
            self._unpacker.feed(data)
            for message in self._unpacker:
                yield self._read(message)
        except Disconnected:
            raise
        except (msgpack.UnpackException, ValueError, TypeError,
                RecursionError) as e:  # of a header, of text, of a map's key
            raise Disconnected(f"what answers is not ffd: {e!r}") from e

    @staticmethod
    def _read(message: Any) -> Message:
        if isinstance(message, list) and len(message) == 4 and \
                message[0] == 1 and isinstance(message[1], int):
            return Response(message[1], message[2], message[3])
        if isinstance(message, list) and len(message) == 3 and \
                message[:2] == [2, "event"] and \
                isinstance(message[2], list) and len(message[2]) == 2:
            return Told(message[2][0], message[2][1])
        raise Disconnected("what answers is not ffd: no response, no event")


class Counter:
    """Numbers of requests, each used once; 0 is left to the daemon, for what
    it says of a message whose number it could not read."""

    def __init__(self) -> None:
        self._next = 0

    def take(self) -> int:
        self._next = self._next % 0xFFFFFFFF + 1
        return self._next


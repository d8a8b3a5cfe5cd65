"""One blocking connection: requests out, answers in, and what became of each.

Of every request exactly one thing is true: it waits for its answer
(``_waiting``), the answer is here (``_answers``), or the connection ended first
(``_gone``). An end keeps the answers that came before it, so what was
acknowledged stays known, and each request's owner is told of its own alone.
"""
from __future__ import annotations

import socket
import ssl
import threading
import time
from typing import Any, Dict, List, Optional

from . import errors
from .address import Address, Keys, connect as open_socket
from .calls import Ask
from .wire import Counter, Reader, Response, Told, request

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 1.0
FINAL = ("TOO_LARGE", "BAD_MESSAGE")  # said of a request, not of the moment


class Link:
    """Opened when it is needed, again when it was lost. Safe for several
    threads, which then wait for each other."""

    def __init__(self, address: Address, keys: Keys, timeout: float) -> None:
        self.address, self.keys, self.timeout = address, keys, timeout
        self.lock = threading.RLock()
        self.events: List[Told] = []
        self.topics: List[str] = []
        self._s: Optional[socket.socket] = None
        self._reader = Reader()
        self._ids = Counter()
        self._answers: Dict[int, Response] = {}
        self._waiting: Dict[int, int] = {}  # msgid: frames to learn
        self._gone: Dict[int, errors.Disconnected] = {}
        self._said: Optional[errors.Error] = None  # before it hung up

    # ---- opening and closing

    def close(self) -> None:
        with self.lock:
            self._end("this client closed the connection")

    def _end(self, why: object) -> None:
        """What has no answer will have none."""
        if self._s is not None:
            self._s.close()
        self._s = None
        kind = errors.Timeout if isinstance(why, socket.timeout) \
            else errors.Disconnected
        text = f"{self.address}: {self._said or why}"
        for msgid, teaches in self._waiting.items():
            self._gone[msgid] = kind(text + errors.doubt(teaches), teaches,
                                     self._said)
        self._waiting.clear()

    def open(self) -> None:
        """Connect, if it is not; tries again until the timeout is over."""
        with self.lock:
            self.poll()
            if self._s is not None:
                return
            end, pause = time.monotonic() + self.timeout, FIRST_PAUSE_S
            while True:
                try:
                    self._s = open_socket(self.address, self.keys,
                                          self.timeout)
                    break
                except OSError as e:
                    if time.monotonic() + pause > end or \
                            isinstance(e, ssl.SSLCertVerificationError):
                        raise errors.Disconnected(
                            f"cannot connect to {self.address}: {e}; is ffd "
                            "running, and is this its address (FFD_ADDRESS)?"
                        ) from e
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
            self._reader, self._said = Reader(), None
            try:
                if self.keys.token:
                    self.wait(self.send(Ask("auth", (self.keys.token,))))
                if self.topics:
                    self.wait(self.send(Ask("subscribe", (self.topics,))))
            except BaseException:
                self._end("the connection was refused")
                raise

    # ---- messages

    def _take(self, data: bytes) -> None:
        if not data:
            self._end("the daemon closed the connection")
            return
        for m in self._reader.feed(data):
            if isinstance(m, Told):
                self.events.append(m)
            elif m.msgid in self._waiting:
                del self._waiting[m.msgid]
                self._answers[m.msgid] = m
            elif m.msgid == 0 and m.error is not None:
                self._said = errors.of(m.error)

    def _read(self) -> bool:
        """Wait for something to come, or for the end; False: nothing came in
        time."""
        assert self._s is not None
        try:
            self._take(self._s.recv(262144))
        except socket.timeout:
            return False
        except (OSError, errors.Disconnected) as e:
            self._end(e)
        return True

    def poll(self) -> None:
        """Take in what has come, and notice an end, without waiting."""
        with self.lock:
            if self._s is None:
                return
            self._s.settimeout(0)
            try:
                self._take(self._s.recv(262144))
            except (BlockingIOError, ssl.SSLWantReadError):
                pass
            except (OSError, errors.Disconnected) as e:
                self._end(e)
            if self._s is not None:
                self._s.settimeout(self.timeout)

    def send(self, ask: Ask) -> int:
        """Send a request without waiting; its number. Unsent if not all of it
        could be sent: then the daemon cannot have taken it."""
        with self.lock:
            msgid = self._ids.take()
            data = request(msgid, ask.method, ask.params)
            if self._s is None:
                self.open()
            assert self._s is not None
            try:
                self._s.sendall(data)
            except OSError as e:
                self.poll()  # it may have said why
                said = self._said
                self._end(e)
                raise errors.Unsent(f"{self.address}: {said or e}", 0,
                                    said) from e
            except BaseException:  # half a message is worse than none
                self._end("sending was interrupted")
                raise
            self._waiting[msgid] = ask.teaches
            return msgid

    def is_over(self, msgid: int) -> bool:
        """Whether wait() would not wait."""
        return msgid not in self._waiting

    def forget(self, msgid: int) -> None:
        """Nobody will ask for this answer."""
        with self.lock:
            self._waiting.pop(msgid, None)
            self._answers.pop(msgid, None)
            self._gone.pop(msgid, None)

    def wait(self, msgid: int) -> Any:
        """The result of a request; what it was refused with is raised."""
        with self.lock:
            while msgid in self._waiting:
                if not self._read():
                    self._end(socket.timeout(f"no answer in {self.timeout} s"))
            if msgid in self._gone:
                raise self._gone.pop(msgid)
            answer = self._answers.pop(msgid)
        if answer.error is not None:
            raise errors.of(answer.error)
        return answer.result

    def ask(self, ask: Ask) -> Any:
        """Send and wait. A question is sent again once it is connected again;
        what wants to teach or to change something only where it cannot have
        been taken, and once."""
        end, pause = time.monotonic() + self.timeout, FIRST_PAUSE_S
        again = ask.again
        with self.lock:
            while True:
                msgid = 0
                try:
                    self.open()
                    msgid = self.send(ask)
                    return self.wait(msgid)
                except errors.Timeout:
                    raise
                except errors.Disconnected as e:
                    unsent = isinstance(e, errors.Unsent) and pause == \
                        FIRST_PAUSE_S
                    if (not (again or unsent) or is_final(e) or
                            time.monotonic() + pause > end):
                        raise
                finally:
                    self.forget(msgid)  # of a call that was interrupted too
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)

    def next_event(self) -> Told:
        """Wait for an event. After a quiet spell of ``timeout`` the daemon is
        asked whether it is there; only a daemon that does not say so, or a
        connection that ended, is connected to again."""
        asked = 0
        while not self.events:
            self.open()
            if self.events or self._read():
                continue
            if asked and not self.is_over(asked):
                self._end(socket.timeout("silent"))
            self.forget(asked)
            if self._s is not None:
                asked = self.send(Ask("ping", ()))
        self.forget(asked)
        return self.events.pop(0)


def is_final(e: errors.Disconnected) -> bool:
    """The daemon hung up because of what it was sent."""
    return getattr(e.said, "code", "") in FINAL

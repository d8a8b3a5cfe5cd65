"""The client that waits for each answer."""
from __future__ import annotations

import select
import socket
import threading
import time
from typing import (Any, Dict, Iterator, List, Optional, Sequence, TypeVar)

import numpy.typing as npt

from . import calls, errors
from .address import Address, Keys, connect as open_socket
from .calls import Ask, Call, Known
from .results import (Dreams, Event, Learned, Prediction, Predictions, Raw,
                      Status, Version)
from .stream import Stream
from .wire import Counter, Reader, Response, Told, request

T = TypeVar("T")
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 1.0


class Link:
    """One connection; opened when it is needed, again when it was lost. Safe
    for several threads, which then wait for each other."""

    def __init__(self, address: Address, keys: Keys, timeout: float) -> None:
        self.address, self.keys, self.timeout = address, keys, timeout
        self.lock = threading.RLock()
        self.events: List[Told] = []
        self._s: Optional[socket.socket] = None
        self._reader = Reader()
        self._ids = Counter()
        self._answers: Dict[int, Response] = {}
        self._waiting: Dict[int, int] = {}  # msgid: frames to learn
        self.topics: List[str] = []

    # ---- opening and closing

    def close(self) -> None:
        with self.lock:
            if self._s is not None:
                self._s.close()
            self._s = None
            self._answers.clear()
            self._waiting.clear()

    def _lost(self, why: object) -> errors.Disconnected:
        unknown = sum(self._waiting.values())
        self.close()
        kind = errors.Timeout if isinstance(why, socket.timeout) \
            else errors.Disconnected
        text = f"{self.address}: {why or 'the daemon closed the connection'}"
        if unknown:
            text += f"; of {unknown} frames under way it is not known " \
                    "whether they were learned"
        return kind(text, unknown)

    def _is_stale(self) -> bool:
        """The other end is gone, and nothing is under way: as after a restart
        of the daemon while this client had nothing to say."""
        if self._s is None or self._waiting:
            return False
        readable, _, _ = select.select([self._s], [], [], 0)
        if not readable:
            return False
        try:
            return not self._take(self._s.recv(65536))
        except (OSError, errors.Disconnected):
            return True

    def open(self) -> None:
        """Connect, if it is not; tries again until the timeout is over."""
        if self._is_stale():
            self.close()
        if self._s is not None:
            return
        end, pause = time.monotonic() + self.timeout, FIRST_PAUSE_S
        while True:
            try:
                self._s = open_socket(self.address, self.keys, self.timeout)
                break
            except OSError as e:
                if time.monotonic() + pause > end:
                    raise errors.Disconnected(
                        f"cannot connect to {self.address}: {e}; is ffd "
                        "running, and is this its address (FFD_ADDRESS)?"
                    ) from e
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
        self._reader = Reader()
        if self.keys.token:
            self.wait(self.send(Ask("auth", (self.keys.token,))))
        if self.topics:
            self.wait(self.send(Ask("subscribe", (self.topics,))))

    # ---- messages

    def _take(self, data: bytes) -> bool:
        if not data:
            return False
        for m in self._reader.feed(data):
            if isinstance(m, Told):
                self.events.append(m)
            elif m.msgid in self._waiting:
                self._answers[m.msgid] = m
        return True

    def send(self, ask: Ask) -> int:
        """Send a request without waiting; its number."""
        with self.lock:
            if self._s is None:
                self.open()
            assert self._s is not None
            msgid = self._ids.take()
            self._waiting[msgid] = ask.teaches
            try:
                self._s.sendall(request(msgid, ask.method, ask.params))
            except OSError as e:
                raise self._lost(e) from e
            return msgid

    def read(self) -> None:
        """Wait for something to come."""
        assert self._s is not None
        try:
            if not self._take(self._s.recv(262144)):
                raise self._lost("")
        except OSError as e:
            raise self._lost(e) from e

    def is_answered(self, msgid: int) -> bool:
        return msgid in self._answers

    def wait(self, msgid: int) -> Any:
        """The result of a request; what it was refused with is raised."""
        with self.lock:
            while msgid not in self._answers:
                if self._s is None or msgid not in self._waiting:
                    raise errors.Disconnected("the connection was lost")
                self.read()
            answer = self._answers.pop(msgid)
            del self._waiting[msgid]
        if answer.error is not None:
            raise errors.of(answer.error)
        return answer.result

    def ask(self, ask: Ask) -> Any:
        """Send and wait. What may be sent again is, once it is connected
        again; what wants to teach is not, unless nothing of it was sent."""
        end = time.monotonic() + self.timeout
        with self.lock:
            while True:
                self.open()
                try:
                    return self.wait(self.send(ask))
                except errors.Timeout:
                    raise
                except errors.Disconnected:
                    if not ask.again or time.monotonic() > end:
                        raise


class Client:
    """A client of one ffd. Use ``ffd.connect()``.

    Two connections, each opened when first needed: one to learn by and one for
    questions, which so never wait behind learning. Methods may be called from
    several threads; those of one connection then wait for each other.
    """

    def __init__(self, address: Optional[str] = None, *,
                 timeout: float = 30.0, token: Optional[str] = None,
                 token_file: Optional[str] = None, ca: Optional[str] = None,
                 cert: Optional[str] = None,
                 key: Optional[str] = None) -> None:
        self.address = Address.parse(address)
        self.keys = Keys.find(token, token_file, ca, cert, key)
        self.timeout = timeout
        self._feed = Link(self.address, self.keys, timeout)
        self._ask = Link(self.address, self.keys, timeout)
        self._known = Known()

    # ---- life

    def close(self) -> None:
        self._feed.close()
        self._ask.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<ffd.Client {self.address}>"

    def _drive(self, call: Call[T], link: Optional[Link] = None) -> T:
        """Carry what a call asks for; its questions always go the way of
        questions."""
        result: Any = None
        error: Optional[errors.Error] = None
        while True:
            try:
                ask = call.throw(error) if error else call.send(result)
            except StopIteration as end:
                value: T = end.value
                return value
            error = None
            by = self._feed if link is not None and ask.teaches else \
                link or self._ask
            if link is not None and ask.method == "status":
                by = self._ask
            try:
                result = by.ask(ask)
            except errors.Error as e:
                if isinstance(e, errors.BadFrame):
                    self._known.types.clear()  # it may be another model now
                error = e

    # ---- questions

    def call(self, method: str, *params: Any) -> Any:
        """Any method of the protocol, as it is; never sent again."""
        return self._drive(calls.plain(method, *params, again=False))

    def hello(self) -> Raw:
        """{server, version, protocol, features, limits, auth}"""
        about = {"client": "ffd-python", "version": "0.1.0"}
        result: Raw = self._drive(calls.plain("hello", about))
        return result

    def ping(self) -> float:
        """Seconds to the daemon and back."""
        began = time.perf_counter()
        self._drive(calls.plain("ping"))
        return time.perf_counter() - began

    def api_info(self) -> Raw:
        result: Raw = self._drive(calls.plain("api_info"))
        return result

    def models(self) -> List[Raw]:
        """[{name, objective, input, labels, step}]"""
        return self._drive(calls.models())

    def status(self, model: str, *, digest: bool = False) -> Status:
        """What a model is doing; digest: with a hash of all that it is."""
        return self._drive(calls.status(model, digest))

    def stats(self, model: Optional[str] = None) -> Raw:
        """{daemon, models}: every counter and gauge."""
        result: Raw = self._drive(calls.plain("stats", model))
        return result

    def predict(self, model: str, frame: npt.ArrayLike, *,
                fresh: bool = False) -> Prediction:
        """Answer for one frame (the model's shape, or flat); never learns.
        fresh: by weights that hold every frame acknowledged here."""
        return self._drive(calls.predict(self._known, model, frame, fresh),
                           self._feed if fresh else None)

    def predict_many(self, model: str, frames: npt.ArrayLike, *,
                     fresh: bool = False) -> Predictions:
        """Answers for n frames (n, *shape); any n, in as many requests as
        their limits ask for."""
        return self._drive(
            calls.predict_batch(self._known, model, frames, fresh),
            self._feed if fresh else None)

    def dreams(self, model: str, n: int = 16) -> Dreams:
        """Negative data as sleep would make it, to look at."""
        return self._drive(calls.dreams(model, n))

    def versions(self, model: str) -> List[Version]:
        """Its snapshots, the newest first."""
        return self._drive(calls.versions(model))

    # ---- learning

    def learn(self, model: str, frame: npt.ArrayLike, label: object = None, *,
              ack: Optional[str] = None) -> Learned:
        """Learn one frame, with a label or without. ack: answered when
        ``received``, ``applied`` (the default) or ``durable``."""
        return self._drive(
            calls.learn(self._known, model, frame, label, ack), self._feed)

    def learn_many(self, model: str, frames: npt.ArrayLike,
                   labels: Optional[Sequence[object]] = None, *,
                   ack: Optional[str] = None, batch: int = 256) -> Learned:
        """Learn n frames (n, *shape) in order, several requests under way.
        What all of them became, together; id is of the first."""
        import numpy as np
        x = np.asarray(frames)
        if labels is not None and len(labels) != len(x):
            raise ValueError(f"{len(x)} frames and {len(labels)} labels")
        with self.stream(model, batch=batch, ack=ack) as s:
            for at in range(0, len(x), batch):
                s.learn_batch(x[at:at + batch], None if labels is None
                              else labels[at:at + batch])
        return s.total

    def stream(self, model: str, *, batch: int = 64, in_flight: int = 8,
               flush_s: float = 0.05, ack: Optional[str] = None) -> Stream:
        """A pipeline for many single frames: see Stream."""
        return Stream(self, model, batch, in_flight, flush_s, ack)

    def label(self, model: str, frame_id: str, label: object, *,
              ack: Optional[str] = None) -> None:
        """The label of a frame that came without one, by its id."""
        self._drive(calls.label(model, frame_id, label, ack), self._feed)

    # ---- sleep

    def sleep(self, model: str, frames: Optional[int] = None) -> Raw:
        """Sleep on so many frames, or on what it owes; answers at once."""
        return self._drive(calls.sleep(model, frames))

    def wake(self, model: str) -> Raw:
        result: Raw = self._drive(calls.plain("wake", model, again=False))
        return result

    # ---- models, labels and snapshots by hand

    def create(self, model: str, spec: Any) -> str:
        """Make a model: spec as under its name in the configuration, a dict or
        YAML text."""
        return self._drive(calls.create(model, spec))

    def drop(self, model: str) -> None:
        """Remove a model and its snapshots."""
        self._drive(calls.drop(self._known, model))

    def rename(self, model: str, label: str, to: str) -> None:
        self._drive(calls.plain("labels_rename", model, label, to,
                                again=False))

    def merge(self, model: str, label: str, into: str) -> None:
        self._drive(calls.plain("labels_merge", model, label, into,
                                again=False))

    def forget(self, model: str, label: str) -> None:
        """Forget all that was learned, remembered and stored of a label."""
        self._drive(calls.plain("labels_forget", model, label, again=False))

    def save(self, model: str, *, wait: bool = True,
             name: Optional[str] = None) -> Raw:
        """A snapshot, named to keep it. wait: until it is on the disk."""
        return self._drive(calls.save(model, wait, name))

    def rollback(self, model: str, version: str) -> None:
        self._drive(calls.plain("rollback", model, version, again=False))

    def delete_version(self, model: str, version: str) -> None:
        self._drive(calls.plain("delete_version", model, version,
                                again=False))

    def export(self, model: str, version: Optional[str] = None) -> bytes:
        """A snapshot as a safetensors file's bytes."""
        return self._drive(calls.export(model, version))

    def import_(self, model: str, snapshot: bytes) -> str:
        """Make a model of a snapshot's bytes; its name."""
        return self._drive(calls.import_(model, snapshot))

    # ---- events

    def events(self, *topics: str) -> Iterator[Event]:
        """Wait for events: sleep, novelty, drift, snapshot, stats; all but
        stats when none is named. On a connection of its own, which is opened
        again when it was lost (what happened meanwhile is not told)."""
        link = Link(self.address, self.keys, self.timeout)
        link.topics = list(topics) or ["sleep", "novelty", "drift", "snapshot"]
        link.open()
        return self._follow(link)

    @staticmethod
    def _follow(link: Link) -> Iterator[Event]:
        try:
            while True:
                while link.events:
                    told = link.events.pop(0)
                    yield Event(told.topic, told.payload)
                try:
                    link.read()
                except errors.Timeout:
                    link.open()
                except errors.Disconnected:
                    link.open()
        finally:
            link.close()

"""The client that waits for each answer."""
from __future__ import annotations

import time
from typing import Any, Iterator, List, Optional, Sequence, TypeVar, Union

import numpy as np
import numpy.typing as npt

from . import calls, errors
from .base import Base
from .calls import Call
from .frames import Keys, keys_of, labels_of
from .link import Link
from .results import (Dreams, Event, Learned, Prediction, Predictions, Raw,
                      Status, Version)
from .stream import Stream

T = TypeVar("T")
LOOK_S, LOOKS = 0.01, 10  # a seq rests that so many looks find the same


class Client(Base[Link]):
    """A client of one ffd. Use ``ffd.connect()``.

    Two connections, each opened when first needed: one to learn by and one for
    questions, which so never wait behind learning. Methods may be called from
    several threads; those of one connection then wait for each other.
    """

    _taught = 0  # requests that wanted to teach

    def _link(self) -> Link:
        return Link(self.address, self.keys, self.timeout)

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
            by = self._ask if link is None or ask.method == "status" else link
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
        return self._drive(calls.hello())

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

    def predict(self, model: str, frame: Optional[npt.ArrayLike], *,
                stream: Optional[str] = None, fresh: bool = False,
                detail: bool = False) -> Prediction:
        """Answer for one frame (the model's shape, or flat); never learns.
        fresh: by weights that hold every frame acknowledged here. detail: with
        each layer's goodness for every label. Of a model with streams a window
        (``status(model).frame.window``), of symbols the bytes or the text
        before; None: see now()."""
        return self._drive(
            calls.predict(self._known, model, frame, fresh, detail, stream),
            self._feed if fresh else None)

    def now(self, model: str, stream: Optional[str] = None, *,
            fresh: bool = False, detail: bool = False) -> Prediction:
        """Answer for the newest window of a stream, or for what comes next
        after its newest symbols. fresh: of all samples that were sent here.
        NoWindow where there is none."""
        return self.predict(model, None, stream=stream, fresh=fresh,
                            detail=detail)

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

    def generate(self, model: str, prompt: Union[str, bytes] = "", n: int = 200,
                 temperature: float = 1.0, stream: Optional[str] = None,
                 seed: Optional[int] = None, *,
                 fresh: bool = False) -> Union[str, bytes]:
        """Up to 4,096 symbols that a model of symbols writes: after what
        ``stream`` last said, and then ``prompt``. temperature: below 1 the
        likelier ones. seed: the same writes the same until the model learns;
        None: its step. Text, or bytes where they are none (as where the cut is
        inside a character)."""
        return self._drive(calls.generate(
            model, prompt, n, temperature, stream, seed, fresh),
            self._feed if fresh else None)

    def versions(self, model: str) -> List[Version]:
        """Its snapshots, the newest first."""
        return self._drive(calls.versions(model))

    # ---- learning

    def learn(self, model: str, frame: npt.ArrayLike, label: object = None, *,
              stream: Optional[str] = None, end: bool = False,
              observe: bool = False, ack: Optional[str] = None) -> Learned:
        """Learn one frame, with a label or without. ack: answered when
        ``received``, ``applied`` (the default) or ``durable``. Of a model with
        streams it is a sample of ``stream``; end: a recording ends with it;
        observe: the stream goes on and nothing is learned."""
        self._taught += 1
        return self._drive(
            calls.learn(self._known, model, frame, label, ack, stream, end,
                        observe), self._feed)

    def learn_many(self, model: str, frames: npt.ArrayLike,
                   labels: Optional[Sequence[object]] = None, *,
                   stream: Keys = None, end: bool = False,
                   observe: bool = False, ack: Optional[str] = None,
                   batch: int = 256) -> Learned:
        """Learn n frames (n, *shape), any n, in order but for what the daemon
        refused as BUSY and was sent again; several requests under way, of at
        most ``batch`` frames. What all of them became, together, with all
        ``ids``. Where it raises, frames not yet sent are not learned, and those
        under way behind a refusal may be. stream:
        whose samples they are, or a list with one for each; end: a recording
        ends with the last; symbols may be given as bytes or text, a batch of
        4,096 of them being fast."""
        if isinstance(frames, str):
            frames = frames.encode()
        x: Any = frames if isinstance(frames, bytes) else np.asarray(frames)
        if np.ndim(x) == 0 and not isinstance(x, bytes):
            raise errors.BadFrame("learn_many() takes n frames, (n, *shape); "
                                  "learn() takes one")
        n = len(x)
        names, keys, sent = labels_of(labels, n), keys_of(stream, n), []
        with self.stream(model, batch=batch, ack=ack, observe=observe) as s:
            for at in range(0, n, batch):
                sent += s._learn_batch(
                    x[at:at + batch],
                    None if names is None else names[at:at + batch],
                    keys[at:at + batch] if isinstance(keys, list) else keys,
                    end and at + batch >= n)
        return Learned.join([b.answer for b in sent if b.answer is not None])

    def stream(self, model: str, *, batch: int = 64, in_flight: int = 8,
               flush_s: float = 0.05, ack: Optional[str] = None,
               observe: bool = False) -> Stream:
        """A pipeline for many single frames: see Stream."""
        return Stream(self, model, batch, in_flight, flush_s, ack, observe)

    def label(self, model: str, frame_id: str, label: object, *,
              ack: Optional[str] = None) -> None:
        """The label of a frame that came without one, by its id. Sent again
        after a lost connection; UnknownId may then say that it was taken."""
        self._taught += 1
        self._drive(calls.label(model, frame_id, label, ack), self._feed)

    def _rest(self, model: str) -> int:
        """The model's seq, once it learns nothing more of what came."""
        end, seen, looks = time.monotonic() + self.timeout, -1, 0
        while looks < LOOKS:
            now = self.status(model)
            rests = now.raw["inbox"] == 0 and now.seq == seen
            looks, seen = looks + 1 if rests else 0, now.seq
            if time.monotonic() > end:
                raise errors.Timeout(f"{model} is still learning after "
                                     f"{self.timeout} s")
            time.sleep(LOOK_S)
        return seen

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
        """Wait for events: sleep, novelty, drift, anomaly, snapshot, stats;
        all but stats when none is named. On a connection of its own, which is opened
        again when it was lost (what happened meanwhile is not told), closed
        with the iterator. Told from when this returns."""
        link = self._link()
        link.topics = list(topics or calls.TOPICS)
        link.open()
        return self._follow(link)

    @staticmethod
    def _follow(link: Link) -> Iterator[Event]:
        try:
            while True:
                told = link.next_event()
                yield Event(told.topic, told.payload)
        finally:
            link.close()

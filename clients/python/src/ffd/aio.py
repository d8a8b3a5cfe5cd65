"""The same for asyncio: many requests under way on one connection::

    async with await ffd.aio.connect() as c:
        answers = await asyncio.gather(*(c.predict("digits", x) for x in xs))
"""
from __future__ import annotations

import asyncio
from collections import deque
from typing import (Any, AsyncIterator, Deque, Dict, List, Optional,
                    Sequence, Tuple, TypeVar, Union)

import numpy.typing as npt

from . import calls, errors
from .aiolink import Link
from .base import Base
from .calls import Ask, Call
from .frames import Keys
from .results import (Dreams, Event, Learned, Prediction, Predictions, Raw,
                      Status, Version)

T = TypeVar("T")
IN_FLIGHT = 8


def both(first: Optional[errors.Error], e: errors.Error) -> errors.Error:
    """Of two errors the one to raise: a loss, with all that is unknown."""
    if isinstance(first, errors.Disconnected) and \
            isinstance(e, errors.Disconnected):
        n = first.unknown + e.unknown
        why = str(first).partition("; of ")[0]
        return type(first)(why + errors.doubt(n), n, first.said)
    if first is None or isinstance(e, errors.Disconnected):
        return e
    return first


class Client(Base[Link]):
    """As ffd.Client, with ``await``. For one event loop."""

    def _link(self) -> Link:
        return Link(self.address, self.keys, self.timeout)

    async def close(self) -> None:
        await self._feed.close()
        await self._ask.close()

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<ffd.aio.Client {self.address}>"

    async def _drive(self, call: Call[T], link: Optional[Link] = None) -> T:
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
                result = await by.ask(ask)
            except errors.Error as e:
                if isinstance(e, errors.BadFrame):
                    self._known.types.clear()
                error = e

    async def call(self, method: str, *params: Any) -> Any:
        """Any method of the protocol, as it is; never sent again."""
        return await self._drive(calls.plain(method, *params, again=False))

    async def hello(self) -> Raw:
        return await self._drive(calls.hello())

    async def ping(self) -> float:
        """Seconds to the daemon and back."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        await self._drive(calls.plain("ping"))
        return loop.time() - began

    async def api_info(self) -> Raw:
        result: Raw = await self._drive(calls.plain("api_info"))
        return result

    async def models(self) -> List[Raw]:
        return await self._drive(calls.models())

    async def status(self, model: str, *, digest: bool = False) -> Status:
        return await self._drive(calls.status(model, digest))

    async def stats(self, model: Optional[str] = None) -> Raw:
        result: Raw = await self._drive(calls.plain("stats", model))
        return result

    async def predict(self, model: str, frame: Optional[npt.ArrayLike], *,
                      stream: Optional[str] = None, fresh: bool = False,
                      detail: bool = False) -> Prediction:
        return await self._drive(
            calls.predict(self._known, model, frame, fresh, detail, stream),
            self._feed if fresh else None)

    async def now(self, model: str, stream: Optional[str] = None, *,
                  fresh: bool = False, detail: bool = False) -> Prediction:
        return await self.predict(model, None, stream=stream, fresh=fresh,
                                  detail=detail)

    async def predict_many(self, model: str, frames: npt.ArrayLike, *,
                           fresh: bool = False) -> Predictions:
        return await self._drive(
            calls.predict_batch(self._known, model, frames, fresh),
            self._feed if fresh else None)

    async def dreams(self, model: str, n: int = 16) -> Dreams:
        return await self._drive(calls.dreams(model, n))

    async def generate(self, model: str, prompt: Union[str, bytes] = "",
                       n: int = 200, temperature: float = 1.0,
                       stream: Optional[str] = None,
                       seed: Optional[int] = None, *,
                       fresh: bool = False) -> Union[str, bytes]:
        return await self._drive(calls.generate(
            model, prompt, n, temperature, stream, seed, fresh),
            self._feed if fresh else None)

    async def versions(self, model: str) -> List[Version]:
        return await self._drive(calls.versions(model))

    async def learn(self, model: str, frame: npt.ArrayLike,
                    label: object = None, *, stream: Optional[str] = None,
                    end: bool = False, observe: bool = False,
                    ack: Optional[str] = None) -> Learned:
        return await self._drive(
            calls.learn(self._known, model, frame, label, ack, stream, end,
                        observe), self._feed)

    async def learn_many(self, model: str, frames: npt.ArrayLike,
                         labels: Optional[Sequence[object]] = None, *,
                         stream: Keys = None, end: bool = False,
                         observe: bool = False, ack: Optional[str] = None,
                         batch: int = 256) -> Learned:
        """n frames (n, *shape), any n, in order, IN_FLIGHT requests of at most
        ``batch`` frames under way. What is refused as BUSY is sent again after
        the time that the daemon names, behind what is under way; so of a model
        with streams whose overload policy is reject there is one request at a
        time. After another refusal or a loss no more are sent, and those under
        way may be learned; after a loss the exception's ``unknown`` counts
        these, and its ``done`` has what was answered."""
        known = self._known.types.get(model)
        if known is not None and known.window is not None:
            del self._known.types[model]  # overload may be another now
        kind, pieces = await self._drive(calls.learn_pieces(
            self._known, model, frames, labels, ack, batch, stream, end,
            observe))
        done: Dict[int, Learned] = {}
        waiting = deque(enumerate(pieces))
        under_way: "Deque[Tuple[int, Ask, asyncio.Task[Any]]]" = deque()
        error: Optional[errors.Error] = None
        try:
            while (waiting and error is None) or under_way:
                while waiting and error is None and \
                        len(under_way) < (1 if kind.serial else IN_FLIGHT):
                    at, ask = waiting.popleft()
                    under_way.append((at, ask, asyncio.ensure_future(
                        self._feed.ask(ask))))
                at, ask, task = under_way[0]
                try:
                    done[at] = Learned.of(await task)
                except errors.Busy as e:
                    waiting.appendleft((at, ask))
                    await asyncio.sleep(e.retry_after_ms / 1000)
                except errors.Error as e:
                    error = both(error, e)
                under_way.popleft()
        finally:
            for *_, task in under_way:  # of a call that was cancelled
                task.cancel()
        total = Learned.join([done[at] for at in sorted(done)])
        if isinstance(error, errors.Disconnected):
            error.done = total
        if error is not None:
            raise error
        return total

    async def label(self, model: str, frame_id: str, label: object, *,
                    ack: Optional[str] = None) -> None:
        await self._drive(calls.label(model, frame_id, label, ack),
                          self._feed)

    async def sleep(self, model: str, frames: Optional[int] = None) -> Raw:
        return await self._drive(calls.sleep(model, frames))

    async def wake(self, model: str) -> Raw:
        result: Raw = await self._drive(
            calls.plain("wake", model, again=False))
        return result

    async def create(self, model: str, spec: Any) -> str:
        return await self._drive(calls.create(model, spec))

    async def drop(self, model: str) -> None:
        await self._drive(calls.drop(self._known, model))

    async def rename(self, model: str, label: str, to: str) -> None:
        await self._drive(calls.plain("labels_rename", model, label, to,
                                      again=False))

    async def merge(self, model: str, label: str, into: str) -> None:
        await self._drive(calls.plain("labels_merge", model, label, into,
                                      again=False))

    async def forget(self, model: str, label: str) -> None:
        await self._drive(calls.plain("labels_forget", model, label,
                                      again=False))

    async def save(self, model: str, *, wait: bool = True,
                   name: Optional[str] = None) -> Raw:
        return await self._drive(calls.save(model, wait, name))

    async def rollback(self, model: str, version: str) -> None:
        await self._drive(calls.plain("rollback", model, version, again=False))

    async def delete_version(self, model: str, version: str) -> None:
        await self._drive(calls.plain("delete_version", model, version,
                                      again=False))

    async def export(self, model: str, version: Optional[str] = None) -> bytes:
        return await self._drive(calls.export(model, version))

    async def import_(self, model: str, snapshot: bytes) -> str:
        return await self._drive(calls.import_(model, snapshot))

    async def events(self, *topics: str) -> AsyncIterator[Event]:
        """As ffd.Client.events, with ``async for``."""
        link = self._link()
        wanted = list(topics or calls.TOPICS)
        try:
            await link.ask(Ask("subscribe", (wanted,)))
            while True:
                told = await link.events.get()
                if told is None:  # lost; what happens meanwhile is not told
                    await link.ask(Ask("subscribe", (wanted,)))
                else:
                    yield Event(told.topic, told.payload)
        finally:
            await link.close()


async def connect(address: Optional[str] = None, *, timeout: float = 30.0,
                  token: Optional[str] = None,
                  token_file: Optional[str] = None, ca: Optional[str] = None,
                  cert: Optional[str] = None,
                  key: Optional[str] = None) -> Client:
    """As ffd.connect()."""
    made = Client(address, timeout=timeout, token=token,
                  token_file=token_file, ca=ca, cert=cert, key=key)
    try:
        await made._ask.open()
    except BaseException:
        await made.close()
        raise
    return made

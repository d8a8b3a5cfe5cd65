"""The same for asyncio: many requests under way on one connection::

    async with await ffd.aio.connect() as c:
        answers = await asyncio.gather(*(c.predict("digits", x) for x in xs))
"""
from __future__ import annotations

import asyncio
import socket
from typing import (Any, AsyncIterator, Dict, List, Optional, Sequence,
                    TypeVar)

import numpy.typing as npt

from . import calls, errors
from .address import Address, Keys, is_here
from .calls import Ask, Call, Known
from .client import FIRST_PAUSE_S, LONGEST_PAUSE_S
from .results import (Dreams, Event, Learned, Prediction, Predictions, Raw,
                      Status, Version)
from .wire import Counter, Reader, Told, request

T = TypeVar("T")


class Link:
    """One connection, and a task that hands answers to who waits."""

    def __init__(self, address: Address, keys: Keys, timeout: float) -> None:
        self.address, self.keys, self.timeout = address, keys, timeout
        self.events: "asyncio.Queue[Optional[Told]]" = asyncio.Queue()
        self._opening = asyncio.Lock()
        self._writer: Optional[asyncio.StreamWriter] = None
        self._task: Optional["asyncio.Task[None]"] = None
        self._ids = Counter()
        self._futures: Dict[int, "asyncio.Future[Any]"] = {}
        self._teaches: Dict[int, int] = {}

    async def _connect(self) -> "tuple[asyncio.StreamReader, asyncio.StreamWriter]":
        a = self.address
        if a.way == "unix":
            return await asyncio.open_unix_connection(a.path)
        if a.way == "tcp" and self.keys.token and not is_here(a.host):
            raise ValueError("a token is not sent to another machine without "
                             f"TLS; use tls:{a.host}:{a.port}")
        tls = self.keys.context() if a.way == "tls" else None
        reader, writer = await asyncio.open_connection(a.host, a.port, ssl=tls)
        writer.get_extra_info("socket").setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return reader, writer

    async def open(self) -> None:
        async with self._opening:
            if self._writer is not None:
                return
            loop = asyncio.get_running_loop()
            end, pause = loop.time() + self.timeout, FIRST_PAUSE_S
            while True:
                try:
                    reader, writer = await asyncio.wait_for(
                        self._connect(), self.timeout)
                    break
                except (OSError, asyncio.TimeoutError) as e:
                    if loop.time() + pause > end:
                        raise errors.Disconnected(
                            f"cannot connect to {self.address}: {e!r}; is ffd "
                            "running, and is this its address (FFD_ADDRESS)?"
                        ) from e
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
            self._writer = writer
            self._task = asyncio.ensure_future(self._listen(reader, writer))
            if self.keys.token:
                await self._exchange(Ask("auth", (self.keys.token,)))

    async def _listen(self, reader: asyncio.StreamReader,
                      writer: asyncio.StreamWriter) -> None:
        unpack, why = Reader(), "the daemon closed the connection"
        try:
            while data := await reader.read(262144):
                for m in unpack.feed(data):
                    if isinstance(m, Told):
                        self.events.put_nowait(m)
                        continue
                    future = self._futures.pop(m.msgid, None)
                    self._teaches.pop(m.msgid, None)
                    if future is None or future.done():
                        continue  # nobody waits any more
                    if m.error is None:
                        future.set_result(m.result)
                    else:
                        future.set_exception(errors.of(m.error))
        except (OSError, errors.Disconnected) as e:
            why = str(e)
        finally:
            writer.close()
            if self._writer is writer:
                self._writer = None
            self._fail(why)
            self.events.put_nowait(None)

    def _fail(self, why: str) -> None:
        for msgid, future in list(self._futures.items()):
            unknown = self._teaches.get(msgid, 0)
            text = f"{self.address}: {why}"
            if unknown:
                text += f"; of {unknown} frames it is not known whether " \
                        "they were learned"
            if not future.done():
                future.set_exception(errors.Disconnected(text, unknown))
        self._futures.clear()
        self._teaches.clear()

    async def _exchange(self, ask: Ask) -> Any:
        if self._writer is None:
            raise errors.Disconnected("the connection was lost")
        msgid = self._ids.take()
        future = asyncio.get_running_loop().create_future()
        self._futures[msgid] = future
        self._teaches[msgid] = ask.teaches
        self._writer.write(request(msgid, ask.method, ask.params))
        try:
            await self._writer.drain()
        except OSError:
            pass  # the listener ends, and tells
        try:
            return await asyncio.wait_for(future, self.timeout)
        except asyncio.TimeoutError:
            # A late answer finds nobody; the connection stays good.
            self._futures.pop(msgid, None)
            unknown = self._teaches.pop(msgid, 0)
            raise errors.Timeout(f"{self.address}: no answer in "
                                 f"{self.timeout} s", unknown) from None

    async def ask(self, ask: Ask) -> Any:
        end = asyncio.get_running_loop().time() + self.timeout
        while True:
            await self.open()
            try:
                return await self._exchange(ask)
            except errors.Timeout:
                raise
            except errors.Disconnected:
                if not ask.again or asyncio.get_running_loop().time() > end:
                    raise

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._task = None


class Client:
    """As ffd.Client, with ``await``. For one event loop."""

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
        about = {"client": "ffd-python", "version": "0.1.0"}
        result: Raw = await self._drive(calls.plain("hello", about))
        return result

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

    async def predict(self, model: str, frame: npt.ArrayLike, *,
                      fresh: bool = False) -> Prediction:
        return await self._drive(
            calls.predict(self._known, model, frame, fresh),
            self._feed if fresh else None)

    async def predict_many(self, model: str, frames: npt.ArrayLike, *,
                           fresh: bool = False) -> Predictions:
        return await self._drive(
            calls.predict_batch(self._known, model, frames, fresh),
            self._feed if fresh else None)

    async def dreams(self, model: str, n: int = 16) -> Dreams:
        return await self._drive(calls.dreams(model, n))

    async def versions(self, model: str) -> List[Version]:
        return await self._drive(calls.versions(model))

    async def learn(self, model: str, frame: npt.ArrayLike,
                    label: object = None, *,
                    ack: Optional[str] = None) -> Learned:
        return await self._drive(
            calls.learn(self._known, model, frame, label, ack), self._feed)

    async def learn_many(self, model: str, frames: npt.ArrayLike,
                         labels: Optional[Sequence[object]] = None, *,
                         ack: Optional[str] = None) -> Learned:
        """n frames as one request; gather several for a pipeline."""
        return await self._drive(
            calls.learn_batch(self._known, model, frames, labels, ack),
            self._feed)

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
        link = Link(self.address, self.keys, self.timeout)
        wanted = list(topics) or ["sleep", "novelty", "drift", "snapshot"]
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
    await made._ask.open()
    return made

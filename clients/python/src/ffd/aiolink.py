"""One connection for asyncio: as link.py, but any number of requests wait, each
in its own task, and a task of the connection hands them their answers."""
from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Any, Dict, Optional, Tuple

from . import errors
from .address import Address, Keys
from .calls import Ask
from .link import FIRST_PAUSE_S, LONGEST_PAUSE_S, is_final
from .wire import Counter, Message, Reader, Told, request

Ends = Tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Link:
    """One connection, and a task that hands answers to who waits."""

    def __init__(self, address: Address, keys: Keys, timeout: float) -> None:
        self.address, self.keys, self.timeout = address, keys, timeout
        self.events: "asyncio.Queue[Optional[Told]]" = asyncio.Queue()
        self._opening = asyncio.Lock()
        self._draining = asyncio.Lock()  # one at a time, before Python 3.12
        self._writer: Optional[asyncio.StreamWriter] = None
        self._task: Optional["asyncio.Task[None]"] = None
        self._ids = Counter()
        self._futures: Dict[int, "asyncio.Future[Any]"] = {}
        self._teaches: Dict[int, int] = {}
        self._said: Optional[errors.Error] = None  # before it hung up

    async def _connect(self) -> Ends:
        a = self.address
        self.keys.guard(a)
        if a.way == "unix":
            return await asyncio.open_unix_connection(a.path)
        tls = self.keys.context() if a.way == "tls" else None
        reader, writer = await asyncio.open_connection(a.host, a.port, ssl=tls)
        writer.get_extra_info("socket").setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return reader, writer

    async def open(self) -> None:
        """As the blocking client's."""
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
                    if loop.time() + pause > end or \
                            isinstance(e, ssl.SSLCertVerificationError):
                        raise errors.Disconnected(
                            f"cannot connect to {self.address}: {e!r}; is ffd "
                            "running, and is this its address (FFD_ADDRESS)?"
                        ) from e
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
            self._said = None
            self._task = asyncio.ensure_future(self._listen(reader, writer))
            self._writer = writer
            try:
                if self.keys.token:
                    await self._exchange(Ask("auth", (self.keys.token,)))
            except BaseException:  # nobody may use it without its role
                self._writer = None
                writer.close()
                raise

    async def _listen(self, reader: asyncio.StreamReader,
                      writer: asyncio.StreamWriter) -> None:
        unpack, why = Reader(), "the daemon closed the connection"
        try:
            while data := await reader.read(262144):
                for m in unpack.feed(data):
                    self._take(m)
        except asyncio.CancelledError:
            why = "this client closed the connection"
            raise
        except (OSError, errors.Disconnected) as e:
            why = str(e)
        finally:
            writer.close()
            if self._writer is writer:
                self._writer = None
            self._fail(f"{self.address}: {self._said or why}")
            self.events.put_nowait(None)

    def _take(self, m: Message) -> None:
        if isinstance(m, Told):
            self.events.put_nowait(m)
            return
        if m.msgid == 0 and m.error is not None:
            self._said = errors.of(m.error)
        future = self._futures.pop(m.msgid, None)
        self._teaches.pop(m.msgid, None)
        if future is None or future.done():
            return  # nobody waits any more
        if m.error is None:
            future.set_result(m.result)
        else:
            future.set_exception(errors.of(m.error))

    def _fail(self, text: str) -> None:
        for msgid, future in list(self._futures.items()):
            unknown = self._teaches.get(msgid, 0)
            if not future.done():
                future.set_exception(errors.Disconnected(
                    text + errors.doubt(unknown), unknown, self._said))
        self._futures.clear()
        self._teaches.clear()

    async def _exchange(self, ask: Ask) -> Any:
        writer = self._writer
        if writer is None:  # lost while we waited for another's opening
            raise errors.Unsent(f"{self.address}: the connection was lost")
        msgid = self._ids.take()
        data = request(msgid, ask.method, ask.params)
        future = asyncio.get_running_loop().create_future()
        self._futures[msgid] = future
        self._teaches[msgid] = ask.teaches
        writer.write(data)
        try:
            # The time is of an answer, and so of our waiting to send as well.
            return await asyncio.wait_for(self._answer(writer, future),
                                          self.timeout)
        except asyncio.TimeoutError:
            # A late answer finds nobody; the connection stays good.
            unknown = ask.teaches
            raise errors.Timeout(
                f"{self.address}: no answer in {self.timeout} s"
                + errors.doubt(unknown), unknown) from None
        finally:
            self._futures.pop(msgid, None)
            self._teaches.pop(msgid, None)

    async def _answer(self, writer: asyncio.StreamWriter,
                      future: "asyncio.Future[Any]") -> Any:
        async with self._draining:
            try:
                await writer.drain()
            except OSError:
                pass  # the listener ends, and tells
        return await future

    async def ask(self, ask: Ask) -> Any:
        """As the blocking client's."""
        loop = asyncio.get_running_loop()
        end, pause = loop.time() + self.timeout, FIRST_PAUSE_S
        while True:
            try:
                await self.open()
                return await self._exchange(ask)
            except errors.Timeout:
                raise
            except errors.Disconnected as e:
                again = ask.again or isinstance(e, errors.Unsent)
                if not again or is_final(e) or loop.time() + pause > end:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

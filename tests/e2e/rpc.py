"""The wire from a peer's side, made of a socket and python3-msgpack alone.

It shares nothing with libffclient, so that the two do not err alike. Answers
are kept by msgid; `arrived` holds their order, `events` what was told unasked.
Every wait has a deadline.
"""
import os
import socket
import ssl
import struct
import time

import msgpack


class RpcError(Exception):
    """An error the server answered: a code and a sentence."""

    def __init__(self, text):
        super().__init__(text)
        self.code, _, self.sentence = text.partition(": ")


class Client:
    """A connection. where: the path of a Unix socket, or (host, port).

    tls: an ssl.SSLContext to speak TLS by, or None.
    """

    def __init__(self, where, deadline_s, tls=None):
        tcp = isinstance(where, tuple)
        self.deadline_s = deadline_s
        self.socket = socket.socket(
            socket.AF_INET if tcp else socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # Blocking: a Unix socket whose backlog is full says EAGAIN to all
            # others, and takes this one when there is room.
            self.socket.connect(where if tcp else os.fspath(where))
        except OSError:
            self.socket.close()
            raise
        self.socket.settimeout(deadline_s)
        if tls:
            self.socket = tls.wrap_socket(self.socket,
                                          server_hostname=where[0])
        self.unpacker = msgpack.Unpacker(raw=False, strict_map_key=False,
                                         max_buffer_size=1 << 26)
        self.next_msgid = 1
        self.answers = {}
        self.arrived = []
        self.events = []

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        self.socket.close()

    # -- out -------------------------------------------------------------------

    def raw(self, data):
        self.socket.sendall(data)

    def request(self, method, *params):
        """The bytes of a request, and its msgid."""
        msgid = self.next_msgid
        self.next_msgid += 1
        return msgpack.packb([0, msgid, method, list(params)]), msgid

    def send(self, method, *params):
        data, msgid = self.request(method, *params)
        self.raw(data)
        return msgid

    def notify(self, method, *params):
        self.raw(msgpack.packb([2, method, list(params)]))

    # -- in --------------------------------------------------------------------

    def read_some(self, timeout_s=None):
        """Take in what comes; False at the end of the stream."""
        self.socket.settimeout(timeout_s or self.deadline_s)
        try:
            data = self.socket.recv(1 << 18)
        except (ConnectionResetError, ssl.SSLError):
            data = b""
        finally:
            self.socket.settimeout(self.deadline_s)
        self.unpacker.feed(data)
        for message in self.unpacker:
            if message[0] == 2:
                _, method, (topic, payload) = message
                assert method == "event", method
                self.events.append((topic, payload))
                continue
            kind, msgid, error, result = message
            assert kind == 1, kind
            assert error is None or result is None
            self.answers[msgid] = (error, result)
            self.arrived.append(msgid)
        return bool(data)

    def answered(self, msgid):
        """Whether the answer is here or can be read at once."""
        if msgid not in self.answers:
            try:
                self.read_some(0.001)
            except (TimeoutError, BlockingIOError):
                pass
        return msgid in self.answers

    def wait(self, msgid):
        """The result of a request that was sent; RpcError if refused."""
        end = time.monotonic() + self.deadline_s
        while msgid not in self.answers:
            if time.monotonic() > end:
                raise AssertionError(f"no answer to request {msgid}")
            if not self.read_some():
                raise AssertionError("the server closed the connection")
        error, result = self.answers.pop(msgid)
        if error is not None:
            raise RpcError(error)
        return result

    def event(self, topic):
        """The payload of the next event, which must be of that topic."""
        end = time.monotonic() + self.deadline_s
        while not self.events:
            if time.monotonic() > end:
                raise AssertionError(f"no event of {topic}")
            if not self.read_some():
                raise AssertionError("the server closed the connection")
        is_topic, payload = self.events.pop(0)
        assert is_topic == topic, (is_topic, payload)
        return payload

    def call(self, method, *params):
        return self.wait(self.send(method, *params))

    def outcome(self, msgid):
        """Like wait, but an error is returned."""
        try:
            return self.wait(msgid)
        except RpcError as e:
            return e

    def read_to_end(self):
        """Read until the server closes; what it said, by msgid."""
        while self.read_some():
            pass
        return self.answers

    def read_to_end_or_answer(self):
        """What was said by the first answer, or by the end if there is none."""
        while not self.answers and self.read_some():
            pass
        return list(self.answers.values())

    # -- ends ------------------------------------------------------------------

    def shut(self):
        """No more from here; answers may still come."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Go with RST over TCP, at once over a Unix socket."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               struct.pack("ii", 1, 0))
        self.socket.close()

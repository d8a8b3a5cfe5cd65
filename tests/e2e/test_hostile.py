"""Peers that are broken, hostile or gone: the daemon serves on.

After each, it answers and learns, its descriptors are those of before, and
its memory is within bounds.
"""
import os
import random
import re
import socket

import msgpack

import harness
from harness import (Case, DEADLINE_S, SANITIZER, digits, small_model, until)
from rpc import Client

MIB = 1 << 20
BOMB = bytes.fromhex("dd00ffffff")
# Resident memory beside what the limits allow: the allocator's slack; what a
# sanitizer keeps of freed memory, and its shadow, is not the daemon's.
SLACK = 24 * MIB
RSS_TELLS = SANITIZER is None


def golden_messages():
    """Every message of tests/proto/golden.def, by name."""
    text = (harness.TREE / "tests/proto/golden.def").read_text()
    found = re.findall(r'^FFP_GOLDEN\((\w+),\s*\d,\s*((?:"[0-9a-f ]*"\s*)+),',
                       text, re.M)
    assert len(found) == text.count("\nFFP_GOLDEN("), "golden.def was misread"
    return {name: bytes.fromhex("".join(re.findall(r'"(.*?)"', hexes)))
            for name, hexes in found}


class HostileCase(Case):
    """A daemon that must be as before when the test is done."""

    models = {"m": small_model()}
    options = {}

    def setUp(self):
        self.d = self.daemon(self.models, **self.options)
        self.assert_serves(self.d)
        self.before = until(self.descriptors, "we are the only peer")
        self.rss = self.d.rss()

    def gone(self, client, beside=1):
        until(lambda: client.call("stats")["daemon"]["connections"] == beside,
              "the other connections are gone")

    def descriptors(self):
        """Its descriptors while we are the only peer; None if we are not."""
        try:
            with Client(self.d.socket, DEADLINE_S) as client:
                others = client.call("stats")["daemon"]["connections"] - 1
                return self.d.descriptors() if others == 0 else None
        except (AssertionError, OSError):
            return None  # there is no room for us yet

    def assert_as_before(self, memory=SLACK):
        self.d.close_clients()
        until(lambda: self.descriptors() == self.before,
              "all others are gone, and all descriptors closed")
        self.assert_serves(self.d)
        if RSS_TELLS:
            self.assertLess(self.d.rss("VmHWM") - self.rss, memory)


class Bytes(HostileCase):
    def said_at_the_end(self, data, tcp=False):
        client = self.d.connect(tcp)
        client.raw(data)
        answers = client.read_to_end()
        client.close()
        return answers

    def test_the_bomb_is_refused_at_its_fifth_byte(self):
        for tcp in (False, True):
            answers = self.said_at_the_end(BOMB, tcp)
            error, result = answers[0]
            self.assertRegex(error, "^(TOO_LARGE|BAD_MESSAGE): .")
            self.assertIsNone(result)
        self.assert_as_before(memory=8 * MIB)

    def test_bombs_inside_requests_are_refused(self):
        for inner in (BOMB, bytes.fromhex("df00ffffff"),
                      bytes.fromhex("c67fffffff"), bytes.fromhex("db7fffffff"),
                      bytes.fromhex("c97fffffff00"), b"\x91" * 10000):
            answers = self.said_at_the_end(b"\x94\x00\x01\xa4ping" + inner)
            self.assertRegex(answers[0][0], "^(TOO_LARGE|BAD_MESSAGE): .")
        self.assert_as_before(memory=8 * MIB)

    def test_what_is_no_rpc_is_closed_with_a_reason(self):
        for data in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\xc1", b"\x00",
                     msgpack.packb([3, 1, "ping", []]), msgpack.packb({}),
                     msgpack.packb([0, -1, "ping", []])):
            answers = self.said_at_the_end(data)
            self.assertRegex(answers[0][0], "^BAD_MESSAGE: .", data)
        self.assert_as_before()

    def test_answers_before_a_bad_message_still_come(self):
        client = self.d.connect()
        data, msgid = client.request("ping")
        client.raw(data + BOMB)
        self.assertEqual(client.read_to_end()[msgid], (None, "pong"))
        self.assert_as_before()

    def test_every_golden_message_may_be_cut_at_every_byte(self):
        cuts = 0
        for message in golden_messages().values():
            for n in range(1, len(message)):
                with socket.socket(socket.AF_UNIX) as s:
                    s.connect(str(self.d.socket))
                    s.send(message[:n])
                cuts += 1
                if cuts % 100 == 0:  # never more than the limit at once
                    with self.d.connect() as client:
                        self.gone(client)
        self.assertGreater(cuts, 1000)
        self.assert_as_before()

    def test_every_golden_message_may_come_whole(self):
        for name, message in golden_messages().items():
            client = self.d.connect(tcp=True)
            client.raw(message)
            client.shut()
            client.read_to_end()
            client.close()
        self.assert_as_before()


class Garbage(HostileCase):
    """10,000 messages from a seed, from nonsense to nearly right."""

    METHODS = ["hello", "ping", "api_info", "models", "status", "create_model",
               "drop_model", "learn", "learn_batch", "predict",
               "predict_batch", "sleep", "wake", "dreams", "stats", "save",
               "nope", b"ping", "", "\0"]

    def value(self, r, depth=0):
        kind = r.randrange(14 if depth < 4 else 10)
        if kind == 0:
            return None
        if kind == 1:
            return r.random() < 0.5
        if kind == 2:
            return r.randrange(-(1 << 63), 1 << 64)
        if kind == 3:
            return r.choice([0, 1, -1, 64, 2**31, 2**53])
        if kind == 4:
            return r.choice([0.5, float("nan"), float("inf"), -1e300])
        if kind == 5:
            return r.choice(["m", "7", "applied", "received", "|u1", "a" * 300])
        if kind == 6:
            return r.randbytes(r.choice([0, 1, 63, 64, 64, 64, 65, 128, 4096]))
        if kind == 7:
            return r.choice([{"fresh": True}, {"ack": "received"},
                             {"wait": True}, {"frames": 3}, {"ack": "no"}])
        if kind == 8:
            return {"dtype": "|u1", "shape": r.choice([[8, 8], [64], [2, 64]]),
                    "data": r.randbytes(64)}
        if kind == 9:
            return msgpack.ExtType(r.randrange(128), r.randbytes(9))
        if kind < 12:
            return [self.value(r, depth + 1) for _ in range(r.randrange(5))]
        return {r.choice(["fresh", "ack", "data", "x", 3]):
                self.value(r, depth + 1) for _ in range(r.randrange(4))}

    def wild(self, r, golden):
        """Bytes after which the connection is most likely closed."""
        kind = r.randrange(3)
        if kind == 0:
            return r.randbytes(r.randrange(1, 60))
        if kind == 1:
            return msgpack.packb(self.value(r))
        data = bytearray(r.choice(golden))
        data[r.randrange(len(data))] = r.randrange(256)
        return bytes(data)

    def call(self, r):
        """A request or notification, with a method and parameters as may be;
        the model that is there is not removed."""
        method = r.choice(self.METHODS)
        params = [r.choice(["m", "m", "m", self.value(r)])]
        params += [self.value(r) for _ in range(r.randrange(4))]
        if method == "drop_model":
            params[0] = "another"
        if r.randrange(10) == 0:
            return msgpack.packb([2, method, params])
        return msgpack.packb([0, r.randrange(1 << 32), method, params])

    def test_10000_random_messages_harm_nobody(self):
        r = random.Random(20240229)
        golden = list(golden_messages().values())
        sent = errors = results = 0
        while sent < 10000:
            client = self.d.connect(tcp=r.random() < 0.5)
            burst = [self.call(r) for _ in range(15)]
            burst += [self.wild(r, golden) for _ in range(r.randrange(1, 10))]
            sent += len(burst)
            try:
                client.raw(b"".join(burst))
                client.shut()
                client.read_to_end()
            except OSError:
                pass  # closed by the server while we wrote
            for error, _ in client.answers.values():
                errors += error is not None
                results += error is None
                if error is not None:
                    self.assertRegex(error, "^[A-Z_]+: .")
            client.close()
        self.assertGreater(errors, 3000)
        self.assertGreater(results, 100)
        with self.d.connect() as client:
            client.call("wake", "m")
        self.assert_as_before(memory=64 * MIB)


class Slow(HostileCase):
    def test_a_peer_that_sends_a_byte_at_a_time_is_served(self):
        client = self.d.connect(tcp=True)
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        frames, labels = digits(0, 1)
        other = self.d.connect()
        data, msgid = client.request("learn", "m", frames.tobytes(), labels[0])
        for i in range(len(data)):
            client.raw(data[i:i + 1])
            self.assertEqual(other.call("ping"), "pong")
        self.assertIn("id", client.wait(msgid))
        self.assert_as_before()

    def test_half_open_peers_cost_nobody_anything(self):
        held = []
        for i in range(100):
            client = self.d.connect(tcp=i % 2)
            data, _ = client.request("learn", "m", b"x" * 64, "7")
            client.raw(data[:1 + i % (len(data) - 1)])
            held.append(client)
        self.assert_serves(self.d)
        for i, client in enumerate(held):
            if i % 3 == 0:
                client.shut()
            elif i % 3 == 1:
                client.reset()
        self.assert_serves(self.d)
        self.assert_as_before()

    def test_a_peer_that_says_no_more_still_gets_its_answers(self):
        client = self.d.connect()
        frames, labels = digits(0, 20)
        sent = [client.send("learn", "m", f.tobytes(), k)
                for f, k in zip(frames, labels)]
        client.shut()
        answers = client.read_to_end()
        for msgid in sent:
            self.assertIsNone(answers[msgid][0])
        self.assert_as_before()


class NeverReading(HostileCase):
    """64 answers of 1.5 MiB each are more than one peer may leave unread."""

    PIXELS = 1536  # of a frame's bytes; 1,024 dreams are one answer

    models = {"m": small_model(),
              "big": {"input": {"shape": [1536], "dtype": "u8"},
                      "layers": [{"dense": 16}], "sleep": "off",
                      "memory": 64}}

    def test_one_that_asks_for_too_much_is_closed(self):
        with self.d.connect() as client:
            client.call("learn_batch", "big", os.urandom(4 * self.PIXELS),
                        ["a", "b", "a", "b"])
        deaf = self.d.connect()
        for _ in range(64):
            deaf.send("dreams", "big", 1024)
        with self.d.connect() as client:
            self.gone(client)
            refused = client.call("stats")["daemon"]["refused"]
        self.assertTrue(refused, "the closing was counted")
        self.assert_as_before(memory=32 * MIB + 4 * MIB + SLACK)

    def test_one_that_floods_is_no_longer_read(self):
        deaf = self.d.connect()
        data, _ = deaf.request("api_info")
        flood, sent = data * 1000, 0
        deaf.socket.settimeout(0.5)
        with self.d.connect() as client:
            try:
                for _ in range(10000):
                    sent += deaf.socket.send(flood)
                    self.assertEqual(client.call("ping"), "pong")
                self.fail(f"{sent} bytes were taken in of a deaf peer")
            except TimeoutError:
                pass
            self.assertEqual(client.call("ping"), "pong")
            until(lambda: client.call("stats")["daemon"]["memory_bytes"] <
                  4 * MIB, "little is held for it")
        deaf.close()
        self.assert_as_before(memory=8 * MIB + SLACK)


class Many(HostileCase):
    def test_the_1025th_connection_is_closed(self):
        held = [self.d.connect() for _ in range(1023)]
        first = held[0]
        last = self.d.connect(tcp=True)
        self.assertEqual(last.call("ping"), "pong")  # number 1,024
        until(lambda: first.call("stats")["daemon"]["connections"] == 1024,
              "all are accepted")
        one_more = self.d.connect()
        self.assertEqual(one_more.read_to_end(), {})
        self.assertEqual(
            first.call("stats")["daemon"]["connections_refused"], 1)
        held.pop().close()
        until(lambda: first.call("stats")["daemon"]["connections"] == 1023,
              "there is room again")
        self.assertEqual(self.d.connect().call("ping"), "pong")
        self.assert_as_before(memory=64 * MIB)

    def test_a_burst_of_peers_that_leave_with_requests_in_flight(self):
        frames, labels = digits(0, 32)
        for i in range(200):
            client = self.d.connect(tcp=i % 2)
            client.send("learn_batch", "m", frames.tobytes(), labels)
            client.send("predict", "m", frames[0].tobytes(), {"fresh": True})
            client.send("save", "m", {"wait": True})
            client.send("dreams", "m", 4)
            if i % 4 < 2:
                client.reset()
            else:
                client.close()
        with self.d.connect() as client:
            self.gone(client)
            until(lambda: client.call("stats")["daemon"]
                  ["requests_in_flight"] == 0, "nothing is left in flight")
        self.assert_as_before(memory=64 * MIB)

    def test_a_model_dropped_under_its_peers_is_gone_for_all(self):
        import json
        frames, labels = digits(0, 32)
        admin = self.d.connect()
        for _ in range(10):
            admin.call("create_model", "brief", json.dumps(small_model()))
            peers = [self.d.connect() for _ in range(8)]
            sent = []
            for p in peers:
                for _ in range(5):
                    sent.append((p, p.send("learn_batch", "brief",
                                           frames.tobytes(), labels)))
                    sent.append((p, p.send("predict", "brief",
                                           frames[0].tobytes(),
                                           {"fresh": True})))
            admin.call("drop_model", "brief")
            for p, msgid in sent:
                outcome = p.outcome(msgid)
                if isinstance(outcome, Exception):
                    self.assertEqual(outcome.code, "UNKNOWN_MODEL")
            for p in peers:
                p.close()
        admin.close()
        self.assert_as_before(memory=64 * MIB)


class Memory(HostileCase):
    """Sixteen peers with a message of 15 MiB each, and room for four."""

    options = {"memory_limit": "64 MiB"}
    BODY = 15 * MIB

    def setUp(self):
        super().setUp()
        self.held = []
        head = b"\x94\x00\x01\xa7predict\x92\xa1m\xc6"
        for _ in range(16):
            client = self.d.connect()
            client.raw(head + self.BODY.to_bytes(4, "big"))
            client.socket.setblocking(False)
            self.held.append({"client": client, "left": self.BODY})
        self.client = self.d.connect()

    def push(self, keep):
        """Send what each connection takes, but for the last `keep` bytes;
        the server's own account of its memory must hold meanwhile."""
        chunk = memoryview(bytes(256 * 1024))
        for h in self.held:
            try:
                while h["left"] > keep:
                    n = min(len(chunk), h["left"] - keep)
                    h["left"] -= h["client"].socket.send(chunk[:n])
            except BlockingIOError:
                pass
            except (BrokenPipeError, ConnectionResetError):
                h["left"] = keep  # closed: it was over the limit
        used = self.client.call("stats")["daemon"]["memory_bytes"]
        # One buffer may have grown before the daemon looks.
        self.assertLessEqual(used, 64 * MIB + 16 * MIB)
        return used

    def test_the_limit_holds_against_messages_that_never_end(self):
        until(lambda: self.push(keep=1) > 48 * MIB or
              all(h["left"] == 1 for h in self.held),
              "it is full, or all that was sent was taken")
        self.assert_serves(self.d)
        for h in self.held:
            h["client"].close()
        self.assert_as_before(memory=(64 + 16) * MIB + SLACK)

    def test_honest_peers_get_an_answer_or_are_closed(self):
        def done():
            self.push(keep=0)
            return all(h["left"] == 0 for h in self.held)
        until(done, "every message was taken, or its peer closed")
        for h in self.held:
            for error, _ in h["client"].read_to_end_or_answer():
                self.assertRegex(error, "^(BAD_FRAME|OVERLOADED): ")
        self.assert_as_before(memory=(64 + 16) * MIB + SLACK)


if __name__ == "__main__":
    harness.main()

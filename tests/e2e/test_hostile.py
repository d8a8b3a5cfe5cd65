"""Peers that are broken, hostile or gone: the daemon serves on.

After each, it answers and learns, its descriptors are those of before, and
its memory is within bounds.
"""
import random
import re
import socket

import msgpack

import harness
from harness import digits
from hostile import MIB, HostileCase

BOMB = bytes.fromhex("dd00ffffff")


def golden_messages():
    """Every message of tests/proto/golden.def, by name."""
    text = (harness.TREE / "tests/proto/golden.def").read_text()
    found = re.findall(r'^FFP_GOLDEN\((\w+),\s*\d,\s*((?:"[0-9a-f ]*"\s*)+),',
                       text, re.M)
    assert len(found) == text.count("\nFFP_GOLDEN("), "golden.def was misread"
    return {name: bytes.fromhex("".join(re.findall(r'"(.*?)"', hexes)))
            for name, hexes in found}


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
               "drop_model", "learn", "learn_batch", "label", "predict",
               "predict_batch", "sleep", "wake", "dreams", "stats", "save",
               "subscribe", "unsubscribe", "nope", b"ping", "", "\0"]

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
            return r.choice(["m", "7", "applied", "received", "|u1", "a" * 300,
                             "sleep"])
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


if __name__ == "__main__":
    harness.main()

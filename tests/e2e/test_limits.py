"""Limits hold: of unread answers, connections, requests and memory.

As in test_hostile.py, all must be as before when the peers are gone.
"""
import json
import os

import harness
from harness import digits, learn_all, small_model, until
from hostile import MIB, SLACK, HostileCase


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


class Held(HostileCase):
    """Memory held by frames that wait for a model that sleeps."""

    models = {"m": small_model(), "night": small_model(inbox=16)}
    options = {"memory_limit": "64 MiB"}

    def fill(self, client, used):
        """Send what the server takes of a question that never ends."""
        client.socket.setblocking(False)
        try:
            while True:
                client.socket.send(bytes(64 * 1024))
        except BlockingIOError:
            pass
        return used() >= 56 * MIB

    def test_one_that_is_not_read_is_seen_to_leave(self):
        admin, feeder = self.d.connect(), self.d.connect()
        learn_all(admin, "night", n=64)
        admin.call("sleep", "night", {"frames": 10**9})
        used = lambda: admin.call("stats")["daemon"]["memory_bytes"]
        batch = bytes(60000 * 64), ["0"] * 60000
        waits = []
        while used() < 40 * MIB:
            waits.append(feeder.send("learn_batch", "night", *batch))
            until(lambda: admin.call("stats")["daemon"]["requests_in_flight"]
                  == len(waits), "it waits")
        head = b"\x94\x00\x01\xa7predict\x92\xa1m\xc6"
        large = [self.d.connect() for _ in range(2)]
        for client in large:
            client.raw(head + (15 * MIB).to_bytes(4, "big"))
        until(lambda: any([self.fill(c, used) for c in large]), "it is full")
        self.assertEqual(admin.call("stats")["daemon"]["connections"], 4)
        large[0].close()
        self.gone(admin, beside=3)
        admin.call("drop_model", "night")
        for msgid in waits:
            self.assert_refused("UNKNOWN_MODEL", feeder.wait, msgid)
        for client in (admin, feeder, large[1]):
            client.close()
        self.assert_as_before(memory=(64 + 32) * MIB + SLACK)


if __name__ == "__main__":
    harness.main()

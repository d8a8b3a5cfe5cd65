"""Frames come faster than they are learned: what each policy promises.

A sleep too long to end holds learning up, so that an inbox of 16 fills by
count and not by luck; wake ends it.
"""
import re

import harness
from harness import Case, digits, learn_all, small_model, until

INBOX = 16
KNOWN = 64
NIGHT = {"frames": 10**9}


class Overload(Case):
    def asleep(self, policy, **more):
        """A daemon whose model learns nothing until it is woken."""
        self.d = self.daemon(
            {"m": small_model(overload=policy, inbox=INBOX, **more)})
        self.other = self.d.connect()
        learn_all(self.other, batch=INBOX // 2, n=KNOWN)
        self.other.call("sleep", "m", NIGHT)
        return self.d.connect()

    def singles(self, client, n):
        frames, labels = digits(KNOWN, n)
        return [client.send("learn", "m", f.tobytes(), k)
                for f, k in zip(frames, labels)]

    def inbox(self, n):
        until(lambda: self.other.call("status", "m")["inbox"] == n,
              f"{n} frames wait")

    def lost(self):
        return self.other.call("stats", "m")["models"]["m"]["lost"]

    def codes(self, client, sent):
        """What became of each: its seq, or the code of its refusal."""
        return [o.code if isinstance(o, Exception) else o["seq"]
                for o in (client.outcome(m) for m in sent)]

    def assert_others_are_served(self):
        self.assertEqual(self.other.call("ping"), "pong")
        frame = digits(0, 1)[0].tobytes()
        self.assertTrue(self.other.call("predict", "m", frame)["label"])


class Block(Overload):
    def test_a_flood_waits_and_nothing_is_lost(self):
        client = self.asleep("block")
        frames, labels = digits(KNOWN, 1024)
        batches = []
        for i in range(0, 1024, 8):
            data, msgid = client.request("learn_batch", "m",
                                         frames[i:i + 8].tobytes(),
                                         labels[i:i + 8])
            batches.append((data, msgid))
        flood = b"".join(data for data, _ in batches)
        client.socket.setblocking(False)
        sent = client.socket.send(flood)
        self.inbox(INBOX)
        self.assert_others_are_served()
        self.other.call("wake", "m")
        client.socket.settimeout(harness.DEADLINE_S)
        client.raw(flood[sent:])
        ends = [client.wait(msgid)["seq"] for _, msgid in batches]
        self.assertEqual(ends, list(range(KNOWN + 8, KNOWN + 1025, 8)))
        self.assertEqual(sum(self.lost().values()), 0)
        self.assert_others_are_served()

    def test_64_requests_are_in_flight_and_no_more_are_read(self):
        client = self.asleep("block")
        sent = self.singles(client, 100)
        ping = client.send("ping")
        stats = lambda: self.other.call("stats")["daemon"]
        until(lambda: stats()["requests_in_flight"] == 64, "64 in flight")
        self.assert_others_are_served()
        self.assertEqual(stats()["requests_in_flight"], 64)
        self.assertFalse(client.answered(ping))
        self.other.call("wake", "m")
        self.assertEqual(client.wait(ping), "pong")
        self.assertEqual(self.codes(client, sent),
                         list(range(KNOWN + 1, KNOWN + 101)))
        self.assertEqual(stats()["requests_in_flight"], 0)

    def test_63_leave_room_for_a_ping(self):
        client = self.asleep("block")
        sent = self.singles(client, 63)
        self.assertEqual(client.call("ping"), "pong")
        self.other.call("wake", "m")
        self.assertEqual(self.codes(client, sent),
                         list(range(KNOWN + 1, KNOWN + 64)))

    def test_one_floods_at_full_rate_while_another_asks(self):
        self.d = self.daemon({"m": small_model(layers=[{"dense": 500}] * 2)})
        client, self.other = self.d.connect(), self.d.connect()
        learn_all(client, n=64)
        frames, labels = digits(0, 512)
        sent = []
        for _ in range(4):
            sent.append(client.send("learn_batch", "m", frames.tobytes(),
                                    labels))
        asked = 0
        while not client.answered(sent[-1]):
            self.assert_others_are_served()
            asked += 1
        self.assertGreater(asked, 3)
        self.assertEqual(self.codes(client, sent)[-1], 64 + 4 * 512)


class Reject(Overload):
    def test_a_full_inbox_is_busy_and_says_when_to_come_back(self):
        client = self.asleep("reject")
        sent = self.singles(client, INBOX + 5)
        for msgid in sent[INBOX:]:
            why = self.assert_refused("BUSY", client.wait, msgid)
            after = re.search(r"retry_after_ms: (\d+)", why)
            self.assertTrue(after, why)
            self.assertIn(int(after.group(1)), range(1, 10001))
        self.assertEqual(self.lost()["busy"], 5)
        self.other.call("wake", "m")
        self.assertEqual(self.codes(client, sent[:INBOX]),
                         list(range(KNOWN + 1, KNOWN + INBOX + 1)))

    def test_a_batch_is_taken_whole_or_not_at_all(self):
        client = self.asleep("reject")
        sent = self.singles(client, INBOX - 4)
        self.inbox(INBOX - 4)
        frames, labels = digits(0, 17)
        self.assert_refused("BUSY", client.call, "learn_batch", "m",
                            frames[:5].tobytes(), labels[:5])
        self.assert_refused("TOO_MANY", client.call, "learn_batch", "m",
                            frames.tobytes(), labels)
        fits = client.send("learn_batch", "m", frames[:4].tobytes(),
                           labels[:4])
        self.other.call("wake", "m")
        self.assertEqual(self.codes(client, sent)[-1], KNOWN + INBOX - 4)
        self.assertEqual(client.wait(fits)["seq"], KNOWN + INBOX)

    def test_ffctl_feeds_all_of_it_again_until_it_is_taken(self):
        d = self.daemon({"m": small_model(overload="reject", inbox=INBOX)})
        fed = d.ctl_json("feed", "m", "--idx", harness.IMAGES, harness.LABELS,
                         "--limit", 300, "--batch", 8)
        self.assertEqual((fed["frames"], fed["dropped"]), (300, 0))
        self.assertEqual(d.connect().call("status", "m")["seq"], 300)


class DropOldest(Overload):
    def test_the_newest_are_kept(self):
        client = self.asleep("drop_oldest")
        sent = self.singles(client, 60)
        self.inbox(INBOX)
        until(lambda: self.lost()["oldest"] == 60 - INBOX, "the rest is lost")
        self.other.call("wake", "m")
        self.assertEqual(
            self.codes(client, sent),
            ["DROPPED"] * (60 - INBOX) +
            list(range(KNOWN + 1, KNOWN + INBOX + 1)))
        stats = self.other.call("stats", "m")["models"]["m"]
        self.assertEqual(stats["dropped"], 60 - INBOX)
        self.assertEqual(stats["seq"], KNOWN + INBOX)

    def test_a_batch_tells_how_many_of_it_were_dropped(self):
        client = self.asleep("drop_oldest")
        frames, labels = digits(0, 40)
        sent = client.send("learn_batch", "m", frames.tobytes(), labels)
        self.inbox(INBOX)
        self.other.call("wake", "m")
        answer = client.wait(sent)
        self.assertEqual((answer["n"], answer["dropped"]), (40, 40 - INBOX))
        self.assertEqual(answer["seq"], KNOWN + INBOX)

    def test_a_camera_that_notifies_is_never_held_up(self):
        client = self.asleep("drop_oldest")
        frames, labels = digits(0, 500)
        for f, k in zip(frames, labels):
            client.notify("learn", "m", f.tobytes(), k)
        self.assertEqual(client.call("ping"), "pong")
        self.inbox(INBOX)
        self.assertEqual(self.lost()["oldest"], 500 - INBOX)
        self.other.call("wake", "m")
        until(lambda: self.other.call("status", "m")["seq"] == KNOWN + INBOX,
              "the newest are learned")


class Sample(Overload):
    def test_from_half_full_on_one_in_so_many_is_kept(self):
        client = self.asleep("sample", sample_keep=4)
        n = 9 + 7 * 4  # to just over half; then one in four until it is full
        sent = self.singles(client, n + 3)
        self.inbox(INBOX)
        self.other.call("wake", "m")
        codes = self.codes(client, sent)
        kept = [i for i, c in enumerate(codes) if c != "DROPPED"]
        self.assertEqual(kept, list(range(9)) + list(range(9, n, 4)))
        self.assertEqual(self.lost()["sampled"], len(sent) - INBOX)

    def test_a_quiet_stream_is_kept_whole(self):
        d = self.daemon({"m": small_model(overload="sample", inbox=INBOX)})
        client = d.connect()
        self.assertEqual(learn_all(client, batch=1, n=200)["seq"], 200)


if __name__ == "__main__":
    harness.main()

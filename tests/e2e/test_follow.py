"""One stream into several models: what followers get, lose and hold up.

As in test_overload.py, a sleep too long to end keeps a model from learning, so
that its inbox of 16 fills by count.
"""
import json
import pathlib
import shutil
import struct
import sys
import tempfile

import harness
from harness import Case, digits, learn_all, small_model, until

INBOX = 16
KNOWN = 64
NIGHT = {"frames": 10**9}


def follower(leader="a", **more):
    return small_model(follows=leader, **more)


class Follow(Case):
    def pair(self, leader=None, **more):
        """A leader a and its follower b; a client."""
        self.d = self.daemon({"a": small_model(sleep="off", **(leader or {})),
                              "b": follower(**more)})
        return self.d.connect()

    def asleep(self, leader=None, **more):
        """The same, and the follower learns nothing until it is woken."""
        client = self.pair(leader, inbox=INBOX, **more)
        for n in range(0, KNOWN, INBOX // 2):  # no more than b has room for
            client.wait(self.batch(client, n, INBOX // 2))
            self.seq(client, "b", n + INBOX // 2)
        client.call("sleep", "b", NIGHT)
        return client

    def seq(self, client, model, n):
        until(lambda: client.call("status", model)["seq"] == n,
              f"{model} has learned {n}")

    def lost(self, client, model):
        lost = client.call("stats", model)["models"][model]["lost"]
        return {reason: n for reason, n in lost.items() if n}

    def batch(self, client, first, n, model="a"):
        frames, labels = digits(first, n)
        return client.send("learn_batch", model, frames.tobytes(), labels)

    def scores(self, client, model):
        frames, _ = digits(harness.LEARN, 32)
        return client.call("predict_batch", model, frames.tobytes(),
                           {"fresh": True})


class Stream(Follow):
    def test_a_twin_becomes_the_same_model_to_the_bit(self):
        # One frame an update, so that where batches end is no matter.
        client = self.pair({"batch": 1}, batch=1, sleep="off")
        frames, labels = digits(0, 256)
        for i in range(0, 256, 64):
            self.batch(client, i, 64)
        for f, k in zip(frames[:20], labels):
            client.call("learn", "a", f.tobytes(), k)
        client.notify("learn", "a", frames[20].tobytes(), labels[20])
        self.assertEqual(self.scores(client, "a"), self.scores(client, "b"))
        self.seq(client, "b", 277)
        self.assertEqual(self.lost(client, "b"), {})

    def test_several_follow_one(self):
        self.d = self.daemon({"a": small_model(),
                              **{x: follower() for x in "bcd"}})
        client = self.d.connect()
        learn_all(client, "a", n=512)
        for model in "bcd":
            self.seq(client, model, 512)

    def test_frames_in_any_form_arrive_the_same(self):
        client = self.pair({"batch": 1}, batch=1, sleep="off")
        frames, labels = digits(0, 8)
        client.call("learn_batch", "a", [f.tolist() for f in frames], labels)
        client.call("learn", "a", {"dtype": "|u1", "shape": [8, 8],
                                   "data": frames[0].tobytes()}, labels[0])
        self.assertEqual(self.scores(client, "a"), self.scores(client, "b"))

    def test_answers_are_the_leaders(self):
        client = self.asleep(overload="drop_oldest")
        answer = client.wait(self.batch(client, KNOWN, 40))
        self.assertEqual((answer["seq"], answer["dropped"]), (KNOWN + 40, 0))
        answer = client.call("learn", "a", digits(0, 1)[0].tobytes(), "0",
                             {"ack": "received"})
        self.assertIn("id", answer)

    def test_fresh_at_the_follower_waits_for_frames_sent_to_the_leader(self):
        client = self.asleep()
        client.wait(self.batch(client, KNOWN, 8))
        frame = digits(0, 1)[0].tobytes()
        asked = client.send("predict", "b", frame, {"fresh": True})
        client.call("predict", "b", frame)
        other = self.d.connect()
        other.call("predict", "b", frame, {"fresh": True})
        self.assertFalse(client.answered(asked))
        client.call("wake", "b")
        self.assertTrue(client.wait(asked)["label"])

    def test_what_the_leader_refuses_reaches_nobody(self):
        client = self.pair()
        frames, _ = digits(0, 2)
        self.assert_refused("BAD_FRAME", client.call, "learn", "a", b"x", "1")
        self.assert_refused("BAD_PARAMS", client.call, "learn_batch", "a",
                            frames.tobytes(), ["1", ""])
        self.assertEqual(client.call("status", "b")["seq"], 0)
        self.assertEqual(client.call("status", "b")["labels"], [])


class Overload(Follow):
    def test_block_makes_the_leaders_frames_wait(self):
        client = self.asleep()
        sent = [self.batch(client, KNOWN + i, 8) for i in range(0, 64, 8)]
        client.wait(sent[0])
        client.wait(sent[1])
        other = self.d.connect()
        until(lambda: other.call("status", "b")["inbox"] == INBOX, "b is full")
        self.assertFalse(client.answered(sent[2]))
        self.assertEqual(other.call("status", "a")["seq"], KNOWN + INBOX)
        other.call("wake", "b")
        self.assertEqual(client.wait(sent[-1])["seq"], KNOWN + 64)
        self.seq(other, "b", KNOWN + 64)
        self.assertEqual(self.lost(other, "b"), {})
        self.assertEqual(self.lost(other, "a"), {})

    def test_drop_oldest_keeps_the_newest_in_the_follower(self):
        client = self.asleep(overload="drop_oldest")
        self.assertEqual(client.wait(self.batch(client, KNOWN, 100))["seq"],
                         KNOWN + 100)
        self.assertEqual(self.lost(client, "b"), {"oldest": 100 - INBOX})
        self.assertEqual(self.lost(client, "a"), {})
        client.call("wake", "b")
        self.seq(client, "b", KNOWN + INBOX)

    def test_reject_loses_the_newest_in_the_follower(self):
        client = self.asleep(overload="reject")
        self.assertEqual(client.wait(self.batch(client, KNOWN, 100))["seq"],
                         KNOWN + 100)
        self.assertEqual(self.lost(client, "b"), {"busy": 100 - INBOX})
        self.assertEqual(self.lost(client, "a"), {})

    def test_sample_thins_out_in_the_follower(self):
        client = self.asleep(overload="sample", sample_keep=4)
        client.wait(self.batch(client, KNOWN, 40))
        # From half on one in four: 9 at once, then every fourth of 31.
        lost = self.lost(client, "b")["sampled"]
        self.assertEqual(lost, 40 - client.call("status", "b")["inbox"])
        self.assertIn(lost, range(20, 40 - INBOX // 2))

    def test_a_leader_that_rejects_is_busy_for_a_follower_that_blocks(self):
        client = self.asleep(leader={"overload": "reject"})
        client.wait(self.batch(client, KNOWN, INBOX))
        self.assert_refused("BUSY", client.wait, self.batch(client, 0, 1))
        self.assert_refused("TOO_MANY", client.wait,
                            self.batch(client, 0, INBOX + 1))
        self.assertEqual(client.call("status", "a")["seq"], KNOWN + INBOX)
        client.call("wake", "b")
        self.seq(client, "b", KNOWN + INBOX)
        client.wait(self.batch(client, 0, INBOX))

    def test_a_full_table_of_labels_loses_the_followers_frame_alone(self):
        client = self.pair(classes=2)
        frames, _ = digits(0, 4)
        answer = client.call("learn_batch", "a", frames.tobytes(),
                             ["x", "y", "z", "x"])
        self.assertEqual((answer["seq"], answer["dropped"]), (4, 0))
        self.seq(client, "b", 3)
        self.assertEqual(self.lost(client, "b"), {"bad": 1})
        self.assertEqual(client.call("status", "b")["labels"], ["x", "y"])
        self.assertEqual(client.call("status", "a")["labels"],
                         ["x", "y", "z"])


class ComeAndGo(Follow):
    def create(self, client, name, spec):
        return client.call("create_model", name, json.dumps(spec))

    def test_a_follower_is_fed_from_when_its_leader_comes(self):
        self.d = self.daemon({"b": follower()})
        client = self.d.connect()
        self.assertEqual(client.call("status", "b")["follows"], "a")
        self.create(client, "a", small_model())
        learn_all(client, "a", n=64)
        self.seq(client, "b", 64)
        client.call("drop_model", "a")
        self.assertEqual(client.call("status", "b")["seq"], 64)
        self.assertTrue(self.scores(client, "b")["labels"][0])
        self.assert_refused("FOLLOWS", client.wait,
                            self.batch(client, 0, 1, "b"))
        self.create(client, "a", small_model())
        learn_all(client, "a", n=64)
        self.seq(client, "b", 128)

    def test_a_follower_that_comes_late_gets_what_comes_then(self):
        self.d = self.daemon({"a": small_model()})
        client = self.d.connect()
        learn_all(client, "a", n=64)
        self.create(client, "b", follower())
        learn_all(client, "a", n=32)
        self.seq(client, "b", 32)

    def test_it_follows_again_after_a_restart(self):
        self.d = self.daemon({"a": small_model()})
        with self.d.connect() as client:
            self.create(client, "b", follower())
        self.d.stop()
        self.d.start()
        client = self.d.connect()
        self.assertEqual(client.call("status", "b")["follows"], "a")
        learn_all(client, "a", n=32)
        self.seq(client, "b", 32)

    def test_dropping_a_follower_lets_the_leaders_frames_go(self):
        client = self.asleep()
        sent = [self.batch(client, KNOWN + i, 8) for i in range(0, 64, 8)]
        other = self.d.connect()
        until(lambda: other.call("status", "b")["inbox"] == INBOX, "b is full")
        other.call("drop_model", "b")
        ends = [client.wait(msgid)["seq"] for msgid in sent]
        self.assertEqual(ends, list(range(KNOWN + 8, KNOWN + 65, 8)))
        self.assert_serves(self.d, "a")

    def test_dropping_the_leader_keeps_what_the_follower_has(self):
        client = self.asleep()
        sent = [self.batch(client, KNOWN + i, 8) for i in range(0, 64, 8)]
        other = self.d.connect()
        until(lambda: other.call("status", "b")["inbox"] == INBOX, "b is full")
        other.call("drop_model", "a")
        for msgid in sent[2:]:
            self.assert_refused("UNKNOWN_MODEL", client.wait, msgid)
        other.call("wake", "b")
        self.seq(other, "b", KNOWN + INBOX)

    def test_they_come_and_go_in_the_middle_of_a_stream(self):
        self.d = self.daemon({"a": small_model()})
        client, other = self.d.connect(), self.d.connect()
        sent = []
        for i in range(20):
            sent += [self.batch(client, 8 * k, 8) for k in range(3)]
            self.create(other, "b", follower(inbox=4))
            sent += [self.batch(client, 8 * k, 8) for k in range(3)]
            other.call("drop_model", "b")
        ends = [client.wait(msgid)["seq"] for msgid in sent]
        self.assertEqual(ends, list(range(8, 8 * len(sent) + 1, 8)))

    def test_a_stop_learns_what_waits_in_both(self):
        self.d = self.daemon({"a": small_model(), "b": follower()})
        with self.d.connect() as client:
            client.wait(self.batch(client, 0, 512))
        self.d.stop()
        self.d.start()
        client = self.d.connect()
        for model in "ab":
            self.assertEqual(client.call("status", model)["seq"], 512)


class Refused(Follow):
    def test_a_learn_sent_to_a_follower(self):
        client = self.pair()
        frame = digits(0, 1)[0].tobytes()
        for call in (("learn", "b", frame, "1"),
                     ("learn_batch", "b", frame, ["1"])):
            why = self.assert_refused("FOLLOWS", client.call, *call)
            self.assertIn("b follows a", why)
        client.notify("learn", "b", frame, "1")
        client.call("ping")
        self.assertEqual(client.call("status", "b")["seq"], 0)
        self.assertEqual(
            client.call("stats")["daemon"]["refused"]["FOLLOWS"], 3)

    def refuse(self, name, spec, *says):
        why = self.assert_refused(
            "BAD_SPEC", self.client.call, "create_model", name,
            json.dumps(spec))
        for word in says:
            self.assertIn(word, why)

    def test_what_may_not_follow_is_not_made(self):
        self.client = self.pair()
        self.refuse("c", follower("c"), "cannot follow itself")
        self.refuse("c", follower("b"), "b, which follows a", "follow a")
        wide = small_model(input={"shape": [64], "dtype": "u8"}, follows="a")
        self.refuse("c", wide, "[8, 8] u8", "[64] u8", "the same input")
        real = small_model(input={"shape": [8, 8], "dtype": "f32"},
                           follows="a")
        self.refuse("c", real, "[8, 8] u8", "[8, 8] f32")
        self.refuse("c", follower("No Name"), "follows: must be a model's")

    def test_what_may_not_be_followed_is_not_made(self):
        self.d = self.daemon({"a": small_model(), "b": follower("later")})
        self.client = self.d.connect()
        self.refuse("later", follower("a"), "b would follow later")
        self.refuse("later", small_model(input={"shape": [9], "dtype": "u8"}),
                    "b would follow later", "[9] u8", "[8, 8] u8")
        self.client.call("create_model", "later", json.dumps(small_model()))

    def test_a_configuration_with_a_chain_does_not_validate(self):
        d = self.prepare({"a": small_model(), "b": follower("c"),
                          "c": follower("a")})
        done = harness.run(harness.FFD, "--check", "-c", d.config, check=78)
        self.assertRegex(done.stderr, r"ffd.yaml:\d+: follows: b would follow "
                                      "c, which follows a itself")


class Script(Case):
    """scripts/compare: every objective on one stream."""

    def data(self):
        """The digits as a data set of four files."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="ffd-e2e-"))
        self.addCleanup(shutil.rmtree, folder)
        for part, first, n in (("train", 0, harness.LEARN),
                               ("t10k", harness.LEARN, harness.TEST)):
            frames, labels = digits(first, n)
            (folder / f"{part}-images-idx3-ubyte").write_bytes(
                struct.pack(">4I", 0x803, n, 8, 8) + frames.tobytes())
            (folder / f"{part}-labels-idx1-ubyte").write_bytes(
                struct.pack(">2I", 0x801, n) + bytes(map(int, labels)))
        return folder

    def compare(self, *arguments, check=0):
        return harness.run(sys.executable, harness.TREE / "scripts/compare",
                           "--bin", harness.BIN, *arguments, check=check)

    def test_compares_all_objectives(self):
        rows = json.loads(self.compare(
            "--data", self.data(), "--layers", "64", "--speed", "200",
            "--json").stdout)
        self.assertEqual([r["objective"] for r in rows],
                         ["competitive", "label_overlay", "hybrid",
                          "self_contrastive"])
        for row in rows:
            self.assertEqual((row["frames"], row["labels"]),
                             (harness.LEARN, harness.LEARN))
            self.assertGreater(row["test_accuracy"], 0.12)
            self.assertGreater(row["frames_per_second"], 0)
            self.assertGreater(row["bytes"], 0)

    def test_withholds_labels_and_prints_a_table(self):
        text = self.compare("--data", self.data(), "--layers", "64", "--limit",
                            "600", "--unlabelled", "0.8", "--speed", "0").stdout
        lines = [line.split() for line in text.splitlines()]
        self.assertEqual(len(lines), 5)
        self.assertEqual({line[4] for line in lines[1:]}, {"-"})
        labels = {int(line[6]) for line in lines[1:]}
        self.assertEqual(len(labels), 1)
        self.assertIn(labels.pop(), range(60, 200))

    def test_says_what_is_missing(self):
        done = self.compare("--data", "/nonexistent", check=4)
        self.assertIn("/nonexistent", done.stderr)


if __name__ == "__main__":
    harness.main()

"""Labels changed by hand: renamed, merged, forgotten, and nothing else harmed.
"""
import threading

import numpy as np

import harness
from harness import (Case, LEARN, TEST, accuracy, digits, learn_all, settled,
                     small_model, until)
from rpc import RpcError

OFF = {"sleep": "off"}
NIGHT = {"frames": 10**9}

# Of the test part, after one pass; measured several times, each alike. Of the
# ones and sevens that are answered as sevens: 0.88 after four passes asleep, as a
# model that never knew better (0.84 to 0.89); of a read-out 0.90 after one.
MERGED, READ_OUT = 0.80, 0.80
OTHERS = 0.75  # of the other digits: 0.82 to 0.88
ANEW = 0.80    # of the sevens, forgotten and learned once more: 0.97


def of(label, first=0, n=LEARN):
    """The frames of one digit."""
    frames, labels = digits(first, n)
    return frames[np.array(labels) == label]


class Hand(Case):
    def begin(self, n=LEARN, **more):
        self.d = self.daemon({"m": small_model(**more)})
        client = self.d.connect()
        learn_all(client, n=n)
        return client

    def labels(self, client):
        return sorted(client.call("status", "m")["labels"])

    def ask(self, client, frames):
        return client.call("predict_batch", "m", frames.tobytes(),
                           {"fresh": True})

    def share(self, client, frames, label):
        answers = self.ask(client, frames)["labels"]
        return answers.count(label) / len(answers)

    def without(self, *labels):
        """Accuracy on the test part's other digits, of a client."""
        frames, is_ = digits(LEARN, TEST)
        keep = ~np.isin(is_, labels)
        return frames[keep], [k for k, yes in zip(is_, keep) if yes]

    def right(self, client, frames, labels):
        answers = self.ask(client, frames)["labels"]
        return sum(a == b for a, b in zip(answers, labels)) / len(labels)

    def rest(self, client, frames):
        """Sleep so long; until it is over."""
        client.call("sleep", "m", {"frames": frames})
        until(lambda: client.call("status", "m")["debt"] == 0, "it has slept")


class Rename(Hand):
    def test_answers_change_their_word_and_nothing_else(self):
        client = self.begin(**OFF)
        settled(client)
        asked = digits(LEARN, TEST)[0]
        before = self.ask(client, asked)
        record = client.call("status", "m")["record"]
        answer = client.call("labels_rename", "m", "7", "seven")
        self.assertEqual(answer, {"record": record + 1})
        after = self.ask(client, asked)
        told = ["seven" if k == "7" else k for k in before["labels"]]
        self.assertEqual(after["labels"], told)
        self.assertIn("seven", told)
        for key in ("scores", "confidence", "goodness", "typicality", "by"):
            self.assertEqual(after[key], before[key], key)
        self.assertEqual(self.labels(client),
                         sorted(set("012345689") | {"seven"}))
        self.assertEqual(client.call("models")[0]["labels"],
                         client.call("status", "m")["labels"])

    def test_it_is_learned_under_its_new_name(self):
        client = self.begin(**OFF)
        client.call("labels_rename", "m", "7", "seven")
        new = of("7")
        client.call("learn_batch", "m", new.tobytes(), ["seven"] * len(new))
        self.assertNotIn("7", self.labels(client))
        self.assertGreater(self.share(client, of("7", LEARN, TEST), "seven"),
                           0.7)

    def test_the_old_name_is_a_label_never_seen(self):
        client = self.begin(n=256, **OFF)
        client.call("labels_rename", "m", "7", "seven")
        client.call("learn", "m", of("7")[0].tobytes(), "7")
        self.assertEqual(self.labels(client),
                         sorted(set("0123456789") | {"seven"}))
        client.call("labels_rename", "m", "7", "other")
        self.assertIn("other", self.labels(client))

    def test_names_may_change_places(self):
        client = self.begin(**OFF)
        before = self.ask(client, digits(LEARN, TEST)[0])["labels"]
        for from_, to in (("1", "x"), ("7", "1"), ("x", "7")):
            client.call("labels_rename", "m", from_, to)
        swap = {"1": "7", "7": "1"}
        self.assertEqual(self.ask(client, digits(LEARN, TEST)[0])["labels"],
                         [swap.get(k, k) for k in before])


class Merge(Hand):
    def test_two_labels_become_one(self):
        both = np.concatenate([of(k, LEARN, TEST) for k in "17"])
        for objective, passes, floor in (("competitive", 4, MERGED),
                                         ("hybrid", 1, READ_OUT)):
            client = self.begin(objective=objective)
            client.call("labels_merge", "m", "1", "7")
            self.rest(client, passes * LEARN)
            self.assertEqual(self.labels(client), sorted("023456789"))
            self.assertGreater(self.share(client, both, "7"), floor)
            self.assertGreater(self.right(client, *self.without("1", "7")),
                               OTHERS)

    def test_nothing_is_answered_by_the_label_that_went(self):
        client = self.begin(**OFF)
        client.call("labels_merge", "m", "1", "7")
        answer = self.ask(client, digits(LEARN, TEST)[0])
        self.assertNotIn("1", answer["labels"])
        self.assertEqual(sorted(answer["classes"]), sorted("023456789"))
        for row in answer["scores"]:
            self.assertEqual(len(row), 9)
            self.assertAlmostEqual(sum(row), 1, places=3)

    def test_one_frame_is_answered_alike(self):
        client = self.begin(**OFF)
        client.call("labels_merge", "m", "1", "7")
        frame = digits(LEARN, 1)[0]
        one = client.call("predict", "m", frame.tobytes(), {"detail": True})
        many = self.ask(client, frame)
        self.assertEqual(set(one["scores"]), set(many["classes"]))
        self.assertEqual(set(one["class_goodness"]), set(many["classes"]))
        for label, score in zip(many["classes"], many["scores"][0]):
            self.assertAlmostEqual(one["scores"][label], score, delta=1e-5)

    def test_its_class_is_free_for_another(self):
        client = self.begin(n=256, classes=10, **OFF)
        frame = digits(0, 1)[0].tobytes()
        self.assert_refused("LABELS_FULL", client.call, "learn", "m", frame,
                            "new")
        client.call("labels_merge", "m", "1", "7")
        client.call("learn", "m", frame, "new")
        self.assertIn("new", self.labels(client))
        self.assert_refused("LABELS_FULL", client.call, "learn", "m", frame,
                            "newer")


class Forget(Hand):
    def test_it_is_gone_from_answers_and_status(self):
        client = self.begin(**OFF)
        answer = client.call("labels_forget", "m", "7")
        self.assertEqual(set(answer), {"record", "versions"})
        self.assertEqual(self.labels(client), sorted("012345689"))
        self.assertEqual(self.share(client, of("7", LEARN, TEST), "7"), 0)
        self.assertGreater(self.right(client, *self.without("7")), OTHERS)
        self.assertEqual(client.call("models")[0]["labels"],
                         client.call("status", "m")["labels"])

    def test_it_can_be_learned_anew(self):
        client = self.begin()
        client.call("labels_forget", "m", "7")
        self.rest(client, 512)
        new = of("7")
        client.call("learn_batch", "m", new.tobytes(), ["7"] * len(new))
        self.rest(client, 512)
        self.assertEqual(self.labels(client), sorted("0123456789"))
        self.assertGreater(self.share(client, of("7", LEARN, TEST), "7"), ANEW)
        self.assertGreater(self.right(client, *self.without("7")), OTHERS)

    def secret(self, n=8, seed=7):
        """Frames that nothing else looks like."""
        return np.random.default_rng(seed).integers(
            1, 256, (n, 8, 8), dtype=np.uint8)

    def stored(self, frames):
        """Files below the state directory that hold a piece of them."""
        pieces = [f.tobytes()[i:i + 16] for f in frames
                  for i in range(0, 64, 16)]
        files = [p for p in self.d.state.rglob("*") if p.is_file()]
        self.assertTrue(files)
        return [str(p) for p in files
                if any(x in data for data in [p.read_bytes()] for x in pieces)]

    def test_no_file_holds_a_frame_of_it(self):
        client = self.begin()
        secret, pending = self.secret(), self.secret(seed=8)
        for i in range(3):
            client.call("learn_batch", "m", secret.tobytes(), ["x"] * 8,
                        {"ack": "durable"})
            client.call("save", "m", {"wait": True})
        client.call("learn_batch", "m", pending.tobytes(), None,
                    {"ack": "durable"})
        client.call("save", "m", {"wait": True})
        client.call("learn_batch", "m", secret.tobytes(), ["x"] * 8,
                    {"ack": "durable"})
        self.assertTrue(self.stored(secret))
        self.assertTrue(self.stored(pending))
        answer = client.call("labels_forget", "m", "x")
        self.assertGreater(answer["versions"], 0)
        self.assertEqual(self.stored(secret), [])
        self.assertEqual(self.stored(pending), [])
        # Nor later, when what was in memory has been written.
        self.rest(client, 256)
        learn_all(client, n=64)
        client.call("save", "m", {"wait": True})
        self.d.stop()
        self.assertEqual(self.stored(secret), [])

    def test_what_could_not_be_erased_is_with_the_next_snapshot(self):
        client = self.begin()
        secret = self.secret()
        client.call("learn_batch", "m", secret.tobytes(), ["x"] * 8,
                    {"ack": "durable"})
        client.call("save", "m", {"wait": True})
        # The mark is written aside under this name; now it cannot be.
        obstacle = self.d.state / "models/m/forgetting.new"
        obstacle.mkdir()
        self.assert_refused("STORAGE", client.call, "labels_forget", "m", "x")
        self.assertNotIn("x", self.labels(client))
        self.assertTrue(self.stored(secret))
        obstacle.rmdir()
        mark = self.d.state / "models/m/forgetting"
        client.call("save", "m", {"wait": True})
        until(lambda: not mark.exists(), "all is erased")
        self.d.stop()
        self.assertEqual(self.stored(secret), [])

    def test_without_a_journal_as_well(self):
        self.d = self.daemon({"m": small_model()}, durability="off")
        client = self.d.connect()
        learn_all(client, n=256)
        secret = self.secret()
        client.call("learn_batch", "m", secret.tobytes(), ["x"] * 8)
        client.call("save", "m", {"wait": True})
        self.assertTrue(self.stored(secret))
        client.call("labels_forget", "m", "x")
        self.assertEqual(self.stored(secret), [])

    def test_a_late_label_finds_no_frame_then(self):
        client = self.begin(n=256, **OFF)
        id_ = client.call("learn", "m", of("3")[0].tobytes(), None)["id"]
        client.call("labels_forget", "m", "7")
        self.assertEqual(client.call("status", "m")["pending"], 0)
        self.assert_refused("UNKNOWN_ID", client.call, "label", "m", id_, "3")

    def test_the_last_label_may_go(self):
        client = self.daemon({"m": small_model(**OFF)}).connect()
        frames = of("3")[:32]
        client.call("learn_batch", "m", frames.tobytes(), ["3"] * 32)
        client.call("labels_forget", "m", "3")
        self.assertEqual(self.labels(client), [])
        one = client.call("predict", "m", frames[0].tobytes(), {"fresh": True})
        self.assertIsNone(one["label"])
        self.assertEqual(one["scores"], {})
        client.call("learn_batch", "m", frames.tobytes(), ["3"] * 32)
        self.assertEqual(self.share(client, frames, "3"), 1)


class Refused(Hand):
    def unchanged(self, client, code, method, *params):
        before = settled(client)
        sentence = self.assert_refused(code, client.call, method, "m", *params)
        self.assertEqual(settled(client), before)
        return sentence

    def test_labels_that_are_not_there(self):
        client = self.begin(n=256, **OFF)
        for method, *params in (("labels_rename", "x", "y"),
                                ("labels_merge", "x", "7"),
                                ("labels_merge", "7", "x"),
                                ("labels_forget", "x"),
                                ("labels_forget", "7 ")):
            self.unchanged(client, "UNKNOWN_LABEL", method, *params)

    def test_a_name_that_is_taken(self):
        client = self.begin(n=256, **OFF)
        self.assertIn("merge", self.unchanged(
            client, "LABEL_EXISTS", "labels_rename", "7", "1"))
        self.unchanged(client, "LABEL_EXISTS", "labels_rename", "7", "7")

    def test_what_makes_no_sense(self):
        client = self.begin(n=256, **OFF)
        for method, *params in (("labels_merge", "7", "7"),
                                ("labels_rename", "7", ""),
                                ("labels_rename", "7", "x" * 256),
                                ("labels_forget", ""),
                                ("labels_forget", None),
                                ("labels_rename", "7")):
            self.unchanged(client, "BAD_PARAMS", method, *params)
        client.call("labels_rename", "m", "7", "x" * 255)
        self.assert_refused("UNKNOWN_MODEL", client.call, "labels_forget", "y",
                            "7")

    def test_a_label_whose_frames_were_all_dropped(self):
        client = self.begin(n=64, inbox=16, overload="drop_oldest",
                            sleep={"every": 512})
        client.call("sleep", "m", NIGHT)
        frame = digits(0, 16)
        client.call("learn", "m", frame[0][0].tobytes(), "new",
                    {"ack": "received"})
        client.call("learn_batch", "m", frame[0].tobytes(), frame[1],
                    {"ack": "received"})
        client.call("wake", "m")
        until(lambda: client.call("status", "m")["inbox"] == 0, "all learned")
        self.assert_refused("UNKNOWN_LABEL", client.call, "labels_rename", "m",
                            "new", "old")

    def test_peers_that_are_no_admins(self):
        client = self.begin(n=256, **OFF)
        peer = self.d.connect(tcp=True)
        before = settled(client)
        for method, *params in (("labels_rename", "7", "x"),
                                ("labels_merge", "1", "7"),
                                ("labels_forget", "7")):
            self.assert_refused("NOT_ALLOWED", peer.call, method, "m", *params)
        self.assertEqual(settled(client), before)


class Meanwhile(Hand):
    """Others feed and ask while labels change."""

    def test_it_waits_for_what_came_before_and_holds_what_comes(self):
        client = self.begin(n=64, inbox=16, sleep={"every": 512})
        client.call("sleep", "m", NIGHT)
        other = self.d.connect()
        frames = of("7")
        first = [client.send("learn", "m", f.tobytes(), "7")
                 for f in frames[:8]]
        hand = client.send("labels_rename", "m", "7", "seven")
        client.call("ping")
        then = [other.send("learn", "m", f.tobytes(), "7")
                for f in frames[8:16]]
        other.call("ping")
        self.assertFalse(client.answered(hand))
        self.assertFalse(other.answered(then[0]))
        other.call("wake", "m")
        self.assertIn("record", client.wait(hand))
        seqs = [c.wait(msgid)["seq"] for c, sent in ((client, first),
                                                     (other, then))
                for msgid in sent]
        self.assertEqual(seqs, list(range(65, 81)))
        self.assertEqual(self.labels(client),
                         sorted(set("0123456789") | {"seven"}))

    def test_a_model_may_be_dropped_while_a_rollback_waits(self):
        client = self.begin(layers=[{"dense": 1200}], **OFF)
        saved = client.call("save", "m", {"wait": True})["version"]
        frames, labels = digits(0, LEARN)
        for _ in range(4):
            client.call("learn_batch", "m", frames.tobytes(), labels,
                        {"ack": "received"})
        back = client.send("rollback", "m", saved)
        client.call("versions", "m")
        self.assertEqual(client.call("drop_model", "m"), {"name": "m"})
        try:
            client.wait(back)  # done before, or refused
        except RpcError as e:
            self.assertEqual(e.code, "UNKNOWN_MODEL")

    def feed(self, stop, told):
        """Batches of labels that nobody changes, until told to stop."""
        client = self.d.connect()
        frames, labels = self.without_hand()
        i = 0
        while not stop.is_set():
            at = i % (len(labels) - 16)
            answer = client.call("learn_batch", "m",
                                 frames[at:at + 16].tobytes(),
                                 labels[at:at + 16])
            told.append((answer["n"], answer["dropped"]))
            i += 16

    def without_hand(self):
        frames, labels = digits(0, LEARN)
        keep = ~np.isin(labels, ("1", "3", "7"))
        return frames[keep], [k for k, yes in zip(labels, keep) if yes]

    def look(self, stop, told):
        client = self.d.connect()
        frames, _ = digits(LEARN, 64)
        while not stop.is_set():
            answer = self.ask(client, frames)
            told.append((len(answer["classes"]), len(answer["scores"][0]),
                         set(answer["labels"]) <= set(answer["classes"])))

    def test_frames_in_flight_are_neither_lost_nor_mislabelled(self):
        client = self.begin(classes=20, sleep={"every": 512})
        before = client.call("status", "m")["seq"]
        stop, fed, asked, failed = threading.Event(), [], [], []

        def guarded(work, told):
            try:
                work(stop, told)
            except BaseException as e:  # told by the test, not by a thread
                failed.append(e)

        threads = [threading.Thread(target=guarded, args=a)
                   for a in ((self.feed, fed), (self.feed, fed),
                             (self.look, asked))]
        for t in threads:
            t.start()
        try:
            own = self.change(client)
        finally:
            stop.set()
            for t in threads:
                t.join()
        self.assertEqual(failed, [])
        self.assertEqual(set(fed), {(16, 0)})
        self.assertTrue(all(a == b and c for a, b, c in asked), asked)
        is_ = self.settled(client)
        self.assertEqual(is_["seq"], before + 16 * len(fed) + own)
        self.assertEqual(sorted(is_["labels"]),
                         sorted("0245689") + ["new", "seven"])
        self.assertGreater(self.right(client, *self.without("1", "3", "7")),
                           OTHERS)
        return client, is_

    def settled(self, client):
        client.call("wake", "m")
        until(lambda: client.call("status", "m")["inbox"] == 0, "all learned")
        client.call("wake", "m")
        return settled(client)

    def change(self, client):
        """Labels of their own come, and change, and go; frames sent."""
        n = 0
        client.call("labels_rename", "m", "7", "seven")
        client.call("labels_merge", "m", "1", "seven")
        client.call("labels_forget", "m", "3")
        for i in range(4):
            frames = of("3")[32 * i:32 * i + 32]
            client.call("learn_batch", "m", frames.tobytes(),
                        [f"x{i}"] * len(frames))
            n += len(frames)
            client.call("labels_rename", "m", f"x{i}", f"y{i}")
            if i == 0:
                client.call("labels_rename", "m", "y0", "new")
            elif i == 3:
                client.call("labels_forget", "m", "y3")
            else:
                client.call("labels_merge", "m", f"y{i}", "new")
        return n

    def test_and_all_of_it_is_recovered(self):
        client, is_ = self.test_frames_in_flight_are_neither_lost_nor_mislabelled()
        del client
        self.d.reborn()
        self.assertEqual(settled(self.d.connect()), is_)


class Kill(Hand):
    def killed(self, method, *params, **more):
        client = self.begin(n=512, **{**OFF, **more})
        client.call(method, "m", *params)
        if method != "labels_forget":  # which waits for the disk
            client.call("learn", "m", digits(0, 1)[0].tobytes(), "0",
                        {"ack": "durable"})
        is_ = settled(client)
        asked = digits(LEARN, TEST)[0]
        answer = self.ask(client, asked)
        self.d.reborn()
        client = self.d.connect()
        self.assertEqual(settled(client), is_)
        self.assertEqual(self.ask(client, asked)["labels"], answer["labels"])
        # It goes on, and once more.
        learn_all(client, n=128)
        is_ = settled(client)
        self.d.reborn()
        self.assertEqual(settled(self.d.connect()), is_)

    def test_a_rename_is_recovered(self):
        self.killed("labels_rename", "7", "seven")

    def test_a_merge_is_recovered(self):
        self.killed("labels_merge", "1", "7")

    def test_a_label_that_was_forgotten_stays_so(self):
        self.killed("labels_forget", "7")

    def test_of_every_objective(self):
        for objective in ("competitive", "label_overlay", "hybrid",
                          "self_contrastive"):
            for change in (("labels_merge", "1", "7"), ("labels_forget", "7")):
                with self.subTest(objective=objective, change=change[0]):
                    self.killed(*change, objective=objective,
                                layers=[{"dense": 64}])

    def test_a_kill_at_once_leaves_it_whole_or_undone(self):
        for method, *params in (("labels_rename", "7", "seven"),
                                ("labels_merge", "1", "7"),
                                ("labels_forget", "7")):
            client = self.begin(n=256, **OFF)
            was = settled(client)
            client.send(method, "m", *params)
            self.d.reborn()
            client = self.d.connect()
            is_ = settled(client)
            if is_["record"] == was["record"]:
                self.assertEqual(is_, was)
            else:
                self.assertEqual(is_["record"], was["record"] + 1)
                self.assertNotEqual(is_["labels"], was["labels"])
            self.assert_serves(self.d)


class Followers(Hand):
    def test_they_have_labels_of_their_own(self):
        d = self.daemon({"a": small_model(**OFF),
                         "b": small_model(follows="a", **OFF)})
        client = d.connect()
        learn_all(client, "a", n=256)
        until(lambda: client.call("status", "b")["seq"] == 256, "b has them")
        client.call("labels_rename", "b", "7", "seven")
        client.call("labels_forget", "a", "3")
        labels = {m: client.call("status", m)["labels"] for m in "ab"}
        self.assertEqual(sorted(labels["a"]), sorted("012456789"))
        self.assertEqual(sorted(labels["b"]),
                         sorted(set("012345689") | {"seven"}))
        learn_all(client, "a", n=64)
        until(lambda: client.call("status", "b")["seq"] == 320, "and more")


if __name__ == "__main__":
    harness.main()

"""Labels that never come, that come late, and that nobody waits for.

As in test_overload.py, a sleep too long to end keeps a model from learning, so
that its inbox of 16 fills by count.
"""
import harness
from harness import (Case, IMAGES, LABELS, accuracy, digits, learn_all,
                     small_model, until)

INBOX = 16
NIGHT = {"frames": 10**9}
IDX = ("--idx", IMAGES, LABELS)
OFF = {"sleep": "off", "calibration": 0}  # what is sent is learned
DEEP = {"inbox": INBOX, "sleep": {"every": 512}}  # can be told to learn nothing


def counter(first_id, i=0):
    """The id of frame i behind the first."""
    epoch, n = first_id.split(":")
    return f"{epoch}:{int(n) + i}"


class Labels(Case):
    def begin(self, **more):
        self.d = self.daemon({"m": small_model(**{**OFF, **more})})
        return self.d.connect()

    def learn(self, client, i, label=None, opts=None, model="m"):
        frame = digits(i, 1)[0].tobytes()
        return client.call("learn", model, frame, label, opts or {})

    def batch(self, client, first, n, labels=None, model="m"):
        frames, _ = digits(first, n)
        return client.call("learn_batch", model, frames.tobytes(), labels)

    def label(self, client, id_, i, model="m"):
        """Give frame i of the digits its label; {} if a frame waited."""
        return client.call("label", model, id_, digits(i, 1)[1][0])

    def unknown(self, client, id_, i=0):
        self.assert_refused("UNKNOWN_ID", self.label, client, id_, i)

    def counts(self, client, *keys, model="m"):
        status = client.call("status", model)
        return tuple(status[key] for key in keys)


class Late(Labels):
    def test_a_frame_waits_and_is_learned_when_its_label_comes(self):
        client = self.begin()
        learned = self.learn(client, 0)
        self.assertEqual((learned["learned"], learned["right"]), (False, 0))
        self.assertEqual(self.counts(client, "pending", "labelled", "step"),
                         (1, 0, learned["step"]))
        self.assertEqual(self.label(client, learned["id"], 0), {})
        self.assertEqual(
            self.counts(client, "pending", "labelled", "late", "missed"),
            (0, 1, 1, 0))
        self.assertGreater(self.counts(client, "step")[0], learned["step"])

    def test_labels_that_all_come_late_teach_as_well(self):
        client = self.begin(classes=10)
        for first in range(0, harness.LEARN, 64):
            n = min(64, harness.LEARN - first)
            ids = self.batch(client, first, n)["first_id"]
            sent = [client.send("label", "m", counter(ids, i), label)
                    for i, label in enumerate(digits(first, n)[1])]
            for msgid in sent:
                self.assertEqual(client.wait(msgid), {})
        self.assertEqual(self.counts(client, "late", "labelled", "pending"),
                         (harness.LEARN, harness.LEARN, 0))
        self.assertGreater(accuracy(client), 0.75)

    def test_a_second_label_finds_nothing(self):
        client = self.begin()
        first = self.learn(client, 0)["id"]
        self.label(client, first, 0)
        self.unknown(client, first)
        labelled = self.learn(client, 1, "1")["id"]
        self.unknown(client, labelled)
        self.assertEqual(self.counts(client, "late", "missed"), (1, 2))

    def test_the_oldest_make_room(self):
        client = self.begin(late_labels={"frames": 4})
        first = self.batch(client, 0, 6)["first_id"]
        for i in (0, 1):
            self.unknown(client, counter(first, i))
        for i in (2, 5):
            self.assertEqual(self.label(client, counter(first, i), i), {})
        self.assertEqual(self.counts(client, "late", "missed", "pending"),
                         (2, 2, 2))

    def test_an_age_ends_the_waiting(self):
        client = self.begin(late_labels={"frames": 100, "age": 8}, batch=1)
        old = self.learn(client, 0)["id"]
        young = self.batch(client, 1, 8)["first_id"]
        self.unknown(client, old)
        self.assertEqual(self.label(client, counter(young, 7), 8), {})

    def test_a_label_may_be_sent_as_soon_as_the_frame_is_received(self):
        client = self.begin(**DEEP)
        learn_all(client, n=64)
        client.call("sleep", "m", NIGHT)
        id_ = self.learn(client, 64, None, {"ack": "received"})["id"]
        asked = client.send("label", "m", id_, digits(64, 1)[1][0])
        client.call("ping")
        self.assertFalse(client.answered(asked))
        client.call("wake", "m")
        self.assertEqual(client.wait(asked), {})
        # Both in one write, and in one update: the id can be foreseen.
        frame, label = digits(65, 1)
        learn, _ = client.request("learn", "m", frame.tobytes(), None)
        late, asked = client.request("label", "m", counter(id_, 1), label[0])
        client.raw(learn + late)
        self.assertEqual(client.wait(asked), {})

    def test_some_of_a_batch_may_have_none(self):
        client = self.begin()
        labels = digits(0, 8)[1]
        labels[2] = labels[5] = None
        answer = self.batch(client, 0, 8, labels)
        self.assertEqual((answer["n"], answer["learned"], answer["seq"]),
                         (8, 6, 8))
        self.assertEqual(self.counts(client, "labelled", "pending"), (6, 2))
        for i in (2, 5):
            self.label(client, counter(answer["first_id"], i), i)
        self.assertEqual(self.counts(client, "labelled", "pending"), (8, 0))

    def test_a_new_label_that_has_no_class_left_is_refused(self):
        client = self.begin(classes=2)
        id_ = self.learn(client, 0)["id"]
        self.batch(client, 1, 2, ["a", "b"])
        self.assert_refused("LABELS_FULL", client.call, "label", "m", id_, "c")
        self.assertEqual(client.call("label", "m", id_, "b"), {})

    def test_dropping_the_model_answers_labels_that_wait(self):
        client = self.begin(**DEEP)
        learn_all(client, n=64)
        id_ = self.learn(client, 0)["id"]
        client.call("sleep", "m", NIGHT)
        waits = client.send("label", "m", id_, "0")
        self.d.connect().call("drop_model", "m")
        self.assert_refused("UNKNOWN_MODEL", client.wait, waits)


class Restart(Labels):
    def again(self, how):
        """Frames sent, a restart, their labels; the new client."""
        client = self.begin()
        learn_all(client, n=64)
        first = self.batch(client, 64, 8)["first_id"]
        if how == "kill":
            client.call("save", "m", {"wait": True})
            self.batch(client, 72, 1)
            self.d.close_clients()
            self.d.kill()
        else:
            self.d.stop()
        self.d.start()
        client = self.d.connect()
        self.assertEqual(self.counts(client, "pending"), (8,))
        for i in range(8):
            self.assertEqual(self.label(client, counter(first, i), 64 + i), {})
        self.assertTrue(first.startswith("1:"))
        self.assertTrue(self.learn(client, 0)["id"].startswith("2:"))
        return client, first

    def test_labels_find_frames_from_before_it(self):
        self.again("stop")

    def test_after_a_kill_they_find_those_that_were_saved(self):
        client, first = self.again("kill")
        self.unknown(client, counter(first, 8))


class Overload(Labels):
    """A label takes a place in the inbox, as a frame does."""

    def asleep(self, overload, **more):
        client = self.begin(overload=overload, **DEEP, **more)
        for first in range(0, 64, INBOX // 2):
            self.batch(client, first, INBOX // 2,
                       digits(first, INBOX // 2)[1])
        self.id = self.learn(client, 64)["id"]
        client.call("sleep", "m", NIGHT)
        return client

    def fill(self, client, n):
        frames, labels = digits(0, n)
        self.filled = client.send("learn_batch", "m", frames.tobytes(), labels)

    def found_after_all(self, client):
        client.call("wake", "m")
        client.wait(self.filled)
        self.assertEqual(self.label(client, self.id, 64), {})

    def test_reject_answers_busy(self):
        client = self.asleep("reject")
        self.fill(client, INBOX)
        self.assert_refused("BUSY", self.label, client, self.id, 64)
        self.found_after_all(client)

    def test_drop_oldest_drops_a_label_that_waits(self):
        client = self.asleep("drop_oldest")
        waits = client.send("label", "m", self.id, "0")
        self.fill(client, INBOX)
        self.assert_refused("DROPPED", client.wait, waits)
        self.found_after_all(client)

    def test_sample_may_lose_a_label(self):
        client = self.asleep("sample", sample_keep=1000)
        self.fill(client, INBOX)
        # Of those beyond half an inbox the first is kept, then none.
        self.assert_refused("DROPPED", self.label, client, self.id, 64)
        self.found_after_all(client)

    def test_block_makes_it_wait(self):
        client = self.asleep("block")
        self.fill(client, INBOX)
        waits = client.send("label", "m", self.id, digits(64, 1)[1][0])
        client.call("ping")
        self.assertFalse(client.answered(waits))
        self.d.connect().call("wake", "m")
        self.assertEqual(client.wait(waits), {})


class Followers(Labels):
    def pair(self, **more):
        same = {**OFF, "batch": 1}
        self.d = self.daemon({"a": small_model(**same),
                              "b": small_model(**{**same, "follows": "a",
                                                  **more})})
        return self.d.connect()

    def test_late_labels_reach_them_in_order(self):
        client = self.pair()
        for first in range(0, 128, 16):
            ids = self.batch(client, first, 16, model="a")["first_id"]
            for i in range(16):
                self.label(client, counter(ids, i), first + i, "a")
        until(lambda: self.counts(client, "late", "pending", "missed",
                                  model="b") == (128, 0, 0), "b has them")
        asked = digits(harness.LEARN, 32)[0].tobytes()
        scores = [client.call("predict_batch", model, asked, {"fresh": True})
                  for model in "ab"]
        self.assertEqual(*scores)

    def test_a_label_for_a_frame_that_one_lost_is_missed_there_alone(self):
        client = self.pair(late_labels={"frames": 2})
        ids = self.batch(client, 0, 4, model="a")["first_id"]
        for i in range(4):
            self.assertEqual(self.label(client, counter(ids, i), i, "a"), {})
        until(lambda: self.counts(client, "late", "missed",
                                  model="b") == (2, 2), "b has two of them")

    def test_a_label_sent_to_a_follower_is_refused(self):
        client = self.pair()
        id_ = self.learn(client, 0, model="a")["id"]
        self.assert_refused("FOLLOWS", self.label, client, id_, 0, "b")
        self.assertEqual(self.label(client, id_, 0, "a"), {})


class Unlabelled(Labels):
    def test_a_model_that_is_sure_learns_its_own_answer(self):
        client = self.begin(pseudo_label=0.5)
        for _ in range(3):
            learn_all(client, n=512)
        before = self.counts(client, "labelled")[0]
        answer = self.batch(client, 512, 256)
        self.assertIn(answer["learned"], range(64, 256))
        self.assertEqual(self.counts(client, "pseudo", "labelled", "pending"),
                         (answer["learned"], before, 256))
        # The label that comes late is learned for all that.
        for i in range(256):
            self.label(client, counter(answer["first_id"], i), 512 + i)
        self.assertEqual(self.counts(client, "late", "missed", "pending"),
                         (256, 0, 0))

    def test_ctl_withholds_and_delays_labels_and_counts_them(self):
        client = self.begin()
        said = self.d.ctl_json("feed", "m", *IDX, "--limit", 600,
                               "--unlabelled", 0.5, "--label-delay", 100)
        self.assertEqual(said["frames"], 600)
        self.assertEqual(said["labelled"], 0)
        self.assertEqual(said["unlabelled"] + said["late_labels"], 600)
        self.assertIn(said["unlabelled"], range(200, 400))
        self.assertEqual(said["missed"], 0)
        self.assertEqual(
            self.counts(client, "labelled", "late", "missed", "pending"),
            (said["late_labels"], said["late_labels"], 0, said["unlabelled"]))
        # A label takes a number, as a frame does.
        self.assertEqual(self.counts(client, "seq"),
                         (600 + said["late_labels"],))

    def test_ctl_counts_labels_that_came_too_late(self):
        client = self.begin(late_labels={"frames": 64})
        said = self.d.ctl_json("feed", "m", *IDX, "--limit", 600, "--batch",
                               32, "--label-delay", 200)
        self.assertEqual((said["labelled"], said["unlabelled"],
                          said["late_labels"]), (0, 0, 600))
        late, missed = self.counts(client, "late", "missed")
        self.assertEqual((late + missed, missed), (600, said["missed"]))
        self.assertGreater(missed, 400)

    def test_ctl_sends_the_labels_it_keeps_with_their_frames(self):
        client = self.begin()
        said = self.d.ctl_json("feed", "m", *IDX, "--limit", 600,
                               "--unlabelled", 0.9)
        self.assertEqual(said["labelled"] + said["unlabelled"], 600)
        self.assertEqual(self.counts(client, "seq", "labelled", "pending"),
                         (600, said["labelled"], said["unlabelled"]))


if __name__ == "__main__":
    harness.main()

"""A model's life: it learns, answers, sleeps, is saved and comes back."""
import json
import os
import pathlib

import numpy as np

import harness
from harness import (Case, IMAGES, LABELS, LEARN, TEST, accuracy, digits,
                     learn_all, small_model, until)

# Of the test part after one pass over the 1,437 others, which other people
# wrote: measured 0.83 to 0.87 over three seeds, with and without sleep, where
# ridge regression on the same frames has 0.86. Chance has 0.10.
FLOOR = 0.80

QUIET = {"every": 64, "exhausted": 100000, "quiet_ms": 50}
OFF = small_model(sleep="off")


class Learning(Case):
    def test_one_pass_by_ffctl_beats_the_floor(self):
        d = self.daemon()
        fed = d.ctl_json("feed", "m", "--idx", IMAGES, LABELS, "--limit",
                         LEARN)
        self.assertEqual(fed["frames"], LEARN)
        self.assertEqual(fed["dropped"], 0)
        judged = d.ctl_json("eval", "m", "--idx", IMAGES, LABELS, "--offset",
                            LEARN)
        self.assertEqual(judged["frames"], TEST)
        self.assertGreater(judged["accuracy"], FLOOR)

    def test_one_pass_over_the_wire_beats_the_floor(self):
        client = self.daemon().connect()
        self.assertEqual(learn_all(client)["seq"], LEARN)
        self.assertGreater(accuracy(client), FLOOR)

    def test_one_pass_over_tcp_beats_the_floor(self):
        client = self.daemon().connect(tcp=True)
        learn_all(client)
        self.assertGreater(accuracy(client), FLOOR)

    def test_accuracy_before_learning_is_told_by_status(self):
        client = self.daemon().connect()
        self.assertIsNone(client.call("status", "m")["prequential_accuracy"])
        learn_all(client)
        told = client.call("status", "m")["prequential_accuracy"]
        self.assertGreater(told, 0.6)
        self.assertLess(told, 1)

    def test_an_answer_holds_what_the_protocol_promises(self):
        client = self.daemon({"m": OFF}).connect()
        learn_all(client, n=256)
        frames, labels = digits(0, 256)
        one = client.call("predict", "m", frames[0].tobytes(), {"fresh": True})
        self.assertEqual(set(one), {"label", "confidence", "novelty",
                                    "typicality", "scores", "goodness", "by",
                                    "step"})
        self.assertEqual(set(one["scores"]), set(labels))
        self.assertAlmostEqual(sum(one["scores"].values()), 1, places=4)
        self.assertEqual(one["scores"][one["label"]],
                         max(one["scores"].values()))
        self.assertEqual(len(one["goodness"]), 2)
        many = client.call("predict_batch", "m", frames[:3].tobytes())
        self.assertEqual(set(many), {"labels", "confidence", "novelty",
                                     "typicality", "classes", "scores",
                                     "goodness", "by", "step"})
        self.assertEqual(many["labels"][0], one["label"])
        row = dict(zip(many["classes"], many["scores"][0]))
        for label, score in one["scores"].items():
            self.assertAlmostEqual(row[label], score, delta=1e-5)

    def test_in_detail_it_holds_goodness_for_every_class(self):
        client = self.daemon({"m": OFF}).connect()
        learn_all(client, n=256)
        frame = digits(0, 1)[0].tobytes()
        one = client.call("predict", "m", frame, {"detail": True,
                                                  "fresh": True})
        every = one.pop("class_goodness")
        self.assertEqual(one, client.call("predict", "m", frame))
        self.assertEqual(set(every), set(one["scores"]))
        self.assertEqual(every[one["label"]], one["goodness"])
        mean = {label: sum(g) / len(g) for label, g in every.items()}
        self.assertEqual(max(mean, key=mean.get), one["label"])
        # A label that the answering weights have not learned has none.
        client.call("sleep", "m", {"frames": 10**9})
        client.call("learn", "m", frame, "new", {"ack": "received"})
        every = client.call("predict", "m", frame,
                            {"detail": True})["class_goodness"]
        self.assertEqual(every["new"], [None, None])

    def test_the_three_forms_of_a_frame_mean_the_same(self):
        client = self.daemon({"m": OFF}).connect()
        learn_all(client, n=128)
        frame = digits(200, 1)[0][0]
        forms = [frame.tobytes(), frame.tolist(), frame.ravel().tolist(),
                 {"dtype": "|u1", "shape": [8, 8], "data": frame.tobytes()},
                 {"dtype": "|u1", "shape": [64], "data": frame.tobytes()}]
        answers = [client.call("predict", "m", f, {"fresh": True})["scores"]
                   for f in forms]
        for answer in answers[1:]:
            self.assertEqual(answer, answers[0])

    def test_a_class_never_seen_before_joins_while_it_runs(self):
        client = self.daemon().connect()
        frames, labels = digits(0, LEARN)
        seven = np.array(labels) == "7"
        others = [k for k in labels if k != "7"]
        client.call("learn_batch", "m", frames[~seven].tobytes(), others)
        self.assertNotIn("7", client.call("status", "m")["labels"])
        new = frames[seven]
        client.call("learn_batch", "m", new.tobytes(), ["7"] * len(new))
        self.assertIn("7", client.call("status", "m")["labels"])
        client.call("sleep", "m", {"frames": 2 * LEARN})

        def share():
            answer = client.call("predict_batch", "m", new.tobytes())
            return answer["labels"].count("7") / len(new)
        until(lambda: share() > 0.8, "its frames are known")


class Sleep(Case):
    def slept(self, client):
        return until(lambda: client.call("status", "m")["debt"] == 0,
                     "nothing is owed")

    def test_sleeps_when_told(self):
        client = self.daemon().connect()
        learn_all(client, n=256)
        before = client.call("status", "m")
        self.assertGreaterEqual(before["debt"], 256)
        self.assertEqual(client.call("sleep", "m")["state"], "asleep")
        self.slept(client)
        after = client.call("status", "m")
        self.assertEqual(after["state"], "awake")
        self.assertEqual(after["seq"], before["seq"])
        self.assertGreater(after["step"], before["step"])
        self.assertGreaterEqual(after["replayed"], 256)

    def test_sleeps_all_that_it_was_told(self):
        """More than would exhaust it, and still to the end."""
        never = {"every": 512, "exhausted": 1024, "quiet_ms": 10**9}
        client = self.daemon({"m": small_model(sleep=never)}).connect()
        learn_all(client, n=256)
        client.call("sleep", "m", {"frames": 5000})
        self.slept(client)
        self.assertGreaterEqual(client.call("status", "m")["replayed"], 5000)

    def test_sleeps_in_quiet(self):
        client = self.daemon({"m": small_model(sleep=QUIET)}).connect()
        learn_all(client, n=256)
        until(lambda: client.call("status", "m")["replayed"] >= 256,
              "it has replayed in quiet")
        self.slept(client)

    def test_sleeps_without_quiet_when_exhausted(self):
        strict = {"every": 128, "exhausted": 128, "quiet_ms": 10**9}
        client = self.daemon({"m": small_model(sleep=strict)}).connect()
        learn_all(client, n=512)
        until(lambda: client.call("status", "m")["replayed"] >= 512,
              "it has replayed what it learned")

    def test_sleep_off_never_sleeps_of_itself(self):
        client = self.daemon({"m": OFF}).connect()
        learn_all(client)
        self.assertEqual(client.call("status", "m")["replayed"], 0)

    def test_wake_forgives_what_is_owed(self):
        client = self.daemon().connect()
        learn_all(client, n=128)
        client.call("sleep", "m", {"frames": 10**9})
        self.assertEqual(client.call("status", "m")["state"], "asleep")
        client.call("wake", "m")
        until(lambda: client.call("status", "m")["state"] == "awake", "awake")
        self.assertEqual(client.call("status", "m")["debt"], 0)

    def test_answers_while_asleep(self):
        client = self.daemon().connect()
        learn_all(client, n=512)
        client.call("sleep", "m", {"frames": 10**9})
        self.assertGreater(accuracy(client, fresh=False), 0.5)
        self.assertEqual(client.call("status", "m")["state"], "asleep")
        client.call("wake", "m")

    def test_nothing_remembered_cannot_sleep_or_dream(self):
        client = self.daemon().connect()
        self.assert_refused("NOTHING_REMEMBERED", client.call, "sleep", "m")
        self.assert_refused("NOTHING_REMEMBERED", client.call, "dreams", "m", 1)

    def test_dreams_are_frames_and_change_nothing(self):
        client = self.daemon({"m": OFF}).connect()
        learn_all(client, n=256)
        frames, _ = digits(300, 1)
        before = client.call("predict", "m", frames.tobytes(), {"fresh": True})
        dreams = client.call("dreams", "m", 5)
        self.assertEqual(dreams["shape"], [8, 8])
        self.assertEqual(len(dreams["data"]), 5 * 64)
        self.assertEqual(len(dreams["kind"]), 5)
        self.assertLessEqual(set(dreams["kind"]), {"hybrid", "climb"})
        self.assertEqual(len(dreams["goodness"]), 5)
        after = client.call("predict", "m", frames.tobytes())
        self.assertEqual(after, before)


class Restart(Case):
    def answers(self, client):
        frames, _ = digits(LEARN, TEST)
        return client.call("predict_batch", "m", frames.tobytes(),
                           {"fresh": True})

    def assert_same(self, now, before):
        self.assertEqual(now["labels"], before["labels"])
        self.assertEqual(now["classes"], before["classes"])
        np.testing.assert_allclose(now["scores"], before["scores"], atol=1e-5)

    def test_goes_on_where_sigterm_ended_it(self):
        d = self.daemon({"m": OFF})
        client = d.connect()
        learn_all(client)
        before, status = self.answers(client), client.call("status", "m")
        d.stop()
        self.assertEqual(len(d.snapshots()), 1)
        client = d.start().connect()
        again = client.call("status", "m")
        for key in ("seq", "step", "labels", "remembered", "debt"):
            self.assertEqual(again[key], status[key], key)
        self.assert_same(self.answers(client), before)
        frames, labels = digits(0, 1)
        learned = client.call("learn", "m", frames.tobytes(), labels[0])
        self.assertEqual(learned["seq"], LEARN + 1)

    def test_sigterm_finishes_what_is_in_flight(self):
        d = self.daemon({"m": OFF})
        client = d.connect()
        frames, labels = digits()
        sent = [client.send("learn", "m", f.tobytes(), label)
                for f, label in zip(frames[:60], labels)]
        client.wait(sent[0])
        d.process.terminate()
        outcomes = [client.outcome(m) for m in sent[1:]]
        self.assertEqual(d.wait(), 0)
        refused = [o.code for o in outcomes if isinstance(o, Exception)]
        self.assertLessEqual(set(refused), {"SHUTTING_DOWN"})
        d.stop()
        status = d.start().connect().call("status", "m")
        self.assertEqual(status["seq"], 60 - len(refused))

    def test_sigterm_at_night_learns_what_waits_and_sleeps_on_later(self):
        d = self.daemon({"m": small_model()})
        client = d.connect()
        learn_all(client, n=64)
        client.call("sleep", "m", {"frames": 10**9})
        frames, labels = digits(64, 5)
        sent = [client.send("learn", "m", f.tobytes(), label)
                for f, label in zip(frames, labels)]
        until(lambda: client.call("status", "m")["inbox"] == 5, "all wait")
        d.process.terminate()
        self.assertEqual([client.wait(m)["seq"] for m in sent],
                         list(range(65, 70)))
        self.assertEqual(d.wait(), 0)
        d.stop()
        status = d.start().connect().call("status", "m")
        self.assertEqual(status["seq"], 69)
        self.assertEqual(status["state"], "asleep")
        self.assertGreater(status["debt"], 10**8)

    def test_a_save_that_was_waited_for_survives_a_kill(self):
        d = self.daemon({"m": OFF})
        client = d.connect()
        learn_all(client, n=640)
        saved = client.call("save", "m", {"wait": True})
        self.assertEqual(saved["seq"], 640)
        self.assertEqual(os.path.getsize(saved["path"]), saved["bytes"])
        self.assertRegex(saved["xxh3"], "^[0-9a-f]{32}$")
        before = self.answers(client)
        learn_all(client, n=64)
        d.kill()
        client = d.start().connect()
        self.assertEqual(client.call("status", "m")["seq"], 640)
        self.assert_same(self.answers(client), before)

    def test_a_snapshot_is_a_safetensors_file(self):
        d = self.daemon()
        client = d.connect()
        learn_all(client, n=64)
        path = client.call("save", "m", {"wait": True})["path"]
        data = pathlib.Path(path).read_bytes()
        head = int.from_bytes(data[:8], "little")
        tensors = json.loads(data[8:8 + head])
        words = tensors.pop("__metadata__")
        self.assertTrue(all(isinstance(v, str) for v in words.values()))
        end = max(t["data_offsets"][1] for t in tensors.values())
        self.assertEqual(8 + head + end, len(data))

    def test_a_save_not_waited_for_is_written_soon(self):
        d = self.daemon()
        client = d.connect()
        learn_all(client, n=64)
        self.assertEqual(set(client.call("save", "m").values()), {None})
        until(d.snapshots, "the snapshot is there")

    def test_ids_of_two_runs_differ(self):
        d = self.daemon()
        frames, labels = digits(0, 1)
        ids = []
        for _ in range(3):
            client = d.connect()
            ids.append(client.call("learn", "m", frames.tobytes(),
                                   labels[0])["id"])
            d.kill()
            d.start()
        epochs = [int(i.split(":")[0]) for i in ids]
        self.assertEqual(len(set(ids)), 3)
        self.assertEqual(epochs, sorted(set(epochs)))


class Made(Case):
    def test_a_model_made_by_a_peer_survives_a_restart(self):
        d = self.daemon({})
        spec = small_model(overload="reject", sleep={"every": 100})
        client = d.connect()
        made = client.call("create_model", "made", json.dumps(spec))
        self.assertEqual(made, {"name": "made"})
        learn_all(client, "made", n=128)
        d.stop()
        client = d.start().connect()
        self.assertEqual(client.call("status", "made")["seq"], 128)

    def test_a_model_made_by_a_peer_survives_a_kill(self):
        d = self.daemon({})
        d.connect().call("create_model", "made", json.dumps(small_model()))
        d.kill()
        names = [m["name"] for m in d.start().connect().call("models")]
        self.assertEqual(names, ["made"])

    def test_drop_removes_it_for_good(self):
        d = self.daemon({})
        client = d.connect()
        client.call("create_model", "made", json.dumps(small_model()))
        learn_all(client, "made", n=64)
        client.call("save", "made", {"wait": True})
        client.call("drop_model", "made")
        self.assertEqual(client.call("models"), [])
        self.assert_refused("UNKNOWN_MODEL", client.call, "status", "made")
        self.assertEqual(list((d.state / "models").iterdir()), [])
        d.stop()
        self.assertEqual(d.start().connect().call("models"), [])

    def test_a_dropped_name_can_be_made_again(self):
        client = self.daemon({}).connect()
        for _ in range(3):
            client.call("create_model", "again", json.dumps(small_model()))
            learn_all(client, "again", n=64)
            client.call("drop_model", "again")
        self.assertEqual(client.call("models"), [])

    def test_a_second_model_of_a_name_is_refused(self):
        client = self.daemon().connect()
        self.assert_refused("MODEL_EXISTS", client.call, "create_model", "m",
                            json.dumps(small_model()))

    def test_a_spec_that_does_not_validate_is_refused_with_its_line(self):
        client = self.daemon({}).connect()
        why = self.assert_refused("BAD_SPEC", client.call, "create_model", "x",
                                  "input: {shape: [8, 8]}\nclases: 3\n")
        self.assertIn("spec:2", why)
        self.assertIn("clases", why)
        self.assertEqual(client.call("models"), [])


if __name__ == "__main__":
    harness.main()

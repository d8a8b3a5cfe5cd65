"""What cannot be taken is refused whole, with a code and a reason."""
import re

import numpy as np

import harness
from harness import Case, digits, learn_all, small_model

FLOATS = {"input": {"shape": [8, 8], "dtype": "f32"}, "classes": 4,
          "layers": [{"dense": 32}], "memory": 100}


class Labels(Case):
    def test_when_labels_are_full_known_ones_go_on(self):
        client = self.daemon({"m": small_model(classes=3)}).connect()
        frame = digits(0, 1)[0].tobytes()
        for label in "abc":
            client.call("learn", "m", frame, label)
        why = self.assert_refused("LABELS_FULL", client.call, "learn", "m",
                                  frame, "d")
        self.assertIn("3", why)
        self.assertEqual(client.call("learn", "m", frame, "a")["seq"], 4)
        self.assertEqual(client.call("status", "m")["labels"],
                         ["a", "b", "c"])

    def test_a_batch_with_too_many_new_labels_binds_none(self):
        client = self.daemon({"m": small_model(classes=3)}).connect()
        frames = digits(0, 4)[0].tobytes()
        self.assert_refused("LABELS_FULL", client.call, "learn_batch", "m",
                            frames, ["a", "b", "c", "d"])
        status = client.call("status", "m")
        self.assertEqual((status["labels"], status["seq"]), ([], 0))
        client.call("learn_batch", "m", frames, ["x", "y", "z", "x"])

    def test_labels_are_any_text_of_1_to_255_bytes(self):
        client = self.daemon().connect()
        frame = digits(0, 1)[0].tobytes()
        for label in ("x", "é" * 127, "日本", " ", "a\nb"):
            client.call("learn", "m", frame, label)
        for label in ("", "x" * 256, "a\0b"):
            self.assert_refused("BAD_PARAMS", client.call, "learn", "m", frame,
                                label)
        self.assertEqual(client.call("status", "m")["seq"], 5)


def values(v):
    """Values in a message, as the limit `elements` counts them."""
    if isinstance(v, dict):
        v = [x for pair in v.items() for x in pair]
    return len(v) + sum(map(values, v)) if isinstance(v, list) else 0


class Frames(Case):
    def test_a_question_whose_answer_breaks_a_limit_names_what_fits(self):
        client = self.daemon({"m": small_model(sleep="off")}).connect()
        learn_all(client, n=256)
        frame = digits(0, 1)[0].tobytes()
        why = self.assert_refused("TOO_LARGE", client.call, "predict_batch",
                                  "m", 60000 * frame)
        most = int(re.search(r"at most (\d+) frames", why).group(1))
        answer = client.call("predict_batch", "m", most * frame)
        held = values([1, 0, None, answer])
        each = 6 + len(answer["classes"]) + len(answer["goodness"][0])
        self.assertLessEqual(held, 65536)
        self.assertGreater(held + each, 65536)
        self.assert_refused("TOO_LARGE", client.call, "predict_batch", "m",
                            (most + 1) * frame)

    def test_a_batch_with_a_nan_is_refused_whole_naming_the_frame(self):
        client = self.daemon({"m": FLOATS}).connect()
        frames = np.random.default_rng(1).random((9, 8, 8)).astype("<f4")
        client.call("learn_batch", "m", frames.tobytes(), list("abcabcabc"))
        for bad in (np.nan, np.inf, -np.inf):
            broken = frames.copy()
            broken[5, 3, 3] = broken[7, 0, 0] = bad
            why = self.assert_refused("BAD_FRAME", client.call, "learn_batch",
                                      "m", broken.tobytes(),
                                      list("abcabcabd"))
            self.assertRegex(why, r"\b5\b")
        status = client.call("status", "m")
        self.assertEqual((status["seq"], status["labels"]),
                         (9, ["a", "b", "c"]))
        self.assertEqual(client.call("stats", "m")["models"]["m"]["lost"]
                         ["bad"], 27)

    def test_a_nan_is_refused_alone_and_in_questions(self):
        client = self.daemon({"m": FLOATS}).connect()
        frame = np.full((8, 8), np.nan, "<f4").tobytes()
        self.assert_refused("BAD_FRAME", client.call, "learn", "m", frame, "a")
        self.assert_refused("BAD_FRAME", client.call, "predict", "m", frame)
        self.assert_refused("BAD_FRAME", client.call, "predict_batch", "m",
                            bytes(256) + frame)

    def test_wrong_sizes_shapes_and_dtypes_are_refused(self):
        client = self.daemon().connect()
        good = bytes(64)
        tensor = {"dtype": "|u1", "shape": [8, 8], "data": good}
        for frame in (b"", bytes(63), bytes(65), bytes(128), [1] * 63,
                      [[0] * 8] * 7, [256] + [0] * 63, [-1] + [0] * 63,
                      [0.5] * 64, ["0"] * 64,
                      {**tensor, "dtype": "<f4"}, {**tensor, "dtype": "|O"},
                      {**tensor, "shape": [4, 16]},
                      {**tensor, "shape": [8, 8, 8]},
                      {**tensor, "data": bytes(63)}):
            for call in (("learn", "m", frame, "7"), ("predict", "m", frame)):
                self.assert_refused("BAD_FRAME", client.call, *call)
        self.assertEqual(client.call("status", "m")["seq"], 0)

    def test_a_batch_must_be_whole_frames_with_a_label_each(self):
        client = self.daemon().connect()
        self.assert_refused("BAD_FRAME", client.call, "learn_batch", "m",
                            bytes(65), ["a"])
        for labels in (["a"], ["a"] * 3):
            with self.assertRaisesRegex(Exception, "^BAD_(PARAMS|FRAME): "):
                client.call("learn_batch", "m", bytes(128), labels)
        self.assertEqual(client.call("status", "m")["seq"], 0)

    def test_floats_that_are_huge_leave_the_model_sane(self):
        client = self.daemon({"m": FLOATS}).connect()
        frames = np.random.default_rng(1).random((40, 8, 8)).astype("<f4")
        labels = list("abcd" * 10)
        client.call("learn_batch", "m", frames.tobytes(), labels)
        for scale in (3e38, 1e-38, 0):
            outcome = client.outcome(client.send(
                "learn_batch", "m", (frames * np.float32(scale)).tobytes(),
                labels))
            if isinstance(outcome, Exception):
                self.assertEqual(outcome.code, "BAD_FRAME")
        scores = client.call("predict", "m", frames[0].tobytes(),
                             {"fresh": True})["scores"]
        self.assertTrue(all(0 <= s <= 1 for s in scores.values()), scores)


class Calls(Case):
    def test_admin_methods_are_refused_on_tcp(self):
        d = self.daemon()
        client = d.connect(tcp=True)
        self.assert_refused("NOT_ALLOWED", client.call, "create_model", "x",
                            "input: {shape: [4]}")
        self.assert_refused("NOT_ALLOWED", client.call, "drop_model", "m")
        learn_all(client, n=64)
        self.assertEqual([m["name"] for m in client.call("models")], ["m"])

    def test_a_label_for_no_frame_names_its_id(self):
        d = self.daemon()
        client = d.connect()
        frame = digits(0, 1)[0].tobytes()
        learned = client.call("learn", "m", frame, "0")["id"]
        beyond = (f"{2**20 + 1}:0", f"1:{2**44}")  # of what ids there are
        for no_id in (learned, "1:999999", "999999:1", *beyond):
            self.assertIn(no_id, self.assert_refused(
                "UNKNOWN_ID", client.call, "label", "m", no_id, "7"))
        for no_id in ("", "1", "1:", ":1", "1:-1", "1:2:3", "01:2"):
            self.assert_refused("BAD_PARAMS", client.call, "label", "m", no_id,
                                "7")
        self.assert_refused("UNKNOWN_MODEL", client.call, "label", "x",
                            learned, "7")
        status = client.call("status", "m")
        self.assertEqual(status["missed"], 5)
        # A label has its class before anybody looks for the frame.
        self.assertEqual(status["labels"], ["0", "7"])

    def test_unknown_methods_and_models_are_named(self):
        client = self.daemon().connect()
        frame = bytes(64)
        self.assertIn("nope", self.assert_refused(
            "UNKNOWN_METHOD", client.call, "nope"))
        for later in ("authenticate", "retro"):
            self.assert_refused("UNKNOWN_METHOD", client.call, later)
        for call in (("learn", "x", frame, "a"), ("predict", "x", frame),
                     ("status", "x"), ("sleep", "x"), ("wake", "x"),
                     ("dreams", "x", 1), ("save", "x"), ("stats", "x"),
                     ("drop_model", "x")):
            self.assertIn('"x"', self.assert_refused(
                "UNKNOWN_MODEL", client.call, *call))

    def test_bad_parameters_are_named(self):
        client = self.daemon().connect()
        frame = bytes(64)
        for word, call in (
                ("label", ("learn", "m", frame, 7)),
                ("label", ("learn", "m", frame)),
                ("model", ("learn", 3, frame, "7")),
                ("model", ("status", "../m")),
                ("model", ("status",)),
                ("ack", ("learn", "m", frame, "7", {"ack": "forever"})),
                ("fresh", ("predict", "m", frame, {"fresh": 1})),
                ("deadline", ("predict", "m", frame, {"deadline": 1})),
                ("frames", ("sleep", "m", {"frames": -1})),
                ("n", ("dreams", "m", "many")),
                ("ping", ("ping", 1))):
            self.assertIn(word, self.assert_refused(
                "BAD_PARAMS", client.call, *call))
        self.assertEqual(client.call("status", "m")["seq"], 0)

    def test_too_many_dreams_are_refused(self):
        client = self.daemon().connect()
        learn_all(client, n=64)
        self.assert_refused("TOO_MANY", client.call, "dreams", "m", 10**6)

    def test_a_model_name_never_becomes_a_path(self):
        d = self.daemon({})
        client = d.connect()
        for name in ("../evil", "a/b", ".", "", "A", "x" * 65, "a\0b", "é"):
            self.assert_refused("BAD_PARAMS", client.call, "create_model",
                                name, "input: {shape: [4]}")
        self.assertEqual(list((d.state / "models").iterdir()), [])

    def test_a_notification_that_is_wrong_is_counted_and_not_answered(self):
        client = self.daemon().connect()
        client.notify("learn", "m", bytes(63), "7")
        client.notify("learn", "nope", bytes(64), "7")
        client.notify("nope", 1)
        client.notify("predict", "m", bytes(64))
        self.assertEqual(client.call("ping"), "pong")
        self.assertEqual(len(client.arrived), 1)
        told = client.call("stats")["daemon"]
        self.assertEqual(told["notifications"], 2)
        self.assertEqual(told["notifications_ignored"], 2)
        self.assertEqual(told["refused"],
                         {"BAD_FRAME": 1, "UNKNOWN_MODEL": 1})


if __name__ == "__main__":
    harness.main()

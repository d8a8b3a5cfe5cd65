"""Samples of streams: whose they are, what becomes of them, and what of that
outlives a kill."""
import json

import numpy as np

import harness
from harness import Case, settled, small_model, until

CHANNELS, LENGTH, STRIDE = 3, 8, 4
DURABLE = {"ack": "durable"}


def model(stream=None, **more):
    """Windows of three channels. Nothing but what is sent moves it."""
    spec = {"input": {"shape": [CHANNELS], "dtype": "f32"},
            "stream": {"length": LENGTH, "stride": STRIDE, **(stream or {})},
            "classes": 4, "layers": [{"dense": 32}], "memory": 200,
            "sleep": "off", "calibration": 0}
    spec.update(more)
    return spec


def text_model(**more):
    spec = {"input": {"shape": [1], "dtype": "u8"},
            "stream": {"features": "symbols", "rows": 4096},
            "classes": 40, "memory": 500, "sleep": "off"}
    spec.update(more)
    return spec


def waves(n, kind, seed=1):
    """n samples of a slow or a fast wave, with noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(n)[:, None] + rng.uniform(0, 9)
    x = np.sin(t * (0.3 if kind == "slow" else 1.7) + np.arange(CHANNELS))
    return (x + rng.normal(0, 0.1, x.shape)).astype("<f4")


class Streams(Case):
    def begin(self, *specs, **top):
        self.d = self.daemon({f"m{i or ''}": spec
                              for i, spec in enumerate(specs)}, **top)
        return self.d.connect()

    def learn(self, client, x, label=None, m="m", **opts):
        x = np.atleast_2d(x)
        return client.call("learn_batch", m, x.tobytes(),
                           None if label is None else [label] * len(x), opts)

    def teach(self, client, m="m"):
        """Slow and fast waves, each of a stream of its own."""
        for i in range(4):
            for kind in ("slow", "fast"):
                self.learn(client, waves(120, kind, i), kind, m, stream=kind)

    def now(self, client, stream, m="m", fresh=True):
        answer = client.call("predict", m, None,
                             {"stream": stream, "fresh": fresh})
        return answer["label"], answer["scores"]


class Keys(Streams):
    def test_a_thousand_streams_between_each_other_are_as_alone(self):
        """Of two models that learned the same, one is sent the samples of all
        keys in turn, the other one key after the other."""
        stream = {"keys": 1100, "standardise": "key", "missing": "hold"}
        client = self.begin(model(stream), model(stream))
        keys = [f"key {i}" for i in range(1000)]
        n = LENGTH + STRIDE + 1  # two windows, and one begun
        x = np.stack([waves(n, "fast" if i % 3 else "slow", i)
                      for i in range(len(keys))])
        x[::7, 5, 1] = np.nan
        for m in ("m", "m1"):
            self.teach(client, m)
        for t in range(n):
            self.learn(client, x[:, t], m="m", stream=keys, observe=True)
        for i, key in enumerate(keys):
            self.learn(client, x[i], m="m1", stream=key, observe=True)
        right = 0
        for i, key in enumerate(keys):
            mixed, alone = self.now(client, key), self.now(client, key, "m1")
            self.assertEqual(mixed, alone, key)
            right += mixed[0] == ("fast" if i % 3 else "slow")
        self.assertGreater(right, 900)
        for m in ("m", "m1"):
            self.assertEqual(client.call("status", m)["stream"]["kept"], 2)

    def test_now_is_the_window_that_the_samples_make(self):
        client = self.begin(model({"standardise": "off"}))
        self.teach(client)
        x = waves(40, "slow", 9)
        self.learn(client, x, stream="s", observe=True)
        window = x[32:40]  # every 4 samples, the newest 8
        for opts in ({}, {"detail": True}):
            now = client.call("predict", "m", None, {"stream": "s", **opts})
            same = client.call("predict", "m", window.tobytes(), opts)
            self.assertEqual(now, same)
        shape = client.call("status", "m")["stream"]["frame"]
        self.assertEqual(shape, {"shape": [8, 1, 3], "dtype": "f32"})
        batch = client.call("predict_batch", "m",
                            {"dtype": "<f4", "shape": [1, 8, 1, 3],
                             "data": window.tobytes()})
        self.assertEqual(batch["labels"], [now["label"]])

    def test_streams_go_on_over_connections(self):
        client = self.begin(model({"standardise": "off"}))
        self.teach(client)
        x = waves(LENGTH, "fast", 3)
        for i, sample in enumerate(x):
            other = self.d.connect() if i % 2 else client
            self.learn(other, sample, stream="s", observe=True)
        self.assertEqual(self.now(client, "s")[1], client.call(
            "predict", "m", x.tobytes())["scores"])

    def test_without_a_name_there_is_one_stream_more(self):
        client = self.begin(model())
        for _ in range(2):
            self.learn(client, waves(4, "slow"))
            self.learn(client, waves(4, "slow"), stream="s")
        self.assertEqual(client.call("status", "m")["stream"]["windows"], 2)
        client.call("predict", "m", None, {"fresh": True})

    def test_the_one_silent_longest_gives_way(self):
        client = self.begin(model({"keys": 2}))
        for key in "abac":
            self.learn(client, waves(LENGTH, "slow"), "slow", stream=key)
        self.assert_refused("NO_WINDOW", self.now, client, "b")
        for key in "ac":
            self.now(client, key)
        stream = client.call("status", "m")["stream"]
        self.assertEqual((stream["keys"], stream["kept"], stream["gone"]),
                         (2, 2, 1))
        stats = client.call("stats", "m")["models"]["m"]
        self.assertEqual((stats["streams"], stats["streams_gone"],
                          stats["windows"]), (2, 1, stream["windows"]))

    def test_before_a_window_is_whole_there_is_no_answer(self):
        client = self.begin(model())
        self.assert_refused("NO_WINDOW", self.now, client, "s")
        self.learn(client, waves(LENGTH - 1, "slow"), stream="s")
        self.assert_refused("NO_WINDOW", self.now, client, "s")
        self.learn(client, waves(1, "slow"), stream="s")
        self.now(client, "s")

    def test_now_is_of_all_that_was_sent_before(self):
        """With fresh, while samples are still under way."""
        client = self.begin(model({"standardise": "off"}))
        self.teach(client)
        for i in range(20):
            x = waves(LENGTH, "slow" if i % 2 else "fast", i)
            client.send("learn_batch", "m", x.tobytes(), None,
                        {"stream": "s", "observe": True, "end": True})
            now = client.send("predict", "m", None,
                              {"stream": "s", "fresh": True})
            self.assertEqual(client.wait(now)["scores"], client.call(
                "predict", "m", x.tobytes())["scores"])


class Learning(Streams):
    def test_a_window_has_label_and_id_of_the_sample_that_completes_it(self):
        client = self.begin(model(late_labels={"frames": 10}))
        x, ids = waves(LENGTH, "slow"), []
        for i, sample in enumerate(x):
            answer = client.call("learn", "m", sample.tobytes(), None,
                                 {"stream": "s"})
            self.assertFalse(answer["learned"])
            ids.append(answer["id"])
            self.assertEqual(answer["seq"], i + 1)
        self.assertEqual(client.call("status", "m")["pending"], 1)
        self.assert_refused("UNKNOWN_ID", client.call, "label", "m", ids[-2],
                            "slow")
        client.call("label", "m", ids[-1], "slow")
        status = client.call("status", "m")
        self.assertEqual((status["late"], status["labels"]), (1, ["slow"]))

    def test_one_label_in_a_window_is_that_of_the_window(self):
        client = self.begin(model(late_labels={"frames": 10}))
        labels = [None] * LENGTH
        labels[1] = "slow"
        answer = client.call("learn_batch", "m",
                             waves(LENGTH, "slow").tobytes(), labels,
                             {"stream": "s"})
        self.assertEqual(answer["learned"], 1)
        status = client.call("status", "m")
        self.assertEqual((status["labelled"], status["pending"]), (1, 0))
        epoch, counter = answer["first_id"].split(":")
        self.assert_refused("UNKNOWN_ID", client.call, "label", "m",
                            f"{epoch}:{int(counter) + LENGTH - 1}", "fast")

    def test_of_a_follower_nothing_is_observed_but_it_can_be_asked(self):
        client = self.begin(model(), model(follows="m"))
        x = waves(LENGTH, "slow")
        self.assert_refused("FOLLOWS", client.call, "learn_batch", "m1",
                            x.tobytes(), None, {"stream": "s", "observe": True})
        self.learn(client, x, "slow", stream="s")
        self.assertEqual(self.now(client, "s", "m1")[0], "slow")

    def test_learned_says_which_samples_completed_one(self):
        client = self.begin(model())
        for i, sample in enumerate(waves(16, "slow")):
            answer = client.call("learn", "m", sample.tobytes(), "slow",
                                 {"stream": "s"})
            self.assertEqual(answer["learned"], i in (7, 11, 15))
        answer = self.learn(client, waves(40, "slow"), "slow", stream="s")
        self.assertEqual((answer["n"], answer["learned"]), (40, 10))

    def test_windows_with_a_label_are_told_and_no_more_right_than_these(self):
        client = self.begin(model(calibration=100))
        labelled = right = 0
        for i in range(12):
            for kind in ("slow", "fast"):
                answer = self.learn(client, waves(120, kind, i), kind,
                                    stream=kind)
                self.assertLessEqual(answer["right"], answer["labelled"])
                labelled += answer["labelled"]
                right += answer["right"]
        status = client.call("status", "m")
        self.assertGreater(status["held_out"], 0)
        self.assertEqual(labelled, status["labelled"])
        self.assertEqual(right / labelled, status["prequential_accuracy"])
        answer = self.learn(client, waves(40, "slow"), stream="new")
        self.assertEqual((answer["labelled"], answer["right"]), (0, 0))

    def test_a_stream_can_be_asked_how_usual_it_is_now(self):
        client = self.begin(model({"anomaly": 0.05, "windows": 200,
                                   "standardise": "off"}))
        x = waves(1600, "slow")
        self.learn(client, x, stream="s")

        client.call("subscribe", ["novelty"])

        def typicality():
            told = client.call("predict", "m", None, {"stream": "s",
                                                      "fresh": True})
            return told["typicality"]
        for i in range(STRIDE):  # the last completes a window
            told = client.call("learn", "m", x[i].tobytes(), None,
                               {"stream": "s"})
        self.assertEqual(typicality(), told["typicality"])
        self.learn(client, x[:LENGTH] + 50, stream="s")
        self.assertLess(typicality(), 0.01)
        self.learn(client, x[:LENGTH] + 50, stream="odd", observe=True,
                   **DURABLE)
        told = client.call("predict", "m", None, {"stream": "odd"})
        self.assertLess(told["typicality"], 0.01)
        client.call("ping")
        self.assertEqual(client.events, [])  # to ask is no alarm
        self.d.reborn()
        client = self.d.connect()
        self.assertLess(typicality(), 0.01)

    def test_streams_that_are_observed_push_out_none(self):
        client = self.begin(model({"keys": 2}))
        self.teach(client)
        before = [self.now(client, kind) for kind in ("slow", "fast")]
        for i in range(9):
            self.learn(client, waves(40, "slow", i), stream=f"guest {i}",
                       observe=True)
            self.assertEqual(self.now(client, f"guest {i}")[0], "slow")
        self.assertEqual([self.now(client, kind)
                          for kind in ("slow", "fast")], before)
        stream = client.call("status", "m")["stream"]
        self.assertEqual((stream["kept"], stream["gone"]), (2, 0))

    def test_what_is_only_observed_moves_nothing(self):
        client = self.begin(model())
        self.teach(client)
        before = client.call("status", "m")
        answer = self.learn(client, waves(64, "slow"), "slow", stream="s",
                            observe=True)
        after = client.call("status", "m")
        self.assertEqual((answer["learned"], answer["right"]), (0, 0))
        self.assertEqual(after["step"], before["step"])
        self.assertEqual(after["pending"], before["pending"])
        self.assertEqual(after["seq"], before["seq"] + 64)
        self.assertEqual(after["stream"]["windows"],
                         before["stream"]["windows"])
        self.assertEqual(self.now(client, "s")[0], "slow")

    def test_a_recording_is_one_window(self):
        client = self.begin(model({"stride": 0, "standardise": "off"}))
        for n in (3, LENGTH, 50):
            answer = self.learn(client, waves(n, "slow"), "slow", stream="s",
                                end=True)
            self.assertEqual(answer["learned"], 1)
        x = np.concatenate([waves(5, "fast", 2), waves(LENGTH, "slow", 3)])
        self.learn(client, x[:5], "fast", stream="s")
        self.learn(client, x[5:], "slow", stream="s", end=True)
        # Of one that is longer its beginning.
        self.assertEqual(self.now(client, "s")[1], client.call(
            "predict", "m", x[:LENGTH].tobytes())["scores"])

    def test_a_recording_that_ends_leaves_nothing_to_the_next(self):
        client = self.begin(model())
        self.learn(client, waves(LENGTH - 1, "slow"), stream="s", end=True)
        windows = client.call("status", "m")["stream"]["windows"]
        self.learn(client, waves(LENGTH - 1, "slow"), stream="s")
        self.assertEqual(client.call("status", "m")["stream"]["windows"],
                         windows)

    def test_whole_numbers_and_arrays_of_them(self):
        client = self.begin(model({"standardise": "off"}, input={
            "shape": [CHANNELS], "dtype": "i16"}))
        x = np.array([[-32768, 0, 32767]] * LENGTH, "<i2")
        self.assertEqual(client.call("models")[0]["input"],
                         {"shape": [3], "dtype": "i16"})
        self.learn(client, x, "a", stream="s")
        client.call("learn_batch", "m", x.tolist(), None, {"stream": "t"})
        self.assertEqual(self.now(client, "s"), self.now(client, "t"))
        self.assert_refused("BAD_FRAME", client.call, "learn", "m",
                            [-32769, 0, 0], None)
        self.assert_refused("BAD_FRAME", client.call, "learn", "m",
                            {"dtype": "<f4", "shape": [3], "data": bytes(12)},
                            None)

    def test_it_learns_to_tell_waves(self):
        client = self.begin(model(sleep={"every": 64, "quiet_ms": 1}))
        self.teach(client)
        right = 0
        for i in range(20):
            kind = "fast" if i % 2 else "slow"
            self.learn(client, waves(LENGTH, kind, 100 + i), stream="new",
                       observe=True, end=True)
            right += self.now(client, "new")[0] == kind
        self.assertGreaterEqual(right, 18)


class Missing(Streams):
    def test_a_missing_value_is_refused_where_none_may_be(self):
        client = self.begin(model())
        x = waves(4, "slow")
        x[2, 1] = np.inf
        why = self.assert_refused("BAD_FRAME", self.learn, client, x)
        self.assertIn("frame 2 holds a value that is not finite", why)
        self.assertIn("; stream.missing: hold or mean would take it", why)
        x[2, 1] = 2e15  # and what would make sums that are not
        why = self.assert_refused("BAD_FRAME", self.learn, client, x)
        self.assertIn("frame 2 holds a value", why)
        self.assertIn("beyond 1e15", why)
        status = client.call("status", "m")
        self.assertEqual((status["seq"], status["stream"]["kept"]), (0, 0))

    def test_a_missing_value_is_the_last_of_its_channel(self):
        stream = {"missing": "hold", "standardise": "off"}
        client = self.begin(model(stream), model(stream))
        x = waves(LENGTH, "slow")
        held = x.copy()
        x[3:5, 1], held[3:5, 1] = np.nan, x[2, 1]
        x[0, 0], held[0, 0] = -np.inf, 0
        self.learn(client, x, "a", stream="s")
        self.learn(client, held, "a", "m1", stream="s")
        self.assertEqual(self.now(client, "s"), self.now(client, "s", "m1"))

    def test_a_missing_value_is_its_channels_mean(self):
        stream = {"missing": "mean", "standardise": "off"}
        client = self.begin(model(stream))
        x = np.zeros((LENGTH, CHANNELS), "<f4")
        x[:, 1] = 2
        x[-1, 1] = np.nan
        self.learn(client, x, "a", stream="s")
        x[-1, 1] = 2
        self.assertEqual(self.now(client, "s")[1], client.call(
            "predict", "m", x.tobytes())["scores"])

    def test_a_question_may_have_none_missing(self):
        client = self.begin(model({"missing": "hold"}))
        x = waves(LENGTH, "slow")
        x[3, 1] = np.nan
        self.assert_refused("BAD_FRAME", client.call, "predict", "m",
                            x.tobytes())


class Refused(Streams):
    def test_what_is_of_streams_alone(self):
        client = self.begin(small_model())
        frame = bytes(64)
        for opts in ({"stream": "s"}, {"end": True}, {"observe": False}):
            for call in (("learn", "m", frame, "a", opts),
                         ("learn_batch", "m", frame, ["a"], opts)):
                why = self.assert_refused("BAD_PARAMS", client.call, *call)
                self.assertIn(f"opts.{[*opts][0]}: the model has no streams",
                              why)
        why = self.assert_refused("BAD_PARAMS", client.call, "predict", "m",
                                  None)
        self.assertIn("frame: is nil", why)
        why = self.assert_refused("BAD_PARAMS", client.call, "predict", "m",
                                  frame, {"stream": "s"})
        self.assertIn("opts.stream: goes with a frame of nil", why)
        self.assertEqual(client.call("status", "m")["seq"], 0)
        self.assertIsNone(client.call("status", "m")["stream"])
        self.assert_serves(self.d)

    def test_keys_that_are_none(self):
        client = self.begin(model())
        x = waves(2, "slow").tobytes()
        for key in ("", "k" * 256, 7, None, b"\xff", ["a"], ["a", 7],
                    ["a", ""]):
            self.assert_refused("BAD_PARAMS", client.call, "learn_batch", "m",
                                x, None, {"stream": key})
        self.assert_refused("BAD_PARAMS", client.call, "learn", "m", x[:12],
                            None, {"stream": ["a"]})
        client.call("learn_batch", "m", x, None, {"stream": "k" * 255})
        client.call("learn_batch", "m", x, None, {"stream": ["a", "ä"]})

    def test_samples_are_not_frames(self):
        client = self.begin(model())
        why = self.assert_refused("BAD_FRAME", client.call, "learn", "m",
                                  bytes(4 * LENGTH * CHANNELS), None)
        self.assertIn("the model takes 12 (<f4 [3])", why)
        why = self.assert_refused("BAD_FRAME", client.call, "predict", "m",
                                  bytes(12))
        self.assertIn("the model takes 96 (<f4 [8, 1, 3])", why)

    def test_a_running_model_keeps_its_streams(self):
        client = self.begin(model())
        self.d.configure({"m": model({"keys": 65})})
        self.d.hangup()
        until(lambda: "models.m.stream: differs" in self.d.log(),
              "the reload is refused")
        self.assertEqual(client.call("status", "m")["stream"]["keys"], 64)


class Recovery(Streams):
    def same_after_a_kill(self, client, ms=("m",)):
        is_ = [settled(client, m) for m in ms]
        self.d.reborn()
        client = self.d.connect()
        self.assertEqual([settled(client, m) for m in ms], is_)
        return client

    def test_streams_are_the_same_to_the_bit_after_a_kill(self):
        client = self.begin(model({"keys": 5, "missing": "mean"}))
        for i in range(60):
            x = waves(7, "fast" if i % 2 else "slow", i)
            if i % 5 == 0:
                x[3, 2] = np.nan
            self.learn(client, x, None if i % 3 else "slow",
                       stream=f"k{i % 8}", end=i % 4 == 0,
                       observe=i % 6 == 0, **DURABLE)
            if i % 20 == 10:
                client = self.same_after_a_kill(client)
        client = self.same_after_a_kill(client)
        self.assertEqual(client.call("status", "m")["stream"]["kept"], 5)

    def test_a_snapshot_holds_half_a_window(self):
        """One of two models is saved and killed in the middle of a window; it
        goes on as the other, which another daemon keeps."""
        told = []
        x = waves(LENGTH + 3, "slow", 5)
        for kill in (False, True):
            client = self.begin(model(), durability="full")
            self.teach(client)
            self.learn(client, x[:5], "slow", stream="s", **DURABLE)
            if kill:
                client.call("save", "m", {"wait": True})
                self.learn(client, x[5:7], "slow", stream="s", **DURABLE)
                client = self.same_after_a_kill(client)
                self.assertRegex(self.d.log(), r"model m: \d records? ")
            else:
                self.learn(client, x[5:7], "slow", stream="s", **DURABLE)
            self.learn(client, x[7:], "slow", stream="s", **DURABLE)
            told.append((settled(client), self.now(client, "s")))
        self.assertEqual(*told)

    def test_symbols_are_the_same_to_the_bit_after_a_kill(self):
        client = self.begin(text_model())
        for _ in range(3):
            client.call("learn_batch", "m", b"to be or not to be\n" * 20, None,
                        {"stream": "h", **DURABLE})
            client = self.same_after_a_kill(client)
        client.call("save", "m", {"wait": True})
        client = self.same_after_a_kill(client)
        self.assertEqual(client.call("status", "m")["seq"], 3 * 20 * 19)

    def test_a_model_goes_elsewhere_with_its_streams(self):
        client = self.begin(model())
        self.teach(client)
        self.learn(client, waves(5, "slow"), stream="s")
        client.call("save", "m", {"wait": True})
        piece = client.call("export", "m", None, 0)
        client.call("import", "copy", 0, piece["data"], piece["total"])
        for m in ("m", "copy"):
            self.learn(client, waves(5, "fast"), "fast", m, stream="s")
        self.assertEqual(self.now(client, "s"), self.now(client, "s", "copy"))
        client.call("create_model", "new", json.dumps(model({"keys": 3})))
        self.assertEqual(client.call("status", "new")["stream"]["keys"], 3)


class Followers(Streams):
    def test_a_follower_has_windows_of_its_own(self):
        client = self.begin(
            model(), model({"length": 4, "stride": 2}, follows="m"))
        for i in range(4):
            self.learn(client, waves(20, "slow", i), "slow", stream=f"k{i}")
        until(lambda: client.call("status", "m1")["seq"] == 80, "it followed")
        for m, windows in (("m", 16), ("m1", 36)):
            stream = client.call("status", m)["stream"]
            self.assertEqual((stream["kept"], stream["windows"]), (4, windows))
        self.now(client, "k3", "m1")

    def test_a_follower_without_streams_sees_samples(self):
        plain = model(follows="m")
        del plain["stream"]
        client = self.begin(model({"missing": "hold"}), plain)
        x = waves(20, "slow")
        x[3, 0] = np.nan
        self.learn(client, x, "slow", stream="s")
        until(lambda: client.call("status", "m1")["seq"] == 19, "it followed")
        stats = client.call("stats", "m1")["models"]["m1"]
        self.assertEqual(stats["lost"]["bad"], 1)

    def test_they_need_the_same_samples(self):
        client = self.begin(model())
        why = self.assert_refused(
            "BAD_SPEC", client.call, "create_model", "x", json.dumps(model(
                input={"shape": [4], "dtype": "f32"}, follows="m")))
        self.assertIn("which takes [3] f32 and not [4] f32", why)


class Symbols(Streams):
    TEXT = b"the cat sat on the mat.\n"

    def test_each_byte_is_its_own_label(self):
        client = self.begin(text_model())
        answer = client.call("learn_batch", "m", b"a b\n\x00\xff~a", None)
        self.assertEqual(answer["learned"], 8)
        self.assertEqual(client.call("status", "m")["labels"],
                         ["a", " ", "b", "\\x0a", "\\x00", "\\xff", "~"])

    def test_what_comes_next_is_learned(self):
        client = self.begin(text_model())
        for _ in range(40):
            client.call("learn_batch", "m", self.TEXT * 4, None,
                        {"stream": "t"})
        text, right = self.TEXT * 2, 0
        for i in range(8, 40):
            answer = client.call("predict", "m", text[max(0, i - 32):i])
            right += answer["label"] == text[i:i + 1].decode().replace(
                "\n", "\\x0a")
        self.assertEqual(right, 32)
        self.assertLess(client.call("status", "m")["stream"]["bits"], 1)

    def test_now_is_what_came_last(self):
        client = self.begin(text_model())
        client.call("learn_batch", "m", self.TEXT * 20, None, {"stream": "t"})
        self.assert_refused("NO_WINDOW", self.now, client, "u")
        for context in (b"t", b"the ca", b"the cat sat on t"):
            client.call("learn_batch", "m", context, None,
                        {"stream": "u", "observe": True})
            # What lies before a recording's beginning is nothing.
            seen = client.call("predict", "m", context)
            self.assertEqual(self.now(client, "u")[1], seen["scores"])
            client.call("learn", "m", b"x", None,
                        {"stream": "u", "observe": True, "end": True})

    def test_streams_of_symbols_are_apart(self):
        client = self.begin(text_model(), text_model())
        for m in ("m", "m1"):
            client.call("learn_batch", m, self.TEXT * 20, None, {})
        a, b = b"the cat sat", b"on the mat "
        both = bytes(x for pair in zip(a, b) for x in pair)
        client.call("learn_batch", "m", both, None,
                    {"stream": ["a", "b"] * len(a), "observe": True})
        for key, text in (("a", a), ("b", b)):
            client.call("learn_batch", "m1", text, None,
                        {"stream": key, "observe": True})
            self.assertEqual(self.now(client, key), self.now(client, key, "m1"))

    def test_a_label_takes_the_bytes_place(self):
        client = self.begin(text_model())
        client.call("learn_batch", "m", b"aab", ["one", None, "two"])
        self.assertEqual(client.call("status", "m")["labels"],
                         ["one", "a", "two"])

    def test_there_is_no_room_for_more_symbols_than_classes(self):
        client = self.begin(text_model(classes=3))
        why = self.assert_refused("LABELS_FULL", client.call, "learn_batch",
                                  "m", b"abcabcd", None)
        self.assertIn("frame 6", why)
        self.assertEqual(client.call("status", "m")["labels"], [])
        client.call("learn_batch", "m", b"abcabc", None)

    def test_contexts_that_are_none(self):
        client = self.begin(text_model())
        client.call("learn_batch", "m", self.TEXT, None)
        for context in (b"", b"1" * 33):
            why = self.assert_refused("BAD_FRAME", client.call, "predict", "m",
                                      context)
            self.assertIn("the model takes 1 to 32", why)
        # A byte that was never met is as if there were none.
        strange, short = (client.call("predict", "m", c) for c in
                          (b"?the", b"the"))
        self.assertEqual(strange["scores"], short["scores"])
        frames = client.call("predict_batch", "m", bytes(64))
        self.assertEqual(len(frames["labels"]), 2)

    def test_labels_by_hand_change_what_a_byte_is(self):
        client = self.begin(text_model())
        client.call("learn_batch", "m", b"abab", None)
        client.call("labels_rename", "m", "a", "alpha")
        client.call("learn_batch", "m", b"ab", None)
        self.assertEqual(client.call("status", "m")["labels"],
                         ["alpha", "b", "a"])
        for call in (("labels_merge", "m", "a", "b"),
                     ("labels_forget", "m", "a")):
            why = self.assert_refused("BAD_PARAMS", client.call, *call)
            self.assertIn("neither merged nor forgotten", why)


class Numbers(Streams):
    def test_metrics_tell_of_streams(self):
        self.d = self.prepare({"m": model({"keys": 2}), "p": small_model()},
                              http="127.0.0.1:0").start()
        client = self.d.connect()
        for key in "abc":
            self.learn(client, waves(LENGTH, "slow"), stream=key)
        from urllib.request import urlopen
        with urlopen(f"http://127.0.0.1:{self.d.http_port}/metrics",
                     timeout=harness.DEADLINE_S) as page:
            text = page.read().decode()
        for line in ('ffd_model_streams{model="m"} 2',
                     'ffd_model_streams_gone{model="m"} 1',
                     'ffd_model_windows{model="m"} 3'):
            self.assertIn(line, text)
        self.assertNotIn('ffd_model_streams{model="p"}', text)


if __name__ == "__main__":
    harness.main()

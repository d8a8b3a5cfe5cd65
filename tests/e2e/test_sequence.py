"""Streams of symbols: what comes next, and what the model writes itself; and
anomalies of streams of numbers."""
import json
from urllib.request import urlopen

import numpy as np

import harness
from harness import Case, settled, small_model, until
from rpc import RpcError

DURABLE = {"ack": "durable"}
TEXT = b"the cat sat on the mat and looked at the dog.\n"
OTHER = b"0123456789;"


def model(stream=None, **more):
    """Nothing but what is sent moves it."""
    spec = {"input": {"shape": [1], "dtype": "u8"},
            "stream": {"features": "symbols", "rows": 4096, **(stream or {})},
            "classes": 64, "memory": 500, "sleep": "off"}
    spec.update(more)
    return spec


class Sequences(Case):
    def begin(self, *specs, **top):
        self.d = self.daemon({f"m{i or ''}": spec
                              for i, spec in enumerate(specs)}, **top)
        return self.d.connect()

    def tell(self, client, text, m="m", **opts):
        return client.call("learn_batch", m, text, None, opts)

    def write(self, client, m="m", **opts):
        return client.call("generate", m, {"fresh": True, **opts})["text"]


class Writing(Sequences):
    def test_it_writes_what_it_was_told(self):
        client = self.begin(model())
        self.tell(client, TEXT * 50)
        text = self.write(client, n=500)
        self.assertEqual(len(text), 500)
        self.assertLessEqual(set(text), set(TEXT.decode()))
        self.assertIn("the cat sat", text)

    def test_the_same_seed_writes_the_same(self):
        client = self.begin(model())
        self.tell(client, TEXT * 20)
        a, b = (self.write(client, n=1000, seed=7, temperature=2)
                for _ in range(2))
        self.assertEqual(a, b)
        # A piece of the same is the same: it is made some at a time.
        self.assertEqual(a[:70], self.write(client, n=70, seed=7,
                                            temperature=2))
        self.assertNotEqual(a, self.write(client, n=1000, seed=8,
                                          temperature=2))

    def test_without_a_seed_it_differs_as_it_learns(self):
        client = self.begin(model())
        self.tell(client, TEXT * 20)
        written = []
        for _ in range(5):
            step = client.call("status", "m")["step"]
            answer = client.call("generate", "m", {"fresh": True,
                                                   "temperature": 3})
            self.assertEqual(answer["step"], step)
            self.assertEqual(self.write(client, temperature=3),
                             answer["text"])
            self.assertEqual(self.write(client, temperature=3, seed=step),
                             answer["text"])
            written.append(answer["text"])
            self.tell(client, TEXT)
        self.assertEqual(len(set(written)), 5)
        self.assertEqual({len(text) for text in written}, {200})

    def test_it_goes_on_from_a_prompt_and_from_a_stream(self):
        client = self.begin(model())
        self.tell(client, TEXT * 50, stream="t")
        cold = {"n": 8, "temperature": 0.01}
        self.assertEqual(self.write(client, prompt="the ca", **cold),
                         "t sat on")
        self.assertEqual(self.write(client, prompt=TEXT * 3 + b"the cat sat o",
                                    **cold), "n the ma")
        self.tell(client, b"the cat", stream="u", observe=True)
        self.assertEqual(self.write(client, stream="u", **cold), " sat on ")
        self.assertEqual(self.write(client, stream="u", prompt=" sat", **cold),
                         " on the ")
        self.assert_refused("NO_WINDOW", client.call, "generate", "m",
                            {"stream": "v"})

    def test_two_texts_by_key_do_not_mix(self):
        client = self.begin(model())
        both = bytes(x for pair in zip(TEXT * 11, OTHER * 46) for x in pair)
        for _ in range(8):
            self.tell(client, both, stream=["a", "b"] * (len(both) // 2))
        for key, text in (("a", TEXT), ("b", OTHER)):
            written = self.write(client, stream=key, n=300, temperature=0.5)
            self.assertLessEqual(set(written), set(text.decode()), key)
            self.assertIn(text[3:9].decode(), written)

    def test_bytes_that_are_no_text_come_as_bytes(self):
        client = self.begin(model())
        self.tell(client, b"\xff\x00\xfe" * 100)
        written = self.write(client, n=60)
        self.assertIsInstance(written, bytes)
        self.assertLessEqual(set(written), {0xff, 0, 0xfe})
        self.tell(client, "äö".encode() * 200, stream="u")
        self.assertEqual(self.write(client, stream="u", n=4,
                                    temperature=0.01), "äö")

    def test_symbols_may_be_words(self):
        client = self.begin(model())
        words = ["wake", "eat", "sleep"] * 40
        client.call("learn_batch", "m", bytes(len(words)), words,
                    {"stream": "s"})
        answer = client.call("generate", "m", {
            "n": 3, "stream": "s", "temperature": 0.01, "list": True, "fresh": True})
        self.assertEqual(answer["text"].split(), answer["symbols"])
        self.assertEqual(answer["symbols"], words[:3])

    def test_questions_are_answered_while_it_writes(self):
        client, asker = self.begin(model()), self.d.connect()
        self.tell(client, TEXT * 20)
        writes = [client.send("generate", "m", {"n": 4096, "seed": i})
                  for i in range(20)]
        asker.call("predict", "m", b"the ca")
        for i, msgid in enumerate(writes):
            self.assertEqual(len(client.wait(msgid)["text"]), 4096)
        stats = client.call("stats", "m")["models"]["m"]
        self.assertEqual(stats["predict_us"]["count"], 1)

    def test_what_it_writes_is_in_the_account_of_memory(self):
        client, other = self.begin(model()), self.d.connect()
        self.tell(client, TEXT * 20)
        client.call("generate", "m", {"n": 4096})

        def memory():
            return client.call("stats")["daemon"]["memory_bytes"]
        before = memory()
        for i in range(30):
            other.send("generate", "m", {"n": 4096, "seed": i})
        until(lambda: memory() > before + 20 * 4096 * 4, "it is counted")
        other.close()
        until(lambda: memory() < before + 4096 * 4, "it is free again")

    def test_who_is_gone_is_not_written_for(self):
        client, other = self.begin(model()), self.d.connect()
        self.tell(client, TEXT * 20)
        for i in range(30):
            other.send("generate", "m", {"n": 4096, "seed": i})
        other.close()
        self.assertEqual(len(self.write(client, n=10)), 10)
        client.call("status", "m")

    def test_what_a_model_wrote_before_it_was_rolled_back_is_not_gone_on_with(
            self):
        client, other = self.begin(model()), self.d.connect()
        self.tell(client, OTHER * 20)
        client.call("save", "m", {"wait": True, "name": "digits"})
        self.tell(client, TEXT * 20)
        writes = [other.send("generate", "m", {"n": 4096, "seed": i})
                  for i in range(30)]
        other.call("ping")
        client.call("rollback", "m", "digits")
        codes = set()
        for msgid in writes:
            try:
                other.wait(msgid)
            except RpcError as e:
                codes.add(e.code)
        self.assertEqual(codes, {"NO_WINDOW"})
        self.assertLessEqual(set(self.write(client, n=100)),
                             set(OTHER.decode()))

    def test_a_model_that_is_dropped_writes_no_more(self):
        client, other = self.begin(model()), self.d.connect()
        self.tell(client, TEXT * 20)
        writes = [other.send("generate", "m", {"n": 4096, "seed": i})
                  for i in range(30)]
        client.call("drop_model", "m")
        for msgid in writes:
            try:
                other.wait(msgid)
            except RpcError as e:
                self.assertEqual(e.code, "UNKNOWN_MODEL")
        client.call("ping")


class Refused(Sequences):
    def test_a_model_of_frames_does_not_write(self):
        client = self.begin(small_model())
        why = self.assert_refused("BAD_PARAMS", client.call, "generate", "m")
        self.assertIn("is not of symbols", why)

    def test_before_the_first_symbol_there_is_nothing_to_write(self):
        client = self.begin(model())
        why = self.assert_refused("NOTHING_REMEMBERED", client.call,
                                  "generate", "m")
        self.assertIn("has met no symbol yet", why)

    def test_options_that_make_no_sense(self):
        client = self.begin(model())
        self.tell(client, TEXT)
        for opts in ({"n": 0}, {"n": 4097}, {"n": "x"}, {"temperature": 0},
                     {"temperature": float("nan")}, {"temperature": -1},
                     {"seed": -1}, {"prompt": 7}, {"stream": ""},
                     {"detail": True}):
            self.assert_refused("BAD_PARAMS", client.call, "generate", "m",
                                opts)

    def test_layers_and_other_objectives(self):
        client = self.begin(small_model())
        for more, mend in (({"layers": [{"dense": 8}]}, "leave layers out"),
                           ({"objective": "hybrid"}, "must be sequence")):
            why = self.assert_refused("BAD_SPEC", client.call, "create_model",
                                      "t", json.dumps(model(**more)))
            self.assertIn(mend, why)
        client.call("create_model", "t", json.dumps(model(
            objective="sequence")))

    def test_symbols_are_neither_merged_nor_forgotten(self):
        client = self.begin(model())
        self.tell(client, TEXT)
        for call in (("labels_merge", "m", "a", "t"),
                     ("labels_forget", "m", "a")):
            why = self.assert_refused("BAD_PARAMS", client.call, *call)
            self.assertIn("neither merged nor forgotten", why)


class Learning(Sequences):
    def bits(self, client, m="m"):
        return client.call("status", m)["stream"]["bits"]

    def test_bits_a_symbol_fall(self):
        client = self.begin(model())
        self.assertIsNone(self.bits(client))
        self.tell(client, TEXT)
        early = self.bits(client)
        for _ in range(30):
            answer = self.tell(client, TEXT)
        self.assertEqual((answer["n"], answer["learned"], answer["right"]),
                         (len(TEXT), len(TEXT), len(TEXT)))
        self.assertLess(self.bits(client), early / 4)
        status = client.call("status", "m")
        self.assertGreater(status["prequential_accuracy"], 0.8)

    def test_it_is_the_same_to_the_bit_after_a_kill(self):
        client = self.begin(model(sleep={"every": 256, "quiet_ms": 1}))
        for i in range(3):
            self.tell(client, TEXT * 20, stream=f"k{i}", **DURABLE)
            is_ = settled(client)
            written = self.write(client, stream=f"k{i}", seed=3)
            self.d.reborn()
            client = self.d.connect()
            self.assertEqual(settled(client), is_)
            self.assertEqual(self.write(client, stream=f"k{i}", seed=3),
                             written)

    def test_a_question_brings_its_context(self):
        client = self.begin(model())
        self.tell(client, TEXT * 30, stream="t")
        for context, next_ in ((b"the ca", "t"), (b"sat on th", "e"),
                               (b"the dog.", "\\x0a")):
            self.assertEqual(client.call("predict", "m", context)["label"],
                             next_)
        self.assertEqual(client.call("predict", "m", None,
                                     {"stream": "t"})["label"], "t")

    def test_asleep_it_writes(self):
        client = self.begin(model(sleep={"every": 64, "quiet_ms": 1}))
        self.tell(client, TEXT * 30)
        until(lambda: client.call("status", "m")["dreamt"] > 0, "it dreams")
        status = client.call("status", "m")
        self.assertEqual(status["replayed"], 0)
        dreams = client.call("dreams", "m", 4)
        self.assertEqual(set(dreams["kind"]), {"written"})


class Anomalies(Sequences):
    """Alarms of a slow sine of several sensors, one of which jumps."""
    LENGTH = 16

    def sensors(self, **stream):
        return {"input": {"shape": [1], "dtype": "f32"},
                "stream": {"length": self.LENGTH, "stride": 4, "anomaly": 0.002,
                           "keys": 8, **stream},
                "objective": "hybrid", "classes": 2, "layers": [{"dense": 16}],
                "memory": 100, "sleep": "off", "calibration": 0}

    def sine(self, n, at=0, seed=0):
        rng = np.random.default_rng(seed + at)
        return (np.sin(0.2 * (at + np.arange(n))) +
                rng.normal(0, 0.02, n)).astype("<f4")

    def watched(self, *specs):
        client = self.begin(*specs)
        for key in ("left", "right"):
            client.call("learn_batch", "m", self.sine(2400).tobytes(), None,
                        {"stream": key})
        client.call("subscribe", ["anomaly"])
        return client

    def jump(self, client, key="left", n=40):
        x = self.sine(n, 2400)
        x[8:16] += 8
        return client.call("learn_batch", "m", x.tobytes(), None,
                           {"stream": key})

    def test_a_jump_is_told_with_its_stream(self):
        client = self.watched(self.sensors())
        before = client.call("status", "m")["stream"]["anomalies"]
        answer = self.jump(client)
        told = client.event("anomaly")
        self.assertEqual(set(told), {"model", "stream", "id", "typicality",
                                     "seq", "anomalies"})
        self.assertEqual((told["model"], told["stream"], told["anomalies"]),
                         ("m", "left", 1))
        self.assertLessEqual(told["typicality"], 0.002)
        self.assertIn(answer["seq"] - told["seq"], range(40 - 16, 40 - 8))
        first = int(answer["first_id"].partition(":")[2])
        at = int(told["id"].partition(":")[2]) - first
        self.assertEqual(at, 39 - (answer["seq"] - told["seq"]))
        status = client.call("status", "m")["stream"]
        self.assertEqual(status["anomalies"], before + 1)
        stats = client.call("stats", "m")["models"]["m"]
        self.assertEqual(stats["anomalies"], before + 1)

    def test_a_single_sample_says_how_typical_its_window_is(self):
        client = self.watched(self.sensors())
        told = []
        for v in np.concatenate([self.sine(20, 2400),
                                 self.sine(4, 2420) + 8]).astype("<f4"):
            told.append(client.call("learn", "m", v.tobytes(), None,
                                    {"stream": "right"}).get("typicality"))
        known = [p for p in told if p is not None]
        self.assertEqual(len(known), 6)  # of each fourth sample
        self.assertLess(known[-1], 0.01)
        self.assertGreater(max(known), 0.05)
        plain = self.sensors()
        del plain["stream"]["anomaly"]
        client.call("create_model", "plain", json.dumps(plain))
        answer = client.call("learn", "plain", bytes(4), None)
        self.assertNotIn("typicality", answer)

    def test_a_storm_is_one_event_at_a_time(self):
        client = self.watched(self.sensors(anomaly=0.02))
        x = self.sine(40, 2400)
        x[8:16] += 8
        keys = [f"k{i}" for i in range(6)]
        for key in keys:  # known by then, and no more
            client.call("learn_batch", "m", self.sine(64).tobytes(), None,
                        {"stream": key})
        client.call("ping")
        client.events.clear()
        before = client.call("stats", "m")["models"]["m"]["anomalies"]
        client.call("learn_batch", "m", np.repeat(x, 6).tobytes(), None,
                    {"stream": keys * len(x)})
        client.call("ping")
        events = [e for topic, e in client.events if topic == "anomaly"]
        alarms = client.call("stats", "m")["models"]["m"]["anomalies"] - before
        self.assertGreaterEqual(alarms, 3)
        self.assertLess(len(events), alarms)

    def test_metrics_count_them(self):
        self.d = self.prepare({"m": self.sensors(), "t": model()},
                              http="127.0.0.1:0").start()
        client = self.d.connect()
        client.call("learn_batch", "m", self.sine(2400).tobytes(), None,
                    {"stream": "left"})
        before = client.call("stats", "m")["models"]["m"]["anomalies"]
        self.jump(client)
        self.tell(client, TEXT, "t")
        with urlopen(f"http://127.0.0.1:{self.d.http_port}/metrics",
                     timeout=harness.DEADLINE_S) as page:
            text = page.read().decode()
        self.assertIn(f'ffd_model_anomalies_total{{model="m"}} {before + 1}',
                      text)
        self.assertNotIn('ffd_model_anomalies_total{model="t"}', text)
        bits = client.call("stats", "t")["models"]["t"]["bits"]
        self.assertIn(f'ffd_model_bits_per_symbol{{model="t"}} {bits:.4g}'[:45],
                      text)
        self.assertNotIn('ffd_model_bits_per_symbol{model="m"}', text)

    def test_a_portrait_of_symbols_is_of_text(self):
        self.d = self.prepare({"m": model()}, http="127.0.0.1:0").start()
        client = self.d.connect()
        self.tell(client, TEXT * 20)
        path = f"http://127.0.0.1:{self.d.http_port}/api/models/m/portrait"

        def portrait():
            with urlopen(path, timeout=harness.DEADLINE_S) as page:
                return json.load(page)
        until(lambda: portrait().get("dreams"), "a portrait with dreams")
        shown = portrait()
        for dream in shown["dreams"]:
            self.assertEqual(dream["kind"], "written")
        for one in shown["dreams"] + shown["frames"] + shown["mistakes"]:
            self.assertNotIn("data", one)
            self.assertLessEqual(set(one["text"]),
                                 set(TEXT.decode() + "\\x0a"))
        self.assertEqual(shown["layers"], [])
        self.assertEqual(client.call("status", "m")["layers"], [])


if __name__ == "__main__":
    harness.main()

"""Events: who asks is told, nobody else, and whoever does not read harms none."""
import json
import signal
import subprocess

import numpy as np

import harness
from harness import (Case, DEADLINE_S, FFCTL, digits, environment, learn_all,
                     small_model, until)

NIGHT = {"frames": 10**9}


class Events(Case):
    def awake(self, **more):
        """A daemon whose model has learned and owes nothing; a client."""
        self.d = self.daemon({"m": small_model(sleep="off", **more)})
        client = self.d.connect()
        learn_all(client, n=64)
        return client

    def subscribers(self, client):
        return client.call("stats")["daemon"]["subscribers"]


class Subscribe(Events):
    def test_answers_what_is_subscribed_to_from_now_on(self):
        client = self.awake()
        subscribe = lambda *topics: client.call("subscribe",
                                                list(topics))["topics"]
        self.assertEqual(subscribe(), [])
        self.assertEqual(subscribe("drift", "sleep", "drift"),
                         ["sleep", "drift"])
        self.assertEqual(subscribe("novelty"), ["sleep", "novelty", "drift"])
        self.assertEqual(client.call("unsubscribe", ["sleep", "stats"]),
                         {"topics": ["novelty", "drift"]})

    def test_an_unknown_topic_is_refused_naming_the_known(self):
        client = self.awake()
        why = self.assert_refused("BAD_PARAMS", client.call, "subscribe",
                                  ["sleep", "slep"])
        self.assertIn('"slep"', why)
        for topic in client.call("api_info")["topics"]:
            self.assertIn(topic["name"], why)
        self.assertEqual(client.call("subscribe", []), {"topics": []})

    def test_a_subscription_dies_with_its_connection(self):
        client = self.awake()
        for end in ("close", "shut", "reset"):
            other = self.d.connect()
            other.call("subscribe", ["stats"])
            self.assertEqual(self.subscribers(client), 1)
            getattr(other, end)()
            until(lambda: self.subscribers(client) == 0, "it is forgotten")
        self.assert_serves(self.d)


class Told(Events):
    def test_falling_asleep_and_waking(self):
        client = self.awake()
        client.call("subscribe", ["sleep"])
        for _ in range(3):
            client.call("sleep", "m", NIGHT)
            asleep = client.event("sleep")
            self.assertEqual(asleep["model"], "m")
            self.assertEqual(asleep["state"], "asleep")
            self.assertEqual(asleep["debt"], NIGHT["frames"])
            self.assertEqual(asleep["seq"], 64)
            client.call("wake", "m")
            awake = client.event("sleep")
            self.assertEqual((awake["state"], awake["debt"]), ("awake", 0))
            self.assertGreaterEqual(awake["step"], asleep["step"])

    def test_a_sleep_from_exhaustion_too(self):
        self.d = self.daemon({"m": small_model(
            sleep={"every": 64, "exhausted": 64, "quiet_ms": 10**9})})
        client = self.d.connect()
        client.call("subscribe", ["sleep"])
        learn_all(client, n=512)
        states = [client.event("sleep")["state"] for _ in range(8)]
        self.assertEqual(states, ["asleep", "awake"] * 4)

    def test_a_snapshot_as_save_tells_it(self):
        client = self.awake()
        client.call("subscribe", ["snapshot"])
        saved = client.call("save", "m", {"wait": True})
        told = client.event("snapshot")
        self.assertEqual(told.pop("model"), "m")
        saved.pop("xxh3")
        saved.pop("version")
        self.assertEqual(told, saved)
        client.call("create_model", "n", json.dumps(small_model()))
        self.assertEqual(client.event("snapshot")["model"], "n")

    def test_stats_of_each_model_once_a_second(self):
        self.d = self.daemon({"a": small_model(), "b": small_model()})
        client = self.d.connect()
        learn_all(client, "b", n=64)
        client.call("subscribe", ["stats"])
        told = [client.event("stats") for _ in range(4)]
        self.assertEqual([s["model"] for s in told], ["a", "b", "a", "b"])
        status = client.call("status", "b")
        for key, value in told[3].items():
            if key not in ("frames_per_second", "debt", "state", "step", "bits"):
                self.assertEqual(value, status[key], key)
        self.assertEqual(told[3]["seq"], 64)
        self.assertIsNone(told[2]["prequential_accuracy"])
        self.assertIsNone(told[3]["bits"])  # of symbols alone

    def test_only_those_who_asked(self):
        client = self.awake()
        both, other, none = (self.d.connect() for _ in range(3))
        both.call("subscribe", ["sleep", "snapshot"])
        other.call("subscribe", ["snapshot"])
        client.call("sleep", "m", NIGHT)
        client.call("wake", "m")
        both.event("sleep")
        both.event("sleep")
        client.call("save", "m", {"wait": True})
        both.event("snapshot")
        other.event("snapshot")
        for peer in (client, none, both, other):
            peer.call("ping")
            self.assertEqual(peer.events, [])
        other.call("unsubscribe", ["snapshot"])
        client.call("save", "m", {"wait": True})
        both.event("snapshot")
        other.call("ping")
        self.assertEqual(other.events, [])

    def test_500_of_them_at_once(self):
        client = self.awake()
        peers = [self.d.connect() for _ in range(500)]
        for peer in peers:
            peer.call("subscribe", ["snapshot"])
        client.call("save", "m", {"wait": True})
        for peer in peers:
            self.assertEqual(peer.event("snapshot")["seq"], 64)

    def test_between_answers_of_a_busy_connection(self):
        client = self.awake()
        client.call("subscribe", ["sleep", "snapshot"])
        frames, labels = digits(64, 64)
        sent = []
        for f, k in zip(frames, labels):
            sent.append(client.send("learn", "m", f.tobytes(), k))
            if len(sent) % 16 == 0:
                self.assertIn("path", client.call("save", "m"))
        for msgid in sent:
            self.assertIn("id", client.wait(msgid))
        for _ in range(4):
            client.event("snapshot")


class Novelty(Events):
    """Typicality is a rank among some 90 frames held out: 0.014 at least."""
    ALARM = 0.05

    def fitted(self, novelty=ALARM):
        """A model that knows digits, and how typical a digit is."""
        self.d = self.daemon({"m": small_model(novelty=novelty,
                                               fit_every=512)})
        client = self.d.connect()
        learn_all(client)
        learn_all(client)
        until(lambda: self.ask(client, 1)[0] is not None, "it is calibrated")
        client.call("subscribe", ["novelty"])
        return client

    def ask(self, client, n):
        """Typicality of frames of noise."""
        noise = np.random.default_rng(n).integers(0, 17, (n, 64))
        return client.call("predict_batch", "m",
                           noise.astype(np.uint8).tobytes())["typicality"]

    def strange(self, typicality):
        return sum(np.float32(p) <= np.float32(self.ALARM) for p in typicality)

    def test_noise_is_told_and_digits_hardly(self):
        client = self.fitted()
        asked = self.ask(client, 64)
        told = client.event("novelty")
        self.assertEqual(set(told), {"model", "typicality", "label", "frames"})
        self.assertEqual(told["model"], "m")
        self.assertAlmostEqual(told["typicality"], min(asked))
        self.assertIn(told["label"], list("0123456789"))
        self.assertEqual(told["frames"], self.strange(asked))
        self.assertGreater(told["frames"], 32)
        frames, _ = digits(harness.LEARN, harness.TEST)
        digit = client.call("predict_batch", "m", frames.tobytes())
        self.assertLess(self.strange(digit["typicality"]), harness.TEST // 4)

    def test_each_strange_frame_is_counted_once(self):
        client = self.fitted()
        asked, told = 0, 0
        for _ in range(20):
            asked += self.strange(self.ask(client, 200))

        def all_told():
            nonlocal asked, told
            asked += self.strange(self.ask(client, 64))
            client.call("ping")
            told += sum(payload["frames"] for _, payload in client.events)
            client.events.clear()
            return told == asked
        until(all_told, "what a storm left over is told after it")

    def test_an_alarm_of_0_tells_nothing(self):
        client = self.fitted(novelty=0)
        self.ask(client, 64)
        client.call("ping")
        self.assertEqual(client.events, [])

    def test_a_model_that_is_not_calibrated_tells_nothing(self):
        client = self.awake(novelty=1, calibration=0)
        client.call("subscribe", ["novelty"])
        self.assertEqual(self.ask(client, 64), [None] * 64)
        client.call("ping")
        self.assertEqual(client.events, [])


class Drift(Events):
    """Digits, and then the same ones with their pixels in another order."""

    def drifted(self, labels=True, **more):
        self.d = self.daemon({"m": small_model(**more)})
        client = self.d.connect()
        client.call("subscribe", ["drift", "sleep"])
        learn_all(client)
        client.call("ping")
        self.assertEqual([t for t, _ in client.events if t == "drift"], [])
        client.events.clear()
        order = np.random.default_rng(1).permutation(64)
        frames, names = digits(0, 512)
        frames = frames.reshape(-1, 64)[:, order]
        for i in range(0, 512, 64):
            client.call("learn_batch", "m", frames[i:i + 64].tobytes(),
                        names[i:i + 64] if labels else None)
        return client

    def told(self, client):
        return [payload for topic, payload in client.events
                if topic == "drift"]

    def test_errors_that_rise_are_told_and_counted(self):
        client = self.drifted(sleep="off")
        told = self.told(client)
        error = [t for t in told if t["detector"].startswith("error_")]
        self.assertEqual(set(error[0]), {"model", "seq", "detector", "error"})
        self.assertIn(error[0]["seq"], range(harness.LEARN,
                                             harness.LEARN + 512))
        self.assertGreater(error[0]["error"], 0.3)
        status = client.call("status", "m")
        self.assertEqual(status["error_alarms"], len(error))
        self.assertEqual(status["level_alarms"], len(told) - len(error))
        self.assertGreater(status["drifted"], harness.LEARN - 200)
        self.assertRegex(self.d.log(), r"model m: drift, says error_\w+; "
                                       r"errors are \d+\.\d %")

    def test_doubt_that_rises_needs_no_labels(self):
        client = self.drifted(labels=False)
        detectors = {t["detector"] for t in self.told(client)}
        self.assertLessEqual(detectors, {"level_adwin", "level_page_hinkley"})
        self.assertTrue(detectors)
        self.assertEqual(client.call("status", "m")["error_alarms"], 0)

    def test_a_reaction_of_sleep_sleeps_at_once(self):
        # New classes owe 4,000 at once, and the stream 1,949 more.
        quiet = {"every": 4000, "exhausted": 8000, "quiet_ms": 10**9}
        client = self.drifted(sleep=quiet, drift={"reaction": "sleep"})
        self.assertIn("asleep", [payload.get("state")
                                 for _, payload in client.events])

    def test_a_reaction_of_boost_learns_the_new_world(self):
        client = self.drifted(drift={"reaction": "boost", "boost": 3,
                                     "frames": 500})
        self.assertGreater(client.call("status", "m")["error_alarms"], 0)
        self.assertEqual(client.call("status", "m")["seq"],
                         harness.LEARN + 512)
        order = np.random.default_rng(1).permutation(64)
        frames, labels = digits(0, 512)
        said = client.call("predict_batch", "m",
                           frames.reshape(-1, 64)[:, order].tobytes(),
                           {"fresh": True})["labels"]
        right = sum(a == b for a, b in zip(said, labels))
        self.assertGreater(right, 512 // 2)


class Deaf(Events):
    def test_a_subscriber_that_never_reads_holds_up_nobody(self):
        client = self.awake()
        client.call("subscribe", ["sleep"])
        deaf = self.d.connect()
        deaf.send("subscribe", ["sleep", "snapshot", "stats"])
        for _ in range(100):
            client.call("sleep", "m", NIGHT)
            client.call("wake", "m")
            self.assertEqual(client.event("sleep")["state"], "asleep")
            self.assertEqual(client.event("sleep")["state"], "awake")
        self.assert_serves(self.d)


class Ctl(Events):
    def test_events_are_lines_of_json(self):
        client = self.awake()
        client.call("sleep", "m", NIGHT)
        process = self.watch("--json", "events", "sleep", "--limit", 2)
        until(lambda: self.subscribers(client) == 1, "ffctl subscribes")
        client.call("wake", "m")
        client.call("sleep", "m", NIGHT)
        out, err = process.communicate(timeout=DEADLINE_S)
        self.assertEqual((process.returncode, err), (0, ""))
        lines = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([x["topic"] for x in lines], ["sleep"] * 2)
        self.assertEqual([x["payload"]["state"] for x in lines],
                         ["awake", "asleep"])

    def test_a_line_comes_at_once_and_ctrl_c_ends_them(self):
        client = self.awake()
        process = self.watch("events")
        until(lambda: self.subscribers(client) == 1, "ffctl subscribes")
        client.call("save", "m", {"wait": True})
        self.assertRegex(process.stdout.readline(),
                         r"^\d\d:\d\d:\d\d snapshot m  path /")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=DEADLINE_S)
        self.assertEqual((process.returncode, out, err), (0, "", ""))

    def test_an_unknown_topic_is_a_refusal(self):
        self.awake()
        done = self.d.ctl("events", "nope", check=1)
        self.assertIn("known: sleep", done.stderr)

    def watch(self, *arguments):
        process = subprocess.Popen(
            [str(FFCTL), "-s", self.d.address, *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment())
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process


if __name__ == "__main__":
    harness.main()

"""ffctl against a living daemon: every verb, every exit code."""
import gzip
import json
import os
import pty
import subprocess

import numpy as np

import harness
from harness import (Case, FFCTL, IMAGES, LABELS, LEARN, TEST, digits,
                     learn_all, run, small_model, until)

DONE, REFUSED, USAGE, NO_DAEMON, FILES = 0, 1, 2, 3, 4
IDX = ("--idx", IMAGES, LABELS)


class Ctl(Case):
    def learned(self, n=256, **more):
        d = self.daemon({"m": small_model(**more)})
        learn_all(d.connect(), n=n)
        return d


class Json(Ctl):
    def test_ping(self):
        said = self.daemon().ctl_json("ping")
        self.assertEqual(said["answer"], "pong")
        self.assertGreater(said["ms"], 0)

    def test_hello(self):
        self.assertEqual(self.daemon().ctl_json("hello")["server"], "ffd")

    def test_models(self):
        d = self.learned()
        said, = d.ctl_json("models")
        self.assertEqual(said["name"], "m")
        self.assertEqual(said["input"], {"shape": [8, 8], "dtype": "u8"})
        self.assertEqual(sorted(said["labels"]), list("0123456789"))

    def test_status_has_the_promised_keys(self):
        d = self.learned()
        said = d.ctl_json("status", "m")
        for key in ("model", "objective", "labels", "seq", "step", "digest",
                    "state", "debt", "prequential_accuracy"):
            self.assertIn(key, said)
        self.assertEqual(said["seq"], 256)
        self.assertEqual(said["objective"], "competitive")

    def test_status_tells_a_rate_that_can_be(self):
        d = self.daemon()
        d.ctl("feed", "m", *IDX)
        rate = d.ctl_json("status", "m")["frames_per_second"]
        self.assertTrue(rate == 0 or rate > 1, rate)

    def test_status_of_all_is_a_line_each(self):
        d = self.daemon({"a": small_model(), "b": small_model()})
        lines = d.ctl("--json", "status").stdout.splitlines()
        self.assertEqual([json.loads(x)["model"] for x in lines], ["a", "b"])

    def test_status_tells_a_digest_to_who_asks(self):
        d = self.learned(sleep="off")
        self.assertIsNone(d.ctl_json("status", "m")["digest"])
        said = d.ctl_json("status", "m", "--digest")
        self.assertEqual(said["digest"],
                         d.ctl_json("status", "--digest")["digest"])
        text = d.ctl("status", "m", "--digest").stdout
        for key in ("digest", "record", "seq", "step"):
            self.assertIn(f"{key}: {said[key]}\n", text)
        self.assertNotIn("digest", d.ctl("status", "m").stdout)

    def test_labels(self):
        d = self.learned()
        self.assertEqual(sorted(d.ctl_json("labels", "m")),
                         list("0123456789"))
        self.assertEqual(sorted(d.ctl("labels", "m").stdout.split()),
                         list("0123456789"))

    def test_rename_merge_and_forget(self):
        d = self.learned()
        first = d.ctl_json("rename", "m", "7", "seven")
        second = d.ctl_json("merge", "m", "1", "seven")
        self.assertGreater(second["record"], first["record"])
        d.ctl("save", "m", "--wait")
        said = d.ctl_json("forget", "m", "3", "--yes")
        self.assertGreater(said["record"], second["record"])
        self.assertGreater(said["versions"], 0)
        self.assertEqual(sorted(d.ctl_json("labels", "m")),
                         sorted("0245689") + ["seven"])
        d.ctl("rename", "m", "seven", "--", "-7")
        self.assertIn("-7", d.ctl_json("labels", "m"))

    def test_stats(self):
        d = self.learned()
        for said in (d.ctl_json("stats"), d.ctl_json("stats", "m")):
            self.assertEqual(set(said), {"daemon", "models"})
            self.assertEqual(said["models"]["m"]["learned"], 256)

    def test_create_and_drop(self):
        d = self.daemon({})
        spec = d.dir / "spec.yaml"
        spec.write_text(json.dumps(small_model()))
        self.assertEqual(d.ctl_json("create", "x", "--config", spec),
                         {"name": "x"})
        self.assertEqual(d.ctl_json("drop", "x"), {"name": "x"})
        self.assertEqual(d.ctl_json("models"), [])

    def test_create_from_standard_input(self):
        d = self.daemon({})
        d.ctl("create", "x", "--config", "-",
              stdin="input: {shape: [8, 8]}\nlayers: [{dense: 32}]\n")
        self.assertEqual(len(d.ctl_json("models")), 1)

    def test_feed(self):
        said = self.daemon().ctl_json("feed", "m", *IDX, "--limit", 300)
        self.assertEqual(said["frames"], 300)
        self.assertGreater(said["frames_per_second"], 0)
        self.assertGreater(said["seconds"], 0)
        self.assertGreater(said["prequential_accuracy"], 0.2)
        self.assertEqual((said["labelled"], said["unlabelled"],
                          said["late_labels"], said["missed"]), (300, 0, 0, 0))

    def test_feed_with_each_acknowledgement(self):
        d = self.daemon({"m": small_model(sleep="off")})
        for i, ack in enumerate(("received", "applied", "durable")):
            said = d.ctl_json("feed", "m", *IDX, "--limit", 300, "--batch", 32,
                              "--ack", ack)
            self.assertEqual(said["frames"], 300)
            until(lambda n=300 * (i + 1):
                  d.ctl_json("status", "m")["seq"] == n, "all are learned")
        d.reborn()
        self.assertEqual(d.ctl_json("status", "m")["seq"], 900)

    def test_feed_samples_of_a_stream(self):
        d = self.daemon({"m": {
            "input": {"shape": [2], "dtype": "i16"}, "classes": 3,
            "stream": {"length": 8, "stride": 4},
            "layers": [{"dense": 16}], "sleep": "off"}})
        rows = "".join(f"{i},{-i},{'ab'[i // 20 % 2]}\n" for i in range(80))
        for more in ([], ["--stream", "left"], ["--stream", "left",
                                                "--observe"]):
            said = d.ctl_json("feed", "m", "--csv", "-", "--label-column", 3,
                              *more, stdin=rows)
            self.assertEqual(
                (said["frames"], said["windows"], said["prequential_over"]),
                (80, 0, "model") if "--observe" in more else (80, 19, "feed"))
        status = d.ctl_json("status", "m")
        self.assertEqual((status["seq"], status["stream"]["kept"],
                          status["stream"]["windows"]), (240, 2, 19 + 19))
        self.assertEqual(status["labelled"], 19 + 19)
        said = d.ctl("feed", "m", "--csv", "-", "--label-column", 3, check=4,
                     stdin="40000,0,a\n").stderr
        self.assertIn("an i16 model takes numbers from -32768 to 32767", said)

    def test_feed_late_labels_durably(self):
        d = self.daemon({"m": small_model(sleep="off")})
        said = d.ctl_json("feed", "m", *IDX, "--limit", 200, "--ack",
                          "durable", "--label-delay", 20)
        self.assertEqual((said["late_labels"], said["missed"]), (200, 0))
        d.reborn()
        status = d.ctl_json("status", "m")
        self.assertEqual((status["seq"], status["late"], status["pending"]),
                         (400, 200, 0))

    def test_eval_has_the_promised_keys(self):
        d = self.learned(LEARN)
        said = d.ctl_json("eval", "m", *IDX, "--offset", LEARN)
        self.assertEqual(said["frames"], TEST)
        self.assertEqual(set(said["per_class"]), set("0123456789"))
        for key in ("accuracy", "ece", "frames_per_second"):
            self.assertGreaterEqual(said[key], 0)
        _, labels = digits(LEARN, TEST)
        per_class = sum(said["per_class"][k] for k in labels) / TEST
        self.assertAlmostEqual(per_class, said["accuracy"], places=6)

    def test_eval_against_strange_frames(self):
        d = self.learned(LEARN)
        for option in ("--rotate", "--hybrids"):
            said = d.ctl_json("eval", "m", *IDX, "--offset", LEARN, option)
            self.assertTrue(0 <= said["auroc"] <= 1, said)
            self.assertEqual(set(said["typicality"]),
                             {"alarm", "alarms", "auroc", "detected"})

    def test_eval_tells_how_typical_frames_are(self):
        d = self.daemon({"m": small_model(fit_every=512)})
        for _ in range(2):
            d.ctl("feed", "m", *IDX, "--limit", LEARN)
        said = until(lambda: self.typical(d), "it is calibrated")
        self.assertEqual(said["alarm"], 0.1)
        self.assertLess(said["alarms"], 0.4)
        self.assertGreater(said["detected"], said["alarms"])
        self.assertGreater(said["auroc"], 0.6)

    def typical(self, d):
        said = d.ctl_json("eval", "m", *IDX, "--offset", LEARN, "--rotate",
                          "--typicality-alarm", "0.1")["typicality"]
        return said if said["auroc"] is not None else None

    def test_predict_is_a_line_each(self):
        d = self.learned()
        lines = d.ctl("--json", "predict", "m", *IDX, "--limit", 10,
                      "--show", "goodness").stdout.splitlines()
        said = [json.loads(x) for x in lines]
        self.assertEqual([a["frame"] for a in said], list(range(10)))
        for a, true in zip(said, digits(0, 10)[1]):
            self.assertEqual(a["true"], true)
            self.assertEqual(max(a["scores"], key=a["scores"].get), a["label"])
            self.assertEqual(len(a["goodness"]), 2)

    def test_predict_in_detail(self):
        d = self.learned()
        lines = d.ctl("--json", "predict", "m", *IDX, "--limit", 3,
                      "--show", "detail").stdout.splitlines()
        for said in map(json.loads, lines):
            every = said["class_goodness"]
            self.assertEqual(set(every), set(said["scores"]))
            self.assertEqual(every[said["label"]], said["goodness"])
        text = d.ctl("predict", "m", *IDX, "--limit", 3, "--show", "detail")
        self.assertEqual(len(text.stdout.splitlines()), 3 * (1 + 10))

    def test_sleep_and_wake(self):
        d = self.learned()
        self.assertEqual(d.ctl_json("sleep", "m", "--frames", 10**8)["state"],
                         "asleep")
        self.assertEqual(d.ctl_json("wake", "m")["debt"], 0)

    def test_dreams_are_a_picture(self):
        d = self.learned()
        png = d.dir / "dreams.png"
        said = d.ctl_json("dreams", "m", "-n", 9, "--png", png)
        self.assertEqual(len(said["kind"]), 9)
        data = png.read_bytes()
        self.assertEqual(data[:16], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
        self.assertEqual(data[-8:-4], b"IEND")
        width, height = (int.from_bytes(data[i:i + 4], "big")
                         for i in (16, 20))
        self.assertGreaterEqual(width * height, 9 * 64)

    def test_save(self):
        d = self.learned()
        said = d.ctl_json("save", "m", "--wait")
        self.assertEqual(said["seq"], 256)
        self.assertEqual(os.path.getsize(said["path"]), said["bytes"])
        self.assertIsNone(d.ctl_json("save", "m")["seq"])

    def test_compare(self):
        d = self.daemon({"a": small_model(),
                         "b": small_model(follows="a", classes=8)})
        learn_all(d.connect(), "a", n=256)
        a, b = until(lambda: self.compared(d, 256), "b has them too")
        self.assertEqual((a["model"], a["follows"]), ("a", None))
        self.assertEqual((b["model"], b["follows"]), ("b", "a"))
        self.assertEqual((a["labels"], b["labels"]), (10, 8))
        self.assertEqual((a["lost"], b["seq"]), (0, 256 - b["lost"]))
        for key in ("objective", "step", "state", "bytes", "inbox",
                    "prequential_accuracy", "prequential_fading",
                    "frames_per_second"):
            self.assertEqual(type(a[key]), type(b[key]), key)
        self.assertGreater(a["prequential_accuracy"], 0.2)
        self.assertIsInstance(a["bytes"], int)

    def compared(self, d, n):
        said = d.ctl_json("compare", "a", "b")
        return said if said[1]["seq"] + said[1]["lost"] == n else None

    def test_top_once(self):
        d = self.learned()
        self.assertIn("m", d.ctl_json("top", "--once")["models"])
        self.assertIn("frames/s", d.ctl("top", "--once").stdout)


class Text(Ctl):
    def test_every_verb_says_something_to_people(self):
        d = self.learned()
        for verb in (["ping"], ["hello"], ["models"], ["status"],
                     ["status", "m"], ["stats"], ["feed", "m", *IDX],
                     ["eval", "m", *IDX], ["predict", "m", *IDX],
                     ["sleep", "m"], ["wake", "m"], ["dreams", "m", "-n", 4],
                     ["save", "m", "--wait"],
                     ["save", "m", "--wait", "--name", "kept"],
                     ["versions", "m"], ["export", "m", d.dir / "x"],
                     ["import", "n", d.dir / "x"],
                     ["delete-version", "m", "kept"], ["top", "--once"],
                     ["compare", "m", "m"], ["labels", "m"],
                     ["rename", "m", "7", "seven"],
                     ["merge", "m", "1", "seven"],
                     ["forget", "m", "3", "--yes"],
                     ["drop", "m"]):
            done = d.ctl(*verb)
            self.assertTrue(done.stdout.strip(), verb)
            self.assertEqual(done.stderr, "", verb)

    def test_every_verb_has_help_and_needs_no_daemon(self):
        for verb in ("ping hello models status stats create drop feed eval "
                     "predict sleep wake dreams generate save versions rollback "
                     "delete-version export import top compare events labels "
                     "rename merge forget").split():
            done = run(FFCTL, "-s", "unix:/nonexistent", verb, "--help",
                       check=DONE)
            self.assertIn(f"ffctl [-s ADDRESS] [--json] {verb}", done.stdout)


class Ask(Ctl):
    """forget, on a terminal."""

    def forget(self, d, answer):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        process = subprocess.Popen(
            [FFCTL, "-s", d.address, "forget", "m", "7"], stdin=theirs,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        os.close(theirs)
        os.write(ours, answer)
        out, err = process.communicate(timeout=harness.DEADLINE_S)
        self.assertIn("7 of model m", err)
        return process.returncode, out

    def test_no_is_no(self):
        d = self.learned()
        for answer in (b"n\n", b"\n", b"\x04"):
            self.assertEqual(self.forget(d, answer), (REFUSED, ""))
        self.assertIn("7", d.ctl_json("labels", "m"))

    def test_yes_is_yes(self):
        d = self.learned()
        code, out = self.forget(d, b"y\n")
        self.assertEqual(code, DONE)
        self.assertIn("m has forgotten 7", out)
        self.assertNotIn("7", d.ctl_json("labels", "m"))

    def test_without_a_terminal_it_must_be_said(self):
        d = self.learned()
        done = d.ctl("forget", "m", "7", check=USAGE)
        self.assertIn("--yes", done.stderr)
        self.assertIn("7", d.ctl_json("labels", "m"))


class Exit(Ctl):
    def said(self, d, code, *arguments, **more):
        """The sentence of a failure: on standard error, and nothing else."""
        done = d.ctl(*arguments, check=code, **more)
        self.assertTrue(done.stderr.startswith("ffctl: "), done.stderr)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def test_a_refusal_is_1(self):
        d = self.daemon()
        self.assertIn("nope", self.said(d, REFUSED, "status", "nope"))
        self.assertIn("nope", self.said(d, REFUSED, "compare", "m", "nope"))
        self.assertIn("remember", self.said(d, REFUSED, "sleep", "m"))
        self.assertIn("UNKNOWN_LABEL", self.said(d, REFUSED, "forget", "m",
                                                 "7", "--yes"))
        off = self.daemon(durability="off")
        self.assertIn("NOT_DURABLE", self.said(off, REFUSED, "feed", "m", *IDX,
                                               "--ack", "durable"))
        self.assertIn("journal: none", off.ctl("stats").stdout)
        bad = d.dir / "bad.yaml"
        bad.write_text("input: {shape: [8, 8]}\nclases: 3\n")
        self.assertIn("clases", self.said(d, REFUSED, "create", "x",
                                          "--config", bad))
        bad.write_text("models:\n  x:\n    input: {shape: [8, 8]}\n")
        self.assertIn("under the model's name", self.said(
            d, REFUSED, "create", "x", "--config", bad))

    def test_usage_is_2(self):
        d = self.daemon()
        for arguments in (["nope"], ["status", "m", "extra"], ["feed", "m"],
                          ["feed"], ["ping", "--nope"], ["drop"],
                          ["feed", "m", "--idx", IMAGES, "--batch", "0"],
                          ["feed", "m", *IDX, "--order", "sideways"],
                          ["feed", "m", *IDX, "--unlabelled", "1.5"],
                          ["feed", "m", *IDX, "--label-delay", "-1"],
                          ["feed", "m", *IDX, "--ack", "soon"],
                          ["rename", "m", "7"], ["forget", "m"],
                          ["create", "x"], ["compare", "m"]):
            self.said(d, USAGE, *arguments)

    def test_no_daemon_is_3(self):
        for address in ("unix:/nonexistent/ffd.sock", "tcp:127.0.0.1:1"):
            done = run(FFCTL, "-s", address, "ping", check=NO_DAEMON)
            self.assertIn(address.split(":", 1)[1], done.stderr)

    def test_files_are_4(self):
        d = self.learned()
        self.assertIn("/nonexistent", self.said(
            d, FILES, "feed", "m", "--idx", "/nonexistent"))
        self.assertIn("/nonexistent", self.said(
            d, FILES, "dreams", "m", "--png", "/nonexistent/x.png"))
        self.said(d, FILES, "feed", "m", "--idx", LABELS)
        self.assertEqual(d.connect().call("status", "m")["seq"], 256)

    def test_a_daemon_that_goes_is_told(self):
        d = self.daemon()
        d.stop()
        run(FFCTL, "-s", d.address, "ping", check=NO_DAEMON)


class Inputs(Ctl):
    def status(self, d):
        return d.connect().call("status", "m")

    def test_raw_frames_from_standard_input(self):
        d = self.daemon()
        frames, _ = digits(0, 100)
        said = json.loads(d.ctl("--json", "feed", "m", "--raw", "-", "--label",
                                "digit", stdin=frames.tobytes()).stdout)
        self.assertEqual(said["frames"], 100)
        self.assertEqual(self.status(d)["labels"], ["digit"])

    def test_part_of_a_raw_frame_is_told(self):
        d = self.daemon()
        done = d.ctl("feed", "m", "--raw", "-", "--label", "x",
                     stdin=bytes(64 * 3 + 5), check=FILES)
        self.assertIn(b"frame", done.stderr)

    def test_csv_and_gzip(self):
        d = self.daemon()
        frames, labels = digits(0, 50)
        rows = "".join(",".join([k, *map(str, f.ravel())]) + "\n"
                       for f, k in zip(frames, labels))
        csv = d.dir / "d.csv"
        csv.write_text(rows)
        self.assertEqual(d.ctl_json("feed", "m", "--csv", csv,
                                    "--label-column", 1)["frames"], 50)
        zipped = d.dir / "images.gz"
        zipped.write_bytes(gzip.compress(IMAGES.read_bytes()))
        self.assertEqual(d.ctl_json("feed", "m", "--idx", zipped, LABELS,
                                    "--limit", 50)["frames"], 50)
        self.assertEqual(self.status(d)["seq"], 100)

    def test_limit_offset_and_repeat(self):
        d = self.daemon()
        said = d.ctl_json("feed", "m", *IDX, "--offset", 1700, "--limit", 90,
                          "--repeat", 3)
        self.assertEqual(said["frames"], 270)

    def test_by_class_order_comes_in_pairs_of_labels(self):
        """Labels are bound as they are first seen, so they tell the order."""
        d = self.daemon()
        d.ctl_json("feed", "m", *IDX, "--order", "by-class", "--seed", 3)
        bound = self.status(d)["labels"]
        pairs = [set(bound[i:i + 2]) for i in range(0, 10, 2)]
        self.assertEqual(pairs, [{str(i), str(i + 1)}
                                 for i in range(0, 10, 2)])

    def test_a_shuffled_order_follows_its_seed(self):
        models = []
        for seed in (1, 1, 2):
            d = self.daemon({"m": small_model(sleep="off")})
            d.ctl_json("feed", "m", *IDX, "--order", "shuffled", "--seed",
                       seed, "--limit", 200, "--batch", 1)
            models.append(self.status(d)["labels"])
        self.assertEqual(models[0], models[1])
        self.assertNotEqual(models[0], models[2])

    def test_a_rate_is_kept(self):
        said = self.daemon().ctl_json("feed", "m", *IDX, "--limit", 50,
                                      "--rate", 100)
        self.assertEqual(said["frames"], 50)
        # 49 pauses of 10 ms; how much longer it takes is the machine's matter.
        self.assertGreaterEqual(said["seconds"], 0.49)

    def test_novelty_is_written_a_line_a_frame(self):
        d = self.learned(LEARN)
        d.connect().call("sleep", "m")
        until(lambda: self.status(d)["dreamt"] > 0, "it has dreamt")
        out = d.dir / "novelty.txt"
        d.ctl("eval", "m", *IDX, "--offset", LEARN, "--novelty", out)
        values = np.loadtxt(out)
        self.assertEqual(values.shape, (TEST,))
        self.assertTrue(((values >= 0) & (values <= 1)).all())

    def test_the_address_may_come_from_the_environment(self):
        d = self.daemon()
        os.environ["FFD_ADDRESS"] = d.address
        self.addCleanup(os.environ.pop, "FFD_ADDRESS")
        done = harness.subprocess.run([FFCTL, "ping"], capture_output=True,
                                      check=True)
        self.assertIn(b"pong", done.stdout)

    def test_tcp_works_as_well(self):
        d = self.daemon()
        done = run(FFCTL, "-s", f"tcp:127.0.0.1:{d.port}", "--json", "feed",
                   "m", *IDX, check=DONE)
        self.assertEqual(json.loads(done.stdout)["frames"], LEARN + TEST)


if __name__ == "__main__":
    harness.main()

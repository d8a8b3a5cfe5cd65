"""ffctl feeds, evaluates and asks models with streams: CSV in the order of time,
text, sound in WAV files and from a pipe."""
import json
import re
import subprocess
import wave

import numpy as np

import harness
from harness import Case, FFCTL, environment, until

REFUSED, LOST, FILES = 1, 3, 4  # exit codes
RATE, PIECE = 8000, 80


def waves_model(**more):
    spec = {"input": {"shape": [2], "dtype": "f32"},
            "stream": {"length": 16, "stride": 8, "missing": "hold"},
            "classes": 4, "layers": [{"dense": 64}], "memory": 300,
            "sleep": "off", "calibration": 0}
    spec.update(more)
    return spec


def sound_model(**more):
    spec = {"input": {"shape": [PIECE], "dtype": "i16"},
            "stream": {"sound": "log_mel", "rate": RATE, "bands": 16,
                       "length": 10, "stride": 0},
            "classes": 4, "layers": [{"dense": 64}], "memory": 300,
            "sleep": "off", "calibration": 0}
    spec.update(more)
    return spec


def text_model(**more):
    spec = {"input": {"shape": [1], "dtype": "u8"},
            "stream": {"features": "symbols"}, "classes": 64, "sleep": "off"}
    spec.update(more)
    return spec


def rows(rng, kind, n):
    """n lines of two channels that swing, slowly or fast."""
    t = np.arange(n)[:, None] + rng.uniform(0, 9)
    x = np.sin(t * {"slow": 0.3, "fast": 1.7}[kind] + np.arange(2))
    return x + rng.normal(0, 0.1, x.shape)


def put_wav(path, pitch, rng, rate=RATE, channels=1, seconds=0.123):
    t = np.arange(int(rate * seconds)) / rate
    x = 8000 * np.sin(2 * np.pi * pitch * t) + rng.normal(0, 300, len(t))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.repeat(x.astype("<i2"), channels).tobytes())


class Csv(Case):
    def put(self, d, name, seed, streams=4, n=200):
        """Streams between each other; each is one kind, and some cells are
        empty."""
        rng = np.random.default_rng(seed)
        kinds = [("slow", "fast")[i % 2] for i in range(streams)]
        x = [rows(rng, kind, n) for kind in kinds]
        lines = ["time,who,a,b,what"]
        for t in range(n):
            for i in range(streams):
                a, b = (f"{v:.3f}" for v in x[i][t])
                lines.append(f"12:00:{t % 60:02},k{i},{'' if t % 50 == 7 else a}"
                             f",{b},{'' if t < 20 else kinds[i]}")
        path = d.dir / name
        path.write_text("\n".join(lines) + "\n", encoding="ascii")
        return path

    COLUMNS = ("--label-column", "what", "--stream-column", "who")

    def test_a_time_series_is_learned_and_evaluated(self):
        d = self.daemon({"m": waves_model()})
        done = d.ctl("--json", "feed", "m", "--csv", self.put(d, "a.csv", 1),
                     *self.COLUMNS, "--end")
        said = json.loads(done.stdout)
        self.assertIn("left out, as it holds no numbers: column 1 (time)",
                      done.stderr)
        self.assertEqual(said["frames"], 800)
        # Of each stream one window has no label.
        self.assertEqual(said["windows"], 4 * 23)
        self.assertEqual(said["prequential_over"], "feed")
        status = d.ctl_json("status", "m")
        self.assertEqual(sorted(status["labels"]), ["fast", "slow"])
        self.assertEqual(status["stream"]["kept"], 4)
        for _ in range(2):
            said = d.ctl_json("eval", "m", "--csv", self.put(d, "b.csv", 2),
                              *self.COLUMNS)
            self.assertEqual((said["frames"], said["labelled"]), (96, 92))
            self.assertGreater(said["accuracy"], 0.9)
        after = d.ctl_json("status", "m")
        self.assertEqual(after["step"], status["step"])
        self.assertEqual(after["stream"]["kept"], 4)

    def test_one_stream_is_asked_about_as_it_is_now(self):
        d = self.daemon({"m": waves_model()})
        d.ctl("feed", "m", "--csv", self.put(d, "a.csv", 1), *self.COLUMNS)
        for i, kind in enumerate(("slow", "fast")):
            said = d.ctl_json("predict", "m", "--stream", f"k{i}")
            self.assertEqual(said["label"], kind)
        lines = d.ctl("predict", "m", "--csv", self.put(d, "b.csv", 2, 1, 40),
                      *self.COLUMNS).stdout.splitlines()
        self.assertEqual(len(lines), 4)
        self.assertRegex(lines[-1], r"^k0: slow .* right \(slow\)$")

    def test_samples_that_are_refused_keep_their_order(self):
        d = self.daemon({"m": waves_model(overload="reject", inbox=8),
                         "same": waves_model()})
        path = self.put(d, "a.csv", 1)
        for model, batch in (("m", 8), ("same", 64)):
            said = d.ctl_json("feed", model, "--csv", path, "--batch", batch,
                              "--ack", "received", *self.COLUMNS)
            self.assertEqual(said["frames"], 800)
            if model == "m":
                self.assertGreater(said["retries"], 0)
        self.assertEqual(d.ctl_json("status", "m")["overload"], "reject")
        now = [d.connect().call("predict", model, None, {
            "stream": "k0", "fresh": True})["goodness"]
            for model in ("m", "same")]
        self.assertEqual(*now)

    def test_no_run_lands_in_a_window_of_another(self):
        d = self.daemon({"m": waves_model(),
                         "whole": waves_model(stream={
                             "length": 16, "stride": 0, "missing": "hold"})})
        path = self.put(d, "a.csv", 1, streams=1, n=36)
        d.ctl("feed", "m", "--csv", path, *self.COLUMNS)
        first, again = (d.ctl("predict", "m", "--csv", path,
                              *self.COLUMNS).stdout for _ in range(2))
        self.assertTrue(first)
        self.assertEqual(first, again)
        lines = d.ctl("predict", "whole", "--csv", path,
                      *self.COLUMNS).stdout.splitlines()
        self.assertEqual(len(lines), 1)
        # Of names too long for a stream each is one still.
        text = "".join(f"{'k' * 250}{i % 2},1,2\n" for i in range(32))
        lines = d.ctl("predict", "m", "--csv", "-", "--stream-column", "1",
                      stdin=text).stdout.splitlines()
        self.assertEqual(sorted(line.partition(":")[0][-1] for line in lines),
                         ["0"] * (len(lines) // 2) + ["1"] * (len(lines) // 2))
        self.assertEqual(d.ctl_json("status", "m")["stream"]["kept"], 1)

    def test_recordings_end_where_a_column_says(self):
        d = self.daemon({"m": waves_model(
            stream={"length": 16, "stride": 0}, classes=2)})
        text = "".join(f"{i},1,{int(i % 10 == 9)}\n" for i in range(40))
        said = json.loads(d.ctl("--json", "feed", "m", "--csv", "-",
                                "--end-column", 3, "--stream", "s",
                                stdin=text).stdout)
        self.assertEqual(said["frames"], 40)
        self.assertEqual(d.ctl_json("status", "m")["stream"]["windows"], 4)

    def test_each_window_that_is_learned_is_evaluated_and_asked_about(self):
        shapes = {f"m{stride}x{decimate}": {
            "length": 16, "stride": stride, "decimate": decimate}
            for stride in (0, 1, 8, 16) for decimate in (1, 3)}
        d = self.daemon({name: waves_model(stream=shape, classes=2)
                         for name, shape in shapes.items()})
        path = d.dir / "short.csv"
        path.write_text("".join(
            f"{t},1,{'ab'[n % 2]},{int(t == n - 1)}\n"
            for n in (1, 2, 10, 16, 23, 24, 48, 53) for t in range(n)),
            encoding="ascii")
        for name, shape in shapes.items():
            words = (name, "--csv", path, "--label-column", 3,
                     "--end-column", 4)
            with self.subTest(**shape):
                learned = d.ctl_json("feed", *words)["windows"]
                self.assertGreaterEqual(learned, 6)
                said = d.ctl_json("eval", *words)
                self.assertEqual((said["frames"], said["labelled"]),
                                 (learned, learned))
                lines = d.ctl("predict", *words).stdout.splitlines()
                self.assertEqual(len(lines), learned)

    def test_an_empty_line_of_one_column_keeps_its_time(self):
        d = self.daemon({"m": waves_model(input={"shape": [1], "dtype": "f32"})})
        with subprocess.Popen(
                [FFCTL, "-s", d.address, "--json", "feed", "m", "--csv", "-"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                env=environment()) as feed:
            for text, seq in (("1\n", 1), ("\n\n4\n", 4), ("\n", 4)):
                feed.stdin.write(text.encode())
                feed.stdin.flush()
                until(lambda seq=seq: d.ctl_json("status", "m")["seq"] == seq,
                      "what came is learned while the pipe is open")
            feed.stdin.close()
            self.assertEqual(json.loads(feed.stdout.read())["frames"], 4)

    def test_an_empty_line_between_symbols_is_nothing(self):
        d = self.daemon({"m": text_model()})
        said = d.ctl_json("feed", "m", "--csv", "-", stdin="97\n\n98\n")
        self.assertEqual(said["frames"], 2)

    def test_streams_in_turn_that_are_too_many_to_look_at_are_told_of(self):
        model = waves_model()
        model["stream"]["keys"] = 2
        d = self.daemon({"m": model})
        lines = "".join(f"{i % 5},{i},1\n" for i in range(200))
        said = d.ctl("predict", "m", "--csv", "-", "--stream-column", 1,
                     stdin=lines, check=REFUSED)
        self.assertIn("sort the input by stream", said.stderr)
        lines = "".join(sorted(lines.splitlines(True)))
        said = d.ctl("predict", "m", "--csv", "-", "--stream-column", 1,
                     stdin=lines)
        self.assertEqual(len(said.stdout.splitlines()), 5 * 4)

    def test_no_sample_is_learned_across_one_that_is_refused(self):
        d = self.daemon({"m": waves_model(stream={"length": 16, "stride": 8})})
        lines = [f"{i % 7},1" for i in range(9000)]
        for bad, sentence in (("1,", "there is no number, and the model takes "
                                     "none that are missing"),
                              ("inf,1", "inf is no number that counts")):
            before = d.ctl_json("status", "m")["seq"]
            lines[3500] = bad
            said = d.ctl("feed", "m", "--csv", "-", stdin="\n".join(lines),
                         check=FILES).stderr
            self.assertIn(f"3501: column {2 if bad == '1,' else 1}: {sentence}",
                          said)
            self.assertEqual(d.ctl_json("status", "m")["seq"] - before, 3500)

    def test_one_label_is_for_all_lines(self):
        d = self.daemon({"m": waves_model(), "p": harness.small_model()})
        d.ctl("feed", "m", "--csv", "-", "--label", "still", stdin="1,2\n" * 40)
        status = d.ctl_json("status", "m")
        self.assertEqual((status["labels"], status["labelled"]), (["still"], 4))
        row = ",".join(["0"] * 64) + "\n"
        said = d.ctl_json("feed", "p", "--csv", "-", "--label", "dark",
                          stdin=row * 3)
        self.assertEqual(said["labelled"], 3)
        self.assertEqual(d.ctl_json("labels", "p"), ["dark"])

    def test_a_refusal_says_how_far_it_got(self):
        d = self.daemon({
            "one": waves_model(stream={"length": 16}, overload="reject"),
            "many": waves_model(stream={"length": 16})})
        x = np.ones((5000, 2), "<f4")
        x[2010] = np.nan
        words = ("--raw", "-", "--batch", 100)
        said = d.ctl("feed", "one", *words, "--offset", 500, check=REFUSED,
                     stdin=x.tobytes()).stderr.decode()
        self.assertIn("not finite", said)
        self.assertIn("ffctl: 1500 samples were taken; --offset 2000 goes on",
                      said)
        self.assertEqual(d.ctl_json("status", "one")["seq"], 1500)
        said = d.ctl("feed", "many", *words, check=REFUSED,
                     stdin=x.tobytes()).stderr.decode()
        # Whatever was under way behind it is told.
        taken = re.search(r"ffctl: 2000 samples were taken(?:, and (\d+) behind "
                          r"those that were refused$|; --offset 2000 goes on)",
                          said, re.M)
        self.assertEqual(d.ctl_json("status", "many")["seq"],
                         2000 + int(taken[1] or 0))

    def test_a_batch_beyond_the_inbox_names_the_mend(self):
        d = self.daemon({"m": waves_model(
            overload="reject", inbox=64, stream={"length": 200, "stride": 0})})
        text = "1,2\n" * 2000
        said = d.ctl("feed", "m", "--csv", "-", stdin=text,
                     check=REFUSED).stderr
        self.assertIn("ffctl: --batch says how many a request has: 1024 now\n"
                      "ffctl: nothing was taken\n", said)
        d.ctl("feed", "m", "--csv", "-", "--batch", 64, stdin=text)
        self.assertEqual(d.ctl_json("status", "m")["seq"], 2000)
        # One that is only looked at is cut to fit.
        lines = d.ctl("predict", "m", "--csv", "-", stdin=text).stdout
        self.assertEqual(len(lines.splitlines()), 1)
        self.assertEqual(d.ctl_json("status", "m")["seq"], 4000)

    def test_a_lost_daemon_leaves_about_how_much_was_taken(self):
        d = self.daemon({"m": waves_model()})
        with subprocess.Popen(
                [FFCTL, "-s", d.address, "feed", "m", "--csv", "-"],
                stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                env=environment(), text=True) as feed:
            feed.stdin.write("1,2\n" * 300)
            feed.stdin.flush()
            until(lambda: d.ctl_json("status", "m")["seq"] == 300,
                  "all that came is learned")
            d.kill()
            feed.stdin.write("1,2\n" * 20)
            feed.stdin.close()
            said = feed.stderr.read()
            self.assertEqual(feed.wait(harness.DEADLINE_S), LOST)
        self.assertRegex(said, r"(?m)^ffctl: (300 samples were taken; --offset "
                               r"300 goes on|about \d+ samples were taken; \d+ "
                               r"more were under way)")
        d.start()

    def test_what_does_not_fit_is_told(self):
        d = self.daemon({"m": waves_model(), "p": harness.small_model()})
        for words, sentence in (
                (("m", "--csv", "-", "--order", "shuffled"), "keep their order"),
                (("m", "--csv", "-"), "3 columns of numbers"),
                (("m", "--csv", "-", "--columns", "1,9"), "no such column"),
                (("m", "--text", "-"), "has no symbols"),
                (("p", "--csv", "-", "--stream", "s"), "has no streams"),
                (("p", "--raw", "-", "--observe"), "models with streams")):
            said = d.ctl("feed", *words, stdin="1,2,3\n", check=FILES).stderr
            self.assertIn(sentence, said)
        for words in (("--rotate", "--csv", "-"), ("--hybrids", "--csv", "-")):
            d.ctl("eval", "m", *words, stdin="1,2\n", check=FILES)
        d.ctl("predict", "p", "--stream", "s", check=FILES)


class Sound(Case):
    def files(self, d, seed, n=24):
        rng = np.random.default_rng(seed)
        place = d.dir / f"wav{seed}"
        place.mkdir()
        for i in range(n):
            kind, pitch = (("low", 300), ("high", 2000))[i % 2]
            put_wav(place / f"{kind}_{i}.wav", pitch * rng.uniform(0.9, 1.1),
                    rng)
        return sorted(place.iterdir())

    NAMES = ("--label-from-name", "^([a-z]+)_")

    def test_words_are_learned_and_each_file_has_one_answer(self):
        d = self.daemon({"m": sound_model()})
        said = d.ctl_json("feed", "m", "--wav", *self.files(d, 1), *self.NAMES,
                          "--order", "shuffled", "--repeat", 3)
        self.assertEqual(said["windows"], 3 * 24)
        self.assertEqual(said["frames"], 3 * 24 * 13)  # 984 values, 12.3 pieces
        said = d.ctl_json("eval", "m", "--wav", *self.files(d, 2), *self.NAMES)
        self.assertEqual((said["frames"], said["labelled"]), (24, 24))
        self.assertGreater(said["accuracy"], 0.9)
        one = self.files(d, 3, 2)
        lines = d.ctl("predict", "m", "--wav", *one).stdout.splitlines()
        for path, line in zip(one, lines):
            kind = path.name.split("_")[0]
            self.assertRegex(line, rf"^{path}: {kind} ")
        self.assertEqual(len(lines), 2)

    def test_offset_limit_and_order_are_of_files(self):
        d = self.daemon({"m": sound_model()})
        said = d.ctl_json("feed", "m", "--wav", *self.files(d, 1), "--offset",
                          20, "--limit", 3, "--label", "it", "--order",
                          "by-class")
        self.assertEqual((said["windows"], said["labelled"]), (3, 3 * 13))
        self.assertEqual(d.ctl_json("status", "m")["labels"], ["it"])

    def test_another_rate_is_refused_and_other_channels_told(self):
        d = self.daemon({"m": sound_model()})
        rng = np.random.default_rng(1)
        path = d.dir / "x.wav"
        put_wav(path, 500, rng, rate=16000)
        said = d.ctl("feed", "m", "--wav", path, check=FILES).stderr
        self.assertIn("has 16000 values a second, and the model's stream.rate "
                      "is 8000", said)
        put_wav(path, 500, rng, channels=2)
        self.assertIn("has 2 channels", d.ctl("feed", "m", "--wav", path).stderr)

    def test_a_recording_by_a_pipe_is_learned_and_asked_about(self):
        """As README.md and audio.yaml have it, with arecord."""
        d = self.daemon({"m": sound_model()})
        d.ctl("feed", "m", "--wav", *self.files(d, 1), *self.NAMES, "--order",
              "shuffled", "--repeat", 3)
        before = d.ctl_json("status", "m")

        def pipe(path, *words):
            raw = path.read_bytes()[44:]  # behind a WAV file's header
            return subprocess.run([FFCTL, "-s", d.address, *words], input=raw,
                                  capture_output=True, env=environment(),
                                  check=True).stdout.decode()

        for path in self.files(d, 2, 4):
            said = pipe(path, "predict", "m", "--raw", "-", "--end")
            self.assertEqual(said.split()[0], path.name.split("_")[0])
        self.assertEqual(d.ctl_json("status", "m")["labelled"],
                         before["labelled"])
        pipe(path, "feed", "m", "--raw", "-", "--end", "--label", "yes")
        after = d.ctl_json("status", "m")
        self.assertEqual(after["labelled"], before["labelled"] + 1)
        self.assertIn("yes", after["labels"])

    def test_a_microphone_is_a_pipe(self):
        d = self.daemon({"m": sound_model(stream={
            "sound": "log_mel", "rate": RATE, "bands": 16, "length": 10,
            "stride": 5})})
        with subprocess.Popen(
                [FFCTL, "-s", d.address, "feed", "m", "--raw", "-", "--stream",
                 "mic", "--label", "noise"], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, env=environment()) as mic:
            for pieces in (7, 20):  # what came is there while the pipe is open
                mic.stdin.write(bytes(2 * PIECE * pieces))
                mic.stdin.flush()
                until(lambda: d.ctl_json("status", "m")["seq"] in (7, 27),
                      "the pieces are taken")
            mic.stdin.write(bytes(31))  # half a piece, filled up
            mic.stdin.close()
            self.assertEqual(mic.wait(harness.DEADLINE_S), 0)
        status = d.ctl_json("status", "m")
        self.assertEqual((status["seq"], status["stream"]["windows"]), (28, 4))


class Text(Case):
    TEXT = "the cat sat on the mat. "

    def test_text_is_learned_as_it_comes(self):
        d = self.daemon({"m": text_model()})
        with subprocess.Popen(
                [FFCTL, "-s", d.address, "--json", "feed", "m", "--text", "-"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                env=environment()) as feed:
            n = 0
            for part in (self.TEXT * 50, "the c", "at"):
                feed.stdin.write(part.encode())
                feed.stdin.flush()
                n += len(part)
                until(lambda n=n: d.ctl_json("status", "m")["seq"] == n,
                      "all that came is learned")
            feed.stdin.close()
            said = json.loads(feed.stdout.read())
        self.assertEqual(said["frames"], n)
        self.assertGreater(said["prequential_accuracy"], 0.8)
        self.assertEqual(said["prequential_over"], "feed")
        self.assertLess(said["bits_per_symbol"], 1)

    def test_what_comes_next_is_told(self):
        d = self.daemon({"m": text_model()})
        path = d.dir / "t.txt"
        path.write_text(self.TEXT * 100, encoding="ascii")
        d.ctl("feed", "m", "--text", path, "--stream", "t")
        said = d.ctl_json("predict", "m", "--text", "on the m")
        self.assertEqual((said["label"], said["likeliest"][0][0]), ("a", "a"))
        self.assertRegex(d.ctl("predict", "m", "--stream", "t").stdout,
                         r"^'t' [01]\.\d+")
        step = d.ctl_json("status", "m")["step"]
        said = d.ctl_json("eval", "m", "--text", path, "--limit", 500)
        self.assertEqual((said["frames"], said["labelled"]), (500, 500))
        self.assertGreater(said["accuracy"], 0.9)
        self.assertLess(said["bits_per_symbol"], 0.5)
        self.assertEqual(d.ctl_json("status", "m")["step"], step)

    def test_a_symbol_never_met_is_told_apart(self):
        d = self.daemon({"m": text_model()})
        d.ctl("feed", "m", "--text", "-", stdin=self.TEXT * 20)
        said = d.ctl("eval", "m", "--text", "-", stdin="the c#t").stdout
        self.assertIn("of 6 that the model knows", said)


if __name__ == "__main__":
    harness.main()

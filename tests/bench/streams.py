#!/usr/bin/python3
"""Streams in time through the daemon: activities from sensors, digits, text.

    tests/bench/streams.py BIN [activity] [digits] [text] [--seeds N] [--folds N]

BIN holds ffd and ffctl; FFD_DATA holds hapt, fsdd and aesop (their READMEs say what
they are).
Samples go over a Unix socket as a client would send them, in the order recorded,
with the labels of each sample; ffd makes the windows. Test streams are observed,
so that nothing of them is learned, and asked about as they are at the end of each
window.

    activity  six channels at 50 Hz, windows of 2.56 s, half of each new: with and
              without sleep, by goodness and in closed form, and an untrained twin.
              Test: nine people who are not among the 21 learned from; a window's
              true label is that of most of its samples, windows of which most have
              none are left out. `basic`: of the windows of the six activities
              alone, the share answered right (of all twelve).
    digits    8 kHz sound in pieces of 80 values, log-mel, one recording a word:
              the official split, a random tenth, and one speaker after another
              left out. --seeds: of the model and of the order.
    text      bytes of a book, fed by ffctl as fast as they are taken, five times
              over, each time a stream; meanwhile another connection asks every
              2 ms what comes next; then the same, asked for fresh answers.
              Symbols a second are those of the feed.

Prints a line a run: prequential accuracy of the stream it learned, accuracy on the
test streams, seconds of the daemon's processor a second of stream while it learned,
and what answers took (p50, p99).
"""
import argparse
import csv
import gzip
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

TREE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "clients/python/src"))

import ffd  # noqa: E402

DATA = pathlib.Path(os.environ.get("FFD_DATA", "."))
UNTRAINED = {"lr": 1e-6, "vlr": 1e-6}
NO_SLEEP = {"sleep": "off"}


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1]
    return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")


class Daemon:
    """A daemon of its own with one empty model, and its client."""

    def __init__(self, args, spec):
        self.folder = tempfile.TemporaryDirectory()
        self.address = f"unix:{self.folder.name}/s"
        config = pathlib.Path(self.folder.name) / "ffd.yaml"
        config.write_text(f"listen: [{self.address}]\nhttp: off\n"
                          f"state: {self.folder.name}/state\n")
        self.process = subprocess.Popen([f"{args.bin}/ffd", "-c", config],
                                        stderr=subprocess.DEVNULL)
        self.client = ffd.connect(self.address, timeout=600)
        self.client.create("m", spec)
        self.took = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def now(self, key, fresh=True):
        began = time.monotonic()
        said = self.client.now("m", key, fresh=fresh)
        self.took.append(1000 * (time.monotonic() - began))
        return said.label

    def stats(self):
        return self.client.stats("m")["models"]["m"]

    def settle(self, sleeps):
        """Until it has slept its fill, and no fit is under way."""
        if sleeps:
            self.client.sleep("m")
        while True:
            now = self.client.status("m")
            if now.state == "awake" and not now.raw["fitting"]:
                return
            time.sleep(0.05)

    def report(self, **more):
        stats = self.stats()
        took = sorted(self.took)
        return {**more, "answers": len(took),
                "p50_ms": round(took[len(took) // 2], 2),
                "p99_ms": round(took[int(0.99 * len(took))], 2),
                "windows": stats.get("windows")}


# ---- activities ---------------------------------------------------------------


class Hapt:
    def __init__(self):
        folder = DATA / "hapt"
        raw = gzip.open(folder / "signals.i16le.gz").read()
        scale = json.loads((folder / "meta.json").read_text())
        self.x = np.frombuffer(raw, "<i2").reshape(-1, 6)
        self.y = np.frombuffer(gzip.open(folder / "labels.u8.gz").read(), "u1")
        self.names = scale.get("labels", {})
        rows = list(csv.DictReader(open(folder / "index.csv")))
        self.parts = {split: [(int(r["exp"]), int(r["offset"]),
                               int(r["length"])) for r in rows
                              if r["split"] == split]
                      for split in ("train", "test")}


ACTIVITY = {
    "input": {"shape": [6], "dtype": "i16"},
    "stream": {"keys": 64, "length": 128, "stride": 64, "standardise": "all",
               "features": "spectrum"},
    "classes": 12, "layers": [{"dense": 300}, {"dense": 300}],
    "fit_every": 512,
    "sleep": {"every": 512, "exhausted": 2048, "replay": 3, "jitter": 0},
}


def true_label(y):
    """Of a window: what most samples are, 0: none."""
    return int(np.bincount(y, minlength=13).argmax())


def learn_activities(d, data):
    right = 0
    for exp, at, n in data.parts["train"]:
        labels = [str(y) if y else None for y in data.y[at:at + n]]
        done = d.client.learn_many("m", data.x[at:at + n], labels,
                                   stream=f"{exp}", batch=64)
        right += done.right
    return right


def test_activities(d, data):
    hits = {True: [], False: []}
    for exp, at, n in data.parts["test"]:
        for end in range(128, n + 1, 64):
            begin = at + (end - 64 if end > 128 else 0)
            d.client.learn_many("m", data.x[begin:at + end], stream=f"{exp}",
                                observe=True, batch=128)
            true = true_label(data.y[at + end - 128:at + end])
            if true:
                hits[true <= 6].append(d.now(f"{exp}") == str(true))
    every = hits[True] + hits[False]
    return {"test": round(float(np.mean(every)), 4),
            "basic": round(float(np.mean(hits[True])), 4)}


def activity(args):
    data = Hapt()
    seconds = sum(n for _, _, n in data.parts["train"]) / 50
    raw = {**ACTIVITY, "stream": {**ACTIVITY["stream"], "features": "raw"}}
    closed = {**ACTIVITY, "answer": "closed_form"}
    runs = [("goodness", ACTIVITY), ("closed form", closed),
            ("goodness, no sleep", {**ACTIVITY, **NO_SLEEP}),
            ("closed form, no sleep", {**closed, **NO_SLEEP}),
            ("closed form, untrained", {**closed, **NO_SLEEP, **UNTRAINED}),
            ("raw windows, goodness", raw),
            ("raw windows, goodness, no sleep", {**raw, **NO_SLEEP})]
    for name, spec in runs:
        for seed in range(1, args.seeds + 1):
            with Daemon(args, {**spec, "seed": seed}) as d:
                cpu = cpu_s(d.process.pid)
                right = learn_activities(d, data)
                stats = d.stats()
                d.settle(spec["sleep"] != "off")
                cpu = (cpu_s(d.process.pid) - cpu) / seconds
                yield d.report(
                    run=f"activity, {name}", seed=seed,
                    prequential=round(right / stats["labelled"], 4),
                    labelled=stats["labelled"], cpu_a_second=round(cpu, 5),
                    **test_activities(d, data))


# ---- spoken digits --------------------------------------------------------------


class Fsdd:
    def __init__(self):
        folder = DATA / "fsdd"
        self.sound = np.frombuffer(
            gzip.open(folder / "audio.s16le.gz").read(), "<i2")
        self.clips = list(csv.DictReader(open(folder / "index.csv")))
        for clip in self.clips:
            for key in ("offset", "length"):
                clip[key] = int(clip[key])

    def pieces(self, clip):
        sound = self.sound[clip["offset"]:clip["offset"] + clip["length"]]
        return np.pad(sound, (0, -len(sound) % 80)).reshape(-1, 80)


DIGITS = {
    "input": {"shape": [80], "dtype": "i16"},
    "stream": {"keys": 4, "length": 40, "stride": 0, "sound": "log_mel",
               "rate": 8000, "bands": 24},
    "classes": 10, "answer": "closed_form", "fit_every": 1024,
    "layers": [{"conv": 32, "kernel": 5, "pool": 2},
               {"conv": 64, "kernel": 3, "pool": 2},
               {"conv": 128, "kernel": 3, "pool": 2}],
    "sleep": {"every": 512, "exhausted": 2048, "replay": 1, "jitter": 0},
}


def splits(data, folds):
    rng = np.random.default_rng(0)
    official = [c["split"] == "test" for c in data.clips]
    yield "official split", official
    yield "random tenth", list(rng.permutation(len(data.clips)) < 300)
    speakers = sorted({c["speaker"] for c in data.clips})
    for speaker in speakers[:folds]:
        yield f"without {speaker}", [c["speaker"] == speaker
                                     for c in data.clips]


def hear_digits(d, data, clips):
    right, seconds = 0, 0.0
    for clip in clips:
        pieces = data.pieces(clip)
        done = d.client.learn_many("m", pieces, [clip["digit"]] * len(pieces),
                                   end=True)
        right += done.right
        seconds += clip["length"] / 8000
    return right / len(clips), seconds


def test_digits(d, data, clips):
    right = 0
    for clip in clips:
        d.client.learn_many("m", data.pieces(clip), observe=True, end=True)
        right += d.now(None) == clip["digit"]
    return right / len(clips)


def digits(args):
    data = Fsdd()
    dense = {**DIGITS, "layers": [{"dense": 300}, {"dense": 300}],
             "stream": {**DIGITS["stream"], "sound": "mfcc", "bands": 32,
                        "coefficients": 20}}
    recurrent = {"recurrent": 200, "pool": 4, "grid": 8}
    heard = {**dense, "layers": [recurrent, {"dense": 300}]}
    alone = {**dense, "objective": "self_contrastive", "layers": [recurrent]}
    runs = [("conv", DIGITS), ("conv, no sleep", {**DIGITS, **NO_SLEEP}),
            ("conv, untrained", {**DIGITS, **NO_SLEEP, **UNTRAINED}),
            ("mfcc, dense", dense), ("mfcc, recurrent", heard),
            ("mfcc, recurrent, self_contrastive", alone),
            ("mfcc, recurrent, untrained",
             {**alone, **NO_SLEEP, **UNTRAINED})]
    for (name, spec), seed in itertools.product(runs, range(args.seeds)):
        for split, tested in splits(data, args.folds):
            rng = np.random.default_rng(1 + seed)
            order = rng.permutation(len(data.clips))
            train = [data.clips[i] for i in order if not tested[i]]
            test = [data.clips[i] for i in order if tested[i]]
            with Daemon(args, {**spec, "seed": 1 + seed}) as d:
                cpu = cpu_s(d.process.pid)
                right, seconds = hear_digits(d, data, train)
                d.settle(spec["sleep"] != "off")
                cpu = (cpu_s(d.process.pid) - cpu) / seconds
                yield d.report(run=f"digits, {name}, {split}", seed=1 + seed,
                               prequential=round(right, 4),
                               cpu_a_second=round(cpu, 4),
                               test=round(test_digits(d, data, test), 4))


# ---- text -----------------------------------------------------------------------


TEXT = {"input": {"shape": [1], "dtype": "u8"}, "classes": 256,
        "stream": {"features": "symbols"}, "overload": "block"}


def text(args):
    book = DATA / "aesop/aesop.txt"
    asleep = {**TEXT, "sleep": {"every": 512, "exhausted": 2048}}
    for name, spec, fresh in (("as it is", TEXT, False),
                              ("asleep every 512", asleep, False),
                              ("fresh answers", TEXT, True)):
        with Daemon(args, spec) as d:
            symbols = book.stat().st_size
            for turn in range(5):
                cpu, d.took = cpu_s(d.process.pid), []
                d.client.learn("m", b"\n", stream=f"{turn}")
                feed = subprocess.Popen(
                    [f"{args.bin}/ffctl", "-s", d.address, "--json", "feed",
                     "m", "--text", book, "--stream", f"{turn}"],
                    stdout=subprocess.PIPE)
                due = time.monotonic()
                while feed.poll() is None:
                    d.now(f"{turn}", fresh=fresh)
                    due = max(due + 0.002, time.monotonic())
                    time.sleep(max(0, due - time.monotonic()))
                said = json.loads(feed.stdout.read())
                yield d.report(
                    run=f"text, {name}", turn=turn + 1,
                    symbols_a_second=round(said["frames_per_second"]),
                    cpu_us_a_symbol=round(
                        1e6 * (cpu_s(d.process.pid) - cpu) / symbols, 2))


def main():
    say = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    say.add_argument("bin")
    say.add_argument("what", nargs="*", default=["activity", "digits", "text"])
    say.add_argument("--seeds", type=int, default=1)
    say.add_argument("--folds", type=int, default=6)
    args = say.parse_args()
    for what in args.what:
        runs = {"activity": activity, "digits": digits, "text": text}[what]
        for line in runs(args):
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()

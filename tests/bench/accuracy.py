#!/usr/bin/env python3
"""Accuracy of whole streams, through the socket: every figure of RESULTS.md.

    tests/bench/accuracy.py BIN [--mnist DIR] [--fashion DIR] [--seeds N] [NAME ...]

BIN holds ffd and ffctl. Each run starts an ffd of its own on an empty state
directory, streams the training set into it once with ffctl, and asks for the
whole test set. A seed is of the model and of the order of the frames. Prints
one JSON line a run and at the end a table of means (least and most).

Names: mnist mnist3 fashion groups byclass nodreams period positive batch
micro new; without one, all of them (about 15 minutes on two cores).
"""

import argparse
import gzip
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time

BASE = "input: {shape: [28, 28], dtype: u8}\nclasses: 10\n"
FULL = 60000


def files(folder, part):
    folder = pathlib.Path(folder)
    return [str(folder / f"{part}-{kind}-ubyte.gz")
            for kind in ("images-idx3", "labels-idx1")]


class Daemon:
    """An ffd on a Unix socket with one model, `m`."""

    def __init__(self, bin_dir, spec, seed):
        self.bin = pathlib.Path(bin_dir)
        self.dir = tempfile.TemporaryDirectory(prefix="ffd-accuracy-")
        root = pathlib.Path(self.dir.name)
        self.address = f"unix:{root}/s"
        (root / "model.yaml").write_text(BASE + spec + f"\nseed: {seed}\n")
        (root / "ffd.yaml").write_text(
            f"listen: [unix:{root}/s]\nstate: {root}/state\nhttp: off\n")
        self.log = open(root / "log", "w")
        self.process = subprocess.Popen(
            [self.bin / "ffd", "-c", root / "ffd.yaml"], stderr=self.log)
        deadline = time.monotonic() + 10
        while subprocess.run([self.bin / "ffctl", "-s", self.address, "ping"],
                             capture_output=True).returncode:
            if time.monotonic() > deadline:
                sys.exit("accuracy: ffd did not start")
            time.sleep(0.05)
        self.ctl("create", "m", "--config", str(root / "model.yaml"))

    def ctl(self, *words):
        done = subprocess.run(
            [self.bin / "ffctl", "-s", self.address, *words, "--json"],
            capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"accuracy: ffctl {' '.join(words)}: {done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    def feed(self, data, *words):
        return self.ctl("feed", "m", "--idx", *data, *words)

    def eval(self, data, *words):
        return self.ctl("eval", "m", "--idx", *data, *words)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.log.close()
        self.dir.cleanup()


rows = {}


def note(name, seed, **figures):
    rows.setdefault(name, []).append(figures)
    print(json.dumps({"run": name, "seed": seed, **figures}), flush=True)


def stream(args, name, spec, seed, data, *words, novelty=False):
    """One pass, then the test set."""
    with Daemon(args.bin, spec, seed) as d:
        fed = d.feed(files(data, "train"), "--seed", str(seed),
                     "--order", "shuffled", *words)
        test = files(data, "t10k")
        got = d.eval(test)
        figures = {
            "accuracy": 100 * got["accuracy"],
            "worst": 100 * min(got["per_class"].values()),
            "prequential": 100 * fed["prequential_accuracy"],
            "ece": 100 * got["ece"],
            "frames_per_second": fed["frames_per_second"],
        }
        if novelty:
            other = files(args.fashion, "t10k")[0]
            figures["auroc_other"] = d.eval(
                test, "--novelty-against", other)["auroc"]
            figures["auroc_rotated"] = d.eval(test, "--rotate")["auroc"]
            figures["auroc_hybrids"] = d.eval(test, "--hybrids")["auroc"]
        note(name, seed, **figures)


def read_idx(path):
    raw = gzip.open(path).read()
    dims = raw[3]
    shape = struct.unpack(f">{dims}I", raw[4:4 + 4 * dims])
    return shape, raw[4 + 4 * dims:]


def write_idx(path, shape, body):
    head = struct.pack(">BBBB", 0, 0, 8, len(shape))
    path.write_bytes(head + struct.pack(f">{len(shape)}I", *shape) + body)
    return str(path)


def pick(data, part, folder, tag, keep):
    """An IDX pair of the frames whose label keep() wants."""
    images, labels = files(data, part)
    (_, h, w), pixels = read_idx(images)
    _, names = read_idx(labels)
    size = h * w
    at = [i for i, label in enumerate(names) if keep(label)]
    body = b"".join(pixels[i * size:(i + 1) * size] for i in at)
    return [write_idx(folder / f"{tag}-images", (len(at), h, w), body),
            write_idx(folder / f"{tag}-labels", (len(at),),
                      bytes(names[i] for i in at))]


def new_class(args, digit):
    """20 frames of a digit never seen, in quiet; asked within a second."""
    with tempfile.TemporaryDirectory() as tmp, Daemon(args.bin, "", 1) as d:
        tmp = pathlib.Path(tmp)
        known = pick(args.mnist, "train", tmp, "known", lambda k: k != digit)
        fresh = pick(args.mnist, "train", tmp, "fresh", lambda k: k == digit)
        test = pick(args.mnist, "t10k", tmp, "test", lambda k: k == digit)
        old = pick(args.mnist, "t10k", tmp, "old", lambda k: k != digit)
        d.feed(known, "--limit", "20000")
        while d.ctl("status", "m")["debt"] > 0:  # it sleeps in the quiet
            time.sleep(0.02)
        d.feed(fresh, "--limit", "20", "--batch", "1")
        time.sleep(0.9)  # the claim is about this second
        got = d.eval(test)
        rest = d.eval(old)
        note("new", digit, accuracy=100 * got["accuracy"],
             old=100 * rest["accuracy"])


def micro(args, size, seed):
    """Micro-batches of a given size: through lib, where none can merge."""
    done = subprocess.run(
        [pathlib.Path(args.bin) / "bench_stream", args.mnist, "n=20000",
         f"micro={size}", f"seed={seed}"], capture_output=True, text=True,
        check=True)
    got = json.loads(done.stdout)
    note(f"micro {size}", seed, accuracy=got["accuracy"],
         prequential=got["prequential"])


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("bin")
    p.add_argument("names", nargs="*")
    p.add_argument("--mnist", default=os.environ.get("FFD_DATA", "data") + "/mnist")
    p.add_argument("--fashion", default="/usr/share/datasets/fashion-mnist")
    p.add_argument("--seeds", type=int, default=3)
    args = p.parse_args()
    seeds = range(1, args.seeds + 1)

    def wanted(name):
        return not args.names or name in args.names

    def each(name, label, spec, data, *words, **more):
        for seed in seeds if wanted(name) else ():
            stream(args, label, spec, seed, data, *words, **more)

    each("mnist", "mnist, replay 1", "", args.mnist, novelty=True)
    each("mnist3", "mnist, replay 3", "sleep: {replay: 3}", args.mnist)
    each("fashion", "fashion, replay 1", "", args.fashion)
    each("groups", "mnist, groups", "goodness: groups", args.mnist)
    each("byclass", "mnist, by class", "memory: 2000\nsleep: {replay: 3}",
         args.mnist, "--order", "by-class")
    each("nodreams", "mnist, no dreams", "sleep: {dreams: 0}", args.mnist)
    for n in (64, 512, 4096):
        strict = f"sleep: {{every: {n}, exhausted: {n}"
        each("period", f"mnist, every {n}", strict + "}", args.mnist)
        if n > 64:
            each("positive", f"mnist, positive_only, every {n}",
                 "goodness: groups\nawake: positive_only\nlr: 0.0015\n" +
                 strict + ", dreams: 0}", args.mnist)
    for n in (1, 64, 512):
        each("batch", f"mnist, {n} a request", "", args.mnist, "--batch",
             str(n))
    few = ("--unlabelled", "0.99")
    late = (*few, "--label-delay", "1000")
    contrast = ("objective: self_contrastive\nmemory: 60000\n"
                "layers: [{dense: 500}, {dense: 500}]\n")
    each("few", "mnist, 1 % of labels", "", args.mnist, *few)
    each("few", "mnist, 1 % of labels, 1,000 frames late", "", args.mnist,
         *late)
    each("few", "mnist, the same, pseudo_label 0.95", "pseudo_label: 0.95",
         args.mnist, *late)
    each("few", "mnist, self_contrastive, all labels", contrast, args.mnist)
    each("few", "mnist, self_contrastive, 1 %, 1,000 frames late", contrast,
         args.mnist, *late)
    for n in (1, 8, 32):
        for seed in seeds if wanted("micro") else ():
            micro(args, n, seed)
    for digit in range(10) if wanted("new") else ():
        new_class(args, digit)

    print()
    for name, runs in rows.items():
        parts = []
        for key in runs[0]:
            values = [run[key] for run in runs]
            mean = sum(values) / len(values)
            digits = 3 if re.match("auroc", key) else 2 if mean < 1000 else 0
            parts.append(f"{key} {mean:.{digits}f} ({min(values):.{digits}f} "
                         f"to {max(values):.{digits}f})")
        print(f"{name}: " + "; ".join(parts))


if __name__ == "__main__":
    main()

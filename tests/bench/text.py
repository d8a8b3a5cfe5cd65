#!/usr/bin/env python3
"""Texts, and who foretells them: the table of RESULTS.md.

    tests/bench/text.py BIN [--data DIR] [--steps N] [--past N]
                        [--micro N] [NAME ...]

BIN holds bench_text (through lib, no daemon); DIR, or FFD_DATA, holds aesop/.
Names, all by default:

    learners   ffd with and without sleep, n-grams, and a net trained by
               backpropagation, on each text, prequential
    held       the same, the last tenth of each text foretold but not learned
    options    ffd with other options, on what is for choosing

The net: the last 8 (--past) symbols, one-hot, 600 and 600 rectified units,
softmax; Adam at 1e-3, micro-batches of 32 (--micro), each predicted, then learned.
--steps 2 gives it two steps on each micro-batch.
"""

import argparse
import json
import os
import pathlib
import subprocess
import time

import numpy as np

TEXTS = {
    "aesop, 30 symbols": ("aesop.txt", "alphabet=30 n=200000"),
    "fables30": ("fables30.txt", "alphabet=30"),
    "aesop, bytes": ("aesop.txt", "alphabet=bytes"),
}
SLEEP = "every=512 replay=0"
OPTIONS = {
    "as it is": "",
    "dreams 0.25": SLEEP + " dreams=0.25",
    "dreams 1": SLEEP + " dreams=1",
    "replay 0.5": "every=512 dreams=0 replay=0.5",
    "rows 2^16": "rows=65536",
    "rows 2^17": "rows=131072",
    "rows 2^19": "rows=524288",
    "orders 5": "orders=5",
    "orders 7": "orders=7",
    "no words": "words=0",
}
SYMBOLS = "abcdefghijklmnopqrstuvwxyz ,;."
UNITS = 600


def reduced(text):
    """The 30 symbols, as of the data's README."""
    text = text.lower().replace("'", "")
    text = text.translate(str.maketrans("!?:", "..;"))
    text = "".join(c if c in SYMBOLS else " " for c in text)
    return " ".join(text.split())


def read(path, options):
    """Codes of a text's symbols, and how many kinds there are."""
    raw = path.read_bytes()
    if "bytes" in options:
        return np.frombuffer(raw, np.uint8).astype(np.int64), 256
    text = reduced(raw.decode("ascii", "replace"))
    codes = np.array([SYMBOLS.index(c) for c in text])
    return (codes[:200000] if "n=" in options else codes), len(SYMBOLS)


class Net:
    """Backpropagation, Adam."""

    def __init__(self, P, K, seed=1):
        g = np.random.default_rng(seed)
        sizes = [P * K, UNITS, UNITS, K]
        self.W = [g.normal(0, (2 / P if i == 0 else 2 / a) ** 0.5, (a, b))
                  .astype(np.float32)
                  for i, (a, b) in enumerate(zip(sizes, sizes[1:]))]
        self.W[-1] *= 0.1
        self.b = [np.zeros(n, np.float32) for n in sizes[1:]]
        self.m = [np.zeros_like(x) for x in self.W + self.b]
        self.v = [np.zeros_like(x) for x in self.W + self.b]
        self.t = 0

    def answer(self, x):
        a = [x]
        for i in range(2):
            a.append(np.maximum(a[-1] @ self.W[i] + self.b[i], 0))
        z = a[-1] @ self.W[2] + self.b[2]
        z -= z.max(1, keepdims=True)
        p = np.exp(z)
        return a, p / p.sum(1, keepdims=True)

    def learn(self, a, p, y):
        d = p.copy()
        d[np.arange(len(y)), y] -= 1
        d /= len(y)
        dW, db = [None] * 3, [None] * 3
        for i in (2, 1, 0):
            dW[i], db[i] = a[i].T @ d, d.sum(0)
            if i > 0:
                d = (d @ self.W[i].T) * (a[i] > 0)
        self.t += 1
        rate = 1e-3 * (1 - 0.999 ** self.t) ** 0.5 / (1 - 0.9 ** self.t)
        for w, g, m, v in zip(self.W + self.b, dW + db, self.m, self.v):
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            w -= rate * m / (np.sqrt(v) + 1e-8)


def windows(codes, K, at, n, P):
    """One-hot, what came before each of n symbols."""
    past = codes[at + np.arange(n)[:, None] - 1 - np.arange(P)]
    x = np.zeros((n, P, K), np.float32)
    x[np.arange(n)[:, None], np.arange(P), past] = 1
    return x.reshape(n, P * K)


def run_net(codes, K, held, args):
    """The same line that bench_text prints."""
    P = args.past
    codes = np.concatenate([np.zeros(P, np.int64), codes])
    n = len(codes) - P
    learned = n // 10 * 9 if held else n
    net = Net(P, K)
    bits, right = np.zeros(n), np.zeros(n)
    start = time.process_time()
    for at in range(0, n, args.micro):
        some = min(args.micro, (learned if at < learned else n) - at)
        x, y = windows(codes, K, P + at, some, P), codes[P + at:][:some]
        a, p = net.answer(x)
        bits[at:at + some] = -np.log2(p[np.arange(some), y] + 1e-12)
        right[at:at + some] = p.argmax(1) == y
        if at >= learned:
            continue
        net.learn(a, p, y)
        for _ in range(args.steps - 1):
            net.learn(*net.answer(x), y)
        if at + some >= learned:
            cpu = time.process_time() - start
    cut = [0, learned // 10 * 4, learned // 10 * 8, learned, n]
    out = {"who": "backpropagation", "learned": learned,
           "symbols_per_cpu_s": round(learned / cpu),
           "bytes": 3 * sum(w.nbytes for w in net.W + net.b)}
    for name, a, b in (("choice", cut[1], cut[2]), ("last", cut[2], cut[3]),
                       ("whole", 0, cut[3]), ("held", cut[3], cut[4])):
        if b > a:
            out[name] = {"bits": bits[a:b].mean(), "accuracy": right[a:b].mean()}
    return out


class Bench:
    def __init__(self, args):
        self.args = args

    def run(self, file, options):
        command = [pathlib.Path(self.args.bin) / "bench_text",
                   pathlib.Path(self.args.data) / "aesop" / file,
                   *options.split()]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"text: {command}: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def net(self, file, options, held):
        path = pathlib.Path(self.args.data) / "aesop" / file
        return run_net(*read(path, options), held, self.args)


def cell(row, part):
    f = row.get(part, {})
    if "bits" in f:
        return f"{f['bits']:.3f}, {100 * f['accuracy']:.1f}"
    return f"-, {100 * f['accuracy']:.1f}" if f else ""


def line(row, parts):
    cells = [cell(row, part) for part in parts]
    speed = row.get("symbols_per_cpu_s")
    cells += [f"{speed:,}" if speed else "",
              f"{row['bytes'] / 1e6:.1f}" if "bytes" in row else ""]
    print(f"| {row['who']} | " + " | ".join(cells) + " |", flush=True)


def head(title, parts):
    names = list(parts) + ["symbols/s", "MB"]
    print(f"\n{title}\n\n| | " + " | ".join(names) + " |\n|" +
          "---|" * (len(names) + 1), flush=True)


def compare(b, title, parts, more):
    for name, (file, options) in TEXTS.items():
        head(f"{title}: {name}", parts)
        rows = b.run(file, f"{options} {more} write=300")
        asleep = b.run(file, f"{options} {more} {SLEEP} dreams=0.25 baselines=0")
        asleep[0]["who"] = "ffd, dreams 0.25"
        written = [r for r in rows if "text" in r]
        for row in [r for r in rows if "text" not in r] + asleep:
            line(row, parts)
        line(b.net(file, options, "held=1" in more), parts)
        for row in written:
            print(f"\nT = {row['temperature']}: {row['text']!r}")


def learners(b):
    compare(b, "prequential", ("last", "whole"), "")


def held(b):
    compare(b, "held out", ("last", "held"), "held=1")


def options(b):
    for name, (file, given) in TEXTS.items():
        head(f"options: {name}", ("choice", "last"))
        for what, more in OPTIONS.items():
            for row in b.run(file, f"{given} {more} baselines=0"):
                line({**row, "who": what}, ("choice", "last"))


def main():
    p = argparse.ArgumentParser(usage=__doc__.replace("%", "%%"))
    p.add_argument("bin")
    p.add_argument("names", nargs="*")
    p.add_argument("--data", default=os.environ.get("FFD_DATA", "data"))
    p.add_argument("--steps", type=int, default=1)
    p.add_argument("--past", type=int, default=8)
    p.add_argument("--micro", type=int, default=32)
    args = p.parse_intermixed_args()
    for what in (learners, held, options):
        if not args.names or what.__name__ in args.names:
            what(Bench(args))


if __name__ == "__main__":
    main()

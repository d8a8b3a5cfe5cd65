#!/usr/bin/python3
"""The same streams with what one would otherwise use: scikit-learn online.

    tests/bench/others.py --data DIR [--seeds N] [--threads N] [NAME ...]

DIR holds the four IDX files of MNIST or Fashion-MNIST, gzipped. Each learner
sees 60,000 frames once, in micro-batches of 32, each predicted before it is
learned, then answers the test set. Two orders: shuffled, and classes in turn
(0-1, then 2-3, ..., each pair's frames shuffled, as `ffctl feed --order
by-class`). One BLAS thread, as ffd has for one model. Needs Debian's
python3-sklearn, which nothing else here does.

Names, without one all:
  linear  SGDClassifier, logistic loss
  mlp     MLPClassifier 500-500-500, Adam, backpropagation
  replay  the same, and as many frames again from a memory of 10,000 (2,000
          for classes in turn), class-balanced, each step
  replay3 three times as many
  knn     the nearest of such a memory

Frames/s are of learning with that prediction, in the order shuffled. Prints one
JSON line a run and a table of means.
"""
import argparse
import gzip
import json
import pathlib
import sys
import time
import warnings

import numpy as np
from sklearn.linear_model import SGDClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

BATCH = 32
CLASSES = np.arange(10)


def read(folder, part):
    """Frames (n, 784) in 0..1 and classes (n)."""
    found = []
    for kind, skip in ("images-idx3", 16), ("labels-idx1", 8):
        path = pathlib.Path(folder) / f"{part}-{kind}-ubyte.gz"
        found.append(np.frombuffer(gzip.open(path).read(), np.uint8)[skip:])
    return (found[0].reshape(-1, 784) / np.float32(255)), found[1]


class Memory:
    """At most `room` frames, class-balanced: the fullest class gives way."""

    def __init__(self, room, rng):
        self.room, self.rng = room, rng
        self.kept = {}
        self.seen = {}

    def keep(self, x, y):
        for frame, k in zip(x, y):
            mine = self.kept.setdefault(k, [])
            self.seen[k] = self.seen.get(k, 0) + 1
            if sum(map(len, self.kept.values())) < self.room:
                mine.append(frame)
                continue
            fullest = max(self.kept.values(), key=len)
            if len(mine) < len(fullest):
                fullest.pop(self.rng.integers(len(fullest)))
                mine.append(frame)
            elif self.rng.random() < len(mine) / self.seen[k]:
                mine[self.rng.integers(len(mine))] = frame

    def draw(self, n):
        classes = list(self.kept)
        y = self.rng.choice(classes, n)
        return np.stack([self.kept[k][self.rng.integers(len(self.kept[k]))]
                         for k in y]), y

    def all(self):
        return (np.concatenate([np.stack(v) for v in self.kept.values()]),
                np.concatenate([np.full(len(v), k)
                                for k, v in self.kept.items()]))


class Linear:
    def __init__(self, seed, memory):
        self.model = SGDClassifier(loss="log_loss", alpha=1e-5,
                                   random_state=seed)

    def learn(self, x, y):
        self.model.partial_fit(x, y, classes=CLASSES)

    def predict(self, x):
        return self.model.predict(x)


class Mlp(Linear):
    def __init__(self, seed, memory):
        self.model = MLPClassifier((500, 500, 500), random_state=seed)


class Replay(Mlp):
    TIMES = 1

    def __init__(self, seed, memory):
        super().__init__(seed, memory)
        self.memory = memory

    def learn(self, x, y):
        more = [x], [y]
        if self.memory.kept:
            old = self.memory.draw(self.TIMES * len(x))
            more = [x, old[0]], [y, old[1]]
        super().learn(np.concatenate(more[0]), np.concatenate(more[1]))
        self.memory.keep(x, y)


class Replay3(Replay):
    TIMES = 3


class Knn:
    EVERY = 2048  # frames from one fit to the next

    def __init__(self, seed, memory):
        self.memory, self.since, self.model = memory, 0, None

    def learn(self, x, y):
        self.memory.keep(x, y)
        self.since += len(x)
        if self.model is None or self.since >= self.EVERY:
            self.fit()

    def fit(self):
        self.since = 0
        self.model = KNeighborsClassifier(1).fit(*self.memory.all())

    def predict(self, x):
        return self.model.predict(x)


LEARNERS = {"linear": Linear, "mlp": Mlp, "replay": Replay,
            "replay3": Replay3, "knn": Knn}


def in_order(y, by_class, rng):
    if not by_class:
        return rng.permutation(len(y))
    return np.concatenate([rng.permutation(np.flatnonzero(y // 2 == pair))
                           for pair in range(5)])


def stream(kind, data, by_class, seed):
    (x, y), (test_x, test_y) = data
    rng = np.random.default_rng(seed)
    model = LEARNERS[kind](seed, Memory(2000 if by_class else 10000, rng))
    order = in_order(y, by_class, rng)
    right = 0
    began = time.monotonic()
    for at in range(0, len(order), BATCH):
        some = order[at:at + BATCH]
        if at > 0:
            right += (model.predict(x[some]) == y[some]).sum()
        model.learn(x[some], y[some])
    seconds = time.monotonic() - began
    if kind == "knn":
        model.fit()
    return {"learner": kind, "order": "by-class" if by_class else "shuffled",
            "seed": seed, "test": float((model.predict(test_x) ==
                                         test_y).mean()),
            "prequential": float(right / len(order)),
            "frames_per_second": len(order) / seconds}


def main():
    say = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    say.add_argument("--data", required=True)
    say.add_argument("--seeds", type=int, default=3)
    say.add_argument("--threads", type=int, default=1)
    say.add_argument("names", nargs="*", metavar="NAME")
    args = say.parse_args()
    wrong = set(args.names) - set(LEARNERS)
    if wrong:
        sys.exit(f"others: no learner {', '.join(wrong)}; there are "
                 f"{', '.join(LEARNERS)}")
    warnings.filterwarnings("ignore")
    data = read(args.data, "train"), read(args.data, "t10k")
    rows = []
    with threadpool_limits(args.threads):
        for kind in args.names or LEARNERS:
            for by_class in False, True:
                runs = []
                for seed in range(1, args.seeds + 1):
                    runs.append(stream(kind, data, by_class, seed))
                    print(json.dumps(runs[-1]), flush=True)
                rows.append(runs)
    print(f"\n{'learner':8} {'order':9} {'test %':>22} {'prequential %':>14} "
          f"{'frames/s':>9}")
    for runs in rows:
        test = [100 * r["test"] for r in runs]
        print(f"{runs[0]['learner']:8} {runs[0]['order']:9} "
              f"{np.mean(test):7.2f} ({min(test):.2f} to {max(test):.2f}) "
              f"{np.mean([100 * r['prequential'] for r in runs]):13.2f} "
              f"{np.median([r['frames_per_second'] for r in runs]):9.0f}")


if __name__ == "__main__":
    main()

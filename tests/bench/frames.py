#!/usr/bin/env python3
"""Streams of pictures through convolutional layers: the tables of RESULTS.md.

    tests/bench/frames.py BIN [--mnist DIR] [--fashion DIR] [--cifar DIR]
                          [--seeds N] [--minutes N] [NAME ...]

BIN holds bench_stream (through lib, no daemon); CIFAR-10 is what cifar.py made.
Names, all by default:

    digits     MNIST, one pass
    single     MNIST, frame by frame
    passes     MNIST and Fashion-MNIST, five passes
    clothes    Fashion-MNIST, one pass
    colour     CIFAR-10, one pass
    pattern    label_pattern on MNIST and CIFAR-10
    byclass    CIFAR-10 and Fashion-MNIST, classes in turn, 2,000 frames
               remembered, beside the same without sleep
    groups     MNIST with CwC's blocks
    contrast   self_contrastive and a read-out on CIFAR-10, beside the same net
               untrained
    long       CIFAR-10, as many passes as begin within --minutes

Prints a line a run. What is not named is at its default; test sets, which
nothing was chosen on.
"""

import argparse
import json
import os
import pathlib
import subprocess

SMALL = "units=32k5p2,64k3p2,128k3p2 "
COLOUR = "units=48k5p2c4,96k3p2c4,192k3p2c4 flip=1 jitter=2 warp=0 "
WIDE = "units=64k5p2c4,128k3p2c4,256k3p2c4 flip=1 jitter=2 warp=0 "
BLOCKS = ("units=40k3p2,80k3p2g10,120k3p2 goodness=groups loss=softmax "
          "temperature=10 heads=last lr=0.002 ")
PLAIN = "calibration=0 "
NO_SLEEP = "every=0 exhausted=0 "
UNTRAINED = "lr=1e-7 every=0 exhausted=0 "


class Bench:
    def __init__(self, args):
        self.args = args

    def run(self, name, data, options, seed=1):
        command = [pathlib.Path(self.args.bin) / "bench_stream", data,
                   *options.split(), f"seed={seed}"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"frames: {command}: {done.stderr}")
        curve = [line for line in done.stderr.splitlines()
                 if line.startswith("pass ")]
        got = json.loads(done.stdout)
        print(json.dumps({"run": name, "seed": seed, "options": options,
                          "curve": curve, **got}), flush=True)

    def seeds(self, name, data, options):
        for seed in range(1, self.args.seeds + 1):
            self.run(name, data, options, seed)


def digits(b):
    b.seeds("MNIST, one pass", b.args.mnist, PLAIN + SMALL)


def single(b):
    b.run("MNIST, frame by frame", b.args.mnist, PLAIN + SMALL + "micro=1")


def passes(b):
    b.run("MNIST, five passes", b.args.mnist,
          PLAIN + SMALL + "passes=5 memory=60000")
    b.run("Fashion-MNIST, five passes", b.args.fashion,
          PLAIN + SMALL + "passes=5 memory=60000 flip=1 warp=0")


def clothes(b):
    b.seeds("Fashion-MNIST, one pass", b.args.fashion,
            PLAIN + SMALL + "flip=1 warp=0")


def colour(b):
    b.seeds("CIFAR-10, one pass", b.args.cifar, PLAIN + COLOUR)


def pattern(b):
    o = PLAIN + "objective=label_pattern "
    b.run("label_pattern, MNIST", b.args.mnist, o + SMALL + "passes=3")
    b.run("label_pattern, CIFAR-10", b.args.cifar, o + COLOUR)


def byclass(b):
    o = PLAIN + "order=by-class memory=2000 average=0.99 "
    for place, data, net in (("Fashion-MNIST", b.args.fashion,
                              SMALL + "flip=1 warp=0 "),
                             ("CIFAR-10", b.args.cifar, COLOUR)):
        b.run(f"by class, {place}", data, o + net + "replay=3")
        b.run(f"by class, {place}, no sleep", data, o + net + NO_SLEEP)


def groups(b):
    b.run("MNIST, CwC's blocks", b.args.mnist, PLAIN + BLOCKS)


def contrast(b):
    o = PLAIN + "objective=self_contrastive " + COLOUR + "memory=20000 "
    for n in (5000, 20000, 50000):
        b.run(f"self_contrastive, CIFAR-10, {n} frames", b.args.cifar,
              o + f"n={n} replay=0.5 fit_every=1000000")
    b.run("self_contrastive, CIFAR-10, untrained", b.args.cifar,
          o + UNTRAINED + "fit_every=1000000")


def long(b):
    b.run("CIFAR-10, many passes", b.args.cifar,
          PLAIN + WIDE + "memory=50000 replay=2 anneal=100000 passes=1000 "
          f"minutes={b.args.minutes}")


ALL = (digits, single, passes, clothes, colour, pattern, byclass, groups,
       contrast, long)


def main():
    names = {f.__name__: f for f in ALL}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("bin")
    parser.add_argument("--mnist", default=os.environ.get("FFD_DATA", "data") + "/mnist")
    parser.add_argument("--fashion", default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--cifar", default="/tmp/cifar")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=110)
    parser.add_argument("names", nargs="*", metavar="NAME")
    args = parser.parse_intermixed_args()
    for name in args.names or names:
        if name not in names:
            parser.error(f"{name}: not one of {', '.join(names)}")
        names[name](Bench(args))


main()

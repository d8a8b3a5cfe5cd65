#!/usr/bin/python3
"""Frames a second through the Python client.

    tests/bench/python_client.py BIN --mnist DIR [--frames N] [--repeats N]

BIN holds ffd. A default model without sleep is taught N frames of MNIST by
Client.learn_many, by a Stream, one frame at a time, and by Client.learn, which
waits for each. Prints medians.
"""
import argparse
import gzip
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

TREE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "clients/python/src"))

import ffd  # noqa: E402


def read(folder, kind, skip):
    path = pathlib.Path(folder) / f"train-{kind}-ubyte.gz"
    return np.frombuffer(gzip.open(path).read(), np.uint8)[skip:]


def many(c, x, y):
    c.learn_many("m", x, y)


def stream(c, x, y):
    with c.stream("m") as s:
        for frame, label in zip(x, y):
            s.learn(frame, label)


def single(c, x, y):
    for frame, label in zip(x[:4000], y):
        c.learn("m", frame, label)


def main():
    say = argparse.ArgumentParser(description=__doc__)
    say.add_argument("bin")
    say.add_argument("--mnist", required=True)
    say.add_argument("--frames", type=int, default=20000)
    say.add_argument("--repeats", type=int, default=3)
    args = say.parse_args()
    x = read(args.mnist, "images-idx3", 16).reshape(-1, 28, 28)[:args.frames]
    y = [str(k) for k in read(args.mnist, "labels-idx1", 8)[:args.frames]]
    rates = {}
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "ffd.yaml"
        config.write_text(f"listen: [unix:{folder}/s]\nhttp: off\n"
                          f"state: {folder}/state\nlog: warning\n")
        daemon = subprocess.Popen([f"{args.bin}/ffd", "-c", config])
        try:
            with ffd.connect(f"unix:{folder}/s", timeout=60) as c:
                for _ in range(args.repeats):
                    for way in many, stream, single:
                        c.create("m", {"input": {"shape": [28, 28]},
                                       "sleep": "off"})
                        began = time.monotonic()
                        way(c, x, y)
                        n = c.status("m").seq
                        rates.setdefault(way.__name__, []).append(
                            n / (time.monotonic() - began))
                        c.drop("m")
        finally:
            daemon.terminate()
            daemon.wait()
    for name, got in rates.items():
        print(f"{name:8} {statistics.median(got):8.0f} frames/s "
              f"({min(got):.0f} to {max(got):.0f})")


if __name__ == "__main__":
    main()

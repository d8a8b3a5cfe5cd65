#!/usr/bin/python3
"""A camera's stream, learned and answered live on one core.

    tests/bench/live.py BIN --mnist DIR --cifar DIR [--seconds S]

BIN holds ffd; DIR of CIFAR-10 is what cifar.py made. Two streams of 30 frames a
second, each sent with its label as it would come from a camera and asked about,
by another connection, half a period later:

    grey     96x96, digits of MNIST at three times their size, shifted
    colour   64x64x3, CIFAR-10 at twice its size

with the stacks of config/camera.yaml and config/colour.yaml. The daemon is bound
to one core (this client to the other). Prints the daemon's share of its core, what
an answer took as the client sees it, counted from when its question was due, and
how many of the last half's answers were right.
"""
import argparse
import gzip
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np

TREE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "clients/python/src"))

import ffd  # noqa: E402

RATE = 30


def grey(args, n):
    images, labels = (gzip.open(pathlib.Path(args.mnist) / f"train-{k}-ubyte.gz")
                      for k in ("images-idx3", "labels-idx1"))
    raw = np.frombuffer(images.read(16 + n * 784), np.uint8)[16:]
    small = raw.reshape(n, 28, 28).repeat(3, 1).repeat(3, 2)
    frames = np.zeros((n, 96, 96), np.uint8)
    random = np.random.default_rng(1)
    for frame, picture in zip(frames, small):
        y, x = random.integers(0, 13, 2)
        frame[y:y + 84, x:x + 84] = picture
    return frames, np.frombuffer(labels.read(8 + n), np.uint8)[8:]


def colour(args, n):
    folder = pathlib.Path(args.cifar)
    raw = np.fromfile(folder / "train-images-idx4-ubyte", np.uint8,
                      20 + n * 3072)[20:]
    labels = np.fromfile(folder / "train-labels-idx1-ubyte", np.uint8, 8 + n)
    return raw.reshape(n, 32, 32, 3).repeat(2, 1).repeat(2, 2), labels[8:]


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1]
    ticks = fields.split()[11:13]
    return sum(int(t) for t in ticks) / os.sysconf("SC_CLK_TCK")


def wait_until(due):
    left = due - time.monotonic()
    if left > 0:
        time.sleep(left)


def feed(client, model, frames, labels, began):
    """A thread of its own: a stream waits while much is on its way."""
    with client.stream(model, batch=1, flush_s=0) as s:
        for i, (frame, label) in enumerate(zip(frames, labels)):
            wait_until(began + i / RATE)
            s.learn(frame, str(label))


def stream(asks, feeds, pid, frames, labels):
    """Frames at their times; latencies in ms and what was answered."""
    model = asks.models()[0]["name"]
    began, cpu, took, right = time.monotonic(), cpu_s(pid), [], []
    feeder = threading.Thread(target=feed, args=(feeds, model, frames, labels,
                                                 began))
    feeder.start()
    for i in range(1, len(frames)):
        due = began + (i - 0.5) / RATE
        wait_until(due)
        said = asks.predict(model, frames[i])
        took.append(1000 * (time.monotonic() - due))
        right.append(said.label == str(labels[i]))
    feeder.join()
    lasted = time.monotonic() - began
    core = (cpu_s(pid) - cpu) / lasted
    took.sort()
    return {"frames": len(frames), "seconds": round(lasted, 1),
            "learned": asks.status(model).seq, "core": round(core, 3),
            "p50_ms": round(statistics.median(took), 2),
            "p99_ms": round(took[int(0.99 * len(took))], 2),
            "right": round(float(np.mean(right[len(right) // 2:])), 3)}


def main():
    say = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    say.add_argument("bin")
    say.add_argument("--mnist", required=True)
    say.add_argument("--cifar", required=True)
    say.add_argument("--seconds", type=float, default=60)
    args = say.parse_args()
    os.sched_setaffinity(0, {1})
    for name, make in (("camera", grey), ("colour", colour)):
        frames, labels = make(args, int(args.seconds * RATE))
        with tempfile.TemporaryDirectory() as folder:
            address = f"unix:{folder}/s"
            daemon = subprocess.Popen(
                ["taskset", "-c", "0", f"{args.bin}/ffd", "-c",
                 TREE / f"config/{name}.yaml", "--state", f"{folder}/state",
                 "--listen", address], stderr=subprocess.DEVNULL)
            try:
                with (ffd.connect(address, timeout=30) as asks,
                      ffd.connect(address, timeout=30) as feeds):
                    asks.ping()
                    print(json.dumps({"stream": name, **stream(
                        asks, feeds, daemon.pid, frames, labels)}), flush=True)
            finally:
                daemon.terminate()
                daemon.wait()


if __name__ == "__main__":
    main()

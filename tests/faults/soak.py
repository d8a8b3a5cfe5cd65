#!/usr/bin/python3
"""Many small frames, and what they leave behind in the daemon.

    soak.py [--frames N] [--dir DIR] [--every N]

Feeds labelled 8x8 digits as fast as they are taken, with sleep, snapshots, the
journal and its pruning as by default but smaller, and looks at the daemon every
so often: resident memory, open descriptors, bytes of the journal, of snapshots
and of the whole state directory. At the end:

    RSS slope   bytes a million frames, least squares, without the first tenth
    descriptors least and most

    --frames N  in all (10,000,000)
    --every N   frames between two looks (100,000)
    --dir DIR   where it happens. A second run with it goes on until N frames in
                all; the slope is then of each process by itself
"""
import argparse
import json
import pathlib
import shutil
import sys
import tempfile
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
import harness  # noqa: E402
from harness import Daemon, allow_descriptors, digits, small_model  # noqa: E402
from rpc import Client  # noqa: E402

BATCH = 256
DEPTH = 8
WARM = 0.1  # share of a process's frames that is not judged
COLUMNS = ["frames", "seconds", "rss", "descriptors", "journal", "snapshots",
           "state", "accuracy"]


def options():
    return {"durability": "normal", "journal": {"limit": 16 << 20},
            "snapshots": {"every": 5}}


def make_daemon(directory):
    models = {"m": small_model(layers=[{"dense": 32}, {"dense": 32}])}
    d = Daemon(models, **options())
    shutil.rmtree(d.dir)
    d.dir = directory
    d.socket, d.state = directory / "ffd.sock", directory / "state"
    d.config, d.log_path = directory / "ffd.yaml", directory / "log"
    d.configure(models, **options())
    return d


def size_of(directory):
    total = 0
    for p in directory.rglob("*"):
        try:
            total += p.stat().st_size if p.is_file() else 0
        except FileNotFoundError:
            pass  # removed meanwhile
    return total


class Soak:
    def __init__(self, options_, directory):
        self.options = options_
        self.path = directory / "samples.jsonl"
        self.samples = []
        if self.path.exists():
            self.samples = [json.loads(line) for line in
                            self.path.read_text().splitlines()]
        self.life = 1 + max((s["life"] for s in self.samples), default=0)
        self.fed = max((s["frames"] for s in self.samples), default=0)
        self.daemon = make_daemon(directory)

    def look(self, client):
        d = self.daemon
        status = client.call("status", "m")
        sample = {"life": self.life, "frames": self.fed,
                  "seconds": round(time.monotonic() - self.begun, 1),
                  "rss": d.rss(), "descriptors": d.descriptors(),
                  "journal": size_of(d.state / "journal"),
                  "snapshots": size_of(d.state / "models"),
                  "state": size_of(d.state),
                  "accuracy": status["prequential_accuracy"]}
        self.samples.append(sample)
        with open(self.path, "a", encoding="utf-8") as f:
            f.write(json.dumps(sample) + "\n")
        print("  ".join(f"{show(c, sample[c]):>11}" for c in COLUMNS),
              flush=True)

    def run(self):
        self.begun = time.monotonic()
        d = self.daemon.start()
        images, labels = digits()
        print("  ".join(f"{c:>11}" for c in COLUMNS))
        with Client(d.socket, harness.DEADLINE_S) as client, \
                Client(d.socket, harness.DEADLINE_S) as other:
            self.look(other)
            while self.fed < self.options.frames:
                self.feed(client, images, labels, self.options.every)
                self.look(other)
        d.stop()

    def feed(self, client, images, labels, n):
        under_way = []
        for _ in range(0, n, BATCH):
            at = self.fed % (len(labels) - BATCH)
            under_way.append(client.send("learn_batch", "m",
                                         images[at:at + BATCH].tobytes(),
                                         labels[at:at + BATCH]))
            self.fed += BATCH
            if len(under_way) >= DEPTH:
                client.wait(under_way.pop(0))
        for msgid in under_way:
            client.wait(msgid)

    def verdict(self):
        for life in sorted({s["life"] for s in self.samples}):
            mine = [s for s in self.samples if s["life"] == life]
            warm = mine[int(len(mine) * WARM):]
            if len(warm) < 3:
                continue
            x = np.array([s["frames"] for s in warm]) / 1e6
            y = np.array([s["rss"] for s in warm])
            slope = np.polyfit(x, y, 1)[0]
            fds = [s["descriptors"] for s in warm]
            frames = mine[-1]["frames"] - mine[0]["frames"]
            seconds = mine[-1]["seconds"] - mine[0]["seconds"]
            print(f"process {life}: {frames} frames, "
                  f"{frames / max(seconds, 1e-9):.0f} a second; RSS slope "
                  f"{slope:+.0f} bytes a million frames, from "
                  f"{y[0] / 1e6:.1f} to {y[-1] / 1e6:.1f} MB (least "
                  f"{y.min() / 1e6:.1f}, most {y.max() / 1e6:.1f}); "
                  f"descriptors {min(fds)} to {max(fds)}")


def show(column, value):
    if column in ("rss", "journal", "snapshots", "state"):
        return f"{value / 1e6:.2f} MB"
    if column == "accuracy":
        return "-" if value is None else f"{value:.4f}"
    return str(value)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--frames", type=int, default=10_000_000)
    p.add_argument("--every", type=int, default=100_000)
    p.add_argument("--dir", type=pathlib.Path)
    o = p.parse_args()
    allow_descriptors()
    directory = (o.dir or pathlib.Path(tempfile.mkdtemp(prefix="ffd-soak-")))
    directory.mkdir(exist_ok=True)
    soak = Soak(o, directory.resolve())
    try:
        soak.run()
    finally:
        if soak.daemon.process:
            soak.daemon.kill()
        soak.verdict()
    if not o.dir:
        shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())

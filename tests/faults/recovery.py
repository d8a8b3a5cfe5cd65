#!/usr/bin/python3
"""How long ffd takes to start on a journal of some size, after a kill -9.

    recovery.py [--mb N] [--data DIR] [--repeats N]

Feeds frames of 28x28 bytes into a model of the default net, with no snapshot
but the one that is made at the beginning, until the journal holds N MB (100);
kills the daemon, and starts it again on copies of what is left. Told are the
time from start to the first answer, frames replayed a second, and that seq goes
on without a gap. Frames are of the IDX files in DIR ($FFD_DATA, or Debian's
Fashion-MNIST).
"""
import argparse
import gzip
import os
import pathlib
import shutil
import sys
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
import harness  # noqa: E402
from harness import Daemon, until  # noqa: E402
from rpc import Client  # noqa: E402

BATCH, DEPTH = 256, 8
PATIENCE_S = 600


def idx(path, header):
    with gzip.open(path) as f:
        return np.frombuffer(f.read(), np.uint8)[header:]


def journal_bytes(d):
    return sum(p.stat().st_size for p in (d.state / "journal").glob("*"))


def feed(d, images, labels, mb):
    fed, under_way, answer = 0, [], None
    with Client(d.socket, PATIENCE_S) as client:
        while fed * 784 < mb * 1e6:
            at = fed % (len(labels) - BATCH)
            under_way.append(client.send("learn_batch", "m",
                                         images[at:at + BATCH].tobytes(),
                                         labels[at:at + BATCH],
                                         {"ack": "durable"}))
            fed += BATCH
            while len(under_way) >= DEPTH:
                answer = client.wait(under_way.pop(0))
        for msgid in under_way:
            answer = client.wait(msgid)
    return answer["seq"]


def start(d):
    """Seconds until it answers."""
    begun = time.monotonic()
    d.launch()
    until(d._serves, "the daemon answers", PATIENCE_S)
    return time.monotonic() - begun


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--mb", type=int, default=100)
    p.add_argument("--repeats", type=int, default=3)
    p.add_argument("--data", type=pathlib.Path, default=pathlib.Path(
        os.environ.get("FFD_DATA", "/usr/share/datasets/fashion-mnist")))
    o = p.parse_args()
    images = idx(o.data / "train-images-idx3-ubyte.gz", 16).reshape(-1, 784)
    labels = [str(k) for k in idx(o.data / "train-labels-idx1-ubyte.gz", 8)]
    d = Daemon({"m": {"input": {"shape": [28, 28], "dtype": "u8"}}},
               durability="normal", snapshots={"every": 0},
               journal={"limit": 1 << 30})
    try:
        d.start()
        seq = feed(d, images, labels, o.mb)
        d.kill()
        size = journal_bytes(d)
        print(f"{seq} frames, journal of {size / 1e6:.1f} MB")
        shutil.copytree(d.state, d.dir / "left")
        for _ in range(o.repeats):
            shutil.rmtree(d.state)
            shutil.copytree(d.dir / "left", d.state)
            seconds = start(d)
            with Client(d.socket, harness.DEADLINE_S) as client:
                found = client.call("status", "m")["seq"]
                answer = client.call("learn", "m", images[0].tobytes(),
                                     labels[0], {"ack": "durable"})
            assert found == seq and answer["seq"] == seq + 1, (seq, found,
                                                               answer)
            print(f"serves after {seconds:.2f} s, {seq / seconds:.0f} frames "
                  f"a second; the next frame is seq {answer['seq']}",
                  flush=True)
            d.kill()
    finally:
        d.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())

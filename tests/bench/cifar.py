#!/usr/bin/python3
"""CIFAR-10 as IDX files, which bench_stream reads.

    tests/bench/cifar.py SOURCE TARGET

SOURCE has train.bin.xz and test.bin.xz (records of a label and 3 x 1024 bytes,
a colour after the other); TARGET gets (n, 32, 32, 3) and (n) of bytes.
"""

import lzma
import pathlib
import struct
import sys

import numpy


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, target = (pathlib.Path(a) for a in sys.argv[1:])
    target.mkdir(parents=True, exist_ok=True)
    for part, name in (("train", "train"), ("test", "t10k")):
        raw = lzma.decompress((source / f"{part}.bin.xz").read_bytes())
        rows = numpy.frombuffer(raw, numpy.uint8).reshape(-1, 3073)
        images = rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        n = len(rows)
        (target / f"{name}-images-idx4-ubyte").write_bytes(
            struct.pack(">5I", 0x804, n, 32, 32, 3) + images.tobytes())
        (target / f"{name}-labels-idx1-ubyte").write_bytes(
            struct.pack(">2I", 0x801, n) + rows[:, 0].tobytes())


main()

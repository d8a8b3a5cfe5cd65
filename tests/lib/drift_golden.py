#!/usr/bin/env python3
"""What river's detectors say of five streams, to hold lib's against.

A stream is pieces of coins or of even numbers, drawn by a generator that
drift_test.c has too (Knuth's MMIX LCG, the upper 24 bits), so that both see the
same doubles to the bit. Written with river 0.26.1 (Python 3.11 on x86-64). Run
it to write drift_golden.h beside it:

    python3 -m venv V && V/bin/pip install river==0.26.1
    V/bin/python tests/lib/drift_golden.py

river's ADWIN forgets everything after a change (`again`); the window it wraps
only drops its older part, as the paper says (`paper`, and `eager` with other
numbers).
"""

import os

import river
from river import drift
from river._river_rust.drift import AdaptiveWindowing

ADWIN = dict(delta=0.002, clock=32, max_buckets=5, min_window_length=5,
             grace_period=10)
# Others, so that each is seen to matter.
EAGER = dict(delta=0.05, clock=3, max_buckets=5, min_window_length=2,
             grace_period=70)

# (values, from, width): x < from is 1, else 0, where width is 0; else even in
# from .. from + width. Binary fractions where they are added, so nothing rounds.
STREAMS = {
    "abrupt": (1, [(3000, 0.25, 0), (5000, 0.03, 0), (2000, 0.9, 0),
                   (4000, 0.1, 0)]),
    "gradual": (2, [(1000, 0.02 + 0.02 * i, 0) for i in range(20)]),
    "levels": (3, [(4000, 0.125, 0.25), (4000, 0.25, 0.25), (4000, 0, 0.125),
                   (4000, 0.5, 0.5)]),
    "still": (4, [(20000, 0.3, 0)]),
    "early": (5, [(40, 0.05, 0), (400, 0.95, 0), (300, 0.4, 0)]),
}


def values(seed, pieces):
    state = seed
    for n, start, width in pieces:
        for _ in range(n):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            u = (state >> 40) / 2**24
            yield start + width * u if width else float(u < start)


def alarms(detector, stream):
    at = []
    for i, x in enumerate(stream):
        detector.update(x)
        if detector.drift_detected:
            at.append(i)
    return at


def numbers(name, of, xs):
    rows = ", ".join(repr(x) for x in xs)
    rows = rows or "-1"  # C has no empty arrays
    return "static const int %s_%s[] = {%s};\n" % (name, of, rows)


def run(name, seed, pieces):
    again, page = drift.ADWIN(**ADWIN), drift.PageHinkley()
    paper, eager = AdaptiveWindowing(**ADWIN), AdaptiveWindowing(**EAGER)
    found = {
        "again": alarms(again, values(seed, pieces)),
        "paper": [i for i, x in enumerate(values(seed, pieces))
                  if paper.update(x)],
        "eager": [i for i, x in enumerate(values(seed, pieces))
                  if eager.update(x)],
        "page": alarms(page, values(seed, pieces)),
    }
    arrays = "".join(numbers(name, k, v) for k, v in found.items())
    rows = ", ".join("{%d, %r, %r}" % p for p in pieces)
    out = "    {.name = \"%s\", .seed = %d, .pieces = %d,\n" % (
        name, seed, len(pieces))
    out += "     .piece = {%s},\n" % rows
    for k, v in found.items():
        out += "     .%s = {%d, %s_%s},\n" % (k, len(v), name, k)
    windows = {"again": again._helper, "paper": paper, "eager": eager}
    for k, w in windows.items():
        out += "     .%s_window = {%r, %r, %r},\n" % (
            k, w.get_width(), w.get_total(), w.get_variance())
    out += "     .page_sums = {%r, %r, %r}},\n" % (
        page._x_mean.get(), page._sum_increase, page._sum_decrease)
    return arrays, out


def main():
    runs = [run(name, *of) for name, of in STREAMS.items()]
    text = """/*
 * drift_golden.h -- what the detectors of river %s said. Not written by
 * hand; drift_golden.py says how.
 */
#ifndef FF_TEST_DRIFT_GOLDEN_H
#define FF_TEST_DRIFT_GOLDEN_H

/* clang-format off */
struct drift_golden {
    const char *name;
    unsigned seed;
    int pieces;
    struct { int n; double from, width; } piece[%d];
    struct { int n; const int *at; } again, paper, eager, page;
    struct { double width, sum, spread; } again_window, paper_window,
        eager_window;
    struct { double mean, up, down; } page_sums;
};

""" % (river.__version__, max(len(p) for _, p in STREAMS.values()))
    text += "".join(arrays for arrays, _ in runs)
    text += "\nstatic const struct drift_golden drift_golden[] = {\n"
    text += "".join(out for _, out in runs)
    text += "};\n/* clang-format on */\n\n#endif\n"
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "drift_golden.h")
    with open(path, "w") as f:
        f.write(text)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Positive and negative phase apart in time: the table of lib/PHASES.md.

    tests/bench/phases.py BIN [--mnist DIR] [--seeds N] [--held] [--json FILE]
                          [--png FILE] [--from FILE]

BIN holds bench_stream. One run is one pass over MNIST with a strict sleep every
`period` frames and a last one at the end, as many frames taught asleep as
awake, then the whole test set. --held tunes: 50,000 frames to learn, the last
10,000 of the training set to test, one night for the last period. Prints a line
a run and a table of means (least to most); --json keeps the runs, --from reads
them again instead of running; --png draws accuracy against period (needs
matplotlib). About eight minutes for three seeds.
"""

import argparse
import json
import os
import pathlib
import subprocess

PERIODS = [512, 4096, 16384, 60000]
COMMON = "goodness=groups awake=positive_only dreams=0 last=1 calibration=0"
APART = COMMON + " asleep=negative_only"
RECIPES = {
    "apart, plain": APART + " lr=0.001 margin=0 normalise=length",
    "apart, plain, margin": APART + " lr=0.001 margin=0.4 normalise=length",
    "apart, centred": APART + " lr=0.001 margin=0.4 normalise=centred",
    "paired, plain": COMMON + " lr=0.0015 margin=0.4 normalise=length",
    "paired, centred": COMMON + " lr=0.001 margin=0.4 normalise=centred",
}
NO_NIGHT = {
    "no night, plain": "goodness=groups awake=positive_only calibration=0 "
                       "lr=0.001 margin=0 normalise=length",
    "no night, centred": "goodness=groups awake=positive_only calibration=0 "
                         "lr=0.001 margin=0.4 normalise=centred",
}


def run(args, name, options, period, seed):
    command = [pathlib.Path(args.bin) / "bench_stream", args.mnist,
               *options.split(), f"every={period}", f"exhausted={period}",
               f"held={int(args.held)}", f"seed={seed}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    got = json.loads(done.stdout)
    row = {"recipe": name, "period": period, "seed": seed,
           **{k: got[k] for k in ("accuracy", "worst", "prequential")}}
    print(json.dumps(row), flush=True)
    return row


def measure(args):
    frames = 50000 if args.held else 60000
    rows = []
    for seed in range(1, args.seeds + 1):
        for name, options in RECIPES.items():
            for period in PERIODS:
                rows.append(run(args, name, options, min(period, frames), seed))
        for name, options in NO_NIGHT.items():  # never so many frames owed
            rows.append(run(args, name, options, 10 * frames, seed))
    return rows


def figures(rows, name, key="accuracy"):
    """(period, mean, least, most), by period."""
    out = []
    for period in sorted({r["period"] for r in rows if r["recipe"] == name}):
        got = [r[key] for r in rows
               if r["recipe"] == name and r["period"] == period]
        out.append((period, sum(got) / len(got), min(got), max(got)))
    return out


def table(rows):
    names = list(dict.fromkeys(r["recipe"] for r in rows))
    for name in names:
        cells = [f"{mean:.1f} ({least:.1f} to {most:.1f})"
                 for _, mean, least, most in figures(rows, name)]
        print(f"| {name} | " + " | ".join(cells) + " |")


def draw(rows, path):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    plt.rcParams["font.size"] = 9
    fig, ax = plt.subplots(figsize=(6, 3.4), dpi=110)
    looks = {"paired, plain": ("paired sleep", "C7", "s--"),
             "apart, centred": ("apart, centred layers", "C0", "o-"),
             "apart, plain, margin": ("apart, plain layers, margin", "C1",
                                      "v-"),
             "apart, plain": ("apart, plain layers", "C3", "^-")}
    for name, (label, colour, mark) in looks.items():
        at, mean, least, most = zip(*figures(rows, name))
        ax.plot(at, mean, mark, color=colour, label=label)
        ax.fill_between(at, least, most, color=colour, alpha=0.2, lw=0)
    ax.set_xscale("log", base=2)
    ax.set_xticks(at, [f"{n:,}" for n in at])
    ax.minorticks_off()
    ax.set_ylim(0, 100)
    ax.set_xlabel("frames between two sleeps (one pass of 60,000)")
    ax.set_ylabel("MNIST test accuracy, %")
    ax.grid(alpha=0.3)
    ax.legend(loc="lower left", frameon=False)
    fig.tight_layout()
    fig.savefig(path)


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("bin", nargs="?")
    p.add_argument("--mnist", default=os.environ.get("FFD_DATA", "data") + "/mnist")
    p.add_argument("--seeds", type=int, default=3)
    p.add_argument("--held", action="store_true")
    p.add_argument("--json")
    p.add_argument("--png")
    p.add_argument("--from", dest="source")
    args = p.parse_args()
    if args.source:
        rows = json.loads(pathlib.Path(args.source).read_text())
    else:
        rows = measure(args)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(rows, indent=1) + "\n")
    print()
    table(rows)
    if args.png:
        draw(rows, args.png)


if __name__ == "__main__":
    main()

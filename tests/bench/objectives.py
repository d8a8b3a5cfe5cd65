#!/usr/bin/env python3
"""Every objective on the same streams: the tables of RESULTS.md.

    tests/bench/objectives.py BIN [--mnist DIR] [--fashion DIR] [--seeds N]
                              [--json FILE] [NAME ...]

BIN holds bench_stream (through lib, no daemon). Names, all by default:

    overlay      label_overlay, one pass; both ways to answer; sleep periods
    unlabelled   hybrid and self_contrastive, one pass without labels and a
                 read-out with 100, 10 and 1 % of them, beside the net untrained
    wide         the same, 2 x 1000 and 2 x 2000 units
    byclass      every objective, classes in turn, 2,000 frames remembered
    drift        pixels change places half-way: when it is noticed, what follows
    few          1 % of labels: learned as they come, with pseudo-labels, or sent
                 alone
    strange      typicality and novelty, and an untrained net's
    cost         time a frame, awake and asleep, and memory

Prints a line a run and, at the end, the mean of each row (least to most). The
defaults of each objective but for what a row names; test sets, which nothing was
chosen on.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess

LABELLESS = ("self_contrastive", "hybrid")
UNTRAINED = "lr=1e-7 every=0 exhausted=0"
ALL = {
    "competitive": "objective=competitive",
    "competitive, groups": "objective=competitive goodness=groups",
    "label_overlay": "objective=label_overlay",
    "hybrid": "objective=hybrid",
    "self_contrastive": "objective=self_contrastive",
}


class Bench:
    def __init__(self, args):
        self.args = args
        self.rows = {}

    def run(self, name, data, options, seed):
        command = [pathlib.Path(self.args.bin) / "bench_stream", data,
                   *options.split(), f"seed={seed}"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"objectives: {command}: {done.stderr}")
        got = json.loads(done.stdout)
        got["alarms_at"] = [int(at) for at, bits in re.findall(
            r"frame (\d+): drift (\d+)", done.stderr) if int(bits) & 3]
        self.rows.setdefault(name, []).append(got)
        print(json.dumps({"run": name, "seed": seed, **got}), flush=True)

    def seeds(self, name, data, options):
        for seed in range(1, self.args.seeds + 1):
            self.run(name, data, options, seed)


def overlay(b):
    m, o = b.args.mnist, "objective=label_overlay calibration=0 "
    b.seeds("label_overlay, read-out", m, o)
    b.seeds("label_overlay, goodness per label", m, o + "answer=goodness")
    for n in (64, 512, 4096):
        b.run(f"label_overlay, sleep every {n}", m,
              o + f"every={n} exhausted={n}", 1)


def unlabelled(b, units="500,500", seeds=True):
    fixed = (f"units={units} memory=60000 calibration=0 "
             "fit_every=1000000000 ")
    for place, data in (("MNIST", b.args.mnist), ("Fashion", b.args.fashion)):
        nets = {k: f"objective={k}" for k in LABELLESS}
        nets["untrained"] = "objective=self_contrastive " + UNTRAINED
        for net, options in nets.items():
            for share in (1, 0.1, 0.01):
                name = f"{place}, {units}, {net}, labels {100 * share:g} %"
                line = f"{fixed}{options} labelled={share}"
                if seeds:
                    b.seeds(name, data, line)
                else:
                    b.run(name, data, line, 1)


def wide(b):
    for units in ("1000,1000", "2000,2000"):
        unlabelled(b, units, seeds=False)


def byclass(b):
    fixed = "order=by-class memory=2000 calibration=0 "
    for name, options in ALL.items():
        more = "" if name in LABELLESS else " replay=3"
        b.run(f"by class, {name}", b.args.mnist, fixed + options + more, 1)
    for name in LABELLESS:
        b.run(f"by class, {name}, memory 10,000", b.args.mnist,
              fixed.replace("2000", "10000") + ALL[name], 1)


def drift(b):
    for n, name in enumerate(("none", "sleep", "boost")):
        b.seeds(f"drift, reaction {name}", b.args.mnist,
                f"n=40000 switch=20000 reaction={n}")
        b.seeds(f"drift, reaction {name}, 10,000 frames later", b.args.mnist,
                f"n=30000 switch=20000 reaction={n}")


def few(b):
    m = b.args.mnist
    for net in ("competitive", "self_contrastive"):
        o = f"objective={net} "
        if net == "self_contrastive":
            o += "units=500,500 "
        b.seeds(f"{net}, all labels", m, o)
        b.seeds(f"{net}, 1 % of labels", m, o + "labelled=0.01")
        b.seeds(f"{net}, 1 % sent alone", m, o + "labelled=0.01 sent=1")
        if net == "competitive":
            b.seeds(f"{net}, 1 %, pseudo_label 0.95", m,
                    o + "labelled=0.01 pseudo_label=0.95")


def strange(b):
    m, f = b.args.mnist, b.args.fashion
    b.seeds("strange to MNIST", m, f"novel={f}")
    b.seeds("strange to Fashion", f, f"novel={m}")
    b.run("strange to MNIST, untrained", m, f"novel={f} {UNTRAINED}", 1)
    b.run("strange to MNIST, self_contrastive", m,
          f"novel={f} objective=self_contrastive", 1)


def cost(b):
    for name, options in ALL.items():
        b.run(f"cost, {name}", b.args.mnist, options + " n=20000", 1)


def flat(row):
    """Numbers of a run by name, one level deep."""
    out = {}
    for key, value in row.items():
        if isinstance(value, dict):
            out.update({f"{key}.{k}": v for k, v in value.items()})
        elif isinstance(value, (int, float)):
            out[key] = value
    return out


def table(rows):
    for name, runs in rows.items():
        parts = []
        flats = [flat(run) for run in runs]
        for key in flats[0]:
            values = [f[key] for f in flats]
            if any(v != v for v in values):
                continue
            mean = sum(values) / len(values)
            digits = 4 if mean < 1 else 2 if mean < 1000 else 0
            text = f"{mean:.{digits}f}"
            if len(values) > 1:
                text += f" ({min(values):.{digits}f} to {max(values):.{digits}f})"
            parts.append(f"{key} {text}")
        alarms = [run["alarms_at"] for run in runs]
        if any(alarms):
            parts.append(f"error alarms at {alarms}")
        print(f"{name}: " + "; ".join(parts))


def main():
    p = argparse.ArgumentParser(usage=__doc__.replace('%', '%%'))
    p.add_argument("bin")
    p.add_argument("names", nargs="*")
    p.add_argument("--mnist", default=os.environ.get("FFD_DATA", "data") + "/mnist")
    p.add_argument("--fashion", default="/usr/share/datasets/fashion-mnist")
    p.add_argument("--seeds", type=int, default=3)
    p.add_argument("--json")
    args = p.parse_intermixed_args()
    b = Bench(args)
    for what in (overlay, unlabelled, wide, byclass, drift, few, strange, cost):
        if not args.names or what.__name__ in args.names:
            what(b)
    print()
    table(b.rows)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(b.rows))


if __name__ == "__main__":
    main()

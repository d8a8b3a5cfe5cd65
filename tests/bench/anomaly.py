#!/usr/bin/python3
"""Anomalies of known cause in four real streams, found without a label.

    tests/bench/anomaly.py BIN [--length N] [--seeds N]

BIN holds bench_anomaly; FFD_DATA holds nab (its README says what it is). Each
method gives each value of a stream a score before it learns of it. The first
15 % of a stream are for warming up.

At a budget of 1 %: alarms are the 1 % of values with the highest scores. Precision:
the share of these within a labelled window. Recall: windows that hold one. Delay:
from the beginning of a window to its first alarm, as a share of the window. One
alarm an episode: the ten highest peaks that are 48 values apart; windows they hit.
Random alarms are told beside: recall alone says nothing, as spread-out alarms hit
every window.

Then the alarms that ffd raises itself, online, at p <= 0.01 and once an episode:
how many, in windows, windows hit.

Methods: ffd (distance to the nearest windows remembered: lib/anomaly.h); a running
z-score (exponentially weighted mean and variance, rates .01 and .002); the error of
an autoregressive model of order 16 (recursive least squares), as a z-score.
"""
import argparse
import csv
import gzip
import json
import os
import pathlib
import subprocess

import numpy as np

DATA = pathlib.Path(os.environ.get("FFD_DATA", "."))
NAMES = ("ambient_temperature_system_failure",
         "cpu_utilization_asg_misconfiguration", "nyc_taxi",
         "rogue_agent_key_updown")
WARM = 0.15
DEAD = 48


def load(name):
    with gzip.open(DATA / f"nab/{name}.csv.gz", "rt") as f:
        rows = list(csv.DictReader(f))
    return (np.array([float(r["value"]) for r in rows]),
            np.array([int(r["in_window"]) for r in rows]))


def windows(inside, begin):
    edges = np.diff(np.concatenate([[0], inside, [0]]))
    pairs = zip(np.where(edges == 1)[0], np.where(edges == -1)[0])
    return [(a, b) for a, b in pairs if b > begin]


# ---- methods --------------------------------------------------------------------


def weighted(rate):
    def score(x):
        mean, variance, out = x[0], 0.0, np.zeros(len(x))
        for i, value in enumerate(x):
            d = value - mean
            out[i] = abs(d) / np.sqrt(variance + 1e-12) if i > 50 else 0
            mean += rate * d
            variance += rate * (d * d - variance)
        return out
    return score


def autoregressive(order, keep=0.999):
    def score(x):
        x = (x - x[:200].mean()) / (x[:200].std() + 1e-12)
        w, P = np.zeros(order + 1), np.eye(order + 1) * 100
        out, variance = np.zeros(len(x)), 1.0
        for i in range(order, len(x)):
            u = np.concatenate([[1], x[i - order:i][::-1]])
            error = x[i] - w @ u
            if i > 5 * order:
                out[i] = abs(error) / np.sqrt(variance + 1e-12)
            g = P @ u
            gain = g / (keep + u @ g)
            w, P = w + gain * error, (P - np.outer(gain, g)) / keep
            if np.trace(P) > 1e6:
                P = np.eye(order + 1) * 100
            variance += max(.002, 1 / (i - order + 1)) * (
                min(error * error, 25 * variance if i > 100 else np.inf)
                - variance)
        return out
    return score


def random(seed):
    return lambda x: np.random.default_rng(seed).random(len(x))


def through_lib(args, seed):
    def score(x):
        done = subprocess.run(
            [f"{args.bin}/bench_anomaly", f"length={args.length}",
             f"seed={seed}"], check=True, text=True, capture_output=True,
            input="\n".join(f"{v:.9g}" for v in x))
        rows = np.array([[float(v) for v in line.split()]
                         for line in done.stdout.splitlines()])
        score.alarms = rows[:, 2] > 0
        score.cost = json.loads(done.stderr)
        return rows[:, 0]
    return score


# ---- how good they are --------------------------------------------------------


def judge(alarms, inside, begin):
    """Precision, windows hit and of how many, mean delay of those."""
    of = windows(inside, begin)
    first = [alarms[(alarms >= a) & (alarms < b)][:1] for a, b in of]
    delays = [(f[0] - a) / (b - a) for f, (a, b) in zip(first, of) if len(f)]
    return {"precision": round(float(inside[alarms].mean()), 3)
            if len(alarms) else None,
            "hit": len(delays), "of": len(of),
            "delay": round(float(np.mean(delays)), 2) if delays else None}


def budgeted(score, inside, begin):
    n = int(round(0.01 * (len(inside) - begin)))
    return np.sort(begin + np.argsort(-score[begin:], kind="stable")[:n])


def peaks(score, begin, n=10):
    left, out = score.copy(), []
    left[:begin] = -np.inf
    for _ in range(n):
        at = int(left.argmax())
        out.append(at)
        left[max(0, at - DEAD):at + DEAD + 1] = -np.inf
    return np.sort(np.array(out))


def main():
    say = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    say.add_argument("bin")
    say.add_argument("--length", type=int, default=32)
    say.add_argument("--seeds", type=int, default=1)
    args = say.parse_args()
    methods = {"random": random(1), "z-score, rate .01": weighted(.01),
               "z-score, rate .002": weighted(.002),
               "autoregressive 16": autoregressive(16)}
    for seed in range(1, args.seeds + 1):
        methods[f"ffd, seed {seed}"] = through_lib(args, seed)
    for method, score_of in methods.items():
        precision, hit, of, single = [], 0, 0, 0
        for name in NAMES:
            x, inside = load(name)
            begin = int(WARM * len(x))
            score = score_of(x)
            score = np.where(np.isfinite(score), score, -np.inf)
            line = judge(budgeted(score, inside, begin), inside, begin)
            apart = judge(peaks(score, begin), inside, begin)
            line = {"method": method, "stream": name, **line,
                    "ten_peaks": apart["precision"],
                    "ten_peaks_hit": apart["hit"]}
            if hasattr(score_of, "alarms"):
                own = np.where(score_of.alarms)[0]
                line["raised"] = {"alarms": int((own >= begin).sum()),
                                  **judge(own[own >= begin], inside, begin)}
                line["us_a_value"] = score_of.cost["us_a_value"]
            print(json.dumps(line), flush=True)
            precision.append(line["precision"] or 0)
            hit, of, single = (hit + line["hit"], of + line["of"],
                               single + apart["hit"])
        print(json.dumps({"method": method, "stream": "all", "precision":
                          round(float(np.mean(precision)), 3), "hit": hit,
                          "of": of, "ten_peaks_hit": single}), flush=True)


if __name__ == "__main__":
    main()

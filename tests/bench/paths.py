#!/usr/bin/python3
"""What one request over HTTP costs ffd's loop, path by path.

    tests/bench/paths.py BIN [--models N] [--requests N] [--spec YAML]

BIN holds ffd. Starts one with N models that have learned and answered a little,
and asks for each path again and again on one connection that is kept. Prints,
of a request, by what the daemon says of itself before and after: CPU time
(process_cpu_seconds_total) and how long the loop was busy (the sum of
ffd_loop_turn_seconds), means; the time that the client sees, its median; and
the bytes of an answer. Of these CPU time is the least troubled by what else
runs.
"""
import argparse
import http.client
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

TREE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TREE / "clients/python/src"))

import ffd  # noqa: E402

PATHS = ("/healthz", "/api/models", "/api/stats", "/metrics",
         "/api/models/m0/status", "/api/models/m0/history")
TINY = "{input: {shape: [4]}, classes: 2, memory: 8, layers: [{dense: 4}]}"


def get(connection, path):
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status} {body!r}")
    return body


def spent_s(connection):
    """CPU time, and of that what the loop was busy."""
    text = get(connection, "/metrics")
    return [float(re.search(rb"^%s (\S+)" % name, text, re.M).group(1))
            for name in (b"process_cpu_seconds_total",
                         b"ffd_loop_turn_seconds_sum")]


def measure(connection, path, requests):
    size = len(get(connection, path))
    took = []
    before = spent_s(connection)
    for _ in range(requests):
        began = time.perf_counter()
        get(connection, path)
        took.append(time.perf_counter() - began)
    spent = [(b - a) / requests
             for a, b in zip(before, spent_s(connection))]
    row = *spent, statistics.median(took)
    print(f"{path:24}" + "".join(f"{1e3 * s:9.3f}" for s in row) +
          f"{size:9}", flush=True)


def main():
    say = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    say.add_argument("bin")
    say.add_argument("--models", type=int, default=64)
    say.add_argument("--requests", type=int, default=1000)
    say.add_argument("--spec", default=TINY)
    args = say.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        address = f"unix:{folder}/s"
        config = pathlib.Path(folder) / "ffd.yaml"
        config.write_text(f"listen: [{address}]\nhttp: 127.0.0.1:0\n"
                          f"state: {folder}/state\nmodels:\n" + "".join(
                              f"  m{i}: {args.spec}\n"
                              for i in range(args.models)))
        with open(f"{folder}/log", "w") as log:
            daemon = subprocess.Popen([f"{args.bin}/ffd", "-c", config],
                                      stderr=log)
        try:
            with ffd.connect(address, timeout=30) as c:
                kind = c.status("m0").frame
                frames = np.random.default_rng(1).integers(
                    0, 255, (64, *kind.shape)).astype(np.uint8)
                for i in range(args.models):
                    c.learn_many(f"m{i}", frames, ["a", "b"] * 32)
                    c.predict(f"m{i}", frames[0])
                while any(m["debt"] for m in c.stats()["models"].values()):
                    time.sleep(0.01)
            port = int(re.search(
                r"dashboard: http://[^:]+:(\d+)/",
                pathlib.Path(f"{folder}/log").read_text()).group(1))
            connection = http.client.HTTPConnection("127.0.0.1", port)
            print(f"{f'{args.models} models, ms a request':24}"
                  "      cpu     loop   client    bytes")
            for path in PATHS:
                measure(connection, path, args.requests)
        finally:
            daemon.terminate()
            daemon.wait()


if __name__ == "__main__":
    main()

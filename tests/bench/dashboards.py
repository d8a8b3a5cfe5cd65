#!/usr/bin/python3
"""What open dashboards cost: frames/s learned, and latency of answers, with and
without them, turn by turn.

    tests/bench/dashboards.py BIN --mnist DIR [--seconds S] [--repeats N] [--open N]

BIN holds ffd and ffctl. Each turn starts an ffd of its own with the default
model, feeds it as fast as it goes for S seconds, and asks 100 questions a second
by another connection. A dashboard does what the page does: it reads /api/events
and asks for a portrait every 2 s; beside them /metrics is scraped once a second.
They are threads of one process of their own, on the same cores. Latency is what
the daemon itself measured, from a question's arrival to its answer. Prints medians
(least to most), and JSON lines of the turns.
"""
import argparse
import gzip
import http.client
import json
import pathlib
import re
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


def read_events(port):
    c = http.client.HTTPConnection("127.0.0.1", port)
    c.request("GET", "/api/events")
    answer = c.getresponse()
    while answer.readline():
        pass


def poll(port, path, every_s):
    c = http.client.HTTPConnection("127.0.0.1", port)
    while True:
        c.request("GET", path)
        c.getresponse().read()
        time.sleep(every_s)


def be_dashboards(port, n):
    """In a process of its own, until it is killed."""
    jobs = [(poll, (port, "/metrics", 1))]
    for _ in range(n):
        jobs += [(read_events, (port,)),
                 (poll, (port, "/api/models/m/portrait", 2))]
    for job, arguments in jobs:
        threading.Thread(target=job, args=arguments, daemon=True).start()
    time.sleep(3600)


def turn(bin_dir, mnist, seconds, dashboards):
    images = [str(pathlib.Path(mnist) / f"train-{kind}-ubyte.gz")
              for kind in ("images-idx3", "labels-idx1")]
    frame = np.frombuffer(gzip.open(images[0]).read(800), np.uint8)[16:]
    with tempfile.TemporaryDirectory() as folder:
        address = f"unix:{folder}/s"
        config = pathlib.Path(folder) / "ffd.yaml"
        config.write_text(f"listen: [{address}]\nhttp: 127.0.0.1:0\n"
                          f"state: {folder}/state\nmodels:\n"
                          "  m: {input: {shape: [28, 28]}}\n")
        log = open(f"{folder}/log", "w+")
        daemon = subprocess.Popen([f"{bin_dir}/ffd", "-c", config], stderr=log)
        others = []
        try:
            with ffd.connect(address, timeout=30) as c:
                c.ping()
                port = int(re.search(
                    r"dashboard: http://[^:]+:(\d+)/",
                    pathlib.Path(f"{folder}/log").read_text()).group(1))
                if dashboards:
                    others.append(subprocess.Popen(
                        [sys.executable, __file__, "--be", str(port),
                         str(dashboards)]))
                others.append(subprocess.Popen(
                    [f"{bin_dir}/ffctl", "-s", address, "feed", "m", "--idx",
                     *images, "--repeat", "100", "--json"],
                    stdout=subprocess.DEVNULL))
                while c.status("m").seq == 0:
                    time.sleep(0.01)
                began, first = time.monotonic(), c.status("m").seq
                asked = 0
                while (now := time.monotonic() - began) < seconds:
                    if asked > 100 * now:
                        time.sleep(asked / 100 - now)
                    c.predict("m", frame)
                    asked += 1
                learned = c.status("m").seq - first
                took = time.monotonic() - began
                p = c.stats()["models"]["m"]["predict_us"]
        finally:
            for other in others:
                other.kill()
                other.wait()
            daemon.terminate()
            daemon.wait()
    return {"dashboards": dashboards, "frames_per_second": learned / took,
            "p50_ms": p["p50"] / 1000, "p99_ms": p["p99"] / 1000,
            "questions": asked}


def main():
    if sys.argv[1:2] == ["--be"]:
        be_dashboards(int(sys.argv[2]), int(sys.argv[3]))
    say = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    say.add_argument("bin")
    say.add_argument("--mnist", required=True)
    say.add_argument("--seconds", type=float, default=10)
    say.add_argument("--repeats", type=int, default=5)
    say.add_argument("--open", type=int, default=10)
    args = say.parse_args()
    turns = []
    for _ in range(args.repeats):
        for n in 0, args.open:
            turns.append(turn(args.bin, args.mnist, args.seconds, n))
            print(json.dumps(turns[-1]), flush=True)
    for n in 0, args.open:
        mine = [t for t in turns if t["dashboards"] == n]
        line = f"{n:3} dashboards:"
        for key in "frames_per_second", "p50_ms", "p99_ms":
            got = [t[key] for t in mine]
            line += (f"  {key} {statistics.median(got):.1f} "
                     f"({min(got):.1f} to {max(got):.1f})")
        print(line)


if __name__ == "__main__":
    main()

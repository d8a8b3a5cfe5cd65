#!/usr/bin/python3
"""Every fault there is, in turn; see sweep.py and powercut.py for the claims.

    faults.py [--random N] [--power N] [--seed S] [KIND ...]

    --random N  failing allocations in libraries, at random (500)
    --power N   power cuts (200)
    KIND        of alloc, write, sync, rename, unlink, create, truncate, other,
                power; all of them if none is named

Exit code 0 if all claims held. The first that did not ends it.
"""
import argparse
import collections
import errno
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from control import FOREVER  # noqa: E402
from harness import allow_descriptors  # noqa: E402
from powercut import Cuts, Recording  # noqa: E402
from sweep import FILE_KINDS, Broken, Sweep  # noqa: E402

KINDS = ["alloc", *FILE_KINDS, "other", "power"]


def say(*words):
    print(*words, flush=True)


def every(sweep, kind):
    errors = ([errno.ENOMEM] if kind == "alloc" else
              [errno.EIO, errno.ENOSPC] if kind in ("write", "create") else
              [errno.EIO])
    for error in errors:
        say(f"{kind}: each of {sweep.all(kind, error=error)} calls failed "
            f"once ({errno.errorcode[error]})")
    if kind != "alloc":
        say(f"{kind}: all from each of {sweep.all(kind, many=FOREVER)} on")


def others(sweep, n, seed):
    """Allocations in libraries; aborts there are allowed, and listed."""
    r = random.Random(seed)
    last = sweep.calls("alloc_other")
    aborts = collections.Counter()
    for _ in range(n):
        trial = sweep.trial("alloc_other", r.randint(1, last))
        if trial.crash:
            aborts[f"{trial.crash}, refused to {trial.who}"] += 1
    say(f"other: {n} of {last} allocations in libraries failed; "
        f"{sum(aborts.values())} aborted")
    for where, times in aborts.most_common():
        say(f"  {times} in {where}")


def power(n, seed):
    recording = Recording(seed)
    cuts = Cuts(recording.log, seed)
    try:
        for cut, choice in cuts.some(n):
            cuts.check(cut, choice)
    finally:
        cuts.remove()
        recording.remove()
    say(f"power: {n} cuts in {len(recording.log.records)} records; no durable "
        "frame lost, each disk opened")


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--random", type=int, default=500)
    p.add_argument("--power", type=int, default=200)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("kinds", nargs="*", metavar="KIND",
                   help=f"of {', '.join(KINDS)}")
    o = p.parse_args()
    if set(o.kinds) - set(KINDS):
        p.error(f"KIND must be of {', '.join(KINDS)}")
    kinds = o.kinds or KINDS
    allow_descriptors()
    begun = time.monotonic()
    sweep = Sweep()
    try:
        for kind in kinds:
            if kind == "other":
                others(sweep, o.random, o.seed)
            elif kind == "power":
                power(o.power, o.seed)
            else:
                every(sweep, kind)
    except Broken as e:
        say(f"faults: {e}")
        return 1
    finally:
        sweep.remove()
    say(f"faults: all held, {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""A body sensor: nine channels at 50 Hz, sample by sample, labelled late.

    python_sensor.py [--model NAME] [--seconds S] [--fast]

Makes the model if there is none of that name. The sensor is made up: somebody
rests, walks or runs for some seconds each, and says what it was only when it is
over. ffd makes windows of half a second; a label is for the sample that completes
one. --fast does not wait for real time. FFD_ADDRESS says where ffd is.
"""
import argparse
import time

import numpy as np

import ffd

RATE_HZ, WINDOW, CHANNELS = 50, 25, 9
BOUTS = {"rest": (0.0, 0.05), "walk": (1.8, 0.5), "run": (3.0, 1.5)}


def bouts(rng):
    """(activity, (WINDOW, CHANNELS) float32), half a second each, for ever."""
    place = np.linspace(0, np.pi, CHANNELS)
    t = 0.0
    while True:
        name = rng.choice(list(BOUTS))
        pace, force = BOUTS[name]
        for _ in range(rng.integers(6, 20)):
            times = t + np.arange(WINDOW) / RATE_HZ
            t = times[-1] + 1 / RATE_HZ
            wave = np.sin(2 * np.pi * pace * times[:, None] + place)
            noise = rng.normal(0, 0.1, (WINDOW, CHANNELS))
            yield name, (force * wave + noise).astype(np.float32)


def main():
    say = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    say.add_argument("--model", default="motion")
    say.add_argument("--seconds", type=float, default=60)
    say.add_argument("--fast", action="store_true")
    args = say.parse_args()
    right = asked = 0
    with ffd.connect() as c:
        if args.model not in [m["name"] for m in c.models()]:
            c.create(args.model, {
                "input": {"shape": [CHANNELS], "dtype": "f32"},
                "stream": {"length": WINDOW, "stride": WINDOW},
                "classes": 8, "layers": [{"dense": 200}, {"dense": 200}]})
        waiting, was = [], None
        for i, (activity, window) in enumerate(
                bouts(np.random.default_rng(1))):
            if i * WINDOW / RATE_HZ >= args.seconds:
                break
            if activity != was and waiting:  # it is over: now we are told
                for frame_id in waiting:
                    c.label(args.model, frame_id, was)
                waiting = []
            was = activity
            waiting.append(
                c.learn_many(args.model, window, stream="body").ids[-1])
            answer = c.now(args.model, "body")
            if answer.label is not None:
                asked += 1
                right += answer.label == activity
            print(f"\r{activity:5} answered {answer.label or 'nothing':8} "
                  f"{100 * right / max(asked, 1):5.1f} % right", end="")
            if not args.fast:
                time.sleep(WINDOW / RATE_HZ)
    print(f"\n{right} of {asked} answers right")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Sensors on people, sample by sample: what is somebody doing?

    python_activity.py [--model NAME] [--data FILE.npz]

FILE.npz holds x (samples, channels) at one rate, y (samples) labels as text ("":
none) and who (samples), whose each is; a third of the people is kept apart and
asked about. Without it nine people are made up, of six channels at 50 Hz. Makes
the model if there is none of that name. FFD_ADDRESS says where ffd is.
"""
import argparse

import numpy as np

import ffd

LENGTH, STRIDE = 128, 64
ACTIVITIES = {"rest": (0.0, 0.05), "walk": (1.8, 0.5), "run": (3.0, 1.5)}


def made_up(people=9, bout=1000):
    """Each with a pace, a strength and a way to wear the sensor of his own."""
    rng = np.random.default_rng(1)
    x, y, who = [], [], []
    for person in range(people):
        pace, force = rng.uniform(0.8, 1.25, 2)
        place = rng.uniform(0, np.pi, 6)
        for name in rng.permutation(list(ACTIVITIES) * 2):
            hz, strength = ACTIVITIES[name]
            t = np.arange(bout)[:, None] / 50
            wave = force * strength * np.sin(2 * np.pi * hz * pace * t + place)
            x.append(wave + rng.normal(0, 0.1, wave.shape))
            y += [name] * bout
            who += [f"person {person}"] * bout
    return np.concatenate(x), np.array(y), np.array(who)


def recordings(x, y, who):
    """(key, samples, labels) of each person, in the order of time."""
    for key in dict.fromkeys(who):
        mine = who == key
        yield str(key), x[mine].astype(np.float32), y[mine]


def learn(c, model, people):
    for key, x, y in people:
        done = c.learn_many(model, x, [label or None for label in y],
                            stream=key, end=True)
        print(f"{key}: {done.n} samples")


def ask(c, model, people):
    """After each window that somebody new completes."""
    right = asked = 0
    for key, x, y in people:
        for end in range(LENGTH, len(x) + 1, STRIDE):
            begin = end - (LENGTH if end == LENGTH else STRIDE)
            c.learn_many(model, x[begin:end], stream=key, observe=True)
            names, counts = np.unique(y[end - LENGTH:end], return_counts=True)
            most = names[counts.argmax()]
            if most:
                asked += 1
                right += c.now(model, key, fresh=True).label == most
    print(f"{right} of {asked} windows of people it never met right")


def main():
    say = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    say.add_argument("--model", default="activity")
    say.add_argument("--data")
    args = say.parse_args()
    if args.data:
        data = np.load(args.data)
        x, y, who = data["x"], data["y"], data["who"]
    else:
        x, y, who = made_up()
    people = list(recordings(x, y, who))
    apart = max(1, len(people) // 3)
    with ffd.connect() as c:
        if args.model not in [m["name"] for m in c.models()]:
            c.create(args.model, {
                "input": {"shape": [x.shape[1]], "dtype": "f32"},
                "stream": {"keys": 256, "missing": "hold", "length": LENGTH,
                           "stride": STRIDE, "features": "spectrum"},
                "classes": 32, "layers": [{"dense": 300}, {"dense": 300}],
                "answer": "closed_form", "fit_every": 256,
                "sleep": {"replay": 3, "jitter": 0}, "overload": "block"})
        learn(c, args.model, people[:-apart])
        c.sleep(args.model)
        ask(c, args.model, people[-apart:])


if __name__ == "__main__":
    main()

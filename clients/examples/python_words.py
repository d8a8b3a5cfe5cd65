#!/usr/bin/env python3
"""Spoken words: learn them from WAV files, then listen.

    python_words.py [--model NAME] [--microphone SECONDS] [FILE.wav ...]

A file's word is its name up to the first _, as in seven_ann_3.wav. Every tenth
is kept apart and asked about. Without files two words are made up, of two tones
each. Then, with --microphone, each SECONDS of sound are a recording (arecord of
ALSA records them). Makes the model if there is none of that name. FFD_ADDRESS
says where ffd is.
"""
import argparse
import pathlib
import subprocess
import wave

import numpy as np

import ffd

RATE, PIECE = 8000, 80


def made_up(n=200):
    """(word, sound): up and down are tones that rise or fall, and noise."""
    rng = np.random.default_rng(1)
    for i in range(n):
        word = ("up", "down")[i % 2]
        low, high = 400 * rng.uniform(0.8, 1.2), 1500 * rng.uniform(0.8, 1.2)
        t = np.arange(int(RATE * rng.uniform(0.25, 0.45)))
        path = np.linspace(*((low, high) if word == "up" else (high, low)),
                           len(t))
        sound = np.sin(2 * np.pi * np.cumsum(path) / RATE)
        noise = rng.normal(0, 0.05, len(t))
        yield word, (8000 * (sound + noise)).astype("<i2")


def read(path):
    with wave.open(str(path), "rb") as file:
        if (file.getframerate(), file.getsampwidth()) != (RATE, 2):
            raise SystemExit(f"{path}: it must be 16 bits at {RATE} Hz")
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return sound.reshape(-1, file.getnchannels())[:, 0]


def pieces(sound):
    """(n, PIECE), the last filled up with silence."""
    return np.pad(sound, (0, -len(sound) % PIECE)).reshape(-1, PIECE)


def recognise(c, model, sound):
    """What it hears, learning nothing: each sound is a recording."""
    c.learn_many(model, pieces(sound), stream="heard", end=True, observe=True)
    return c.now(model, "heard", fresh=True)


def listen(c, model, seconds):
    values = int(RATE * seconds)
    with subprocess.Popen(
            ["arecord", "-q", "-t", "raw", "-f", "S16_LE", "-r", str(RATE)],
            stdout=subprocess.PIPE) as mic:
        while len(heard := mic.stdout.read(2 * values)) == 2 * values:
            answer = recognise(c, model, np.frombuffer(heard, "<i2"))
            print(f"{answer.label}, {100 * answer.confidence:.0f} % sure")


def main():
    say = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    say.add_argument("--model", default="words")
    say.add_argument("--microphone", type=float, metavar="SECONDS")
    say.add_argument("files", nargs="*", type=pathlib.Path)
    args = say.parse_args()
    words = ([(f.name.split("_")[0], read(f)) for f in args.files]
             or list(made_up()))
    np.random.default_rng(1).shuffle(order := np.arange(len(words)))
    apart = order[::10]
    with ffd.connect() as c:
        if args.model not in [m["name"] for m in c.models()]:
            c.create(args.model, {
                "input": {"shape": [PIECE], "dtype": "i16"},
                "stream": {"sound": "log_mel", "rate": RATE, "bands": 24,
                           "length": 40, "stride": 0},
                "classes": 32, "layers": [{"conv": 32, "kernel": 5, "pool": 2},
                                          {"conv": 64, "pool": 2}],
                "overload": "block"})
        for i in np.setdiff1d(order, apart, assume_unique=True):
            word, sound = words[i]
            x = pieces(sound)
            c.learn_many(args.model, x, [word] * len(x), end=True)
        right = sum(recognise(c, args.model, words[i][1]).label == words[i][0]
                    for i in apart)
        print(f"{right} of {len(apart)} words right")
        if args.microphone:
            listen(c, args.model, args.microphone)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Text, byte by byte: learn one, then go on where somebody stopped.

    python_text.py [--model NAME] [--prompt TEXT] [--symbols N] [FILE]

FILE is learned, without one a text that is made up. Then the likeliest symbol is
put behind the prompt, N times. Makes the model if there is none of that name.
FFD_ADDRESS says where ffd is.
"""
import argparse
import pathlib

import numpy as np

import ffd

WHO, DOES, WHERE = (("the fox", "the crow", "a lion", "the old hare"),
                    ("sat", "ran", "slept", "sang"),
                    ("by the river", "under a tree", "in the sun"))


def made_up(sentences=2000):
    rng = np.random.default_rng(1)
    return " ".join(f"{rng.choice(WHO)} {rng.choice(DOES)} "
                    f"{rng.choice(WHERE)}." for _ in range(sentences)).encode()


def byte_of(label):
    """The byte that a symbol's label stands for."""
    return bytes([int(label[2:], 16)]) if len(label) == 4 else label.encode()


def go_on(c, model, prompt, n):
    """The prompt and what is likeliest to follow, symbol by symbol."""
    seen = c.status(model).frame.window.shape[0]
    text = prompt
    for _ in range(n):
        text += byte_of(c.predict(model, text[-seen:]).label)
    return text


def main():
    say = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    say.add_argument("--model", default="text")
    say.add_argument("--prompt", default="the fox s")
    say.add_argument("--symbols", type=int, default=40)
    say.add_argument("file", nargs="?", type=pathlib.Path)
    args = say.parse_args()
    text = args.file.read_bytes() if args.file else made_up()
    with ffd.connect() as c:
        if args.model not in [m["name"] for m in c.models()]:
            c.create(args.model, {
                "input": {"shape": [1], "dtype": "u8"}, "classes": 256,
                "stream": {"features": "symbols"}, "overload": "block"})
        done = c.learn_many(args.model, text, batch=4096)
        print(f"{done.n} symbols, {100 * done.right / done.n:.1f} % right "
              "before they were learned")
        c.predict(args.model, b" ", fresh=True)  # all of it is learned
        print(go_on(c, args.model, args.prompt.encode(),
                    args.symbols).decode(errors="replace"))


if __name__ == "__main__":
    main()

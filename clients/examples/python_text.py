#!/usr/bin/env python3
"""Text, byte by byte: learn one, then go on where somebody stopped.

    python_text.py [--model NAME] [--prompt TEXT] [--symbols N] [FILE]

FILE is learned, without one a text that is made up. Then the model writes N symbols
after the prompt, keeping to what it finds likely. Makes the model if there is none of that name.
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
        more = c.generate(args.model, args.prompt, args.symbols,
                          temperature=0.5, seed=1, fresh=True)
        print(args.prompt + (more if isinstance(more, str)
                             else more.decode(errors="replace")))


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""Make the picture of the README, clients/web/dashboard.png.

    FFD_DATA=DIR FFD_BIN=build/release/bin tests/e2e/dashboard/picture.py

DIR holds the four IDX files of MNIST, gzipped. An ffd learns from them at 800
frames a second for 40 seconds; then what a screen of 1440 x 1760 shows is drawn.
"""
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import Daemon, FFCTL, TREE  # noqa: E402
from test_dashboard import LIVE, Browser  # noqa: E402

OUT = TREE / "clients/web/dashboard.png"


def main():
    data = pathlib.Path(os.environ["FFD_DATA"])
    d = Daemon({"digits": {"input": {"shape": [28, 28], "dtype": "u8"}}},
               http="127.0.0.1:0").start()
    b = Browser()
    try:
        b.open(d, 1440, 1760)
        b.until(LIVE)
        feed = subprocess.Popen(
            [FFCTL, "-s", d.address, "feed", "digits", "--idx",
             data / "train-images-idx3-ubyte.gz",
             data / "train-labels-idx1-ubyte.gz", "--rate", "800",
             "--batch", "16", "--json"], stdout=subprocess.DEVNULL)
        time.sleep(20)
        # Somebody asks meanwhile.
        subprocess.run(
            [FFCTL, "-s", d.address, "eval", "digits", "--idx",
             data / "t10k-images-idx3-ubyte.gz",
             data / "t10k-labels-idx1-ubyte.gz", "--limit", "2000", "--json"],
            stdout=subprocess.DEVNULL, check=True)
        d.ctl_json("save", "digits", "--wait", "--name", "before-noon")
        time.sleep(20)
        b.do("picture", path=str(OUT), whole=False)
        feed.terminate()
        feed.wait()
    finally:
        b.close()
        d.stop()
        d.remove()
    print(f"{OUT}: {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()

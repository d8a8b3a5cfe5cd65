"""Every block of README.md is run, or says why not.

An HTML comment before an indented block says what it is:

    <!-- run -->            a shell script; all of them in one shell, in order
    <!-- run: python -->    a Python program, run in its place among these
    <!-- file: NAME -->     the block is that file
    <!-- not run: WHY -->   a person runs it
    <!-- shown: WHAT -->    nothing to run

They run in one empty directory, with ffd and ffctl on the path and small data
files under the names that the README gives.
"""
import gzip
import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile

import numpy as np

import harness
from harness import BIN, TREE, Case, digits, environment

README = TREE / "README.md"
MARK = re.compile(r"<!-- (run: python|run|file: (\S+)|not run: (.+)|"
                  r"shown: (.+)) -->\Z")


def blocks(text):
    """(mark, block, line) of each block; mark None where there is none."""
    lines = text.split("\n")
    at, before = 0, ""
    while at < len(lines):
        if not lines[at].startswith("    ") or (
                at > 0 and lines[at - 1].strip()):
            before = lines[at] if lines[at].strip() else before
            at += 1
            continue
        begin = at
        while at < len(lines) and (lines[at].startswith("    ") or
                                   not lines[at].strip()):
            at += 1
        block = "\n".join(line[4:] for line in lines[begin:at]).strip("\n")
        yield MARK.match(before), block + "\n", begin + 1
        before = ""


def idx(path, array):
    magic = 0x800 | array.ndim
    head = struct.pack(f">{1 + array.ndim}I", magic, *array.shape)
    with gzip.open(path, "wb") as file:
        file.write(head + array.astype(np.uint8).tobytes())


def put_walks(path):
    """Two people who walk and sit in turn, 50 samples a second."""
    random = np.random.default_rng(1)
    rows = ["who,activity," + ",".join(f"c{i}" for i in range(6))]
    for t in range(1600):
        walks = t // 200 % 2
        for who in ("ann", "bob"):
            x = walks * np.sin(t / 4 + np.arange(6)) + random.normal(0, .1, 6)
            rows.append(f"{who},{'walks' if walks else 'sits'},"
                        + ",".join(f"{v:.4f}" for v in x))
    path.write_text("\n".join(rows) + "\n")


def put_data(place):
    """28 x 28 pictures of the digits that the tests have, under the names that
    the README uses."""
    frames, labels = digits()
    large = np.zeros((len(frames), 28, 28), np.uint8)
    large[:, 2:26, 2:26] = np.kron(frames, np.ones((3, 3), np.uint8)) * 15
    names = np.array([int(k) for k in labels])
    for begin, n, images, names_file in (
            (0, 900, "train-images-idx3-ubyte.gz",
             "train-labels-idx1-ubyte.gz"),
            (900, 300, "t10k-images-idx3-ubyte.gz",
             "t10k-labels-idx1-ubyte.gz"),
            (1200, 400, "more-images.gz", "more-labels.gz")):
        idx(place / images, large[begin:begin + n])
        idx(place / names_file, names[begin:begin + n])
    (place / "frame.bin").write_bytes(large[-1].tobytes())
    put_walks(place / "walks.csv")
    shutil.copy(README, place / "book.txt")


def free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Readme(Case):
    def test_every_block_says_what_it_is(self):
        found = list(blocks(README.read_text(encoding="utf-8")))
        self.assertGreater(len(found), 10)
        for mark, block, line in found:
            self.assertIsNotNone(mark, f"README.md:{line}: {block[:60]!r}")

    def test_what_it_names_is_there(self):
        text = README.read_text(encoding="utf-8")
        for name in re.findall(r"\]\((?!http)([^)#]+)\)", text):
            self.assertTrue((TREE / name.strip()).exists(), name)
        for name in set(re.findall(r"\bscripts/[a-z]+", text)):
            done = subprocess.run([TREE / name, "--help"], timeout=60,
                                  capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, name)

    def test_its_blocks_run_in_order(self):
        # Another ffd on this machine must not answer in this one's place.
        for port in (7310, 7311):
            if not free(port):
                self.skipTest(f"port {port}, which the README uses, is taken")
        place = harness.pathlib.Path(tempfile.mkdtemp(prefix="ffd-readme-"))
        self.addCleanup(shutil.rmtree, place)
        put_data(place)
        script = ["set -eu", "trap 'kill $(jobs -p) 2> /dev/null || :' EXIT"]
        for mark, block, line in blocks(README.read_text(encoding="utf-8")):
            kind, name = mark.group(1), mark.group(2)
            if name:
                (place / name).write_text(block, encoding="utf-8")
            elif kind == "run":
                # What begins in the background is awaited, as a reader would.
                script += [f": README.md:{line}", block]
                if re.search(r"&$", block, re.M):
                    script.append("tries=400; until ffctl ping > /dev/null 2>&1"
                                  "; do tries=$((tries - 1)); [ $tries -gt 0 ];"
                                  " sleep 0.05; done")
            elif kind == "run: python":
                file = place / f"line{line}.py"
                file.write_text(block, encoding="utf-8")
                script += [f": README.md:{line}",
                           f"/usr/bin/python3 {file.name}"]
        done = subprocess.run(
            ["bash", "-x", "-c", "\n".join(script)], cwd=place, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=280,
            check=False, env=dict(environment(), PATH=f"{BIN}:"
                                  f"{os.environ['PATH']}",
                                  PYTHONPATH=str(TREE / "clients/python/src")))
        self.assertEqual(done.returncode, 0,
                         f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        self.assertTrue((place / "dreams.png").read_bytes().startswith(
            b"\x89PNG"))
        self.assertIn("accuracy", done.stdout)


if __name__ == "__main__":
    harness.main()

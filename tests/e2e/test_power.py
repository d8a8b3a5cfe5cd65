"""After a power cut at any moment, ffd opens what is left and holds every frame
that it acknowledged as durable.

First the instrument itself (tests/faults/power.py): that it drops what nobody
flushed, and keeps what was.
"""
import subprocess
import sys
import tempfile
import pathlib
import unittest

import faults_path  # noqa: F401
import harness
from power import Chosen, Disk, Dropped, Log
from powercut import SHIM, Cuts, Recording

CUTS = 20


class Instrument(unittest.TestCase):
    """A small program under the shim, and the disks it may leave."""

    def setUp(self):
        self.home = tempfile.TemporaryDirectory(prefix="ffd-power-")
        self.addCleanup(self.home.cleanup)
        self.dir = pathlib.Path(self.home.name)
        self.built = 0

    def done(self, program):
        """The log of what a Python program did to the directory d."""
        (self.dir / "d").mkdir()
        program = "import os\ndef w(p, b):\n" \
            " f = os.open(p, os.O_WRONLY | os.O_CREAT)\n" \
            " os.write(f, b)\n return f\n" \
            "def flush(p):\n f = os.open(p, os.O_RDONLY)\n os.fsync(f)\n" \
            + program
        subprocess.run(
            [sys.executable, "-S", "-c", program], check=True, cwd=self.dir,
            env={"LD_PRELOAD": str(SHIM),
                 "FFD_POWER_DIR": str(self.dir / "d"),
                 "FFD_POWER_LOG": str(self.dir / "log"),
                 "D": str(self.dir / "d")})
        return Log(self.dir / "log")

    def disk(self, log, choice, cut=None):
        """What is left: names and contents."""
        self.built += 1
        to = self.dir / f"built{self.built}"
        Disk(log, log.end if cut is None else cut).build(to, choice)
        return {str(p.relative_to(to)): p.read_bytes()
                for p in to.rglob("*") if p.is_file()}

    def test_what_is_flushed_is_kept_and_the_rest_is_not(self):
        log = self.done("""
d = os.environ["D"]
f = w(d + "/a", b"one"); os.fsync(f); os.write(f, b"two"); flush(d)
w(d + "/b", b"nobody flushed me")
""")
        self.assertEqual(self.disk(log, Dropped()), {"a": b"one"})

    def test_a_name_is_kept_when_its_directory_is_flushed(self):
        log = self.done("""
d = os.environ["D"]
f = w(d + "/a.new", b"data"); os.fsync(f); flush(d)
os.rename(d + "/a.new", d + "/a")
""")
        self.assertEqual(self.disk(log, Dropped()), {"a.new": b"data"})
        log.records.append(log.records[-1].__class__(
            log.end, "S", log.end, "", "", b""))
        log.end += 1
        self.assertEqual(self.disk(log, Dropped()), {"a": b"data"})

    def test_a_rename_without_a_flush_of_the_data_may_leave_an_empty_file(self):
        log = self.done("""
d = os.environ["D"]
w(d + "/a.new", b"data"); os.rename(d + "/a.new", d + "/a"); flush(d)
""")
        self.assertEqual(self.disk(log, Dropped()), {"a": b""})

    def test_what_is_not_flushed_may_be_kept_in_pieces(self):
        log = self.done("""
d = os.environ["D"]
f = w(d + "/a", b""); flush(d); os.write(f, b"x" * 4096)
""")
        found = {len(self.disk(log, Chosen(i))["a"].replace(b"\0", b""))
                 for i in range(40)}
        self.assertGreater(len(found), 3)
        self.assertTrue(all(n % 512 == 0 for n in found), found)

    def test_a_removed_file_comes_back_if_nobody_flushed_the_directory(self):
        log = self.done("""
d = os.environ["D"]
f = w(d + "/a", b"data"); os.fsync(f); flush(d); os.unlink(d + "/a")
""")
        self.assertEqual(self.disk(log, Dropped()), {"a": b"data"})
        seen = {len(self.disk(log, Chosen(i))) for i in range(20)}
        self.assertEqual(seen, {0, 1})


class Daemon(unittest.TestCase):
    def test_a_power_cut_loses_no_durable_frame(self):
        recording = Recording(seed=1, lives=2, requests=40)
        self.addCleanup(recording.remove)
        self.assertGreater(recording.log.marked(recording.log.end), 0)
        cuts = Cuts(recording.log, seed=1)
        self.addCleanup(cuts.remove)
        for cut, choice in cuts.some(CUTS):
            cuts.check(cut, choice)


if __name__ == "__main__":
    harness.main()

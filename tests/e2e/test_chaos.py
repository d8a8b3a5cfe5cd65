"""Fifty kills under load: nothing lost, nothing twice, the same to the bit.

The claims and how they are judged are in tests/faults/chaos.py; scripts/chaos
is the long run.
"""
import subprocess
import sys
import unittest

import harness
from faults_path import FAULTS

KILLS = 50


class Chaos(unittest.TestCase):
    def test_fifty_kills_lose_nothing(self):
        done = subprocess.run(
            [sys.executable, "-B", str(FAULTS / "chaos.py"), "--quiet",
             "--kills", str(KILLS)],
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(f"{KILLS} kills", done.stdout)


if __name__ == "__main__":
    harness.main()

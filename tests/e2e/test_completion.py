"""Completion of ffctl, as bash does it."""
import os
import shutil
import subprocess
import unittest

import harness
from harness import BIN, TREE, Case, environment, small_model

SCRIPT = TREE / "clients/cli/ffctl.bash"


@unittest.skipUnless(shutil.which("bash"), "bash is not installed")
class Completion(Case):
    def complete(self, *words, **env):
        """What is offered for the last of the words."""
        quoted = " ".join(f"'{w}'" for w in words)
        done = subprocess.run(
            ["bash", "--norc", "-c",
             f". {SCRIPT}; COMP_WORDS=({quoted}); "
             f"COMP_CWORD={len(words) - 1}; _ffctl; "
             "printf '%s\\n' \"${COMPREPLY[@]}\""],
            env=dict(environment(), PATH=f"{BIN}:{os.environ['PATH']}", **env),
            text=True, capture_output=True, timeout=60, check=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_offers_verbs_options_and_choices(self):
        self.assertEqual(self.complete("ffctl", "pre"), ["predict"])
        self.assertIn("delete-version", self.complete("ffctl", "d"))
        self.assertIn("--token-file", self.complete("ffctl", "--"))
        self.assertEqual(self.complete("ffctl", "feed", "m", "--label-d"),
                         ["--label-delay"])
        self.assertEqual(self.complete("ffctl", "eval", "m", "--stream-"),
                         ["--stream-column"])
        self.assertEqual(self.complete("ffctl", "feed", "m", "--label-f"),
                         ["--label-from-name"])
        self.assertEqual(self.complete("ffctl", "feed", "m", "--ack", "d"),
                         ["durable"])
        self.assertIn(str(SCRIPT), self.complete(
            "ffctl", "feed", "m", "--csv", str(SCRIPT)[:-3]))
        self.assertIn(str(SCRIPT), self.complete(
            "ffctl", "feed", "m", "--wav", "a.wav", str(SCRIPT)[:-3]))

    def test_offers_models_of_the_daemon_that_is_named(self):
        d = self.daemon({"digits": small_model(), "other": small_model()})
        self.assertEqual(self.complete("ffctl", "status", "",
                                       FFD_ADDRESS=d.address),
                         ["digits", "other"])
        self.assertEqual(self.complete("ffctl", "-s", d.address, "feed", "d"),
                         ["digits"])

    def test_is_silent_where_there_is_no_daemon(self):
        self.assertEqual(self.complete("ffctl", "status", "",
                                       FFD_ADDRESS="unix:/nowhere"), [])


if __name__ == "__main__":
    harness.main()

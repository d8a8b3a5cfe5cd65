"""The manual pages render, and have in them all that there is."""
import json
import os
import re
import shutil
import subprocess
import unittest

import harness
from harness import BIN, FFCTL, FFD, TREE, environment

PAGES = BIN.parent / "scripts/man"
NAMES = ("ffd.8", "ffctl.1", "ffd.yaml.5", "ffd-protocol.7")


def say(*argv):
    return subprocess.run([str(a) for a in argv], text=True, check=True,
                          capture_output=True, timeout=60,
                          env=environment()).stdout


def render(name):
    """(text, complaints); words are not cut."""
    done = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", "--nh", "--nj",
         str(PAGES / name)], text=True, capture_output=True, timeout=60,
        check=True, env=dict(os.environ, MANWIDTH="100", LC_ALL="C.UTF-8"))
    return re.sub(r"\s+", " ", done.stdout), done.stderr


@unittest.skipUnless(PAGES.joinpath("ffd.8").exists() and shutil.which("man"),
                     "needs scdoc and man-db: scripts/setup --dev")
class Man(unittest.TestCase):
    def test_pages_render_without_a_warning(self):
        for name in NAMES:
            text, complaints = render(name)
            self.assertEqual(complaints, "", name)
            for part in ("NAME", "DESCRIPTION", "SEE ALSO"):
                self.assertIn(part, text, name)

    def test_ffctl_has_every_verb_and_its_options(self):
        text, _ = render("ffctl.1")
        whole = say(FFCTL, "--help")
        verbs = re.findall(r"^  ([a-z][a-z-]*) ", whole, re.M)
        self.assertGreater(len(verbs), 20)
        for verb in verbs:
            self.assertRegex(text, rf"\b{verb}\b")
            for option in re.findall(r"--[a-z-]+", say(FFCTL, verb, "--help")):
                self.assertIn(option, text, verb)
        for code in ("0", "1", "2", "3", "4", "130"):
            self.assertRegex(text, rf"\b{code}\b")

    def test_ffd_has_every_option(self):
        text, _ = render("ffd.8")
        for option in re.findall(r"--[a-z-]+", say(FFD, "--help")):
            self.assertIn(option, text)

    def test_configuration_has_every_key(self):
        text, _ = render("ffd.yaml.5")
        path, found = [], 0
        reference = (TREE / "config/ffd.yaml").read_text(encoding="utf-8")
        for line in reference.split("\n"):
            key = re.match(r"( *)([a-z_]+):", line)
            if not key:
                continue
            path[len(key.group(1)) // 2:] = [key.group(2)]
            name = ".".join(path).replace("models.example", "models.NAME")
            self.assertIn(name, text)
            found += 1
        self.assertGreater(found, 50)

    def test_protocol_has_every_method_topic_error_and_limit(self):
        text, _ = render("ffd-protocol.7")
        info = json.loads(say(FFD, "--api-info"))
        for method in info["methods"]:
            self.assertIn(method["name"], text)
            self.assertIn(re.sub(r"\s+", " ", method["help"]), text)
        for topic in info["topics"]:
            self.assertIn(topic["payload"], text)
        for error in info["errors"]:
            self.assertIn(error["code"], text)
        for name, value in info["limits"].items():
            self.assertIn(f"{name}: {value}", text)


if __name__ == "__main__":
    harness.main()

"""The dashboard in a real Chromium: what a person sees of a daemon that learns,
sleeps, dreams, is killed and comes back.

Pictures of it are left in BUILD/dashboard. Needs npm and Chromium, as scripts/
setup --dev installs them.
"""
import json
import os
import shutil
import subprocess
import threading
import unittest

import numpy as np

import harness
from harness import BIN, Case, TREE, digits, node_modules, small_model

HERE = TREE / "tests/e2e/dashboard"
PICTURES = BIN.parent / "dashboard"
CHROMIUM = shutil.which("chromium")
SERIOUS = ("serious", "critical")


class Browser:
    def __init__(self):
        self.process = subprocess.Popen(
            ["node", str(HERE / "browser.mjs")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
            env=dict(os.environ, FFD_NODE_MODULES=str(
                node_modules(HERE, "e2e-dashboard")),
                     FFD_CHROMIUM=CHROMIUM))

    def do(self, name, **what):
        self.process.stdin.write(json.dumps({"do": name, **what}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the browser ended")
        answer = json.loads(line)
        if "failed" in answer:
            raise AssertionError(f"{name} {what}: {answer['failed']}")
        return answer["ok"]

    def open(self, d, width=1440, height=900, scheme="light", **more):
        self.do("open", url=f"http://127.0.0.1:{d.http_port}/", width=width,
                height=height, scheme=scheme, **more)

    def look(self, js):
        return self.do("look", js=js)

    def until(self, js):
        return self.do("until", js=js)

    def text(self, css):
        return self.look(f"document.querySelector({json.dumps(css)})"
                         ".textContent")

    def picture(self, name, whole=True):
        PICTURES.mkdir(exist_ok=True)
        self.do("picture", path=str(PICTURES / f"{name}.png"), whole=whole)

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


class Feeder:
    """Somebody who feeds a model, some frames at a time, until told to stop."""

    def __init__(self, d, model, pause_s=0.05, batch=16):
        self.client = d.connect()
        self.stopped = threading.Event()
        self.frames, self.labels = digits(0, harness.LEARN)
        self.model, self.batch, self.pause_s = model, batch, pause_s
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        at = 0
        while not self.stopped.wait(self.pause_s):
            n = min(self.batch, len(self.labels) - at)
            self.client.call("learn_batch", self.model,
                             self.frames[at:at + n].tobytes(),
                             self.labels[at:at + n])
            at = (at + n) % len(self.labels)

    def stop(self):
        self.stopped.set()
        self.thread.join()


LIVE = 'document.getElementById("link").dataset.state === "live"'
FRAMES = ('[...document.querySelectorAll("#numbers div")].find(d => '
          'd.firstChild.textContent === "Frames")?.querySelector("span")'
          '.textContent.replaceAll(",", "")')
ACCURACY = ('parseFloat(document.querySelector("#numbers dd span")'
            '?.textContent)')
HISTORIES = ('performance.getEntriesByType("resource")'
             '.filter(e => e.name.endsWith("/history")).length')
# Pixels of a canvas that differ from its first one.
NOT_BLANK = """list => [...document.querySelectorAll(list)].filter(c => {
    const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
    for (let i = 4; i < d.length; i++)
        if (d[i] !== d[i % 4]) return true;
    return false;
}).length"""


def picture_count(css):
    return f"({NOT_BLANK})({json.dumps(css)})"


@unittest.skipUnless(CHROMIUM and shutil.which("npm") or os.environ.get("CI"),
                     "needs chromium and npm: scripts/setup --dev")
class Dashboard(Case):
    @classmethod
    def setUpClass(cls):
        cls.b = Browser()

    @classmethod
    def tearDownClass(cls):
        cls.b.close()

    def feed(self, d, model="m"):
        feeder = Feeder(d, model)
        self.addCleanup(feeder.stop)
        return feeder

    def assert_no_complaints(self):
        self.assertEqual(self.b.do("complaints"), [])

    def test_shows_a_model_that_learns_sleeps_and_dreams(self):
        d = self.daemon({"m": small_model(sleep={"every": 128,
                                                 "exhausted": 256})},
                        http="127.0.0.1:0")
        b = self.b
        b.open(d)
        b.until(LIVE)
        self.assertIn("Waiting for its first frame", b.text("#sentence"))
        self.feed(d)
        first = b.until(f"{ACCURACY} > 0 && {ACCURACY}")
        b.until('document.querySelector("#sentence").textContent'
                '.startsWith("Awake: learning")')
        b.until(f"{ACCURACY} > {max(first, 75)}")
        # It slept: the chart has bars of what was taught asleep.
        b.until('document.querySelectorAll("#accuracy .asleep").length > 1')
        b.until('document.querySelectorAll("#accuracy path.window").length')
        for album in ("frames", "dreams"):
            b.until(picture_count(f"#{album} canvas") + " === 16")
        # Real and negative data part in every layer.
        b.until('[...document.querySelectorAll("#layers figcaption")]'
                '.map(f => parseFloat(f.textContent.match(/in ([\\d.]+) %/)'
                '?.[1] ?? 0)).every(p => p > 80) && '
                'document.querySelectorAll("#layers figure").length === 2')
        self.assertEqual(b.look(
            'document.querySelectorAll("#layers path.real").length'), 2)
        b.until('document.querySelectorAll("#classes li").length === 10')
        self.assertRegex(b.text("#latency"), r"loop")
        b.picture("learning-1440-light")
        b.do("scheme", scheme="dark")
        b.until('document.documentElement.dataset.theme === "dark"')
        b.picture("learning-1440-dark")
        self.assert_no_complaints()

    def test_says_when_the_daemon_is_gone_and_comes_back_by_itself(self):
        d = self.daemon(http="127.0.0.1:0")
        port = d.http_port
        frames, labels = digits(0, 64)
        d.connect().call("learn_batch", "m", frames.tobytes(), labels)
        b = self.b
        b.open(d)
        b.until(f"{FRAMES} === '64'")
        d.kill()
        b.until('document.getElementById("link").dataset.state === "gone"')
        self.assertRegex(b.text("#link"), r"ffd is gone, trying.*numbers are "
                         r"of \d\d:\d\d:\d\d")
        self.assertIn("gone", b.look("document.title"))
        self.assertIn("ffd does not answer", b.text("#sentence"))
        b.picture("gone")
        d.configure({"m": small_model()}, http=f"127.0.0.1:{port}")
        d.start()
        b.until(LIVE)
        frames, labels = digits(64, 64)
        d.connect().call("learn_batch", "m", frames.tobytes(), labels)
        b.until(f"Number({FRAMES}) >= 64")
        b.until('document.getElementById("log").textContent'
                '.includes("ffd is back")')
        # The history of its new life is asked for, and once.
        b.until(f"{HISTORIES} >= 2")
        self.assertEqual(b.look(HISTORIES), 2)

    def test_labels_are_text_whatever_they_say(self):
        d = self.daemon(http="127.0.0.1:0")
        evil = '<img src=x onerror="window.evil=1"><b>"&amp;'
        frames, _ = digits(0, 64)
        d.connect().call("learn_batch", "m", frames.tobytes(), [evil] * 64)
        b = self.b
        b.open(d)
        b.until('document.querySelectorAll("#classes li").length === 1')
        self.assertEqual(b.text("#classes li span"), evil)
        self.assertIsNone(b.look("window.evil ?? null"))
        self.assertEqual(b.look('document.querySelectorAll("main img")'
                                ".length"), 0)
        self.assert_no_complaints()

    def test_is_used_by_keyboard_and_has_no_serious_fault(self):
        d = self.daemon({"m": small_model(), "other": small_model()},
                        http="127.0.0.1:0")
        frames, labels = digits(0, 256)
        d.connect().call("learn_batch", "m", frames.tobytes(), labels)
        b = self.b
        for width in (375, 1440):
            for scheme in ("light", "dark"):
                b.open(d, width=width, height=812, scheme=scheme)
                b.until(picture_count("#frames canvas") + " === 16")
                self.assertEqual(b.look(
                    "document.documentElement.scrollWidth"), width)
                found = b.do("axe")
                self.assertEqual([v for v in found if v["impact"] in SERIOUS],
                                 [])
                self.assertEqual(found, [], "lesser faults, none so far")
                b.picture(f"page-{width}-{scheme}")
                self.assert_no_complaints()
        # From the top, by Tab alone, to each tool.
        b.look("document.activeElement.blur()")
        seen = []
        for _ in range(8):
            b.do("press", key="Tab")
            seen.append(b.look("document.activeElement.id || "
                               "document.activeElement.className"))
        for tool in ("skip", "model", "pause", "theme"):
            self.assertIn(tool, seen)
        b.look('document.getElementById("model").focus()')
        b.do("press", key="ArrowDown")
        b.until('location.hash === "#other"')
        b.until(f"{FRAMES} === '0'")
        b.look('document.getElementById("theme").focus()')
        before = b.look("document.documentElement.dataset.theme")
        b.do("press", key="Enter")
        self.assertNotEqual(
            b.look("document.documentElement.dataset.theme"), before)
        b.look('document.getElementById("pause").focus()')
        b.do("press", key="Space")
        self.assertEqual(b.look('document.getElementById("pause")'
                                '.getAttribute("aria-pressed")'), "true")

    def test_vectors_are_curves_and_pictures_can_be_off(self):
        spec = {"input": {"shape": [6], "dtype": "f32"}, "classes": 4,
                "layers": [{"dense": 16}]}
        d = self.daemon({"v": spec}, http="127.0.0.1:0")
        c = d.connect()
        for i in range(32):
            c.call("learn", "v", [float(i % 4), 1, 2, 0, -1, 3], str(i % 4))
        b = self.b
        b.open(d)
        b.until(picture_count("#frames canvas") + " === 16")
        d.stop()
        d.configure({"v": spec}, http="127.0.0.1:0", http_pictures="off")
        d.start()
        b.open(d)
        b.until('!document.getElementById("pictures-off").hidden')
        self.assertEqual(b.look('document.querySelectorAll("canvas").length'),
                         0)

    def test_symbols_are_text_and_windows_are_curves(self):
        text = {"input": {"shape": [1], "dtype": "u8"}, "classes": 64,
                "stream": {"features": "symbols"}}
        sensor = {"input": {"shape": [2], "dtype": "f32"}, "classes": 2,
                  "stream": {"length": 8, "stride": 8}, "objective":
                  "self_contrastive", "layers": [{"dense": 16}]}
        d, b = self.daemon({"text": text, "wave": sensor},
                           http="127.0.0.1:0"), self.b
        client = d.connect()
        for _ in range(20):
            client.call("learn_batch", "text", b"one and two and three; ",
                        None)
        waves = np.sin(np.arange(400, dtype="<f4").reshape(200, 2))
        client.call("learn_batch", "wave", waves.tobytes(), None)
        b.open(d)
        b.until('document.querySelectorAll("#frames li").length > 9')
        self.assertEqual(b.look(
            'document.querySelectorAll("#albums canvas").length'), 0)
        newest = b.text("#frames li")
        self.assertIn("one and two and three", newest)
        self.assertIn("\u2713 \u201c \u201d,", newest)
        begun = [text for text in b.look(
            '[...document.querySelectorAll("#mistakes code")]'
            '.map(c => c.textContent)') if len(text) < 32]
        self.assertTrue(begun)  # where there was nothing, nothing is shown
        for text in begun:
            self.assertTrue(text.startswith("one"), text)
        self.assertRegex(b.text("#dreams"), "[a-z ;]{9}")
        # Layers of symbols count: there is no goodness to be shown.
        goodness = 'document.getElementById("goodness").hidden'
        self.assertTrue(b.look(goodness))
        b.picture("symbols")
        b.look('location.hash = "wave"')
        b.until('document.querySelectorAll("#frames canvas").length > 9')
        self.assertFalse(b.look(goodness))
        b.until(f'{picture_count("#frames canvas")} > 9')
        self.assertEqual(b.look(
            'document.querySelector("#frames canvas").width'), 192)
        b.picture("windows")

    def test_without_models_it_says_how_to_make_one(self):
        d = self.daemon({}, http="127.0.0.1:0")
        self.b.open(d)
        self.b.until(LIVE)
        self.assertIn("ffctl create", self.b.text("#sentence"))
        self.assert_no_complaints()


if __name__ == "__main__":
    harness.main()

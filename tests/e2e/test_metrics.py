"""/metrics is what a strict reader of the format takes, and true."""
import http.client
import os
import platform
import shutil
import socket
import struct
import subprocess
import unittest

from exposition import Bad, parse
from harness import Case, digits, small_model

GOOD = """# HELP a_total Things.
# TYPE a_total counter
a_total{x="1"} 3
# HELP h_seconds Time.
# TYPE h_seconds histogram
h_seconds_bucket{le="0.1"} 1
h_seconds_bucket{le="+Inf"} 2
h_seconds_sum 0.5
h_seconds_count 2
"""


class Reader(unittest.TestCase):
    def test_takes_what_is_well_formed(self):
        self.assertEqual(parse(GOOD)["a_total"].samples,
                         {("a_total", (("x", "1"),)): 3})

    def test_refuses_what_is_not(self):
        for old, new in (
                ("a_total{", "b_total{"), ('"1"} 3', '"1"} three'),
                ('x="1"', "x=1"), ('x="1"', 'x="1",x="2"'),
                ("# TYPE a_total counter\n", ""),
                ("a_total Things.", "a_total"),
                ("TYPE a_total counter", "TYPE a_total number"),
                ("TYPE a_total counter", "TYPE a_total gauge"),
                ('a_total{x="1"} 3\n', 'a_total{x="1"} 3\na_total{x="1"} 4\n'),
                ('le="0.1"} 1', 'le="0.1"} 3'), ("count 2", "count 3"),
                ('h_seconds_bucket{le="+Inf"} 2\n', ""),
                ("h_seconds_sum 0.5\n", ""), ("2\n", "2"), ("} 3", "} -3")):
            with self.subTest(new=new):
                text = GOOD.replace(old, new)
                if (old, new) == ("2\n", "2"):
                    text = GOOD[:-1]
                self.assertNotEqual(text, GOOD)
                with self.assertRaises(Bad):
                    parse(text)

    def test_refuses_units_that_are_not_base(self):
        with self.assertRaises(Bad):
            parse(GOOD.replace("h_seconds", "h_ms"))


def scrape(daemon):
    conn = http.client.HTTPConnection("127.0.0.1", daemon.http_port,
                                      timeout=20)
    conn.request("GET", "/metrics")
    answer = conn.getresponse()
    text = answer.read().decode()
    assert answer.status == 200, text
    assert answer.headers["Content-Type"].startswith(
        "text/plain; version=0.0.4"), answer.headers
    conn.close()
    return text


CORE = "OPENBLAS_CORETYPE"


def core(daemon):
    """The BLAS kernels that it says it uses."""
    (_, labels), = parse(scrape(daemon))["ffd_build_info"].samples
    return dict(labels)["blas_core"]


def listener(path):
    """The process that listens on a Unix socket."""
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path))
        return struct.unpack("iII", s.getsockopt(
            socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


@unittest.skipUnless(platform.machine() == "x86_64", "of x86-64")
class Core(Case):
    def test_kernels_suit_the_processor_even_if_blas_does_not_know_it(self):
        if CORE in os.environ:
            self.skipTest(f"{CORE} is set")
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as f:
            flags = next(line for line in f if line.startswith("flags"))
        if not {"avx2", "fma"} <= set(flags.split()):
            self.skipTest("a processor without AVX2")
        d = self.daemon({}, http="127.0.0.1:0")
        self.assertNotEqual(core(d), "Prescott")
        self.assertEqual(listener(d.socket), d.pid)
        with open(f"/proc/{d.pid}/comm", encoding="ascii") as f:
            self.assertEqual(f.read(), "ffd\n")
        d.stop()
        d.start()
        self.assertNotEqual(core(d), "Prescott")

    def test_kernels_that_somebody_chose_are_kept(self):
        d = self.prepare({}, http="127.0.0.1:0")
        d.more_env = {CORE: "Prescott"}
        d.start()
        self.assertEqual(core(d), "Prescott")
        self.assertEqual(listener(d.socket), d.pid)


class Metrics(Case):
    def setUp(self):
        super().setUp()
        self.d = self.daemon({"digits": small_model(), "twin": small_model()},
                             http="127.0.0.1:0")

    def test_are_well_formed_before_and_after_learning(self):
        before = parse(scrape(self.d))
        frames, labels = digits(0, 256)
        c = self.d.connect()
        c.call("learn_batch", "digits", frames.tobytes(), labels)
        c.call("predict", "digits", frames[0].tobytes())
        after = parse(scrape(self.d))
        self.assertEqual(set(before), set(after))
        key = ("ffd_model_frames_learned_total", (("model", "digits"),))
        self.assertEqual(after[key[0]].samples[key], 256)
        for name, family in after.items():
            if family.type == "counter":
                for series, value in before[name].samples.items():
                    self.assertGreaterEqual(family.samples[series], value)

    def test_agree_with_stats(self):
        frames, labels = digits(0, 100)
        c = self.d.connect()
        c.call("learn_batch", "digits", frames.tobytes(), labels)
        for _ in range(7):
            c.call("predict", "digits", frames[0].tobytes())
        told = c.call("stats")["models"]["digits"]
        seen = parse(scrape(self.d))
        model = (("model", "digits"),)
        for name, value in (
                ("ffd_model_seq", told["seq"]),
                ("ffd_model_frames_learned_total", told["learned"]),
                ("ffd_model_prequential_accuracy_ratio",
                 told["prequential_accuracy"])):
            self.assertAlmostEqual(seen[name].samples[name, model], value)
        predict = seen["ffd_predict_seconds"].samples
        self.assertEqual(predict["ffd_predict_seconds_count", model],
                         told["predict_us"]["count"])
        self.assertGreater(predict["ffd_predict_seconds_sum", model], 0)
        self.assertEqual([float(dict(labels)["le"]) for name, labels in predict
                          if "le" in dict(labels) and model[0] in labels],
                         [.0001, .00025, .0005, .001, .0025, .005, .01, .025,
                          .05, .1, .25, .5, 1, 2.5, 10, float("inf")])
        states = {dict(labels)["state"]: v for (_, labels), v in
                  seen["ffd_model_state"].samples.items()
                  if dict(labels)["model"] == "digits"}
        self.assertEqual(sum(states.values()), 1)

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not here")
    def test_promtool_finds_nothing(self):
        done = subprocess.run(["promtool", "check", "metrics"],
                              input=scrape(self.d), text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()

"""What systemd sees: units, readiness, watchdog, sockets that it opened.

systemd itself need not run: a socket of ours is NOTIFY_SOCKET, and a small
program hands sockets down. Only its tools are used, on files.
"""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import harness
from harness import (Case, DEADLINE_S, FFD, FFCTL, digits, learn_all,
                     small_model, until)
from rpc import Client

UNITS = harness.BIN.resolve().parent / "systemd"
ACTIVATE = harness.TREE / "tests/e2e/peers/activate.py"
MAX_EXPOSURE = 15  # of 100; systemd-analyze says 1.5
ANALYZE = shutil.which("systemd-analyze")


@unittest.skipUnless(ANALYZE or os.environ.get("CI"),
                     "systemd-analyze is not installed")
class Units(unittest.TestCase):
    """The units as they were configured, with the binaries of the build."""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ffd-units-"))
        self.addCleanup(shutil.rmtree, self.dir)
        for file in UNITS.glob("ffd*.*"):
            text = file.read_text("utf-8")
            for program in (FFD.resolve(), FFCTL.resolve()):
                text = "\n".join(
                    f"ExecStart={program} {line.split(' ', 1)[1]}"
                    if line.startswith("ExecStart=")
                    and line.split(" ", 1)[0].endswith(f"/{program.name}")
                    else line for line in text.splitlines())
            (self.dir / file.name).write_text(text + "\n", "utf-8")

    def analyze(self, *arguments):
        return subprocess.run([ANALYZE, *arguments], capture_output=True,
                              text=True, cwd=self.dir, check=False,
                              timeout=DEADLINE_S)

    def test_units_are_those_that_are_installed(self):
        self.assertEqual({f.name for f in self.dir.iterdir()},
                         {"ffd.service", "ffd.socket", "ffd-sleep@.service",
                          "ffd-sleep@.timer"})

    def test_units_verify(self):
        for name in ("ffd.service", "ffd.socket", "ffd-sleep@digits.service",
                     "ffd-sleep@digits.timer"):
            done = self.analyze("verify", f"./{name}")
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)

    def test_exposure_is_small(self):
        done = self.analyze("security", "--offline=yes",
                            f"--threshold={MAX_EXPOSURE}", "./ffd.service")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Notified(harness.Daemon):
    """A daemon that finds NOTIFY_SOCKET; said is what it said there, a dict a
    message. It is read at once, as systemd would: sd_notify waits for room."""

    def __init__(self, *arguments, watchdog_us=None, **more):
        super().__init__(*arguments, **more)
        path = self.dir / "notify"
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(str(path))
        self.more_env["NOTIFY_SOCKET"] = str(path)
        if watchdog_us:
            self.more_env["WATCHDOG_USEC"] = str(watchdog_us)
        self.said = []
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        while text := self.notify.recv(4096).decode():
            self.said.append(dict(line.split("=", 1)
                                  for line in text.splitlines()))

    def says(self, key, value=None, after=0):
        """The index of the first message from `after` on that has it."""
        def look():
            for i, message in enumerate(self.said[after:], after):
                if key in message and value in (None, message[key]):
                    return i + 1
            return 0
        return until(look, f"{key}={value or '...'} is said") - 1

    def fed(self, after=0):
        """How often the watchdog was, from message `after` on."""
        return sum("WATCHDOG" in m for m in self.said[after:])

    def remove(self):
        self.notify.shutdown(socket.SHUT_RD)
        self.reader.join()
        self.notify.close()
        super().remove()


class Protocol(Case):
    def notified(self, models=None, **more):
        d = Notified({"m": small_model()} if models is None else models, **more)
        self.daemons.append(d)
        self.addCleanup(d.stop)
        return d

    def test_ready_is_said_when_it_serves_and_not_before(self):
        d = self.notified().launch()
        at = d.says("READY", "1")
        with Client(d.socket, DEADLINE_S) as client:  # at once, no retry
            self.assertEqual(client.call("ping"), "pong")
        self.assertEqual(d.said[at]["STATUS"], "Serving 1 model")
        self.assertFalse([m for m in d.said[:at] if "READY" in m])

    def test_ready_is_never_said_by_one_that_cannot_serve(self):
        d = self.notified({}, listen=["unix:/nowhere/at/all.sock"]).launch()
        self.assertNotEqual(d.wait(), 0)
        d.process = None
        self.assertFalse([m for m in d.said if "READY" in m])

    def test_a_beginning_says_how_far_it_is_and_asks_for_time(self):
        names = [f"m{i}" for i in range(32)]
        d = self.notified({name: small_model(layers=[{"dense": 24}])
                           for name in names}).start()
        ready = d.says("READY", "1")
        told = [m for m in d.said[:ready] if "EXTEND_TIMEOUT_USEC" in m]
        self.assertGreater(int(told[0]["EXTEND_TIMEOUT_USEC"]), 10**6)
        self.assertEqual(told[0]["STATUS"], "Loading model m0")
        self.assertLess(len(told), len(names))  # and not for every one

    def test_the_watchdog_is_fed_while_it_learns(self):
        d = self.notified(watchdog_us=2_000_000).start()
        client = d.connect()
        begin = len(d.said)
        until(lambda: learn_all(client) and d.fed(begin) >= 3,
              "the watchdog is fed three times under load")

    def test_an_idle_daemon_is_well(self):
        d = self.notified(watchdog_us=200_000).start()
        begin = len(d.said)
        until(lambda: d.fed(begin) >= 3, "the watchdog is fed three times")

    def test_the_watchdog_is_not_fed_while_a_learner_stands_still(self):
        """One piece of work that takes many times half of the watchdog's time:
        6e10 multiplications, in 5 ms."""
        slow = small_model(layers=[{"dense": 4096}, {"dense": 4096}],
                           batch=512, memory=0, calibration=0, sleep="off")
        d = self.notified({"m": slow}, watchdog_us=10_000).start()
        client = d.connect()
        frames, labels = digits(0, 512)
        client.call("learn_batch", "m", frames.tobytes(), labels)
        until(lambda: "the watchdog is not fed" in d.log(), "the log says so")
        d.says("WATCHDOG", "1", len(d.said))  # it is again, once that is done

    def test_without_a_watchdog_nothing_feeds_it(self):
        d = self.notified().start()
        learn_all(d.connect())
        d.stop()
        self.assertEqual(d.fed(), 0)

    def test_the_status_is_kept_current(self):
        d = self.notified(watchdog_us=100_000).start()
        client = d.connect()
        d.says("STATUS", "Serving 1 model")
        client.call("create_model", "n", json.dumps(small_model()))
        d.says("STATUS", "Serving 2 models")
        client.call("drop_model", "n")
        at = d.says("STATUS", "Serving 2 models")
        d.says("STATUS", "Serving 1 model", at)

    def test_a_reload_is_told_with_its_time(self):
        d = self.notified().start()
        at = d.says("READY", "1")
        before_us = time.monotonic_ns() // 1000
        d.hangup()
        at = d.says("RELOADING", "1", at + 1)
        self.assertGreaterEqual(int(d.said[at]["MONOTONIC_USEC"]), before_us)
        d.says("READY", "1", at)

    def test_the_end_is_told(self):
        d = self.notified().start()
        learn_all(d.connect(), n=64)
        d.stop()
        self.assertIn("STOPPING", {key for m in d.said for key in m})


class Activation(Case):
    def hand(self, d, *sockets):
        d.sockets = list(sockets)
        d.prefix = [sys.executable, "-B", str(ACTIVATE),
                    *(str(s.fileno()) for s in sockets), "--"]
        for s in sockets:
            self.addCleanup(s.close)

    def unix(self, path):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        s.bind(str(path))
        s.listen(64)
        return s

    def refuses(self, d):
        self.assertNotEqual(d.launch().wait(), 0)
        d.process = None
        d.check_log()
        return d.log()

    def test_an_inherited_socket_is_served(self):
        d = self.prepare({"m": small_model()})
        self.hand(d, self.unix(d.socket))
        d.start()  # waits for ping on it
        self.assert_serves(d)
        self.assertNotIn("removed", d.log())

    def test_its_file_stays_and_who_comes_meanwhile_is_served_next(self):
        d = self.prepare({"m": small_model()})
        self.hand(d, self.unix(d.socket))
        d.start()
        d.stop()
        self.assertTrue(d.socket.exists())
        early = Client(d.socket, DEADLINE_S)
        d.clients.append(early)
        msgid = early.send("ping")
        d.start()
        self.assertEqual(early.wait(msgid), "pong")

    def test_an_inherited_port_is_served_with_the_rest(self):
        tcp = socket.create_server(("127.0.0.1", 0))
        port = tcp.getsockname()[1]
        d = self.prepare({"m": small_model()})
        self.hand(d, tcp)
        d.configure({"m": small_model()},
                    listen=[f"unix:{d.socket}", f"tcp:127.0.0.1:{port}"])
        d.launch()
        with Client(("127.0.0.1", port), DEADLINE_S) as client:
            self.assertEqual(client.call("ping"), "pong")
        self.assertEqual(d.ctl("ping").returncode, 0)

    def test_port_0_takes_the_port_that_was_chosen(self):
        tcp = socket.create_server(("127.0.0.1", 0))
        d = self.prepare({"m": small_model()})
        self.hand(d, tcp)
        d.start()  # which reads the port in the log
        self.assertEqual(d.port, tcp.getsockname()[1])

    def test_several_are_told_apart(self):
        d = self.prepare({"m": small_model()})
        other = d.dir / "other.sock"
        self.hand(d, self.unix(other), socket.create_server(("127.0.0.1", 0)),
                  self.unix(d.socket))
        d.configure({"m": small_model()},
                    listen=[f"unix:{d.socket}", "tcp:127.0.0.1:0",
                            f"unix:{other}"])
        d.start()
        for where in (d.socket, other, ("127.0.0.1", d.port)):
            with Client(where, DEADLINE_S) as client:
                self.assertEqual(client.call("ping"), "pong")

    def test_a_socket_that_no_entry_names_is_refused_by_its_name(self):
        d = self.prepare({})
        path = d.dir / "unknown.sock"
        self.hand(d, self.unix(path))
        said = self.refuses(d)
        self.assertIn(f"unix:{path}", said)
        self.assertIn("listen:", said)
        self.assertTrue(path.exists())

    def test_an_address_that_others_can_reach_is_refused_though_inherited(self):
        d = self.prepare({})
        self.hand(d, socket.create_server(("0.0.0.0", 0)))
        self.assertIn("tcp:0.0.0.0:", self.refuses(d))

    def test_what_is_no_listening_socket_is_refused(self):
        d = self.prepare({})
        ours, theirs = socket.socketpair()
        self.addCleanup(theirs.close)
        self.hand(d, ours)
        self.assertIn("no listening stream socket", self.refuses(d))

    def test_descriptors_meant_for_another_are_left_alone(self):
        d = self.prepare({"m": small_model()})
        d.more_env = {"LISTEN_PID": "1", "LISTEN_FDS": "1"}
        self.assert_serves(d.start())


if __name__ == "__main__":
    harness.main()

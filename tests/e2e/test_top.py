"""`ffctl top` on a terminal: a pty that this test reads as a screen."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import harness
from harness import DEADLINE_S, FFCTL, Case, digits, environment, small_model


class Terminal:
    """A program on a pty; what it writes, as bytes."""

    def __init__(self, argv, columns, rows, **env):
        self.master, slave = pty.openpty()
        self.size(columns, rows)
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True,
            env=dict(environment(), LC_ALL="C.UTF-8", **env))
        self.seen = b""

    def size(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        self.size(columns, rows)
        self.process.send_signal(signal.SIGWINCH)

    def frame(self, want):
        """The first whole picture from now on that want() finds right, as
        lines without escapes."""
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self.master, 65536)
                except OSError:
                    break
            parts = self.seen.split(b"\033[H")
            for part in parts[1:]:
                if b"\033[J" not in part:
                    continue
                lines = lines_of(part)
                if want(lines, part):
                    self.seen = b""
                    return lines, part
            self.seen = b"\033[H" + parts[-1] if len(parts) > 1 else self.seen
        raise AssertionError(f"no such picture: {self.seen[-3000:]!r}")

    def type(self, keys):
        os.write(self.master, keys)

    def end(self):
        """Its exit code, and what it wrote at last."""
        end = time.monotonic() + DEADLINE_S
        while self.process.poll() is None and time.monotonic() < end:
            if select.select([self.master], [], [], 0.05)[0]:
                self.seen += os.read(self.master, 65536)
        while select.select([self.master], [], [], 0)[0]:
            self.seen += os.read(self.master, 65536)
        code = self.process.wait(1)
        restored = termios.tcgetattr(self.slave) == self.before
        os.close(self.slave)
        os.close(self.master)
        return code, restored, self.seen


def lines_of(part):
    text, escape = b"", False
    for i in range(len(part)):
        c = part[i:i + 1]
        if c == b"\033":
            escape = True
        elif escape:
            escape = not c.isalpha()
        else:
            text += c
    return [line.decode().rstrip() for line in text.split(b"\r\n")]


class Top(Case):
    def terminal(self, d, columns=100, rows=24, **env):
        return Terminal([str(FFCTL), "-s", d.address, "top", "--every", "0.1"],
                        columns, rows, TERM="xterm", **env)

    def test_fits_the_screen_and_follows_its_size(self):
        d = self.daemon({f"model{i:02}": small_model(memory=10)
                         for i in range(12)})
        frames, labels = digits(0, 64)
        d.connect().call("learn_batch", "model00", frames.tobytes(), labels)
        t = self.terminal(d)
        lines, _ = t.frame(lambda l, _: any("model11" in x for x in l) and
                           "64" in "".join(l))
        self.assertTrue(any("frames/s" in x for x in lines))
        self.assertTrue(any("q quit" in x for x in lines))
        t.resize(40, 10)
        lines, _ = t.frame(lambda l, _: any("of 12 models" in x for x in l) and
                           max(map(len, l)) <= 40)
        self.assertLessEqual(len(lines), 10)
        self.assertTrue(any("right %" in x for x in lines))
        self.assertFalse(any("step" in x for x in lines))
        t.type(b"\033[B")
        t.frame(lambda l, _: not any("model00" in x for x in l) and
                any("model01" in x for x in l))
        t.resize(200, 30)
        t.frame(lambda l, _: any("50 to 100 %" in x for x in l))
        t.type(b"q")
        code, restored, last = t.end()
        self.assertEqual(code, 0)
        self.assertTrue(restored, "the terminal is as it was")
        self.assertIn(b"\033[?1049l", last)

    def test_says_when_the_daemon_is_gone_and_goes_on_when_it_is_back(self):
        d = self.daemon()
        t = self.terminal(d)
        t.frame(lambda l, _: any("q quit" in x for x in l))
        d.kill()
        lines, _ = t.frame(lambda l, _: any("gone" in x for x in l))
        self.assertTrue(any(x.startswith("m ") for x in lines))
        d.start()
        t.frame(lambda l, _: any("q quit" in x for x in l))
        t.process.send_signal(signal.SIGTERM)
        code, restored, last = t.end()
        self.assertEqual(code, -signal.SIGTERM)
        self.assertTrue(restored)
        self.assertIn(b"\033[?1049l", last)

    def test_has_colours_only_where_they_are_wanted(self):
        d = self.daemon()
        for env, colours in (({}, True), ({"NO_COLOR": "1"}, False)):
            t = self.terminal(d, **env)
            _, part = t.frame(lambda l, _: any("q quit" in x for x in l))
            self.assertEqual(b"\033[1m" in part, colours)
            t.type(b"q")
            self.assertEqual(t.end()[0], 0)
        said = d.ctl("top", "--once").stdout
        self.assertNotIn("\033", said)
        self.assertRegex(said, r"\nmodel .*right %")
        self.assertRegex(said, r"\nm +awake")


if __name__ == "__main__":
    harness.main()

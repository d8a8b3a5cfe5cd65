"""ffd confined as its unit says: it must work, and learn as well.

systemd need not run. What the unit says is read from the unit; what its sets of
system calls hold, from systemd-analyze; sandbox.c then does to itself what
systemd would, and becomes ffd. What needs root (another user, mounts) is left
out where the tests do not run as root.

    test_sandbox.py --policy UNIT DIR    print the policy, for a look by hand
"""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import unittest
import urllib.request

import harness
from harness import Case, LEARN, accuracy, learn_all, run, small_model, until

SANDBOX = harness.BIN.resolve() / "sandbox"
UNIT = harness.BIN.resolve().parent / "systemd/ffd.service"
ANALYZE = shutil.which("systemd-analyze")
NOBODY = 65534
FLOOR = 0.80  # as in test_life.py


def settings(unit):
    """[Service] of a unit: each key with all its values."""
    _, _, service = unit.read_text("utf-8").partition("\n[Service]\n")
    found = {}
    for line in service.partition("\n[Install]\n")[0].splitlines():
        if "=" in line and not line.startswith("#"):
            key, value = line.split("=", 1)
            found.setdefault(key, []).append(value)
    return found


def calls(name):
    """The system calls of a set, or the one that it is."""
    if not name.startswith("@"):
        return {name}
    said = subprocess.run([ANALYZE, "syscall-filter", name], check=True,
                          capture_output=True, text=True).stdout
    inside = [line.strip() for line in said.splitlines()[1:]]
    return set().union(*(calls(one) for one in inside
                         if one and not one.startswith("#")))


def allowed(filters):
    """SystemCallFilter=: first what may be called, then what may not."""
    may = calls("@default")
    for one in filters:
        named = set().union(*(calls(n) for n in one.lstrip("~").split()))
        may = may - named if one.startswith("~") else may | named
    return may


def policy(unit, writable):
    """The lines for sandbox.c. Every setting must be known here: one that is
    added to the unit is added here, or said to be none of its business."""
    said = settings(unit)

    def take(key):
        return said.pop(key, ["no"])[-1]

    lines = [f"umask {take('UMask')}", f"nofile {take('LimitNOFILE')}"]
    root = os.geteuid() == 0
    if take("ProcSubset") == "pid" and root:
        lines.append("proc -")
    if take("ProtectSystem") == "strict" and root:
        lines.append(f"readonly {writable}")
    if take("CapabilityBoundingSet") == "" and root:
        lines.append("nocaps -")
    take("User")
    if root:
        lines.append(f"user {NOBODY}")
    if take("NoNewPrivileges") == "yes" or not root:
        lines.append("nonewprivs -")
    for family in take("RestrictAddressFamilies").split():
        lines.append(f"family {int(getattr(socket, family))}")
    for key, word in (("MemoryDenyWriteExecute", "mdwe"),
                      ("RestrictNamespaces", "nonamespaces"),
                      ("RestrictSUIDSGID", "nosuid"),
                      ("LockPersonality", "nopersonality")):
        if take(key) == "yes":
            lines.append(f"{word} -")
    may = allowed(said.pop("SystemCallFilter"))
    lines += [f"known {name}" for name in sorted(calls("@known") - may)]
    lines += [f"allow {name}" for name in sorted(may)]
    assert take("SystemCallErrorNumber") == "EPERM"
    left = {k for k in said if re.match(r"Restrict|SystemCall|Memory|Limit|"
                                        r"Lock|Proc", k)}
    assert left <= {"RestrictRealtime", "SystemCallArchitectures"}, left
    return lines


@unittest.skipUnless((ANALYZE and SANDBOX.exists()) or os.environ.get("CI"),
                     "systemd-analyze or libseccomp is not installed")
@unittest.skipIf(harness.SANITIZER == "thread",
                 "ThreadSanitizer changes its personality")
class Sandbox(Case):
    def confined(self, models=None):
        d = self.prepare(models or {"m": small_model(fit_every=512)},
                         http="127.0.0.1:0")
        if os.geteuid() == 0:
            os.chown(d.dir, NOBODY, NOBODY)
        d.prefix = [str(SANDBOX), str(self.write_policy(d.dir))]
        # Its leak check is a debugger, which the filter forbids.
        d.more_env = {"ASAN_OPTIONS": "detect_leaks=0"}
        return d

    def write_policy(self, where):
        path = where / "policy"
        path.write_text("\n".join(policy(UNIT, where)) + "\n", "ascii")
        return path

    def test_it_learns_sleeps_fits_saves_and_answers(self):
        d = self.confined().start()
        client = d.connect()
        learn_all(client)
        client.call("sleep", "m")
        until(lambda: client.call("status", "m")["replayed"] > 0, "it slept")
        until(lambda: client.call("status", "m")["fits"] > 0, "it fitted")
        self.assertGreater(accuracy(client), FLOOR)
        client.call("save", "m")
        self.assertTrue(client.call("dreams", "m", 4))
        with urllib.request.urlopen(
                f"http://127.0.0.1:{d.http_port}/readyz") as answer:
            self.assertTrue(json.load(answer)["ready"])
        d.stop()
        again = d.start().connect()
        self.assertEqual(again.call("status", "m")["seq"], LEARN)
        self.assertGreater(accuracy(again), FLOOR)

    def test_it_is_confined(self):
        d = self.confined().start()
        proc = pathlib.Path(f"/proc/{d.pid}")
        status = proc.joinpath("status").read_text("ascii")
        self.assertRegex(status, r"Seccomp:\t2")
        self.assertRegex(status, r"NoNewPrivs:\t1")
        self.assertRegex(status, r"Umask:\t0007")
        self.assertRegex(proc.joinpath("limits").read_text("ascii"),
                         r"Max open files +8192 ")
        if os.geteuid() == 0:
            self.assertRegex(status, rf"Uid:\t{NOBODY}\t")
            self.assertRegex(status, r"CapBnd:\t0+\n")
            self.assertRegex(status, r"CapEff:\t0+\n")

    def test_the_filters_hold(self):
        """What ffd does not try, tried by another program."""
        d = self.confined()
        tries = {
            "os.sched_setaffinity(0, {0})": "EPERM",
            "os.chown('.', 0, 0)": "EPERM",
            "mmap.mmap(-1, 4096, prot=7)": "EPERM",
            "os.chmod('.', 0o4755)": "EPERM",
            "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)": "EAFNOSUPPORT",
        }
        if os.geteuid() == 0:
            tries["open('/tmp/ffd-sandbox', 'w')"] = "EROFS"
            tries["open('/proc/meminfo')"] = "ENOENT"
        code = "import errno, mmap, os, socket, sys\n" + "".join(
            f"try:\n {call}\n print('done')\nexcept OSError as e:\n"
            " print(errno.errorcode[e.errno])\n" for call in tries)
        done = run(*d.prefix, "/usr/bin/python3", "-c", code, check=0)
        self.assertEqual(dict(zip(tries, done.stdout.split())), tries)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--policy"]:
        print("\n".join(policy(pathlib.Path(sys.argv[2]), sys.argv[3])))
    else:
        harness.main()

"""A daemon to test against, and the claims every test makes of it.

Daemon starts ffd in a directory of its own, on a Unix socket and a loopback
port that the system chooses, and waits until it answers ping. Case starts
daemons and, when a test is done, stops them: each must exit 0 on SIGTERM and,
in a build with sanitizers, must have reported nothing.

Nothing here waits a fixed time: until() looks again until a condition holds or
a deadline passes, and a deadline that passes is a failure.

Environment: FFD_BIN names the directory of ffd and ffctl (CMake passes it);
FFD_E2E_KEEP=1 leaves the directories of the daemons for a look.
"""
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import numpy as np

from rpc import Client, RpcError

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(os.environ.get("FFD_BIN", TREE / "build/release/bin"))
FFD = BIN / "ffd"
FFCTL = BIN / "ffctl"
DATA = TREE / "tests/data"
IMAGES = DATA / "digits-images-idx3-ubyte"
LABELS = DATA / "digits-labels-idx1-ubyte"
LEARN, TEST = 1437, 360  # the data's habitual parts

REPORTS = re.compile(r"(Address|Leak|Thread|Memory)Sanitizer|runtime error:")


def sanitizer():
    """What the daemon was built with: "address", "thread" or None."""
    program = FFD.read_bytes()
    if b"__tsan_init" in program:
        return "thread"
    return "address" if b"__asan_init" in program else None


SANITIZER = sanitizer()
DEADLINE_S = 60 if SANITIZER else 20


def until(look, what, deadline_s=DEADLINE_S):
    """The first true answer of look(); a failure after deadline_s."""
    end = time.monotonic() + deadline_s
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what}")
        time.sleep(0.005)


def digits(first=0, n=LEARN + TEST):
    """n frames (n, 8, 8) of bytes, and their labels as text."""
    images = np.fromfile(IMAGES, np.uint8)[16:].reshape(-1, 8, 8)
    labels = np.fromfile(LABELS, np.uint8)[8:]
    return images[first:first + n], [str(k) for k in labels[first:first + n]]


def small_model(**more):
    """A model of the digits that learns them in well under a second."""
    spec = {"input": {"shape": [8, 8], "dtype": "u8"}, "classes": 12,
            "layers": [{"dense": 128}, {"dense": 128}], "memory": 1000}
    spec.update(more)
    return spec


def run(*argv, stdin=None, check=None):
    """Run a program of the build; its CompletedProcess, with text."""
    binary = isinstance(stdin, bytes)
    done = subprocess.run([str(a) for a in argv], input=stdin,
                          stdin=subprocess.DEVNULL if stdin is None else None,
                          capture_output=True, text=not binary,
                          timeout=DEADLINE_S, env=environment(), check=False)
    if check is not None and done.returncode != check:
        raise AssertionError(f"{' '.join(str(a) for a in argv)}: exit "
                             f"{done.returncode}, not {check}\n{done.stdout}"
                             f"{done.stderr}")
    return done


def environment():
    """Ours, without what would lead programs to another daemon."""
    env = {k: v for k, v in os.environ.items()
           if k not in ("FFD_ADDRESS", "NOTIFY_SOCKET", "JOURNAL_STREAM")}
    # Halt at the first report; give freed memory back soon, so that resident
    # memory says something.
    env.setdefault("ASAN_OPTIONS", "quarantine_size_mb=16")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    env.setdefault("TSAN_OPTIONS", "halt_on_error=1 second_deadlock_stack=1")
    return env


def node_modules(source, name):
    """The packages that source/package-lock.json says, put into the build
    directory once, under that name."""
    place = BIN.parent / name
    lock = place / "package-lock.json"
    wanted = (source / "package-lock.json").read_bytes()
    if lock.exists() and lock.read_bytes() == wanted and \
            (place / "installed").exists():
        return place / "node_modules"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for file in ("package.json", "package-lock.json"):
        shutil.copy(source / file, place)
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit",
                           "--no-fund"], cwd=place, capture_output=True,
                          text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise AssertionError(f"npm ci: {done.stdout}{done.stderr}")
    (place / "installed").touch()
    return place / "node_modules"


class Daemon:
    """One ffd. Started again after stop(), it finds its old state."""

    def __init__(self, models=None, text=None, **top):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ffd-e2e-"))
        self.socket = self.dir / "ffd.sock"
        self.state = self.dir / "state"
        self.config = self.dir / "ffd.yaml"
        self.log_path = self.dir / "log"
        self.process = None
        self.clients = []
        self.port = None
        self.http_port = None
        self.prefix = []  # a program that ends by becoming ffd
        self.more_env = {}  # what ffd finds besides ours
        self.sockets = [] # handed down by prefix
        self.configure(models or {}, text, **top)

    def configure(self, models, text=None, **top):
        """Write the configuration; JSON is YAML."""
        whole = {"listen": [f"unix:{self.socket}", "tcp:127.0.0.1:0"],
                 "state": str(self.state), "http": "off", "models": models, **top}
        self.config.write_text(text or json.dumps(whole, indent=1) + "\n",
                               encoding="utf-8")

    @property
    def address(self):
        return f"unix:{self.socket}"

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def launch(self, *arguments):
        """Start the process without waiting for it to serve."""
        self.log_start = (self.log_path.stat().st_size
                          if self.log_path.exists() else 0)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, str(FFD), "-c", str(self.config), *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**environment(), **self.more_env},
                pass_fds=[s.fileno() for s in self.sockets],
                preexec_fn=allow_descriptors)
        return self

    def start(self):
        self.launch()
        until(self._serves, "the daemon answers ping")
        return self

    def _serves(self):
        if self.process.poll() is not None:
            raise AssertionError(
                f"ffd ended with {self.process.returncode}:\n{self.log()}")
        with open(self.log_path, "rb") as log:
            log.seek(self.log_start)
            said = re.search(rb"listening on tcp:\S+, port (\d+)", log.read())
        if not said:
            return False
        self.port = int(said.group(1))
        with Client(self.socket, DEADLINE_S) as client:
            if client.call("ping") != "pong":
                return False
        with open(self.log_path, "rb") as log: # all that a start says is there
            log.seek(self.log_start)
            web = re.search(rb"dashboard: http://\S+:(\d+)/", log.read())
        self.http_port = int(web.group(1)) if web else None
        return True

    def connect(self, tcp=False):
        """A client on the Unix socket, or on the port; closed at the end."""
        where = ("127.0.0.1", self.port) if tcp else self.socket
        client = Client(where, DEADLINE_S)
        self.clients.append(client)
        return client

    def ctl(self, *arguments, check=0, stdin=None):
        return run(FFCTL, "-s", self.address, *arguments, check=check,
                   stdin=stdin)

    def ctl_json(self, *arguments, stdin=None):
        return json.loads(self.ctl("--json", *arguments, stdin=stdin).stdout)

    def snapshots(self, model="m"):
        """Files of the model's snapshots, the newest first."""
        return sorted((self.state / "models" / model).glob("*.safetensors"),
                      reverse=True)

    def hangup(self):
        self.process.send_signal(signal.SIGHUP)

    def wait(self):
        """Its exit code, once it has ended of itself."""
        return self.process.wait(DEADLINE_S)

    def close_clients(self):
        for client in self.clients:
            client.close()
        self.clients.clear()

    def stop(self):
        """SIGTERM; it must exit 0 and leave no report."""
        self.close_clients()
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
        try:
            code = self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = f"none (still there {DEADLINE_S} s after SIGTERM)"
            self.process.wait()
        self.process = None
        self.check_log()
        if code != 0:
            raise AssertionError(f"ffd's exit code: {code}\n{tail(self.log())}")

    def check_log(self):
        if REPORTS.search(self.log()):
            raise AssertionError(f"a sanitizer reports:\n{self.log()}")

    def kill(self):
        """End it without a word, as a power cut would."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def reborn(self):
        """Killed, and started again; clients must connect anew."""
        self.close_clients()
        self.kill()
        self.check_log()
        return self.start()

    def remove(self):
        if self.process is not None:
            self.kill()
        if not os.environ.get("FFD_E2E_KEEP"):
            shutil.rmtree(self.dir, ignore_errors=True)

    # -- what the system knows of it ------------------------------------------

    def rss(self, field="VmRSS"):
        """Its resident bytes; field VmHWM: the most there ever were."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text("ascii")
        return int(re.search(rf"{field}:\s+(\d+) kB", status).group(1)) * 1024

    def descriptors(self):
        """How many are open, but for the journal's, which come and go."""
        fds = pathlib.Path(f"/proc/{self.pid}/fd")
        state = os.path.realpath(self.state)
        n = 0
        for fd in fds.iterdir():
            try:
                n += not os.readlink(fd).startswith(state)
            except FileNotFoundError:
                pass # closed as we looked
        return n


def allow_descriptors():
    """As LimitNOFILE= of the unit would: all connections fit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    want = 8192 if hard == resource.RLIM_INFINITY else min(8192, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (want, hard))


def tail(text, lines=40):
    return "\n".join(text.splitlines()[-lines:])


class Case(unittest.TestCase):
    """A test that has daemons, and shows their logs when it fails."""

    maxDiff = None

    def run(self, result=None):
        self.daemons = []
        bad = len(result.failures) + len(result.errors)
        super().run(result)
        for d in self.daemons:
            if (len(result.failures) + len(result.errors) > bad
                    and d.log_path.exists()):
                print(f"-- log of {d.dir}:\n{tail(d.log())}", file=sys.stderr)
            d.remove()

    def prepare(self, models=None, **more):
        """A daemon that is configured and not yet started."""
        d = Daemon(models, **more)
        self.daemons.append(d)
        self.addCleanup(d.stop)
        return d

    def daemon(self, models=None, **more):
        """A daemon that serves; without models, one small one named m."""
        return self.prepare({"m": small_model()} if models is None else models,
                            **more).start()

    def assert_refused(self, code, call, *arguments):
        """call(*arguments) answers an error of that code; its sentence."""
        return call_error(self, code, lambda: call(*arguments))

    def assert_serves(self, d, model="m"):
        """It answers ping, and learns: whatever came before."""
        with Client(d.socket, DEADLINE_S) as client:
            self.assertEqual(client.call("ping"), "pong")
            seq = client.call("status", model)["seq"]
            frames, labels = digits(0, 8)
            answer = client.call("learn_batch", model, frames.tobytes(), labels)
            self.assertEqual(answer["seq"], seq + 8)


def call_error(case, code, call):
    with case.assertRaises(RpcError) as caught:
        call()
    case.assertEqual(caught.exception.code, code, caught.exception)
    case.assertTrue(caught.exception.sentence)
    return caught.exception.sentence


def accuracy(client, model="m", fresh=True):
    """Of the model, on the test part."""
    frames, labels = digits(LEARN, TEST)
    answer = client.call("predict_batch", model, frames.tobytes(),
                         {"fresh": fresh})
    right = sum(a == b for a, b in zip(answer["labels"], labels))
    return right / len(labels)


def learn_all(client, model="m", batch=64, n=LEARN):
    """One pass over the learning part; the last answer."""
    frames, labels = digits(0, n)
    answer = None
    for i in range(0, n, batch):
        answer = client.call("learn_batch", model,
                             frames[i:i + batch].tobytes(),
                             labels[i:i + batch])
    return answer


def settled(client, model="m"):
    """What the model is, once nothing moves it and all of that is on the disk:
    no fit runs, and nothing waits for the journal."""
    def look():
        status = client.call("status", model, {"digest": True})
        journal = client.call("stats")["daemon"]["journal"]
        if status["fitting"] or status["inbox"] or (
                journal and journal["waiting_bytes"]):
            return None
        return status
    status = until(look, "nothing moves, and all is on the disk")
    return {key: status[key] for key in ("record", "seq", "step", "digest",
                                         "labels")}


def main():
    if not FFD.exists():
        sys.exit(f"{FFD} is missing; build it, or set FFD_BIN")
    allow_descriptors()
    unittest.main(module="__main__", verbosity=2)

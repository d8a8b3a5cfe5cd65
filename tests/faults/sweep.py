"""The k-th call fails, for every k; and afterwards all is well.

Each trial has a state directory with a snapshot, a journal behind it and the
marks of a kill -9, so that starting is recovery. ffd starts on it under
shim_fault.so, which makes one call fail (or all from one on); a client says
everything that there is to say; SIGTERM. Whatever was refused, these must hold:

  - it ended by itself, by no signal, within the deadline;
  - what was asked was answered, or the connection closed; but while a disk
    fails for good, what was learned before that was known is not refused, and
    its acknowledgement never comes;
  - the next start, without the shim, works on the same directory, sets nothing
    aside, holds every frame that was acknowledged as durable, and learns.
"""
import errno
import json
import shutil
import signal
import subprocess

import harness
from control import FOREVER, Control
from harness import Daemon, digits, small_model, tail, until
from rpc import Client, RpcError

TOP = {"durability": "full", "journal": {"limit": 1 << 20}}
MODEL = {"layers": [{"dense": 16}], "memory": 100, "calibration": 20,
         "fit_every": 64}
LOOK_S = 1
FILE_KINDS = ["write", "sync", "rename", "unlink", "create", "truncate"]


class Broken(AssertionError):
    pass


class Talk:
    """A client that takes no for an answer, and notes what was promised."""

    def __init__(self, daemon, for_good):
        self.daemon = daemon
        self.deadline_s = LOOK_S if for_good else harness.DEADLINE_S
        self.for_good = for_good
        self.client = None
        self.seq = 0     # the greatest acknowledged as durable
        self.refused = []

    def connect(self):
        if self.client is None:
            self.client = Client(self.daemon.socket, self.deadline_s)
        return self.client

    def call(self, method, *params):
        """The result, or None."""
        try:
            return self.connect().call(method, *params)
        except RpcError as e:
            self.refused.append(e.code)
        except (OSError, AssertionError) as e:
            silent = "no answer" in str(e) or isinstance(e, TimeoutError)
            if silent and not self.for_good:
                raise Broken(f"{method} was not answered") from e
            self.refused.append("CLOSED")
            if self.client:
                self.client.close()
            self.client = None
        return None

    def promise(self, answer):
        if answer:
            self.seq = max(self.seq, answer["seq"])

    def everything(self):
        frames, labels = digits(0, 64)
        durable = {"ack": "durable"}
        self.call("hello", {"client": "sweep"})
        for i in range(4):
            self.promise(self.call("learn", "m", frames[i].tobytes(),
                                   labels[i], durable))
        self.call("subscribe", ["sleep", "stats"])
        kept = self.call("learn", "m", frames[5].tobytes(), None, durable)
        self.promise(kept)
        if kept:
            self.call("label", "m", kept["id"], labels[5], durable)
        self.promise(self.call("learn_batch", "m", frames.tobytes(), labels,
                               durable))
        self.call("save", "m", {"wait": True})
        self.call("sleep", "m", {"frames": 100})
        self.call("wake", "m")
        self.call("predict_batch", "m", frames.tobytes(), {"fresh": True})
        self.call("dreams", "m", 2)
        self.call("create_model", "n", json.dumps(small_model(**MODEL)))
        self.call("labels_rename", "m", "1", "one")
        self.call("labels_rename", "m", "one", "1")
        self.call("status", "m")
        self.call("stats")
        self.call("api_info")
        self.call("drop_model", "n")
        self.promise(self.call("learn", "m", frames[7].tobytes(), labels[7],
                               durable))
        if self.client:
            self.client.close()


class Trial:
    """What came of one."""

    def __init__(self, fired, started, who, crash, refused):
        self.fired, self.started = fired, started
        self.who, self.crash, self.refused = who, crash, refused


class Sweep:
    def __init__(self):
        self.daemon = Daemon({"m": small_model(**MODEL)}, **TOP)
        self.control = Control(self.daemon.dir / "control", self.daemon.state)
        self.template = self.daemon.dir / "template"
        self.make_template()

    def make_template(self):
        d = self.daemon.start()
        frames, labels = digits(0, 32)
        with d.connect() as client:
            for save in (True, False):
                answer = client.call("learn_batch", "m", frames.tobytes(),
                                     labels, {"ack": "durable"})
                if save:
                    client.call("save", "m", {"wait": True})
        self.seq = answer["seq"]
        d.kill()
        shutil.copytree(d.state, self.template)

    def remove(self):
        self.daemon.remove()

    def reset(self):
        shutil.rmtree(self.daemon.state, ignore_errors=True)
        shutil.copytree(self.template, self.daemon.state)
        self.daemon.log_path.write_bytes(b"")
        self.control.clear()

    # -- one trial ----------------------------------------------------------------

    def trial(self, kind, at, many=1, error=None):
        """One life with the fault, and the one after it."""
        self.reset()
        self.control.arm(kind, at, many, error)
        try:
            talk = self.life(kind, for_good=many == FOREVER)
            self.control.disarm()
            self.next_life(talk)
        except Broken as e:
            d = self.daemon
            if d.process is not None:
                d.kill()
            name = errno.errorcode[self.control._get(32)]
            raise Broken(
                f"{kind} {at}{' and on' if many > 1 else ''} ({name}; "
                f"{self.control.who or 'a file'}; "
                f"{self.control.crash or 'no crash'}): {e}\n"
                f"{tail(d.log())}") from e
        return Trial(self.control.fired, self.started, self.control.who,
                     self.control.crash, talk.refused)

    def life(self, kind, for_good=False):
        d = self.daemon
        d.more_env = self.control.environment()
        talk = Talk(d, for_good)
        self.started = self.start()
        if self.started:
            talk.everything()
        if d.process.poll() is None:
            d.process.terminate()
        if for_good:
            self.insist()
        try:
            code = d.process.wait(harness.DEADLINE_S)
        except subprocess.TimeoutExpired as e:
            raise Broken("it did not stop") from e
        d.process = None
        aborted = (code == -signal.SIGABRT and kind == "alloc_other" and
                   self.in_library())
        if code < 0 and not aborted:
            raise Broken(f"signal {-code}")
        if not (self.started or aborted or d.log().strip()):
            raise Broken("it did not start, and did not say why")
        return talk

    def insist(self):
        """It would wait for the disk, 20 s; a second SIGTERM ends that."""
        try:
            self.daemon.process.wait(LOOK_S)
        except subprocess.TimeoutExpired:
            self.daemon.process.terminate()

    def in_library(self):
        """Whether it died inside a library, not in our code."""
        crash = self.control.crash
        return crash and f"/{harness.FFD.name}:" not in crash

    def start(self):
        """Whether it serves; False if it ended instead."""
        d = self.daemon
        d.launch()

        def serves():
            if d.process.poll() is not None:
                return "ended"
            if b"listening on tcp" not in d.log_path.read_bytes():
                return None
            try:
                with Client(d.socket, 1) as client:
                    return client.call("ping") == "pong"
            except (OSError, AssertionError, RpcError):
                return None
        try:
            return until(serves, "it serves or ends") != "ended"
        except AssertionError as e:
            raise Broken("it neither serves nor ends") from e

    def next_life(self, talk):
        d = self.daemon
        d.more_env = {}
        corrupt = [p.name for p in d.state.rglob("*") if "corrupt" in p.name]
        if not self.start():
            raise Broken("the next start failed")
        corrupt += [p.name for p in d.state.rglob("*") if "corrupt" in p.name]
        if corrupt:
            raise Broken(f"set aside: {corrupt}")
        frames, labels = digits(0, 8)
        with Client(d.socket, harness.DEADLINE_S) as client:
            seq = client.call("status", "m")["seq"]
            if seq < max(talk.seq, self.seq):
                raise Broken(f"durable up to {max(talk.seq, self.seq)}, and "
                             f"seq is {seq}")
            answer = client.call("learn_batch", "m", frames.tobytes(), labels,
                                 {"ack": "durable"})
            if answer["seq"] != seq + 8:
                raise Broken(f"seq {answer['seq']} after {seq} and 8 frames")
        d.process.terminate()
        code = d.process.wait(harness.DEADLINE_S)
        d.process = None
        if code != 0:
            raise Broken(f"the next life ended with {code}")

    # -- many ---------------------------------------------------------------------

    def calls(self, kind):
        """How many there are in a life without a fault."""
        self.reset()
        talk = self.life(kind)
        assert self.started and not talk.refused, talk.refused
        return self.control.count(kind)

    def all(self, kind, many=1, error=None, every=1, first=1):
        """Every k (or each so-manieth) until it is beyond the last call; the
        number of trials that had a fault."""
        n, misses, at = 0, 0, first
        last = self.calls(kind)
        # Threads make their calls as they please: a few more than were counted.
        while at <= last or misses < 1:
            if self.trial(kind, at, many, error).fired:
                n += 1
                misses = 0
            else:
                misses += 1
            at += every
        return n


__all__ = ["FILE_KINDS", "FOREVER", "Broken", "Sweep"]

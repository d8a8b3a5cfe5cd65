"""A run that is written down, and the disks that power cuts would have left.

record() lets ffd live a few lives under shim_power.so while a client has frames
acknowledged as durable, and marks each acknowledgement in the same log. Cuts
then builds, for any point of the log, a disk such as a power cut could leave,
and starts ffd on it: it must serve, hold all that was marked before that point,
learn, and give no id a second time.
"""
import os
import random
import shutil

import harness
from harness import BIN, Daemon, digits, small_model, tail
from power import Chosen, Disk, Dropped, Log, pack_marker
from rpc import Client
from sweep import MODEL, Broken

SHIM = BIN / "shim_power.so"
EPOCH_SHIFT = 40  # a marker is the epoch, then seq


def options(directory):
    """A small journal, so that segments are begun, ended and removed."""
    return {"durability": "normal", "snapshots": {"every": 1},
            "journal": {"limit": 1 << 20, "archive": str(directory)}}


def make_daemon():
    d = Daemon()
    d.configure({"m": small_model(**MODEL)}, **options(d.state / "archive"))
    return d


class Recording:
    """requests: of a life; what is there at the end is of no interest."""

    def __init__(self, seed, lives=3, requests=120):
        self.random = random.Random(seed)
        self.daemon = make_daemon()
        self.path = self.daemon.dir / "power.log"
        self.path.touch()
        self.fd = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        self.daemon.more_env = {"LD_PRELOAD": str(SHIM),
                                "FFD_POWER_DIR": str(self.daemon.state),
                                "FFD_POWER_LOG": str(self.path)}
        for _ in range(lives):
            self.life(requests)
        os.close(self.fd)
        self.log = Log(self.path)

    def life(self, requests):
        d = self.daemon.start()
        with Client(d.socket, harness.DEADLINE_S) as client:
            for i in range(requests):
                self.say(client, i)
        if self.random.random() < 0.5:
            d.kill()
        else:
            d.stop()

    def say(self, client, i):
        n = self.random.choice([1, 8, 64])
        frames, labels = digits(self.random.randrange(1000), n)
        answer = client.call("learn_batch", "m", frames.tobytes(), labels,
                             {"ack": self.random.choice(["durable", "durable",
                                                         "applied"])})
        if i % 20 == 7:
            client.call("save", "m", {"wait": True})
        if i % 20 == 13:
            client.call("sleep", "m", {"frames": 200})
        answer = client.call("learn", "m", frames[0].tobytes(), labels[0],
                             {"ack": "durable"})
        epoch = int(answer["id"].split(":")[0])
        os.write(self.fd, pack_marker(epoch << EPOCH_SHIFT | answer["seq"]))

    def remove(self):
        self.daemon.remove()


class Cuts:
    def __init__(self, log, seed):
        self.log = log
        self.random = random.Random(seed)
        self.daemon = make_daemon()

    def some(self, n):
        """n points, and for each a choice of what is kept: in turns nothing
        that is not owed, and a random part of it."""
        points = self.log.points()
        for i in range(n):
            choice = Chosen(self.random.random()) if i % 2 else Dropped()
            yield self.random.choice(points), choice

    def check(self, cut, choice):
        d = self.daemon
        shutil.rmtree(d.state, ignore_errors=True)
        Disk(self.log, cut).build(d.state, choice)
        d.log_path.write_bytes(b"")
        marked = self.log.marked(cut)
        epoch, seq = marked >> EPOCH_SHIFT, marked & ((1 << EPOCH_SHIFT) - 1)
        try:
            self.start_on_it(epoch, seq)
        except AssertionError as e:
            kept = shutil.copytree(d.state, d.dir / f"cut-{cut}")
            raise Broken(f"power cut at {cut} ({type(choice).__name__}): {e}\n"
                         f"as it is now: {kept}\n{tail(d.log())}") from e

    def start_on_it(self, epoch, seq):
        d = self.daemon.start()
        frames, labels = digits(0, 4)
        with Client(d.socket, harness.DEADLINE_S) as client:
            found = client.call("status", "m")["seq"]
            if found < seq:
                raise Broken(f"durable up to {seq}, and seq is {found}")
            answer = client.call("learn", "m", frames[0].tobytes(), labels[0],
                                 {"ack": "durable"})
        if answer["seq"] != found + 1:
            raise Broken(f"seq {answer['seq']} came after {found}")
        if int(answer["id"].split(":")[0]) <= epoch:
            raise Broken(f"id {answer['id']} is of epoch {epoch} or before")
        d.stop()

    def remove(self):
        self.daemon.remove()

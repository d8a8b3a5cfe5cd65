#!/usr/bin/python3
"""kill -9 under load, again and again, and a reckoning after each.

Feeders fill two models over several connections: frames with every kind of
acknowledgement, late labels, sleep, saves, renamed labels. The daemon is killed
at a random moment, also while it starts, and started again. Then, in a process
beside it, the journal as the dead left it and its archive are done again from
where that process stood, in one pass over the whole run, and must agree:

  - nobody's frame that was acknowledged as durable is missing, nor a late label;
  - no frame was taken twice;
  - the recovered model's digest is that of the replay at the same record;
  - every digest that the daemon logged on its way to that record, too;
  - seq counts the frames and late labels of the journal, without a gap.

Frames carry a number of their own, so all that is judged by what is in the
journal, and the digest says that the model is what the journal says.

    --kills N     (1000)          --seed S       (1)
    --rate R      frames a second and feeder (1000); every fourth life has no
                  such bound
    --dir DIR     where it happens; a second run with it goes on with what is
                  there, until N kills in all (a temporary directory)
    --quiet       the last line alone

Exit code 0 if all agreed. On a disagreement it stops, says what, and leaves
the directory.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
import harness  # noqa: E402
from harness import BIN, Daemon, allow_descriptors, digits, until  # noqa: E402
from rpc import Client, RpcError  # noqa: E402

FEEDERS = 4
IN_FLIGHT = 8
START_KILLS = 0.15    # share of starts that are not let finish
ALIVE_S = (0.02, 1.0)
SAVE_STATE = 25       # kills
VECTOR = 16
ALL = (1 << 63) - 1  # records
MODELS = ["digits", "vectors"]
ACKS = ["durable", "durable", "applied", "received"]


class Disagreement(Exception):
    pass


def configuration(directory):
    """Small segments, a small journal, snapshots all the time: everything that
    happens seldom happens often."""
    small = {"layers": [{"dense": 32}, {"dense": 32}], "classes": 16,
             "memory": 500, "calibration": 100, "fit_every": 1000,
             "sleep": {"every": 256, "quiet_ms": 100, "replay": 0.5}}
    return {
        "models": {
            "digits": {"input": {"shape": [8, 8], "dtype": "u8"}, **small},
            "vectors": {"input": {"shape": [VECTOR], "dtype": "f32"}, **small}},
        "durability": "normal",
        "journal": {"limit": 1 << 20, "archive": str(directory / "archive")},
        "snapshots": {"every": 1},
        "digests": str(directory / "digests"),
    }


# -- frames that know who they are --------------------------------------------

class Numbers:
    """Each number once, for all feeders of a model."""

    def __init__(self, first=0):
        self.next = first
        self.lock = threading.Lock()

    def take(self, n):
        with self.lock:
            first = self.next
            self.next += n
            return first


def digit_frame(images, number):
    """The number in the first eight pixels, which are black in most."""
    return struct.pack("<Q", number) + images[number % len(images)][8:]


def vector_frame(r, number):
    """Two exact fractions, then noise about one of ten places."""
    head = struct.pack("<2f", (number >> 20) / (1 << 20),
                       (number & 0xfffff) / (1 << 20))
    return head + struct.pack(f"<{VECTOR - 2}f",
                              *(number % 10 / 5 - 1 + r.gauss(0, 0.3)
                                for _ in range(VECTOR - 2)))


def number_of(model, first8):
    if model == "digits":
        return struct.unpack("<Q", first8)[0]
    high, low = struct.unpack("<2f", first8)
    return int(high * (1 << 20)) << 20 | int(low * (1 << 20))


class Feeder(threading.Thread):
    """One connection in one life of the daemon, until that dies."""

    def __init__(self, chaos, daemon, model, seed):
        super().__init__(daemon=True)
        self.chaos, self.model = chaos, model
        self.rate = chaos.options.rate if chaos.lives % 4 else 0
        self.where = daemon.socket
        self.random = random.Random(seed)
        self.client = None
        self.under_way = []  # (msgid, what to do with its result)
        self.nameless = []   # ids that wait for a label
        self.durable = []    # numbers of frames acknowledged as durable
        self.labelled = []   # ids of durable late labels
        self.answers = self.refused = 0
        self.wrong = None

    def run(self):
        begun, fed = time.monotonic(), 0
        try:
            with Client(self.where, harness.DEADLINE_S) as self.client:
                while True:
                    fed += self.act()
                    while len(self.under_way) >= IN_FLIGHT:
                        self.settle()
                    ahead = fed / self.rate - (time.monotonic() - begun) \
                        if self.rate else 0
                    if ahead > 0:
                        time.sleep(ahead)
        except (OSError, AssertionError):
            pass  # it was killed
        except Exception as e:  # pylint: disable=broad-except
            self.wrong = e

    def settle(self):
        msgid, then = self.under_way.pop(0)
        try:
            result = self.client.wait(msgid)
        except RpcError as e:
            self.refused += 1
            # STORAGE: the journal is small, and was full for a moment.
            if e.code in ("INTERNAL", "BAD_MESSAGE"):
                raise
            return
        self.answers += 1
        then(result)

    def send(self, then, method, *params):
        self.under_way.append((self.client.send(method, self.model, *params),
                               then))

    def act(self):
        """Do something; how many frames it fed."""
        x = self.random.random()
        if x < 0.80:
            return self.learn(self.random.choice([1, 1, 3, 8, 32, 60]))
        if x < 0.88:
            return self.nameless_frame()
        if x < 0.95:
            self.late_label()
        elif x < 0.97:
            self.send(lambda _: None, "sleep",
                      {"frames": self.random.randint(1, 2000)})
        elif x < 0.98:
            self.send(lambda _: None, "wake")
        elif x < 0.995:
            self.send(lambda _: None, "save", {"wait": True})
        else:
            pair = self.random.sample(["a", "b"], 2)
            self.send(lambda _: None, "labels_rename", *pair)
        return 0

    def frames(self, n):
        first = self.chaos.numbers[self.model].take(n)
        numbers = range(first, first + n)
        if self.model == "digits":
            data = [digit_frame(self.chaos.images, k) for k in numbers]
        else:
            data = [vector_frame(self.random, k) for k in numbers]
        return numbers, data

    def label(self, number):
        if self.random.random() < 0.02:
            return self.random.choice("ab")
        if self.model == "digits":
            return self.chaos.labels[number % len(self.chaos.labels)]
        return str(number % 10)

    def learn(self, n):
        numbers, data = self.frames(n)
        ack = self.random.choice(ACKS)
        labels = [self.label(k) for k in numbers]

        def then(_):
            if ack == "durable":
                self.durable.extend(numbers)
        if n == 1:
            self.send(then, "learn", data[0], labels[0], {"ack": ack})
        else:
            self.send(then, "learn_batch", b"".join(data), labels,
                      {"ack": ack})
        return n

    def nameless_frame(self):
        numbers, data = self.frames(1)

        def then(result):
            self.durable.extend(numbers)
            self.nameless.append((result["id"], self.label(numbers[0])))
        self.send(then, "learn", data[0], None, {"ack": "durable"})
        return 1

    def late_label(self):
        if not self.nameless:
            return
        frame_id, label = self.nameless.pop(0)
        self.send(lambda _: self.labelled.append(frame_id), "label", frame_id,
                  label, {"ack": "durable"})


# -- the process beside it -----------------------------------------------------

class Replay:
    """ffd_replay, and what it found."""

    def __init__(self, journal, archive):
        self.process = subprocess.Popen(
            [str(BIN / "ffd_replay"), str(journal), str(archive)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.applied = {m: bytearray() for m in MODELS}  # by number: how often
        self.frames = {m: 0 for m in MODELS}
        self.rows = {m: 0 for m in MODELS}  # frames, and labels that came late
        self.late = {m: set() for m in MODELS}
        self.digests = {m: {} for m in MODELS}  # record -> line

    def all(self, model):
        """Apply what is new; [record, seq, step, digest] behind it."""
        self.process.stdin.write(f"{model} {ALL}\n")
        self.process.stdin.flush()
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise Disagreement("ffd_replay died")
            word, *rest = line.split()
            if word == "error:":
                raise Disagreement(line.strip())
            if word == "end":
                return rest[1:]
            self.take(model, word, rest[1:])

    def take(self, model, word, rest):
        self.rows[model] += word in ("frame", "label")
        if word == "frame":
            self.frames[model] += 1
            self.mark(model, number_of(model, bytes.fromhex(rest[2])))
        elif word == "label":
            self.late[model].add(int(rest[1]))
        else:
            self.digests[model][int(rest[0])] = rest

    def mark(self, model, number):
        applied = self.applied[model]
        if number >= len(applied):
            applied.extend(bytes(number + 65536 - len(applied)))
        if applied[number]:
            raise Disagreement(f"{model}: frame {number} was taken twice")
        applied[number] = 1

    def has(self, model, number):
        applied = self.applied[model]
        return number < len(applied) and applied[number]

    def close(self):
        self.process.stdin.close()
        if self.process.wait(60) != 0:
            raise Disagreement("ffd_replay ended badly")


def id_number(text):
    """As ffd_frame_id of daemon/inbox.h."""
    epoch, counter = text.split(":")
    return int(epoch) << 44 | int(counter)


# -- the whole -----------------------------------------------------------------

class Chaos:
    def __init__(self, options, directory):
        self.options = options
        self.directory = directory
        self.memo = directory / "chaos.json"
        self.random = random.Random(options.seed)
        images, self.labels = digits()
        self.images = [i.tobytes() for i in images]
        self.kills = self.start_kills = self.lives = 0
        self.left = {}  # [record, seq, step, digest] that the journal makes
        self.durable = {m: [] for m in MODELS}  # to be judged
        self.labelled = {m: [] for m in MODELS}
        self.judged = {m: [] for m in MODELS}   # were found; frames, labels
        self.judged_labels = {m: [] for m in MODELS}
        self.counts = {"durable": 0, "late": 0, "digests": 0, "answers": 0,
                       "refused": 0, "recovered": 0, "early": 0}
        self.numbers = {m: Numbers() for m in MODELS}
        self.recall()
        self.daemon = self.make_daemon()
        (directory / "archive").mkdir(exist_ok=True)
        self.copy = directory / "copy"
        self.replay = Replay(self.copy, directory / "archive")
        self.digests_read = {"offset": self.digest_end()}

    def make_daemon(self):
        configured = configuration(self.directory)
        daemon = Daemon(configured.pop("models"), **configured)
        # Where a second run finds it.
        shutil.rmtree(daemon.dir)
        daemon.dir = self.directory
        daemon.socket = daemon.dir / "ffd.sock"
        daemon.state = daemon.dir / "state"
        daemon.config = daemon.dir / "ffd.yaml"
        daemon.log_path = daemon.dir / "log"
        configured = configuration(self.directory)
        daemon.configure(configured.pop("models"), **configured)
        return daemon

    # -- memory between runs ----------------------------------------------------

    def recall(self):
        if not self.memo.exists():
            return
        memo = json.loads(self.memo.read_text())
        self.kills, self.lives = memo["kills"], memo["lives"]
        self.start_kills = memo["start_kills"]
        self.counts.update(memo["counts"])
        self.random = random.Random(self.options.seed + self.kills)
        for m in MODELS:
            # It may have gone on for a while after this was written.
            self.numbers[m] = Numbers(memo["numbers"][m] + (1 << 22))
            self.labelled[m] = memo["labelled"][m]
            path = self.directory / f"durable-{m}"
            self.durable[m] = list(struct.unpack(
                f"<{path.stat().st_size // 8}Q", path.read_bytes()))

    def remember(self):
        for m in MODELS:
            path = self.directory / f"durable-{m}"
            path.write_bytes(struct.pack(f"<{len(self.judged[m])}Q",
                                         *self.judged[m]))
        aside = self.memo.with_suffix(".new")
        aside.write_text(json.dumps(
            {"kills": self.kills, "start_kills": self.start_kills,
             "lives": self.lives, "counts": self.counts,
             "labelled": self.judged_labels,
             "numbers": {m: self.numbers[m].next for m in MODELS}}))
        aside.rename(self.memo)

    # -- one life ---------------------------------------------------------------

    def digest_end(self):
        path = self.directory / "digests"
        return path.stat().st_size if path.exists() else 0

    def start(self):
        """A life that serves; on the way there, some that do not."""
        self.daemon.log_path.write_bytes(b"")
        self.reckon()
        while (self.kills < self.options.kills and
               self.random.random() < START_KILLS):
            self.daemon.launch()
            time.sleep(self.random.uniform(0, 0.1))
            self.kill()
            self.start_kills += 1
            self.reckon()
        self.daemon.start()
        self.judge_recovered()
        self.lives += 1

    def kill(self):
        self.daemon.process.kill()
        code = self.daemon.process.wait()
        self.daemon.process = None
        self.kills += 1
        if code != -9:
            raise Disagreement(f"ffd ended of itself with {code}")

    def live(self):
        feeders = [Feeder(self, self.daemon, MODELS[i % len(MODELS)],
                          self.random.random()) for i in range(FEEDERS)]
        for f in feeders:
            f.start()
        time.sleep(self.random.uniform(*ALIVE_S))
        self.kill()
        for f in feeders:
            f.join()
            if f.wrong:
                raise Disagreement(f"a feeder was told: {f.wrong!r}")
            self.durable[f.model] += f.durable
            self.labelled[f.model] += f.labelled
            self.counts["durable"] += len(f.durable)
            self.counts["late"] += len(f.labelled)
            self.counts["answers"] += f.answers
            self.counts["refused"] += f.refused

    # -- the reckoning ------------------------------------------------------------

    def logged(self):
        """Lines of the digest log since the last look, by model."""
        lines = {m: [] for m in MODELS}
        path = self.directory / "digests"
        if not path.exists():
            return lines
        with open(path, "rb") as f:
            f.seek(self.digests_read["offset"])
            data = f.read()
        whole = data.rfind(b"\n") + 1  # it may have died in the middle of one
        self.digests_read["offset"] += len(data)
        for line in data[:whole].decode().splitlines():
            model, *rest = line.split()
            lines[model].append(rest)
        return lines

    def reckon(self):
        """With what the dead left, before anybody touches it."""
        self.copy_journal()
        logged = self.logged()
        for model in MODELS:
            self.left[model] = self.replay.all(model)
            self.judge_digests(model, logged[model])
            self.judge_frames(model)

    def copy_journal(self):
        """A daemon that lives lets nobody read it."""
        shutil.rmtree(self.copy, ignore_errors=True)
        if (self.daemon.state / "journal").exists():
            shutil.copytree(self.daemon.state / "journal", self.copy)

    def judge_digests(self, model, logged):
        for line in logged:
            if int(line[0]) > int(self.left[model][0]):
                continue  # it died before the journal had that record
            if self.replay.digests[model].get(int(line[0])) != line:
                raise Disagreement(
                    f"{model} was {line} when it lived; its journal makes "
                    f"{self.replay.digests[model].get(int(line[0]))}")
            self.counts["digests"] += 1

    def judge_frames(self, model):
        seq, rows = int(self.left[model][1]), self.replay.rows[model]
        if rows != seq:
            raise Disagreement(f"{model}: seq is {seq}; the journal holds "
                               f"{rows} frames and late labels")
        for number in self.durable[model]:
            if not self.replay.has(model, number):
                raise Disagreement(f"{model}: frame {number} was acknowledged "
                                   "as durable and is gone")
        for frame_id in self.labelled[model]:
            if id_number(frame_id) not in self.replay.late[model]:
                raise Disagreement(f"{model}: the label of {frame_id} was "
                                   "acknowledged as durable and is gone")
        self.judged[model] += self.durable[model]
        self.judged_labels[model] += self.labelled[model]
        self.durable[model], self.labelled[model] = [], []

    def judge_recovered(self):
        """At once, before they sleep of their own."""
        with Client(self.daemon.socket, harness.DEADLINE_S) as client:
            about = {m: client.call("status", m, {"digest": True})
                     for m in MODELS}
        for model in MODELS:
            found = [str(about[model][k])
                     for k in ("record", "seq", "step", "digest")]
            left = self.left[model]
            if int(found[0]) > int(left[0]):
                self.counts["early"] += 1  # it has slept already
            elif found == left:
                self.counts["recovered"] += 1
            else:
                raise Disagreement(f"{model} is {found}, but its journal "
                                   f"makes {left}")

    def run(self):
        begun = time.monotonic()
        next_memo = self.kills + SAVE_STATE
        self.start()
        while self.kills < self.options.kills:
            self.live()
            self.start()
            if self.kills >= next_memo:
                next_memo = self.kills + SAVE_STATE
                self.remember()
                self.tell(begun)
        self.daemon.stop()
        self.start_once_more()
        self.replay.close()
        self.remember()
        self.tell(begun, last=True)

    def start_once_more(self):
        """After a clean end: the same again, with no kill before it."""
        self.reckon()
        self.daemon.start()
        self.judge_recovered()
        self.daemon.stop()

    def tell(self, begun, last=False):
        if self.options.quiet and not last:
            return
        applied = sum(self.replay.frames.values())
        archived = len(list((self.directory / "archive").iterdir()))
        print(f"{self.kills} kills ({self.start_kills} while starting), "
              f"{time.monotonic() - begun:.0f} s, {applied} frames in the "
              f"journal ({archived} segments in its archive), {self.counts['durable']} acknowledged as durable: "
              f"0 lost, 0 twice; {self.counts['late']} late labels, "
              f"{self.counts['recovered']} recovered models and "
              f"{self.counts['digests']} digests of live ones agree with "
              f"the replay ({self.counts['early']} had slept too early to "
              f"tell), "
              f"{self.counts['refused']} requests refused", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--kills", type=int, default=1000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--rate", type=int, default=1000)
    p.add_argument("--dir", type=pathlib.Path)
    p.add_argument("--quiet", action="store_true")
    options = p.parse_args()
    allow_descriptors()
    directory = options.dir or pathlib.Path(
        tempfile.mkdtemp(prefix="ffd-chaos-"))
    directory.mkdir(exist_ok=True)
    chaos = Chaos(options, directory.resolve())
    try:
        chaos.run()
    except Disagreement as e:
        print(f"chaos: after {chaos.kills} kills: {e}\n"
              f"chaos: all is in {directory}", file=sys.stderr)
        return 1
    finally:
        if chaos.daemon.process:
            chaos.daemon.kill()
        chaos.replay.process.kill()
    if not options.dir:
        shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())

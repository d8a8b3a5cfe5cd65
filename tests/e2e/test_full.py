"""A disk that is full, failing or read-only: questions are answered, durable
frames refused, and when the disk takes writes again, so is everything.

What was learned before the disk was found full is not refused, or it would be
sent and learned a second time: its acknowledgement comes with the room.

The disk is refused by shim_fault.so, to the state directory alone, while frames
come as fast as they are taken.
"""
import errno
import json
import threading

import faults_path  # noqa: F401
import harness
from control import Control
from harness import Case, digits, learn_all, small_model, until
from rpc import Client, RpcError

BATCH = 32
LOOK_S = 0.3
STOP_S = 60  # 10 s for what is in flight, 10 s for snapshots, and some


class Feeder(threading.Thread):
    """Frames as fast as they are taken; what was refused is asked again."""

    def __init__(self, d):
        super().__init__(daemon=True)
        self.d = d
        self.stop = threading.Event()
        self.seq = 0
        self.codes = set()
        self.wrong = None

    def run(self):
        frames, labels = digits(0, BATCH)
        try:
            with Client(self.d.socket, harness.DEADLINE_S) as client:
                data = frames.tobytes()
                while not self.stop.is_set():
                    try:
                        self.seq = client.call("learn_batch", "m", data, labels,
                                               {"ack": "received"}).get(
                                                   "seq", self.seq)
                    except RpcError as e:
                        self.codes.add(e.code)
        except Exception as e:  # pylint: disable=broad-except
            self.wrong = e


class Full(Case):
    def setUp(self):
        self.d = self.prepare({"m": small_model(memory=200)},
                              durability="normal",
                              snapshots={"every": 1})
        self.control = Control(self.d.dir / "control", self.d.state)
        self.d.more_env = self.control.environment()
        self.d.start()
        self.client = self.d.connect()
        self.waiting = []  # durable requests that are not answered yet
        self.frames, self.labels = digits(0, BATCH)

    def learn(self):
        return self.client.call("learn_batch", "m", self.frames.tobytes(),
                                self.labels, {"ack": "durable"})

    def seq(self):
        return self.client.call("status", "m")["seq"]

    def predicts(self):
        answer = self.client.call("predict", "m", self.frames[0].tobytes())
        return answer["label"] is not None

    def refused(self):
        """Whether a durable frame is refused at once. One that is not may be
        learned already, and is answered when there is room again."""
        client = self.d.connect()
        msgid = client.send("learn_batch", "m", self.frames.tobytes(),
                            self.labels, {"ack": "durable"})
        try:
            client.read_some(LOOK_S)
        except TimeoutError:
            pass
        if msgid not in client.answers:
            self.waiting.append((client, msgid))
            return False
        error = client.answers[msgid][0]
        return error is not None and error.startswith("STORAGE: ")

    def go_through(self, error):
        durable = self.learn()["seq"]
        feeder = Feeder(self.d)
        feeder.start()
        self.addCleanup(feeder.stop.set)
        until(lambda: self.seq() > durable + 4 * BATCH, "frames are learned")
        until(self.predicts, "a view of what was learned is there")
        self.control.full(error)
        until(self.refused, "durable frames are refused with STORAGE")
        self.assertTrue(self.refused())
        # Nothing is learned that could not be learned again.
        stands = until(self.stands_still, "learning stands still")
        for _ in range(50):
            self.assertTrue(self.predicts())
        self.assertEqual(self.client.call("ping"), "pong")
        self.control.full(0)
        until(lambda: self.seq() > stands + 4 * BATCH,
              "learning resumes by itself")
        for client, msgid in self.waiting:
            durable = max(durable, client.wait(msgid)["seq"])
        last = self.learn()["seq"]
        self.assertGreater(last, durable)
        feeder.stop.set()
        feeder.join()
        self.assertIsNone(feeder.wrong)
        self.assertLessEqual(feeder.codes, {"BUSY", "STORAGE"})
        return last

    def stands_still(self):
        before = self.seq()
        for _ in range(20):
            self.assertTrue(self.predicts())
        return before if self.seq() == before else None

    def after_a_kill(self, last):
        self.d.kill()
        self.d.more_env = {}
        self.d.close_clients()
        self.d.start()
        self.client = self.d.connect()
        self.assertGreaterEqual(self.seq(), last)

    def test_a_full_disk_stops_learning_and_nothing_else(self):
        self.after_a_kill(self.go_through(errno.ENOSPC))

    def test_a_failing_disk_likewise(self):
        self.after_a_kill(self.go_through(errno.EIO))

    def test_a_disk_that_becomes_read_only_likewise(self):
        self.after_a_kill(self.go_through(errno.EROFS))

    def test_it_stops_while_the_disk_is_full(self):
        last = self.learn()["seq"]
        self.control.full(errno.ENOSPC)
        self.client.call("learn_batch", "m", self.frames.tobytes(),
                         self.labels, {"ack": "received"})
        self.d.close_clients()
        self.d.process.terminate()
        self.assertGreaterEqual(self.d.process.wait(STOP_S), 0)
        self.d.process = None
        self.control.full(0)
        self.d.start()
        self.client = self.d.connect()
        self.assertGreaterEqual(self.seq(), last)

    def stops(self):
        self.d.close_clients()
        self.d.process.terminate()
        self.assertGreaterEqual(self.d.process.wait(STOP_S), 0)
        self.d.process = None
        self.control.full(0)

    def test_it_stops_though_a_snapshot_waits_for_the_disk_already(self):
        self.learn()
        self.control.full(errno.ENOSPC)
        until(self.refused, "durable frames are refused with STORAGE")
        self.client.send("save", "m", {"wait": True})
        self.client.call("ping")
        self.stops()

    def test_a_model_that_cannot_be_removed_keeps_its_name(self):
        self.learn()
        self.control.full(errno.EIO)
        self.assert_refused("STORAGE", self.client.call, "drop_model", "m")
        self.control.full(0)
        self.assert_refused("MODEL_EXISTS", self.client.call, "create_model",
                            "m", json.dumps(small_model()))
        self.d.close_clients()
        self.d.stop()
        self.d.start()
        self.assert_serves(self.d)

    def test_who_asks_a_model_that_cannot_be_removed_is_answered(self):
        spec = {"input": {"shape": [1], "dtype": "u8"}, "classes": 64,
                "stream": {"features": "symbols", "rows": 4096},
                "memory": 100, "sleep": "off"}
        self.client.call("create_model", "text", json.dumps(spec))
        self.client.call("learn_batch", "text", b"the cat sat. " * 20, None)
        other = self.d.connect()
        asked = [other.send("generate", "text", {"n": 4096})
                 for _ in range(30)]
        other.call("ping")
        self.control.full(errno.EIO)
        self.assert_refused("STORAGE", self.client.call, "drop_model", "text")
        self.control.full(0)
        for msgid in asked:
            try:
                other.wait(msgid)
            except RpcError as e:
                self.assertEqual(e.code, "UNKNOWN_MODEL")

    def test_a_stop_refuses_durable_requests_that_the_disk_keeps_waiting(self):
        last = self.learn()["seq"]
        self.control.full(errno.ENOSPC)
        until(self.refused, "durable frames are refused with STORAGE")
        self.assertTrue(self.waiting)
        self.d.process.terminate()
        for client, msgid in self.waiting:
            self.assert_refused("STORAGE", client.wait, msgid)
        self.assertGreaterEqual(self.d.process.wait(STOP_S), 0)
        self.d.process = None
        self.control.full(0)
        self.d.start()
        self.client = self.d.connect()
        self.assertEqual(self.seq(), last)  # nor was it made durable


class Fitted(Full):
    """What was fitted when the disk refuses is taken in all the same."""

    def prepare(self, models=None, **more):
        wide = small_model(layers=[{"dense": 1200}], objective="hybrid",
                           sleep="off")
        return super().prepare({"m": wide}, **more)

    def test_it_stops(self):
        learn_all(self.client, n=512)
        until(lambda: self.client.call("status", "m")["fitting"],
              "a fit is under way")
        self.control.full(errno.ENOSPC)
        until(self.refused, "durable frames are refused with STORAGE")
        self.stops()


class Limit(Case):
    """The journal reaches its limit and cannot be shortened for a while."""

    def test_when_it_can_be_learning_goes_on(self):
        models = {"m": small_model(memory=200)}
        d = self.prepare(models)
        archive = d.dir / "archive"
        archive.write_text("in the way")
        d.configure(models, durability="normal", snapshots={"every": 0},
                    journal={"limit": 1 << 20, "archive": str(archive)})
        d.start()
        client = d.connect()
        frames, labels = digits(0, 256)

        def full():
            try:
                client.call("learn_batch", "m", frames.tobytes(), labels,
                            {"ack": "durable"})
            except RpcError as e:
                return e.code == "STORAGE"
            return False
        until(full, "the journal is at its limit")
        hand = client.send("labels_rename", "m", "7", "seven")

        def saved():
            return (client.call("versions", "m")[0]["record"]
                    == client.call("status", "m")["record"])
        until(saved, "a snapshot holds all")
        archive.unlink()
        self.assertIn("record", client.wait(hand))
        until(lambda: not full(), "learning resumes by itself")


if __name__ == "__main__":
    harness.main()

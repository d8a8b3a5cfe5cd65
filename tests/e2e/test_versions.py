"""Generations of snapshots: made, pruned, damaged, carried away, verified."""
import json
import pathlib
import random
import resource
import time

import harness
from harness import (Case, FFD, digits, learn_all, run, small_model, until)

OFF = small_model(sleep="off", calibration=0)
TINY = small_model(sleep="off", layers=[{"dense": 8}], memory=8, classes=4,
                   calibration=0, late_labels={"frames": 8})
NEVER = {"every": 0}
FULL = 100_000  # bytes of the largest file, where no snapshot of OFF fits


def flip(path, bit=None):
    """One bit of a file, in place."""
    data = bytearray(path.read_bytes())
    bit = len(data) * 4 if bit is None else bit
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


def learn(client, n, model="m"):
    """n frames more, in one batch; seq after them."""
    frames, labels = digits(0, n)
    labels = [str(int(k) % 4) for k in labels]
    return client.call("learn_batch", model, frames.tobytes(), labels)["seq"]


def save(client, model="m", **more):
    return client.call("save", model, {"wait": True, **more})


def generations(client, n, model="m"):
    """n snapshots, each of 8 frames more than the one before."""
    saved = []
    for _ in range(n):
        learn(client, 8, model)
        saved.append(save(client, model))
    return saved


def export(client, model="m", version=None):
    """The bytes of a snapshot."""
    data = b""
    while True:
        piece = client.call("export", model, version, len(data))
        version = piece["version"]
        data += piece["data"]
        if len(data) == piece["total"]:
            return data


def imports(client, name, data, size=4 << 20):
    answer = None
    for at in range(0, len(data), size):
        answer = client.call("import", name, at, data[at:at + size],
                             len(data))
    return answer


def digest(client, model="m"):
    return client.call("status", model, {"digest": True})["digest"]


class Versions(Case):
    def prepare(self, models=None, **more):
        more.setdefault("snapshots", NEVER)
        return super().prepare(models, **more)

    def test_a_save_is_a_version(self):
        client = self.daemon({"m": OFF}).connect()
        self.assertEqual(client.call("versions", "m"), [])
        learn(client, 64)
        saved = save(client)
        [version] = client.call("versions", "m")
        status = client.call("status", "m")
        self.assertEqual(version["version"], str(status["record"]))
        self.assertEqual(version["record"], status["record"])
        self.assertIsNone(version["name"])
        for key in ("version", "seq", "step", "bytes", "xxh3"):
            self.assertEqual(version[key], saved[key], key)
        self.assertEqual(version["xxh3"], digest(client))
        self.assertLess(abs(version["time"] - time.time()), 3600)
        self.assertEqual(status["snapshot"],
                         {"version": version["version"],
                          "recovered_from": None, "quarantined": 0})

    def test_generations_are_pruned_by_the_plan(self):
        """All of one hour, or of two if one ends meanwhile."""
        d = self.daemon({"m": OFF}, snapshots={**NEVER, "keep": 2})
        client = d.connect()
        saved = generations(client, 6)
        kept = [v["version"] for v in client.call("versions", "m")]
        self.assertIn(len(kept), (2, 3))
        self.assertEqual(kept[:2], [s["version"] for s in saved[:-3:-1]])
        self.assertEqual(len(d.snapshots()), len(kept))

    def test_the_limit_in_bytes_is_kept(self):
        d = self.daemon({"m": OFF}, snapshots={**NEVER, "limit": 1})
        client = d.connect()
        saved = generations(client, 3)
        self.assertEqual([v["version"] for v in client.call("versions", "m")],
                         [saved[-1]["version"]])

    def test_two_saves_of_one_record_are_one(self):
        d = self.daemon({"m": OFF})
        client = d.connect()
        learn(client, 8)
        first = save(client)
        self.assertEqual(save(client)["version"], first["version"])
        self.assertEqual(len(d.snapshots()), 1)

    def test_a_named_one_is_kept_until_it_is_deleted(self):
        d = self.daemon({"m": OFF}, snapshots={**NEVER, "keep": 1})
        client = d.connect()
        learn(client, 8)
        self.assertEqual(save(client, name="noon")["version"], "noon")
        generations(client, 5)
        names = [v["name"] for v in client.call("versions", "m")]
        self.assertEqual(names.count("noon"), 1)
        self.assertEqual(names[-1], "noon")
        self.assert_refused("VERSION_EXISTS", client.call, "save", "m",
                            {"wait": True, "name": "noon"})
        self.assert_refused("UNKNOWN_VERSION", client.call, "delete_version",
                            "m", "midnight")
        self.assert_refused("BAD_PARAMS", client.call, "delete_version", "m",
                            client.call("versions", "m")[0]["version"])
        self.assertEqual(client.call("delete_version", "m", "noon"),
                         {"version": "noon"})
        self.assertNotIn("noon", [v["name"]
                                  for v in client.call("versions", "m")])
        save(client, name="noon")

    def test_the_newest_only_loses_its_name(self):
        d = self.daemon({"m": OFF})
        client = d.connect()
        learn(client, 8)
        saved = save(client, name="noon")
        client.call("delete_version", "m", "noon")
        [version] = client.call("versions", "m")
        self.assertIsNone(version["name"])
        self.assertEqual(version["xxh3"], saved["xxh3"])

    def test_versions_of_no_model_are_refused(self):
        client = self.daemon({}).connect()
        for call in (("versions", "x"), ("rollback", "x", "1"),
                     ("export", "x", None, 0), ("delete_version", "x", "a")):
            self.assert_refused("UNKNOWN_MODEL", client.call, *call)

    def test_rollback_makes_it_what_it_was(self):
        d = self.daemon({"m": OFF})
        client = d.connect()
        learn(client, 64)
        before = save(client, name="before")
        seq, step = before["seq"], before["step"]
        record = client.call("status", "m")["record"]
        learn_all(client, n=64)
        self.assert_refused("UNKNOWN_VERSION", client.call, "rollback", "m",
                            "after")
        now = client.call("rollback", "m", "before")
        status = client.call("status", "m")
        self.assertEqual((status["seq"], status["step"]), (seq, step))
        self.assertGreaterEqual(status["record"], now["record"])
        self.assertGreater(now["record"], record)
        frame, label = digits(0, 1)[0].tobytes(), "1"
        answer = client.call("learn", "m", frame, label, {"ack": "durable"})
        self.assertEqual(answer["seq"], seq + 1)
        d.kill()
        client = d.start().connect()
        self.assertEqual(client.call("status", "m")["seq"], seq + 1)

    def test_a_peer_on_tcp_may_list_and_no_more(self):
        d = self.daemon({"m": OFF})
        learn(d.connect(), 8)
        save(d.connect(), name="kept")
        client = d.connect(tcp=True)
        self.assertEqual(len(client.call("versions", "m")), 1)
        for call in (("rollback", "m", "kept"), ("export", "m", None, 0),
                     ("delete_version", "m", "kept"),
                     ("import", "n", 0, b"x", 1)):
            self.assert_refused("NOT_ALLOWED", client.call, *call)


class Periodic(Case):
    def test_a_model_that_changed_is_saved_of_itself(self):
        d = self.daemon({"m": OFF}, snapshots={"every": 1})
        client = d.connect()
        learn(client, 8)
        until(lambda: any(v["seq"] == 8 for v in client.call("versions", "m")),
              "a snapshot")
        learn(client, 8)
        until(lambda: any(v["seq"] == 16
                          for v in client.call("versions", "m")), "the next")
        record = client.call("status", "m")["record"]
        until(lambda: client.call("status", "m")["snapshot"]["version"] ==
              str(record), "all of it is saved")

    def test_never_is_never_and_a_reload_changes_that(self):
        d = self.daemon({"m": OFF}, snapshots=NEVER)
        client = d.connect()
        learn(client, 8)
        client.call("save", "m", {"wait": True})
        learn(client, 8)
        self.assertEqual(client.call("versions", "m")[0]["seq"], 8)
        d.configure({"m": OFF}, snapshots={"every": 1})
        d.hangup()
        until(lambda: client.call("versions", "m")[0]["seq"] == 16,
              "a snapshot")


class Recovery(Case):
    """Without a journal, so that a snapshot is all there is."""

    def prepare(self, models=None, **more):
        more.setdefault("snapshots", NEVER)
        more.setdefault("durability", "off")
        return super().prepare(models, **more)

    def three(self):
        d = self.daemon({"m": OFF})
        saved = generations(d.connect(), 3)
        d.kill()
        return d, saved

    def test_the_newest_is_used(self):
        d, saved = self.three()
        status = d.start().connect().call("status", "m")
        self.assertEqual(status["seq"], 24)
        self.assertEqual(status["snapshot"],
                         {"version": saved[2]["version"],
                          "recovered_from": saved[2]["version"],
                          "quarantined": 0})

    def test_one_that_is_damaged_is_set_aside_for_the_one_before(self):
        d, saved = self.three()
        path = pathlib.Path(saved[2]["path"])
        flip(path)
        damaged = path.read_bytes()
        status = d.start().connect().call("status", "m")
        self.assertEqual(status["seq"], 16)
        self.assertEqual(status["snapshot"],
                         {"version": saved[1]["version"],
                          "recovered_from": saved[1]["version"],
                          "quarantined": 1})
        self.assertIn("set aside", d.log())
        self.assertFalse(path.exists())
        [aside] = path.parent.glob("*.corrupt-*")
        self.assertTrue(aside.name.startswith(path.name))
        self.assertEqual(aside.read_bytes(), damaged)
        self.assert_serves(d)

    def test_with_a_journal_a_damaged_one_costs_nothing(self):
        d = self.daemon({"m": OFF}, durability="normal")
        saved = generations(d.connect(), 3)
        before = digest(d.connect())
        d.kill()
        flip(pathlib.Path(saved[2]["path"]))
        client = d.start().connect()
        status = client.call("status", "m")
        self.assertEqual(status["seq"], 24)
        self.assertEqual(status["snapshot"]["recovered_from"],
                         saved[1]["version"])
        self.assertEqual(digest(client), before)

    def test_if_every_one_is_damaged_it_is_new_and_says_so(self):
        d, saved = self.three()
        for s in saved:
            flip(pathlib.Path(s["path"]))
        status = d.start().connect().call("status", "m")
        self.assertEqual(status["seq"], 0)
        self.assertEqual(status["snapshot"],
                         {"version": None, "recovered_from": None,
                          "quarantined": 3})
        self.assertIn("every snapshot was damaged", d.log())
        self.assert_serves(d)

    def test_a_model_that_was_made_is_made_again_of_its_specification(self):
        d = self.daemon({})
        client = d.connect()
        client.call("create_model", "made", json.dumps(TINY))
        learn(client, 8, "made")
        d.stop()
        for path in d.snapshots("made"):
            flip(path)
        client = d.start().connect()
        self.assertEqual(client.call("status", "made")["seq"], 0)
        self.assertEqual(learn(client, 8, "made"), 8)

    def test_one_that_nothing_says_how_to_make_is_not_there(self):
        d, saved = self.three()
        for s in saved:
            flip(pathlib.Path(s["path"]))
        d.configure({}, snapshots=NEVER, durability="off")
        self.assertEqual(d.start().connect().call("models"), [])
        self.assertIn("it is not there", d.log())

    def test_what_was_half_written_is_removed(self):
        d, saved = self.three()
        left = [pathlib.Path(saved[2]["path"] + ".new"),
                d.state / "import-x.part",
                d.state / "models/.dropped-x-1-0/a"]
        for path in left:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"half")
        self.assertEqual(d.start().connect().call("status", "m")["seq"], 24)
        for path in left:
            self.assertFalse(path.exists(), path)

    def test_files_of_the_layout_before_are_moved(self):
        d = self.daemon({})
        client = d.connect()
        client.call("create_model", "made", json.dumps(TINY))
        learn(client, 8, "made")
        d.stop()
        [path] = d.snapshots("made")[:1]
        path.rename(d.state / "made.safetensors")
        (d.state / "models/made/spec.yaml").rename(d.state / "made.yaml")
        harness.shutil.rmtree(d.state / "models")
        client = d.start().connect()
        self.assertEqual(client.call("status", "made")["seq"], 8)
        self.assertEqual(len(d.snapshots("made")), 1)
        self.assertTrue((d.state / "models/made/spec.yaml").exists())
        self.assertEqual(list(d.state.glob("made.*")), [])


class Carry(Case):
    def test_what_is_imported_is_what_was_exported(self):
        d = self.daemon({"m": OFF})
        client = d.connect()
        learn(client, 64)
        saved = save(client)
        data = export(client)
        self.assertEqual(data, pathlib.Path(saved["path"]).read_bytes())
        answer = imports(client, "copy", data)
        self.assertEqual(answer, {"bytes": len(data), "total": len(data),
                                  "name": "copy"})
        self.assertEqual(digest(client, "copy"), saved["xxh3"])
        [version] = client.call("versions", "copy")
        self.assertEqual(version["xxh3"], saved["xxh3"])
        learn(client, 8)
        learn(client, 8, "copy")
        self.assertEqual(client.call("status", "copy")["seq"], 72)
        d.kill()
        client = d.start().connect()
        self.assertEqual(client.call("status", "copy")["seq"],
                         client.call("status", "m")["seq"])

    def test_pieces_of_any_size_in_order(self):
        client = self.daemon({"m": TINY}).connect()
        learn(client, 8)
        save(client)
        data = export(client)
        third = len(data) // 3
        first = client.call("import", "n", 0, data[:third], len(data))
        self.assertEqual(first, {"bytes": third, "total": len(data),
                                 "name": None})
        for offset, total in ((0, len(data) + 1), (third + 1, len(data)),
                              (third, len(data) + 5)):
            if offset:
                self.assert_refused("BAD_PARAMS", client.call, "import", "n",
                                    offset, data[offset:], total)
        self.assertEqual(imports(client, "n", data, 1000)["name"], "n")
        self.assert_refused("MODEL_EXISTS", client.call, "import", "n", 0,
                            data, len(data))

    def test_garbage_is_refused_and_nothing_is_left(self):
        d = self.daemon({"m": TINY})
        client = d.connect()
        learn(client, 8)
        save(client)
        good = export(client)
        bad = bytearray(good)
        bad[len(bad) // 2] ^= 4
        for data in (b"garbage", bytes(bad), good[:-1], bytes(4096)):
            self.assert_refused("BAD_PARAMS", imports, client, "n", data)
            self.assertEqual(sorted(p.name for p in
                                    (d.state / "models").iterdir()), ["m"])
            self.assertEqual(list(d.state.glob("import-*")), [])
            self.assertEqual(len(client.call("models")), 1)
        self.assert_refused("BAD_PARAMS", client.call, "import", "n", 0, b"",
                            4)
        self.assert_refused("BAD_PARAMS", client.call, "import", "n", 0,
                            b"12345", 4)
        self.assertEqual(imports(client, "n", good)["name"], "n")

    def test_a_version_that_is_not_there_is_refused(self):
        client = self.daemon({"m": TINY}).connect()
        self.assert_refused("UNKNOWN_VERSION", client.call, "export", "m",
                            None, 0)
        learn(client, 8)
        saved = save(client)
        self.assert_refused("UNKNOWN_VERSION", client.call, "export", "m",
                            "noon", 0)
        self.assert_refused("BAD_PARAMS", client.call, "export", "m", None,
                            saved["bytes"] + 1)
        end = client.call("export", "m", None, saved["bytes"])
        self.assertEqual((end["bytes"], end["data"]), (0, b""))

    def test_ffctl_carries_a_model_from_one_daemon_to_another(self):
        a, b = self.daemon({"m": OFF}), self.daemon({})
        learn(a.connect(), 64)
        saved = a.ctl_json("save", "m", "--wait", "--name", "noon")
        file = a.dir / "m.safetensors"
        told = a.ctl_json("export", "m", "--version", "noon", file)
        self.assertEqual(told, {"version": "noon", "path": str(file),
                                "bytes": saved["bytes"]})
        b.ctl("import", "m", file)
        self.assertEqual(digest(b.connect()), saved["xxh3"])
        self.assertIn("noon", a.ctl("versions", "m").stdout)
        a.ctl("rollback", "m", "noon")
        a.ctl("delete-version", "m", "noon")
        a.ctl("export", "m", "--version", "none", a.dir / "none", check=1)
        self.assertFalse((a.dir / "none").exists())
        b.ctl("import", "x", a.config, check=1)

    def test_an_import_is_kept_when_the_daemon_stops_in_the_middle(self):
        d = self.daemon({"m": TINY})
        client = d.connect()
        learn(client, 8)
        save(client)
        data = export(client)
        client.call("import", "n", 0, data[:100], len(data))
        self.assertTrue((d.state / "import-n.part").exists())
        d.stop()
        client = d.start().connect()
        self.assertFalse((d.state / "import-n.part").exists())
        self.assert_refused("BAD_PARAMS", client.call, "import", "n", 100,
                            data[100:], len(data))


class Disk(Case):
    def test_a_disk_that_refuses_leaves_what_was_there(self):
        """RLIMIT_FSIZE stands for a disk that is full."""
        d = self.prepare({"m": OFF}, snapshots={"every": 1}, durability="off")
        client = d.start().connect()
        learn(client, 8)
        save(client)
        before = [(p.name, p.read_bytes()) for p in d.snapshots()]
        _, hard = resource.prlimit(d.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(d.pid, resource.RLIMIT_FSIZE, (FULL, hard))
        learn(client, 8)
        self.assert_refused("STORAGE", save, client)
        self.assertEqual([(p.name, p.read_bytes()) for p in d.snapshots()],
                         before)
        self.assertEqual(list((d.state / "models/m").glob("*.new")), [])
        self.assertIn("snapshot not written", d.log())
        self.assertEqual(learn(client, 8), 24)
        resource.prlimit(d.pid, resource.RLIMIT_FSIZE, (hard, hard))
        until(lambda: client.call("versions", "m")[0]["seq"] == 24,
              "it is saved when the disk takes it")

    def test_a_model_that_cannot_be_stored_is_not_made(self):
        d = self.prepare({}, snapshots=NEVER, durability="off")
        client = d.start().connect()
        _, hard = resource.prlimit(d.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(d.pid, resource.RLIMIT_FSIZE, (FULL, hard))
        self.assert_refused("STORAGE", client.call, "create_model", "x",
                            json.dumps(OFF))
        until(lambda: not client.call("models"), "it is gone")
        resource.prlimit(d.pid, resource.RLIMIT_FSIZE, (hard, hard))
        d.kill()
        self.assertEqual(d.start().connect().call("models"), [])


class Verify(Case):
    def prepare(self, models=None, **more):
        more.setdefault("snapshots", NEVER)
        return super().prepare(models, **more)

    def verify(self, state, code):
        before = listing(state)
        done = run(FFD, "--verify", state)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(listing(state), before, "nothing is changed")
        return done.stdout

    def stopped(self, **more):
        d = self.daemon({"m": TINY}, **more)
        generations(d.connect(), 2)
        d.kill()
        return d

    def test_a_sound_directory(self):
        said = self.verify(self.stopped().state, 0)
        self.assertEqual(said.count(": good"), 2)
        self.assertIn("sound", said)

    def test_an_empty_one_and_none(self):
        d = self.prepare({})
        self.verify(d.state, 2)
        d.state.mkdir()
        self.verify(d.state, 0)

    def test_a_damaged_snapshot_is_1(self):
        d = self.stopped()
        flip(d.snapshots()[0])
        self.assertIn("DAMAGED", self.verify(d.state, 1))
        self.assertEqual(d.start().connect().call("status", "m")["seq"], 16)

    def test_an_epoch_that_cannot_be_read_is_2(self):
        d = self.stopped()
        (d.state / "epoch").write_text("many\n")
        self.assertIn("epoch", self.verify(d.state, 2))
        d.launch()
        self.assertNotEqual(d.wait(), 0)
        d.process = None

    def test_an_epoch_that_is_gone_is_1(self):
        d = self.stopped()
        (d.state / "epoch").unlink()
        self.assertIn("epoch", self.verify(d.state, 1))

    def test_a_damaged_journal_is_1(self):
        d = self.daemon({"m": TINY})
        client = d.connect()
        generations(client, 1)
        for _ in range(4):
            learn(client, 64)
        frames, labels = digits(0, 1)
        client.call("learn", "m", frames.tobytes(), "1", {"ack": "durable"})
        d.stop()
        for path in d.snapshots()[:-1]:
            path.unlink()
        self.verify(d.state, 0)
        segments = sorted((d.state / "journal").glob("*.db"))
        flip(segments[-1], segments[-1].stat().st_size * 4 + 3)
        self.assertIn("DAMAGED", self.verify(d.state, 1))
        client = d.start().connect()
        self.assertEqual(client.call("status", "m")["snapshot"]["quarantined"],
                         0)
        self.assertGreater(learn(client, 8), 8)

    def test_flipped_bits_are_never_missed(self):
        d = self.daemon({"m": TINY}, durability="off")
        generations(d.connect(), 1)
        d.kill()
        [path] = d.snapshots()
        good = path.read_bytes()
        bits = random.Random(7).sample(range(len(good) * 8), 100)
        for bit in bits + [0, 63, 64, len(good) * 8 - 1]:
            flip(path, bit)
            said = self.verify(d.state, 1)
            self.assertIn("DAMAGED", said)
            path.write_bytes(good)
        self.verify(d.state, 0)


def listing(state):
    """Every file of a directory, with its bytes."""
    return {str(p): p.read_bytes() for p in sorted(state.rglob("*"))
            if p.is_file()} if state.exists() else None


if __name__ == "__main__":
    harness.main()

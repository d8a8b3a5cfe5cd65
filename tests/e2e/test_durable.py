"""What is acknowledged as durable, and what a kill leaves.

A kill is SIGKILL: no handler runs, and what the kernel was given stays. That
what it was given also survives the loss of power needs another test (fault).
"""
import json

import harness
from harness import (Case, LEARN, TEST, accuracy, digits, learn_all, settled,
                     small_model, until)

OFF = {"sleep": "off"}
DURABLE = {"ack": "durable"}
NIGHT = {"frames": 10**9}

# So many features that a fit takes long enough to be met while it runs.
WIDE = {"layers": [{"dense": 3000}], "objective": "hybrid", "sleep": "off"}


class Durable(Case):
    def begin(self, top=None, models=None, **more):
        if models is None:
            models = {"m": small_model(**more)}
        self.d = self.daemon(models, **(top or {}))
        return self.d.connect()

    def reborn(self):
        self.d.reborn()
        return self.d.connect()

    def learn(self, client, first, n, labels="own", model="m"):
        """A batch, until it is on the disk."""
        frames, own = digits(first, n)
        return client.call("learn_batch", model, frames.tobytes(),
                           own if labels == "own" else labels, DURABLE)

    def ask(self, client, model="m"):
        frames, _ = digits(LEARN, TEST)
        answer = client.call("predict_batch", model, frames.tobytes(),
                             {"fresh": True})
        return {key: answer[key] for key in ("labels", "scores", "by",
                                             "typicality", "step")}

    def status(self, client, *keys, model="m"):
        status = client.call("status", model)
        return tuple(status[key] for key in keys)

    def rest(self, client, frames, model="m"):
        client.call("sleep", model, {"frames": frames})
        until(lambda: self.status(client, "debt", "state",
                                  model=model) == (0, "awake"), "it has slept")

    def same_after_a_kill(self, client, model="m"):
        """Digest and answers; the new client."""
        is_, answers = settled(client, model), self.ask(client, model)
        client = self.reborn()
        self.assertEqual(settled(client, model), is_)
        self.assertEqual(self.ask(client, model), answers)
        return client


class Kill(Durable):
    def test_what_was_acknowledged_is_there(self):
        client = self.begin(**OFF)
        for first in range(0, 512, 64):
            answer = self.learn(client, first, 64)
        client = self.reborn()
        seq, step = self.status(client, "seq", "step")
        self.assertEqual((seq, seq), (512, answer["seq"]))
        self.assertEqual(step, answer["step"])

    def test_it_is_the_same_to_the_bit(self):
        client = self.begin(**OFF)
        for first in range(0, LEARN - 64, 64):
            self.learn(client, first, 64)
        client = self.same_after_a_kill(client)
        self.assertGreater(accuracy(client), 0.7)

    def test_and_goes_on_as_it_would_have(self):
        """Twice the same frames one by one: one daemon is killed between."""
        told = []
        for kill in (False, True):
            client = self.begin({"durability": "full"}, fit_every=100000,
                                **OFF)
            for i in range(64):
                self.learn(client, i, 1)
            if kill:
                client = self.reborn()
            for i in range(64, 96):
                self.learn(client, i, 1)
            told.append(settled(client))
        self.assertEqual(*told)

    def test_two_kills_in_a_row(self):
        client = self.begin(**OFF)
        self.learn(client, 0, 64)
        is_ = settled(client)
        for _ in range(2):
            client = self.reborn()
        self.assertEqual(settled(client), is_)
        for i in range(3):
            self.learn(client, 64 * (i + 1), 64)
            client = self.same_after_a_kill(client)
        self.assertEqual(self.status(client, "seq"), (256,))

    def test_a_kill_while_it_is_recovered(self):
        client = self.begin(**OFF)
        for first in range(0, 512, 32):
            self.learn(client, first, 32)
        is_ = settled(client)
        self.d.close_clients()
        self.d.kill()
        for _ in range(3):
            self.d.launch()
            until(lambda: (self.d.state / "epoch").exists(), "it begins")
            self.d.kill()
        self.d.start()
        self.assertEqual(settled(self.d.connect()), is_)

    def test_behind_a_snapshot_only_the_rest_is_done_again(self):
        client = self.begin(**OFF)
        learn_all(client, n=512)
        client.call("save", "m", {"wait": True})
        self.learn(client, 512, 64)
        self.same_after_a_kill(client)
        self.assertRegex(self.d.log(), r"model m: \d records ")

    def test_sleep_is_done_again(self):
        client = self.begin()
        learn_all(client, n=512)
        self.rest(client, 512)
        is_, answers = settled(client), self.ask(client)
        client = self.reborn()
        self.assertEqual(settled(client), is_)
        self.assertEqual(self.ask(client), answers)

    def test_a_wake_is_done_again(self):
        client = self.begin(sleep={"every": 512, "quiet_ms": 10**8})
        learn_all(client, n=256)
        client.call("sleep", "m", NIGHT)
        client.call("wake", "m")
        self.learn(client, 256, 8)
        debt = self.status(client, "debt", "state")
        client = self.same_after_a_kill(client)
        self.assertEqual(self.status(client, "debt", "state"), debt)

    def test_a_stop_leaves_the_same(self):
        client = self.begin(**OFF)
        learn_all(client, n=512)
        is_, answers = settled(client), self.ask(client)
        self.d.stop()
        self.d.start()
        client = self.d.connect()
        self.assertEqual(settled(client), is_)
        self.assertEqual(self.ask(client), answers)
        self.learn(client, 512, 64)
        self.same_after_a_kill(client)

    def test_every_objective(self):
        names = ("competitive", "label_overlay", "hybrid", "self_contrastive")
        client = self.begin(models={
            n: small_model(objective=n, layers=[{"dense": 64}], answer=answer)
            for n, answer in zip(names, ("softmax", "closed_form", "auto",
                                         "softmax"))})
        for n in names:
            learn_all(client, n, n=600)
            self.rest(client, 128, n)
            self.learn(client, 600, 32, model=n)
            client.call("wake", n)
        is_ = {n: settled(client, n) for n in names}
        answers = {n: self.ask(client, n) for n in names}
        client = self.reborn()
        for n in names:
            self.assertEqual(settled(client, n), is_[n])
            self.assertEqual(self.ask(client, n), answers[n])

    def test_ids_are_never_given_twice(self):
        client = self.begin(**OFF)
        first = self.learn(client, 0, 8)["first_id"]
        client = self.reborn()
        self.assertTrue(first.startswith("1:"))
        self.assertTrue(self.learn(client, 8, 8)["first_id"].startswith("2:"))

    def test_a_model_made_by_a_peer_is_there(self):
        client = self.begin(models={})
        client.call("create_model", "x", json.dumps(small_model(**OFF)))
        self.learn(client, 0, 64, model="x")
        is_ = settled(client, "x")
        client = self.reborn()
        self.assertEqual(settled(client, "x"), is_)
        client.call("drop_model", "x")
        client = self.reborn()
        self.assertEqual(client.call("models"), [])
        # Nor does one of the same name begin where that one ended.
        client.call("create_model", "x", json.dumps(small_model(**OFF)))
        self.learn(client, 0, 8, model="x")
        client = self.reborn()
        self.assertEqual(self.status(client, "seq", model="x"), (8,))


class Options(Durable):
    """The configuration changes: a record of it is made, and done again."""

    def test_at_a_restart(self):
        client = self.begin(**OFF)
        self.learn(client, 0, 64)
        before = settled(client)
        self.d.close_clients()
        self.d.kill()
        self.d.configure({"m": small_model(lr=0.02, **OFF)})
        self.d.start()
        client = self.d.connect()
        after = settled(client)
        self.assertEqual(after["record"], before["record"] + 1)
        self.assertEqual((after["seq"], after["step"]),
                         (before["seq"], before["step"]))
        self.learn(client, 64, 64)
        client = self.same_after_a_kill(client)
        # Once told, it is not told again.
        self.assertEqual(settled(client)["record"], after["record"] + 2)

    def test_while_it_serves(self):
        client = self.begin(**OFF)
        self.learn(client, 0, 64)
        record = settled(client)["record"]
        self.d.configure({"m": small_model(lr=0.02, fit_every=64, **OFF)})
        self.d.hangup()
        until(lambda: settled(client)["record"] > record, "it was told")
        self.learn(client, 64, 256)
        self.same_after_a_kill(client)


class Fit(Durable):
    def under_way(self, client):
        """Learn until a fit runs; how many frames are durable by then."""
        for first in range(0, LEARN - 128, 64):
            frames, labels = digits(first, 64)
            client.call("learn_batch", "m", frames.tobytes(), labels)
            if self.status(client, "fitting")[0]:
                self.learn(client, first + 64, 64)
                return first + 128
        raise AssertionError("no fit was under way after any batch")

    def test_one_under_way_is_recovered_and_taken_in(self):
        client = self.begin(**WIDE)
        n = self.under_way(client)
        client = self.reborn()
        self.assertEqual(self.status(client, "seq"), (n,))
        until(lambda: self.status(client, "fits")[0] > 0, "it is taken in")
        self.assertEqual(self.ask(client)["by"], "closed_form")
        self.assertGreater(accuracy(client), 0.5)
        self.same_after_a_kill(client)

    def test_one_that_came_last_answers(self):
        client = self.begin(objective="hybrid", layers=[{"dense": 64}],
                            fit_every=64, **OFF)
        for first in range(0, 256, 64):
            self.learn(client, first, 64)
        settled(client)
        self.same_after_a_kill(client)

    def test_one_under_way_beside_a_snapshot(self):
        client = self.begin(**WIDE)
        n = self.under_way(client)
        saved = client.send("save", "m", {"wait": True})
        self.learn(client, n, 64)
        client.wait(saved)
        client = self.same_after_a_kill(client)
        self.assertEqual(self.status(client, "seq"), (n + 64,))


class Acks(Durable):
    def test_off_refuses_it(self):
        client = self.begin({"durability": "off"}, **OFF)
        frame, label = digits(0, 1)
        frame, label = frame.tobytes(), label[0]
        id_ = client.call("learn", "m", frame, None)["id"]
        for call in (("learn", "m", frame, label, DURABLE),
                     ("learn_batch", "m", frame, [label], DURABLE),
                     ("label", "m", id_, label, DURABLE)):
            sentence = self.assert_refused("NOT_DURABLE", client.call, *call)
            self.assertIn("durability", sentence)
        self.assertEqual(self.status(client, "seq", "pending", "late"),
                         (1, 1, 0))
        self.assertIsNone(client.call("stats")["daemon"]["journal"])
        self.assertEqual(client.call("label", "m", id_, label), {})

    def test_off_keeps_what_was_saved(self):
        client = self.begin({"durability": "off"}, **OFF)
        learn_all(client, n=64)
        client.call("save", "m", {"wait": True})
        learn_all(client, n=64)
        client = self.reborn()
        self.assertEqual(self.status(client, "seq"), (64,))

    def test_an_unknown_one_is_refused(self):
        client = self.begin(**OFF)
        sentence = self.assert_refused(
            "BAD_PARAMS", client.call, "learn", "m", digits(0, 1)[0].tobytes(),
            "0", {"ack": "fsync"})
        self.assertIn("durable", sentence)

    def test_its_answer_says_what_the_others_say(self):
        client = self.begin(**OFF)
        frame = digits(0, 1)[0].tobytes()
        applied = client.call("learn", "m", frame, "0")
        durable = client.call("learn", "m", frame, "0", DURABLE)
        self.assertEqual(set(durable), set(applied))
        self.assertEqual(durable["seq"], 2)
        self.assertEqual(set(self.learn(client, 0, 8)),
                         set(client.call("learn_batch", "m", frame, ["0"])))

    def test_answers_do_not_wait_for_it(self):
        """A frame sent after it, to be applied, is answered first: here at
        least once, since the disk may happen to be asked at that moment."""
        client = self.begin(**OFF)
        frame = digits(0, 1)[0].tobytes()

        def overtaken():
            settled(client)
            a, durable = client.request("learn", "m", frame, "0", DURABLE)
            b, applied = client.request("learn", "m", frame, "0")
            client.arrived.clear()
            client.raw(a + b)
            first, second = client.wait(durable), client.wait(applied)
            self.assertEqual(second["seq"], first["seq"] + 1)
            return client.arrived == [applied, durable]
        until(overtaken, "the applied one is answered first")

    def test_full_does_not_wait_for_company(self):
        client = self.begin({"durability": "full"}, **OFF)
        for i in range(32):
            self.learn(client, i, 1)
        journal = client.call("stats")["daemon"]["journal"]
        self.assertEqual(journal["durability"], "full")
        self.assertGreaterEqual(journal["commits"], 32)
        self.same_after_a_kill(client)

    def test_normal_writes_many_at_once(self):
        client = self.begin(**OFF)
        frames, labels = digits(0, 60)
        sent = [client.send("learn", "m", f.tobytes(), k, DURABLE)
                for f, k in zip(frames, labels)]
        seqs = [client.wait(msgid)["seq"] for msgid in sent]
        self.assertEqual(seqs, list(range(1, 61)))
        client = self.reborn()
        self.assertEqual(self.status(client, "seq"), (60,))

    def test_a_notification_needs_none(self):
        client = self.begin(**OFF)
        client.notify("learn", "m", digits(0, 1)[0].tobytes(), "0", DURABLE)
        until(lambda: self.status(client, "seq") == (1,), "it is learned")
        is_ = settled(client)
        self.assertEqual(settled(self.reborn()), is_)

    def test_dropping_the_model_answers_those_that_wait(self):
        client = self.begin(inbox=16, sleep={"every": 512})
        learn_all(client, n=64)
        client.call("sleep", "m", NIGHT)
        frame = digits(0, 1)[0].tobytes()
        waits = [client.send("learn", "m", frame, "0", DURABLE)
                 for _ in range(4)]
        client.call("ping")
        self.d.connect().call("drop_model", "m")
        for msgid in waits:
            self.assert_refused("UNKNOWN_MODEL", client.wait, msgid)

    def test_a_stop_answers_those_that_wait(self):
        client = self.begin(**OFF)
        frames, labels = digits(0, 32)
        sent = [client.send("learn", "m", f.tobytes(), k, DURABLE)
                for f, k in zip(frames, labels)]
        until(lambda: self.status(self.d.connect(), "seq") == (32,), "learned")
        self.d.process.terminate()
        for msgid in sent:
            client.wait(msgid)
        self.assertEqual(self.d.wait(), 0)
        self.d.process = None
        self.d.start()
        self.assertEqual(self.status(self.d.connect(), "seq"), (32,))

    def test_stats_tell_of_the_journal(self):
        client = self.begin(**OFF)
        self.learn(client, 0, 64)
        settled(client)
        journal = client.call("stats")["daemon"]["journal"]
        self.assertEqual(set(journal), {
            "durability", "bytes", "waiting_bytes", "commits", "records",
            "failures", "trouble"})
        self.assertEqual(journal["durability"], "normal")
        self.assertGreater(journal["bytes"], 64 * 64)
        self.assertGreater(journal["commits"], 0)
        self.assertGreater(journal["records"], 1)
        self.assertEqual((journal["failures"], journal["trouble"]), (0, None))


class Late(Durable):
    def test_a_late_label_is_kept(self):
        client = self.begin(**OFF)
        learn_all(client, n=64)
        id_ = client.call("learn", "m", digits(64, 1)[0].tobytes(), None,
                          DURABLE)["id"]
        client = self.reborn()
        self.assertEqual(self.status(client, "pending", "late"), (1, 0))
        label = digits(64, 1)[1][0]
        self.assertEqual(client.call("label", "m", id_, label, DURABLE), {})
        client = self.same_after_a_kill(client)
        self.assertEqual(self.status(client, "pending", "late"), (0, 1))
        self.assert_refused("UNKNOWN_ID", client.call, "label", "m", id_,
                            label, DURABLE)

    def test_received_means_applied(self):
        client = self.begin(**OFF)
        id_ = client.call("learn", "m", digits(0, 1)[0].tobytes(), None)["id"]
        for ack in ("received", "applied", "durable"):
            self.assert_refused("UNKNOWN_ID", client.call, "label", "m",
                                "9:9", "0", {"ack": ack})
        self.assertEqual(client.call("label", "m", id_, "0",
                                     {"ack": "received"}), {})
        self.assertEqual(self.status(client, "late", "pending"), (1, 0))

    def test_a_label_first_met_late_is_kept(self):
        client = self.begin(**OFF)
        id_ = client.call("learn", "m", digits(0, 1)[0].tobytes(), None)["id"]
        client.call("label", "m", id_, "néw", DURABLE)
        client = self.same_after_a_kill(client)
        self.assertEqual(self.status(client, "labels"), (["néw"],))


class Followers(Durable):
    def test_they_are_recovered_too(self):
        client = self.begin(models={
            "a": small_model(**OFF),
            "b": small_model(follows="a", objective="hybrid", classes=5, **OFF),
            "c": small_model(follows="a", sleep={"every": 64})})
        for first in range(0, 256, 32):
            self.learn(client, first, 32, model="a")
        ids = self.learn(client, 256, 1, labels=None, model="a")["first_id"]
        client.call("label", "a", ids, digits(256, 1)[1][0], DURABLE)
        until(lambda: self.status(client, "seq", model="c") == (258,), "c too")
        client.call("wake", "c")
        is_ = {m: settled(client, m) for m in "abc"}
        client = self.reborn()
        self.assertEqual({m: settled(client, m) for m in "abc"}, is_)
        self.learn(client, 257, 32, model="a")
        until(lambda: self.status(client, "seq", model="c") == (290,), "c too")


class Digest(Durable):
    def test_only_who_asks_is_told(self):
        client = self.begin(**OFF)
        self.assertIsNone(client.call("status", "m")["digest"])
        self.assertIsNone(client.call("status", "m",
                                      {"digest": False})["digest"])
        said = client.call("status", "m", {"digest": True})["digest"]
        self.assertRegex(said, "^[0-9a-f]{32}$")
        self.assert_refused("BAD_PARAMS", client.call, "status", "m",
                            {"digests": True})

    def test_it_is_of_all_that_the_model_is(self):
        client = self.begin(**OFF)
        told = []
        for i in range(8):
            told.append(settled(client)["digest"])
            self.learn(client, i, 1, None if i % 2 else "own")
        self.assertEqual(len(set(told)), len(told))
        client.call("predict", "m", digits(0, 1)[0].tobytes())
        same = settled(client)["digest"]
        client.call("dreams", "m", 4)
        self.assertEqual(settled(client)["digest"], same)

    def test_a_snapshot_has_it(self):
        client = self.begin(**OFF)
        learn_all(client, n=256)
        digest = settled(client)["digest"]
        self.assertEqual(client.call("save", "m", {"wait": True})["xxh3"],
                         digest)
        self.assertEqual(settled(client)["digest"], digest)

    def test_models_of_one_stream_have_one(self):
        client = self.begin(models={"a": small_model(batch=1, **OFF),
                                    "b": small_model(batch=1, follows="a",
                                                     fit_every=100000, **OFF),
                                    "c": small_model(batch=1, follows="a",
                                                     fit_every=100000, **OFF)})
        for i in range(32):
            self.learn(client, i, 1, model="a")
        until(lambda: self.status(client, "seq", model="c") == (32,), "c too")
        b, c = settled(client, "b"), settled(client, "c")
        self.assertEqual((b["seq"], b["digest"]), (c["seq"], c["digest"]))


if __name__ == "__main__":
    harness.main()

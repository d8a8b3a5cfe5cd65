"""The blocking client against a real daemon."""
import json
import subprocess
import threading
import time

import numpy as np
import pytest

import ffd
from harness import FFD, LEARN, environment, small_model, until


@pytest.fixture
def c(daemon):
    d = daemon()
    with ffd.connect(d.address) as client:
        client.daemon = d
        yield client


def test_learns_and_answers(c, data):
    frames, labels = data()
    done = c.learn_many("digits", frames[:LEARN], labels[:LEARN])
    assert done.n == LEARN and done.seq == LEARN and done.dropped == 0
    answers = c.predict_many("digits", frames[LEARN:], fresh=True)
    assert answers.accuracy(labels[LEARN:]) > 0.75
    assert answers.scores.shape == (len(answers), len(answers.classes))
    assert np.allclose(answers.scores.sum(1), 1, atol=1e-3)
    one = c.predict("digits", frames[LEARN])
    assert one.label == answers.labels[0]
    assert one.scores[one.label] == pytest.approx(one.confidence, abs=1e-3)
    assert one.goodness.shape == (2,)
    assert [a.label for a in answers][:3] == answers.labels[:3]


def test_every_method_of_the_protocol_is_there():
    info = json.loads(subprocess.run(
        [FFD, "--api-info"], capture_output=True, check=True,
        env=environment()).stdout)
    other = {"create_model": "create", "drop_model": "drop", "import":
             "import_", "learn_batch": "learn_many", "predict_batch":
             "predict_many", "labels_rename": "rename", "labels_merge":
             "merge", "labels_forget": "forget", "subscribe": "events"}
    inside = {"auth", "unsubscribe"}  # done by the connection itself
    for client in (ffd.Client, ffd.aio.Client):
        for method in info["methods"]:
            name = other.get(method["name"], method["name"])
            assert method["name"] in inside or hasattr(client, name), name
    codes = {e["code"] for e in info["errors"]}
    assert codes == set(ffd.errors.CODES)


def test_frames_are_checked_and_the_mend_is_named(c):
    c.learn("digits", np.zeros((8, 8), np.uint8), "0")
    c.learn("digits", np.zeros(64, np.uint8), "0")
    c.learn("digits", np.zeros((8, 8), np.int64), 0)
    for frame, words in (
            (np.zeros((8, 8)), r"\(255 \* x\)"),
            (np.full((8, 8), 7.5), "scale it"),
            (np.full((8, 8), 300), "of 300 to 300"),
            (np.zeros((8, 9), np.uint8), r"takes one frame of \(8, 8\) u8"),
            (np.zeros((1, 8, 8), np.uint8), "one frame"),
            (np.zeros((8, 8), "U1"), "got")):
        with pytest.raises(ffd.BadFrame, match=words):
            c.learn("digits", frame, "0")
    with pytest.raises(ffd.BadFrame, match="n frames"):
        c.predict_many("digits", np.zeros((8, 8), np.uint8))
    with pytest.raises(ValueError, match="2 frames and 1 labels"):
        c.learn_many("digits", np.zeros((2, 8, 8), np.uint8), ["1"])
    with pytest.raises(TypeError):
        c.learn("digits", np.zeros((8, 8), np.uint8), 1.5)


def test_f32_models_refuse_what_is_not_finite(daemon):
    d = daemon({"v": {"input": {"shape": [3], "dtype": "f32"}, "classes": 2,
                      "layers": [{"dense": 8}]}})
    with ffd.connect(d.address) as c:
        c.learn("v", [1, 2, 3], "a")
        c.learn("v", np.array([1, 2, 3], ">f8"), "a")
        with pytest.raises(ffd.BadFrame, match="finite"):
            c.learn("v", [1, np.nan, 3], "a")
        with pytest.raises(ffd.BadFrame, match="finite"):
            c.learn("v", [1, 1e300, 3], "a")


def test_errors_are_classes_by_their_code(c):
    with pytest.raises(ffd.errors.UnknownModel, match="nope"):
        c.predict("nope", np.zeros(4))
    with pytest.raises(ffd.errors.ModelExists):
        c.create("digits", small_model())
    with pytest.raises(ffd.Refused) as caught:
        c.call("no_such_method")
    assert caught.value.code == "UNKNOWN_METHOD"


def test_late_labels_find_their_frames(c, data):
    frames, labels = data(0, 40)
    ids = [c.learn("digits", x).id for x in frames[:20]]
    done = c.learn_many("digits", frames[20:], batch=100)
    assert len(done.ids) == 20
    for frame_id, label in zip(ids + done.ids, labels):
        c.label("digits", frame_id, label)
    assert c.status("digits").raw["late"] == 40
    with pytest.raises(ffd.errors.UnknownId):
        c.label("digits", ids[0], labels[0])


def test_a_stream_keeps_order_and_counts(c, data):
    frames, labels = data(0, 500)
    with c.stream("digits", batch=32, in_flight=4, flush_s=60) as s:
        for x, y in zip(frames, labels):
            s.learn(x, y)
    assert s.total.n == 500 and s.total.labelled == 500
    assert s.total.seq == 500 == c.status("digits").seq
    assert 0 <= s.accuracy <= 1
    assert sum(a.n for a in s.answers) == 500


def test_a_stream_sends_what_is_old_although_it_is_little(c, data):
    frames, labels = data(0, 3)
    s = c.stream("digits", batch=1000, flush_s=0)
    s.learn(frames[0], labels[0])
    until(lambda: c.status("digits").seq == 1, "the frame was sent")
    s.finish()


def test_a_full_model_is_tried_again(daemon, data):
    d = daemon({"m": small_model(overload="reject", inbox=64)})
    frames, labels = data(0, 1000)
    with ffd.connect(d.address) as c:
        with c.stream("m", batch=32, in_flight=16) as s:
            for x, y in zip(frames, labels):
                s.learn(x, y)
        assert s.total.n == 1000 == c.status("m").seq


def test_sleep_dreams_and_notebooks(c, data):
    frames, labels = data(0, 200)
    c.learn_many("digits", frames, labels)
    c.sleep("digits", 64)
    until(lambda: c.status("digits").debt == 0, "it slept")
    dreams = c.dreams("digits", 5)
    assert dreams.frames.shape == (5, 8, 8) and len(dreams) == 5
    assert dreams._repr_html_().count("<img") == 5
    assert "awake" in c.status("digits")._repr_html_()
    evil = "<script>"
    c.learn("digits", frames[0], evil)
    html = c.predict("digits", frames[0], fresh=True)._repr_html_()
    assert "<script>" not in html


def test_labels_and_snapshots_by_hand(c, data):
    frames, labels = data(0, 200)
    c.learn_many("digits", frames, labels)
    saved = c.save("digits", name="noon")
    assert [v.name for v in c.versions("digits")] == ["noon"]
    c.rename("digits", "7", "seven")
    assert "seven" in c.status("digits").labels
    c.merge("digits", "seven", "1")
    before = c.status("digits", digest=True).raw["digest"]
    assert c.import_("twin", c.export("digits", "noon")) == "twin"
    c.rollback("digits", "noon")
    after = c.status("digits", digest=True).raw["digest"]
    assert before != after
    assert "7" in c.status("digits").labels
    assert c.status("twin").seq == saved["seq"] == 200
    c.forget("digits", "3")
    assert "3" not in c.status("digits").labels
    c.drop("twin")
    assert [m["name"] for m in c.models()] == ["digits"]


def test_events_come(c, data):
    told = []

    def follow():
        for event in c.events("snapshot"):
            told.append(event)
            return
    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    frames, labels = data(0, 1)

    def save():
        c.learn("digits", frames[0], labels[0])
        c.save("digits")
        return told
    until(save, "a snapshot was told")
    thread.join(10)
    assert told[0].topic == "snapshot" and told[0].model == "digits"


def test_threads_share_a_client(c, data):
    frames, labels = data(0, 200)
    c.learn_many("digits", frames, labels)
    wrong = []

    def ask(at):
        want = c.predict("digits", frames[at], fresh=True).label
        for _ in range(50):
            if c.predict("digits", frames[at]).label != want:
                wrong.append(at)
    c.wake("digits")
    until(lambda: c.status("digits").state == "awake", "it is awake")
    threads = [threading.Thread(target=ask, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


# ---- who one is

def test_a_token_is_shown_and_never_in_the_clear_to_others(daemon, tmp_path):
    made = subprocess.run([FFD, "--new-token", "query"], text=True,
                          capture_output=True, check=True, env=environment())
    file = tmp_path / "tokens"
    file.write_text(made.stdout)
    file.chmod(0o600)
    token = made.stderr.split()[-1]
    d = daemon({"m": small_model()}, tokens=str(file))
    address = f"tcp:127.0.0.1:{d.port}"
    with ffd.connect(address, token=token) as c:
        assert c.models()[0]["name"] == "m"
        with pytest.raises(ffd.errors.NotAllowed):
            c.learn("m", np.zeros((8, 8), np.uint8), "0")
    with pytest.raises(ffd.Error):
        ffd.connect(address, token="0" * 32)
    with pytest.raises(ValueError, match="without TLS"):
        ffd.connect("tcp:192.0.2.1:7310", token=token)
    assert token not in repr(ffd.Client(address, token=token).keys)


# ---- lost connections

def test_nobody_there_is_said_with_the_address(tmp_path):
    with pytest.raises(ffd.Disconnected, match="is ffd running"):
        ffd.connect(f"unix:{tmp_path}/none", timeout=0.2)
    with pytest.raises(ValueError, match="unix:PATH"):
        ffd.connect("http://x")


def test_a_restart_between_calls_is_not_noticed(daemon, data):
    d = daemon()
    frames, labels = data(0, 4)
    with ffd.connect(d.address) as c:
        c.learn("digits", frames[0], labels[0], ack="durable")
        c.predict("digits", frames[0])
        d.kill()
        d.start()
        assert c.predict("digits", frames[0]).label is not None
        assert c.learn("digits", frames[1], labels[1]).seq == 2


def test_what_was_not_answered_is_counted_and_not_sent_again(daemon, data):
    d = daemon({"m": small_model()})
    frames, labels = data(0, 64)
    with ffd.connect(d.address) as c:
        c.learn("m", frames[0], labels[0], ack="durable")
        s = c.stream("m", batch=8, in_flight=100)
        for x, y in zip(frames, labels):
            s.learn(x, y)
        d.kill()
        with pytest.raises(ffd.Disconnected) as caught:
            s.finish()
        assert 0 <= caught.value.unknown <= 64
        d.start()
        assert 1 <= c.status("m").seq <= 65
        assert c.learn("m", frames[1], labels[1]).n == 1


def test_a_question_waits_for_the_daemon_to_come_back(daemon):
    d = daemon()
    with ffd.connect(d.address) as c:
        d.kill()
        thread = threading.Thread(target=d.start)
        thread.start()
        assert c.status("digits").seq == 0
        thread.join()


# ---- as the model is now, and as large as it comes

def test_a_model_that_was_made_anew_is_asked_for_its_shape(c):
    c.learn("digits", np.zeros((8, 8), np.uint8), "0")
    with ffd.connect(c.daemon.address) as other:
        other.drop("digits")
        other.create("digits", {"input": {"shape": [3, 3]}, "classes": 4,
                                "layers": [{"dense": 8}]})
    assert c.learn("digits", np.zeros((3, 3), np.uint8), "0").seq == 1


def test_frames_larger_than_a_message_together_are_sent_in_several(daemon):
    side = 700
    d = daemon({"big": {"input": {"shape": [side, side]}, "classes": 2,
                        "layers": [{"dense": 2}], "memory": 8,
                        "sleep": "off"}})
    frames = np.zeros((48, side, side), np.uint8)
    with ffd.connect(d.address) as c:
        assert c.learn_many("big", frames, ["a"] * 48).seq == 48
        with c.stream("big", batch=64, flush_s=60) as s:
            for x in frames:
                s.learn(x, "a")
        assert s.total.seq == 96
        c.drop("big")  # or its end would wait for a large snapshot


def test_a_question_in_detail_tells_the_goodness_of_every_label(c, data):
    frames, labels = data(0, 64)
    c.learn_many("digits", frames, labels)
    answer = c.predict("digits", frames[0], fresh=True, detail=True)
    assert set(answer.class_goodness) == set(answer.scores)
    assert all(g.shape == (2,) for g in answer.class_goodness.values())
    assert c.predict("digits", frames[0]).class_goodness is None


def test_a_stream_tells_the_id_of_each_frame_later(c, data):
    frames, labels = data(0, 100)
    with c.stream("digits", batch=7, flush_s=60) as s:
        sent = [s.learn(x) for x in frames]
        assert sent[-1].id is None
        assert sent[0].wait() is not None
    ids = [r.id for r in sent]
    assert len(set(ids)) == 100 and None not in ids
    for frame_id, label in zip(ids, labels):
        c.label("digits", frame_id, label)
    assert c.status("digits").raw["late"] == 100


def test_a_slow_stream_sends_each_frame_at_once(c, data):
    frames, labels = data(0, 2)
    s = c.stream("digits", batch=64, flush_s=0.01)
    s.learn(frames[0], labels[0])
    began = time.monotonic()
    until(lambda: time.monotonic() > began + 0.01, "a pause of the sensor")
    s.learn(frames[1], labels[1])
    until(lambda: c.status("digits").seq == 2, "both were sent")
    s.finish()


def test_a_lone_feeder_goes_on_exactly_where_it_was(daemon, data):
    d = daemon({"m": small_model()})
    frames, labels = data(0, 400)
    with ffd.connect(d.address) as c:
        s = c.stream("m", batch=16, in_flight=8, ack="durable")
        losses = 0
        for i, (x, y) in enumerate(zip(frames, labels)):
            if i in (150, 300):
                d.kill()
                d.start()
            while True:
                try:
                    s.learn(x, y)
                    break
                except ffd.Disconnected:
                    losses += 1
                    assert s.resume().lost == 0
        s.finish()
        assert losses == 2
        assert c.status("m").seq == 400


def test_a_token_file_is_read_as_ffctl_reads_it(tmp_path):
    file = tmp_path / "token"
    file.write_text("0123456789abcdef0123456789abcdef\nnotes\n")
    file.chmod(0o600)
    keys = ffd.Client("tcp:127.0.0.1:1", token_file=str(file)).keys
    assert keys.token == "0123456789abcdef0123456789abcdef"
    file.chmod(0o644)
    with pytest.raises(ValueError, match="chmod 600"):
        ffd.Client("tcp:127.0.0.1:1", token_file=str(file))
    file.chmod(0o600)
    file.write_text("")
    with pytest.raises(ValueError, match="empty"):
        ffd.Client("tcp:127.0.0.1:1", token_file=str(file))


def test_connecting_waits_for_a_daemon_that_starts(daemon):
    d = daemon()
    d.stop()
    thread = threading.Thread(target=d.start)
    thread.start()
    with ffd.connect(d.address) as c:
        assert c.ping() >= 0
    thread.join()


def test_every_code_has_a_name_of_its_own():
    for code, kind in ffd.errors.CODES.items():
        name = "".join(word.title() for word in code.split("_"))
        assert issubclass(kind, getattr(ffd.errors, name)), name


def test_answers_can_be_compared(c, data):
    frames, _ = data(0, 1)
    a = c.predict("digits", frames[0])
    assert a == a and a != c.predict("digits", frames[0])

"""Connections that break, and peers that answer oddly: what is known of a
frame is said, and nothing is learned twice or lost without a word."""
import asyncio
import random
import threading
import time

import msgpack
import numpy as np
import pytest

import ffd
from ffd.wire import Reader
from peer import STATUS, Peer

FRAME = np.arange(4, dtype=np.uint8)


def serve(answers, status=STATUS):
    """A script: the connection of questions answers status; the one that
    learns is given to answers(conn, peer)."""
    def script(peer):
        ask = peer.accept()

        def questions():
            try:
                while (got := ask.read()) is not None:
                    ask.answer(got[0], status)
            except OSError:
                pass
        threading.Thread(target=questions, daemon=True).start()
        answers(peer.accept(), peer)
    return script


def test_answers_that_came_before_the_end_count_as_known(tmp_path):
    def answers(conn, _):
        got = [conn.expect("learn_batch") for _ in range(3)]
        conn.learned(got[0][0], 2, 2)
        conn.learned(got[1][0], 2, 4)
        conn.close()
    with Peer(tmp_path, serve(answers)) as p, \
            ffd.connect(p.address, timeout=5) as c:
        s = c.stream("m", batch=2, in_flight=8, flush_s=60)
        for _ in range(6):
            s.learn(FRAME, "a")
        with pytest.raises(ffd.Disconnected) as caught:
            s.finish()
        assert caught.value.unknown == 2
        assert s.total.n == 4 and s.total.seq == 4


def test_a_question_does_not_swallow_what_a_stream_must_know(tmp_path):
    def answers(conn, peer):
        conn.expect("learn_batch")
        conn.expect("predict")
        conn.close()
        again = peer.accept()
        msgid, _, _ = again.expect("predict")
        again.answer(msgid, {
            "label": "a", "confidence": 1.0, "novelty": None,
            "typicality": None, "scores": {"a": 1.0}, "goodness": [1.0],
            "by": "goodness", "step": 1})
        again.read()
    with Peer(tmp_path, serve(answers)) as p:
        with ffd.connect(p.address, timeout=5) as c:
            s = c.stream("m", batch=2, flush_s=60)
            s.learn(FRAME, "a")
            s.learn(FRAME, "a")
            assert c.predict("m", FRAME, fresh=True).label == "a"
            with pytest.raises(ffd.Disconnected) as caught:
                s.finish()
            assert caught.value.unknown == 2


def test_a_refusal_takes_no_other_frame_with_it(tmp_path):
    seen = []

    def answers(conn, _):
        msgid, _, params = conn.expect("learn_batch")
        conn.refuse(msgid, "LABELS_FULL: no class is free")
        for seq in (2, 4):
            msgid, _, params = conn.expect("learn_batch")
            seen.append(params[1])
            conn.learned(msgid, 2, seq)
        conn.read()
    with Peer(tmp_path, serve(answers)) as p:
        with ffd.connect(p.address, timeout=5) as c:
            s = c.stream("m", batch=2, in_flight=1, flush_s=60)
            given, refused = 0, 0
            for i in range(6):
                frame = np.full(4, i, np.uint8)
                try:
                    s.learn(frame, "a")
                except ffd.Refused:
                    refused += 1
                    s.learn(frame, "a")  # as it was not taken
                given += 1
            s.finish()
            assert refused == 1 and s.total.n == 4
    assert b"".join(seen) == bytes(i for i in range(2, 6) for _ in range(4))


def test_ids_of_many_frames_are_those_that_were_answered(tmp_path):
    def answers(conn, _):
        for at, first in enumerate(("1:10", "1:50")):
            msgid, _, _ = conn.expect("learn_batch")
            conn.learned(msgid, 2, 2 * at + 2, first)
        conn.read()
    with Peer(tmp_path, serve(answers)) as p:
        with ffd.connect(p.address, timeout=5) as c:
            done = c.learn_many("m", np.zeros((4, 4), np.uint8), batch=2)
            assert done.ids == ["1:10", "1:11", "1:50", "1:51"]


def learn_many(address, *args, **options):
    with ffd.connect(address, timeout=5) as c:
        return c.learn_many(*args, **options)


def learn_many_in_asyncio(address, *args, **options):
    async def main():
        async with await ffd.aio.connect(address, timeout=5) as c:
            return await c.learn_many(*args, **options)
    return asyncio.run(asyncio.wait_for(main(), 30))


BOTH = pytest.mark.parametrize("learn", [learn_many, learn_many_in_asyncio])
BUSY = "BUSY: the inbox is full; retry_after_ms: 1"


@BOTH
def test_ids_are_in_the_order_of_frames_though_one_was_sent_again(tmp_path,
                                                                  learn):
    def answers(conn, _):
        a, b = conn.expect("learn_batch"), conn.expect("learn_batch")
        conn.refuse(a[0], BUSY)
        conn.learned(b[0], 2, 2, "1:7")
        conn.learned(conn.expect("learn_batch")[0], 2, 4, "1:20")
        conn.read()
    with Peer(tmp_path, serve(answers)) as p:
        done = learn(p.address, "m", np.zeros((4, 4), np.uint8), batch=2)
        assert done.ids == ["1:20", "1:21", "1:7", "1:8"] and done.seq == 4


@BOTH
def test_samples_wait_for_those_before_them_that_were_refused(tmp_path, learn):
    stream = {"frame": {"shape": [8, 1, 4], "dtype": "f32"},
              "missing": "reject", "features": "raw"}
    seen = []

    def answers(conn, _):
        for turn in range(4):
            msgid, _, params = conn.expect("learn_batch")
            seen.append(params[1][0])
            if turn in (0, 2):
                conn.refuse(msgid, BUSY)
            else:
                conn.learned(msgid, 2, turn + 1, f"1:{turn}")
        conn.read()
    status = {**STATUS, "stream": stream, "overload": "reject"}
    with Peer(tmp_path, serve(answers, status)) as p:
        learn(p.address, "m", np.arange(16, dtype=np.uint8).reshape(4, 4),
              batch=2)
    assert seen == [0, 0, 8, 8]


def test_why_the_daemon_closed_is_told_and_a_question_not_repeated(tmp_path):
    def script(peer):
        conn = peer.accept()
        conn.expect("models")
        conn.refuse(0, "TOO_LARGE: a message has 16777216 bytes at most")
        conn.close()
    with Peer(tmp_path, script) as p, ffd.connect(p.address, timeout=5) as c:
        with pytest.raises(ffd.Error, match="TOO_LARGE"):
            c.models()


def test_a_daemon_that_hangs_up_is_not_asked_without_a_pause(tmp_path):
    def script(peer):
        began = time.monotonic()
        n = 0
        while time.monotonic() < began + 1:
            try:
                peer.listener.settimeout(1.5)
                conn = peer.accept()
            except TimeoutError:
                break
            n += 1
            conn.close()
        assert n < 30, n
    with Peer(tmp_path, script) as p:
        with ffd.Client(p.address, timeout=1) as c:
            with pytest.raises(ffd.Disconnected):
                c.models()


def test_what_cannot_be_packed_leaves_no_trace(tmp_path):
    def script(peer):
        conn = peer.accept()
        conn.answer(conn.expect("ping")[0], "pong")
        conn.close()
        conn = peer.accept()
        conn.answer(conn.expect("ping")[0], "pong")
        conn.read()
    with Peer(tmp_path, script) as p:
        with ffd.connect(p.address, timeout=5) as c:
            with pytest.raises(UnicodeEncodeError):
                c.call("label", "m", "1:1", "\ud800")
            c.ping()
            p.conns[0].s.close()
            c.ping()  # connects again: nothing is thought to be under way


def test_a_refused_token_is_refused_at_the_next_call_too(tmp_path):
    def script(peer):
        for _ in range(2):
            conn = peer.accept()
            conn.refuse(conn.expect("auth")[0], "BAD_TOKEN: it is not ours")
            assert conn.read() is None
    with Peer(tmp_path, script) as p:
        with ffd.Client(p.address, timeout=5, token="0" * 32) as c:
            for _ in range(2):
                with pytest.raises(ffd.errors.CODES["BAD_TOKEN"]):
                    c.models()


def test_quiet_does_not_end_a_reader_of_events(tmp_path):
    """Between two connections events would be lost."""
    def script(peer):
        peer.accept()  # of questions
        conn = peer.accept()
        conn.answer(conn.expect("subscribe")[0], {"topics": ["drift"]})
        for _ in range(3):  # three quiet spells
            conn.answer(conn.expect("ping")[0], "pong")
        conn.raw(msgpack.packb([2, "event", ["drift", {"model": "m"}]]))
        assert conn.read() is None
    with Peer(tmp_path, script) as p:
        with ffd.connect(p.address, timeout=0.1) as c:
            events = c.events("drift")
            assert next(events).model == "m"
            events.close()


def test_a_topic_that_is_unknown_leaves_no_connection(tmp_path):
    def script(peer):
        peer.accept()
        conn = peer.accept()
        conn.refuse(conn.expect("subscribe")[0], "BAD_PARAMS: topics: no")
        assert conn.read() is None
    with Peer(tmp_path, script) as p:
        with ffd.connect(p.address, timeout=5) as c:
            with pytest.raises(ffd.Refused):
                next(c.events("no"))


def test_an_interrupted_call_leaves_the_connection_good(tmp_path):
    def script(peer):
        conn = peer.accept()
        late, _, _ = conn.expect("models")
        msgid, _, _ = conn.expect("ping")
        conn.answer(late, [])
        conn.answer(msgid, "pong")
        conn.close()
        conn = peer.accept()
        conn.answer(conn.expect("ping")[0], "pong")
    with Peer(tmp_path, script) as p, ffd.connect(p.address, timeout=5) as c:
        real, link = c._ask.wait, c._ask

        def interrupt(msgid):
            raise KeyboardInterrupt
        link.wait = interrupt
        with pytest.raises(KeyboardInterrupt):
            c.models()
        link.wait = real
        c.ping()
        c.ping()
        assert not link._answers


def test_garbage_is_never_another_error_than_ours():
    rng = random.Random(7)
    hostile = [b"\xdd\xff\xff\xff\xff", b"\x93\x02\xa5event\x05",
               b"\x94\x01\x01\xc0\x81\x90\x01", b"\x91" * 3000]
    hostile += [rng.randbytes(rng.randint(1, 60)) for _ in range(5000)]
    for data in hostile:
        try:
            list(Reader().feed(data))
        except ffd.Disconnected:
            pass


def test_asyncio_splits_what_no_message_holds(tmp_path):
    def script(peer):
        conn = peer.accept()
        conn.answer(conn.expect("status")[0], {
            **STATUS, "input": {"shape": [1 << 20], "dtype": "u8"}})
        conn = peer.accept()
        at = 0
        while at < 20:
            msgid, _, params = conn.expect("learn_batch")
            n = len(params[1]) >> 20
            assert len(params[1]) < 1 << 23
            at += n
            conn.learned(msgid, n, at, f"1:{3 * at}")
        conn.read()

    async def main(address):
        async with await ffd.aio.connect(address) as c:
            done = await c.learn_many(
                "m", np.zeros((20, 1 << 20), np.uint8))
            assert done.n == 20 == done.seq and len(set(done.ids)) == 20
    with Peer(tmp_path, script) as p:
        asyncio.run(asyncio.wait_for(main(p.address), 30))


def test_asyncio_closes_what_was_refused(tmp_path):
    def script(peer):
        conn = peer.accept()
        conn.refuse(conn.expect("auth")[0], "BAD_TOKEN: it is not ours")
        assert conn.read() is None

    async def main(address):
        tasks = asyncio.all_tasks()
        with pytest.raises(ffd.errors.CODES["BAD_TOKEN"]):
            await ffd.aio.connect(address, token="0" * 32)
        assert asyncio.all_tasks() == tasks
    with Peer(tmp_path, script) as p:
        asyncio.run(asyncio.wait_for(main(p.address), 30))


def test_a_snapshot_that_ends_early_is_an_error_and_none_of_frames(tmp_path):
    def script(peer):
        ask = peer.accept()
        for data in b"abc", b"":
            msgid, _, _ = ask.expect("export")
            ask.answer(msgid, {"version": "1", "data": data,
                               "bytes": len(data), "total": 10})
    with Peer(tmp_path, script) as p, ffd.connect(p.address, timeout=5) as c:
        with pytest.raises(ffd.Error, match="3 of 10 bytes") as caught:
            c.export("m")
    assert not isinstance(caught.value, ffd.BadFrame)


def test_a_token_goes_to_no_other_machine_in_the_clear():
    for connect in ffd.connect, lambda *a, **k: asyncio.run(
            ffd.aio.connect(*a, **k)):
        with pytest.raises(ValueError, match="use tls:192.0.2.1:7310"):
            connect("tcp:192.0.2.1:7310", token="x", timeout=5)

"""Samples of streams, by both clients."""
import asyncio

import numpy as np
import pytest

import ffd

MODEL = {"input": {"shape": [3], "dtype": "f32"}, "classes": 4,
         "stream": {"length": 8, "stride": 4, "missing": "hold",
                    "standardise": "off"},
         "layers": [{"dense": 32}], "memory": 100, "sleep": "off",
         "calibration": 0}
TEXT = {"input": {"shape": [1], "dtype": "u8"}, "classes": 40,
        "stream": {"features": "symbols", "rows": 4096}, "memory": 100,
        "sleep": "off"}


@pytest.fixture
def c(daemon):
    d = daemon({"m": MODEL, "two": MODEL, "text": TEXT})
    with ffd.connect(d.address) as client:
        client.daemon = d
        yield client


def waves(n, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 3)).astype("f4")


def test_a_sample_belongs_to_its_stream(c):
    x = waves(16)
    for i in range(8):
        for key, at in (("a", i), ("b", 8 + i)):
            done = c.learn("m", x[at], "wave", stream=key)
    assert done.n == 1 and done.seq == 16
    for key, window in (("a", x[:8]), ("b", x[8:])):
        assert c.now("m", key, fresh=True).scores == c.predict(
            "m", window.reshape(8, 1, 3)).scores
        assert c.predict("m", None, stream=key).label == "wave"
    assert c.now("m", "a", detail=True).class_goodness is not None
    assert c.predict_many("m", x.reshape(2, 24)).labels == ["wave"] * 2


def test_a_frame_is_known_as_sample_and_window(c):
    kind = c.status("m").frame
    assert kind.shape == (3,) and kind.window.shape == (8, 1, 3)
    assert kind.missing and not kind.symbols
    assert c.status("text").frame.symbols
    assert c.status("text").raw["stream"]["keys"] == 64


def test_there_may_be_no_value(c):
    x = waves(8)
    x[3, 1], x[5, 0] = np.nan, np.inf
    c.learn_many("m", x, stream="a")
    x[3, 1], x[5, 0] = x[2, 1], x[4, 0]
    c.learn_many("two", x, stream="a")
    assert c.now("m", "a", fresh=True).scores == c.now(
        "two", "a", fresh=True).scores
    with pytest.raises(ffd.BadFrame, match="not finite"):
        c.predict("m", np.full((8, 1, 3), np.nan))


def test_what_has_no_window_is_an_error_of_its_own(c):
    with pytest.raises(ffd.errors.NoWindow):
        c.now("m", "nobody")
    c.learn_many("m", waves(7), stream="a", end=True)  # a short recording
    assert c.now("m", "a", fresh=True).label is None
    with pytest.raises(ffd.errors.BadParams, match="goes with a frame of nil"):
        c.predict("m", waves(8).reshape(8, 1, 3), stream="a")
    with pytest.raises(TypeError, match="a stream is text"):
        c.learn("m", waves(1)[0], stream=7)
    with pytest.raises(ValueError, match="2 frames and 1 streams"):
        c.learn_many("m", waves(2), stream=["a"])


def test_a_stream_carries_many_streams(c):
    """Samples of three keys and of none, in one pipeline, in small requests."""
    x = waves(48).reshape(16, 3, 3)
    with c.stream("m", batch=5) as s:
        for t, sample in enumerate(x):
            for k, key in enumerate(("a", "b", None)):
                s.learn(sample[k], "w", stream=key,
                        end=t == 11 and key == "b")
    assert s.total.n == 48
    for k, key in enumerate(("a", "b", None)):
        c.learn_many("two", x[:12, k], ["w"] * 12, stream=key, batch=7,
                     end=key == "b")
        c.learn_many("two", x[12:, k], ["w"] * 4, stream=key, observe=False)
    for key in ("a", "b", None):
        assert c.now("m", key, fresh=True).goodness == pytest.approx(
            c.predict("m", None, stream=key).goodness)
    assert c.status("m").raw["stream"]["windows"] == \
        c.status("two").raw["stream"]["windows"] == 3 + 3 + 3 - 1


def test_a_list_names_the_stream_of_each(c):
    x = waves(32)
    keys = ["even" if i % 2 == 0 else "odd" for i in range(32)]
    done = c.learn_many("m", x, ["w"] * 32, stream=keys, batch=6)
    assert done.n == 32
    assert c.now("m", "odd", fresh=True).scores == c.predict(
        "m", x[17::2].reshape(8, 1, 3)).scores


def test_one_text_is_not_the_labels_or_streams_of_many(c):
    x = waves(3)

    async def by_asyncio(*args, **options):
        async with await ffd.aio.connect(c.daemon.address) as a:
            await a.learn_many("m", x, *args, **options)

    def run(*args, **options):
        asyncio.run(by_asyncio(*args, **options))
    with c.stream("m") as s:
        for learn in (lambda *a, **o: c.learn_many("m", x, *a, **o), run,
                      lambda *a, **o: s.learn_batch(x, *a, **o)):
            for labels in ("abc", b"abc"):
                with pytest.raises(TypeError, match=r"\[label\] \* n"):
                    learn(labels)
            for keys in (b"abc", ["a", None, "b"], ["a", 1, "b"]):
                with pytest.raises(TypeError, match="text"):
                    learn(["w"] * 3, stream=keys)
    assert c.status("m").seq == 0


def test_an_array_is_no_text(c):
    c.learn_many("text", b"abab" * 50)
    assert c.predict("text", "aba", fresh=True).label == "b"
    for what in (np.zeros(32, np.uint8), [97, 98], 97):
        with pytest.raises(TypeError, match="predict_many"):
            c.predict("text", what)


SLOW = {**MODEL, "overload": "reject", "inbox": 8,
        "layers": [{"dense": 1000}],
        "stream": {**MODEL["stream"], "length": 200, "stride": 8}}


def test_samples_that_are_refused_keep_their_order(daemon):
    d = daemon({"m": SLOW})
    x = waves(400)
    with ffd.connect(d.address) as c:
        def same(window):
            now = c.now("m", "a", fresh=True)
            then = c.predict("m", window.reshape(200, 1, 3))
            return now.goodness.tolist() == then.goodness.tolist()
        done = c.learn_many("m", x[:200], ["w"] * 200, stream="a", batch=8,
                            ack="received")
        assert done.n == 200 and same(x[:200])
        with c.stream("m", batch=3, ack="received") as s:
            for sample in x[200:]:
                s.learn(sample, "w", stream="a")
        assert same(x[200:])


def test_samples_that_are_refused_keep_their_order_in_asyncio(daemon):
    d = daemon({"m": SLOW})
    x = waves(200)

    async def main():
        async with await ffd.aio.connect(d.address) as c:
            done = await c.learn_many("m", x, ["w"] * 200, stream="a",
                                      batch=8, ack="received")
            now = await c.now("m", "a", fresh=True)
            then = await c.predict("m", x.reshape(200, 1, 3))
            assert done.n == 200
            assert now.goodness.tolist() == then.goodness.tolist()
    asyncio.run(asyncio.wait_for(main(), 60))


def test_accuracy_is_of_windows_with_a_label(c):
    with c.stream("m", batch=5) as s:
        for x in waves(80):
            s.learn(x, "w", stream="a")
    assert s.total.labelled == 19 and s.total.n == 80
    assert s.accuracy == c.status("m").prequential_accuracy == s.total.right / 19


def test_what_is_observed_is_not_learned(c):
    with c.stream("m", observe=True) as s:
        for x in waves(20):
            s.learn(x, stream="a")
    assert c.status("m").step == 0 and c.status("m").seq == 20
    stream = c.status("m").raw["stream"]
    assert (stream["kept"], stream["windows"]) == (0, 0)
    assert c.now("m", "a", fresh=True).goodness.tolist() == c.predict(
        "m", waves(20)[-8:].reshape(8, 1, 3), fresh=True).goodness.tolist()


def test_text_is_bytes(c):
    text = b"abcd" * 300 + b"\n"
    done = c.learn_many("text", text, stream="t", batch=500)
    assert done.n == len(text)
    assert c.status("text").labels == ["a", "b", "c", "d", "\\x0a"]
    assert c.predict("text", b"cdabc", fresh=True).label == "d"
    assert c.learn_many("text", "abcd", stream="u").n == 4
    c.learn("text", "a", stream="t", observe=True)
    c.learn("text", b"b", stream="t", observe=True)
    assert c.now("text", "t", fresh=True).label == "c"
    with pytest.raises(ffd.BadFrame):
        c.learn("text", b"ab")


def test_sound_is_whole_numbers(daemon):
    d = daemon({"s": {**MODEL, "input": {"shape": [2], "dtype": "i16"}}})
    with ffd.connect(d.address) as c:
        c.learn("s", np.array([-32768, 32767], "i2"), stream="a")
        c.learn("s", [1, -1], stream="a")
        with pytest.raises(ffd.BadFrame, match=r"32767 \* x"):
            c.learn("s", [0.5, 0.25])
        with pytest.raises(ffd.BadFrame, match="of 0 to 40000"):
            c.learn("s", [0, 40000])


def test_and_by_asyncio(daemon):
    d = daemon({"m": MODEL, "text": TEXT})

    async def main():
        async with await ffd.aio.connect(d.address) as c:
            x = waves(40)
            await c.learn("m", x[0], "w", stream="a", end=True)
            done = await c.learn_many("m", x, ["w"] * 40, batch=7,
                                      stream=["a", "b"] * 20, end=True)
            assert done.n == 40
            now = await c.now("m", "a", fresh=True)
            assert now.label == "w"
            assert now.scores == (await c.predict(
                "m", x[24::2].reshape(8, 1, 3))).scores
            await c.learn_many("text", b"abab" * 50, observe=False)
            assert (await c.predict("text", b"aba", fresh=True)).label == "b"
            with pytest.raises(ffd.errors.NoWindow):
                await c.now("m", "c")
    asyncio.run(main())


def test_a_model_of_symbols_writes(c):
    text = b"the cat sat on the mat. "
    c.learn_many("text", text * 100, stream="t", batch=4096)
    written = c.generate("text", n=100, fresh=True)
    assert isinstance(written, str) and set(written) <= set(text.decode())
    assert c.generate("text", "the ca", 4, 0.01) == "t sa"
    assert c.generate("text", b"the ca", 4, temperature=0.01) == "t sa"
    assert c.generate("text", n=4, temperature=0.01, stream="t") == "the "
    assert c.generate("text", seed=3) == c.generate("text", seed=3)
    assert len(c.generate("text", n=4096)) == 4096
    for wrong in ({"n": 4097}, {"n": 0}, {"temperature": 0}, {"seed": -1}):
        with pytest.raises(ffd.errors.BadParams):
            c.generate("text", **wrong)
    with pytest.raises(ffd.errors.BadParams):
        c.generate("m")

    async def also():
        async with await ffd.aio.connect(c.daemon.address) as a:
            return await a.generate("text", "the ca", 4, 0.01)
    assert asyncio.run(also()) == "t sa"


def test_what_is_no_text_comes_as_bytes(c):
    c.learn_many("text", b"\xff\x00" * 50)
    assert set(c.generate("text", n=20, fresh=True)) == {0xff, 0}


def test_of_one_channel_a_number_is_a_sample(daemon):
    one = {**MODEL, "input": {"shape": [1], "dtype": "f32"},
           "stream": {**MODEL["stream"], "anomaly": 0.05, "windows": 200}}
    x = np.sin(np.arange(1500) / 3, dtype="f4")
    with ffd.connect(daemon({"m": one}).address) as c:
        assert c.learn_many("m", x, stream="a").n == 1500
        told = [c.learn("m", v, stream="a").typicality for v in x[:8]]
        assert sum(0 < p <= 1 for p in told) == 2  # a window in four samples
        with pytest.raises(ffd.BadFrame):
            c.learn_many("m", 1.0)

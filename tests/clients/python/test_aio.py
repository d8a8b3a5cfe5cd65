"""The asyncio client against a real daemon."""
import asyncio

import numpy as np
import pytest

import ffd


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 60))


def test_many_requests_are_under_way_at_once(daemon, data):
    frames, labels = data(0, 300)
    d = daemon()

    async def main():
        async with await ffd.aio.connect(d.address) as c:
            done = await asyncio.gather(*(
                c.learn_many("digits", frames[i:i + 30], labels[i:i + 30])
                for i in range(0, 300, 30)))
            assert [a.seq for a in done] == list(range(30, 301, 30))
            answers = await asyncio.gather(*(
                c.predict("digits", x, fresh=True) for x in frames[:40]))
            many = await c.predict_many("digits", frames[:40])
            assert [a.label for a in answers] == many.labels
            assert (await c.status("digits")).seq == 300
    run(main())


def test_a_call_that_is_cancelled_disturbs_no_other(daemon, data):
    frames, labels = data(0, 60)
    d = daemon()

    async def main():
        async with await ffd.aio.connect(d.address) as c:
            await c.learn_many("digits", frames, labels)
            tasks = [asyncio.ensure_future(c.predict("digits", x))
                     for x in frames]
            await asyncio.sleep(0)
            for t in tasks[::2]:
                t.cancel()
            done = await asyncio.gather(*tasks, return_exceptions=True)
            for t in done[1::2]:
                assert t.label is not None
            assert await c.ping() >= 0
    run(main())


def test_events_and_errors(daemon, data):
    frames, labels = data(0, 1)
    d = daemon()

    async def main():
        async with await ffd.aio.connect(d.address) as c:
            with pytest.raises(ffd.errors.UnknownModel):
                await c.predict("nope", np.zeros(3))
            told = asyncio.ensure_future(first(c.events("snapshot")))
            while not told.done():
                await c.learn("digits", frames[0], labels[0])
                await c.save("digits")
            assert told.result().model == "digits"
    run(main())


async def first(events):
    async for event in events:
        return event


def test_a_restart_is_survived_by_questions_alone(daemon, data):
    frames, labels = data(0, 2)
    d = daemon()

    async def main():
        async with await ffd.aio.connect(d.address) as c:
            await c.learn("digits", frames[0], labels[0], ack="durable")
            d.kill()
            d.start()
            assert (await c.status("digits")).seq == 1
            assert (await c.learn("digits", frames[1], labels[1])).seq == 2
    run(main())

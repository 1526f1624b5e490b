"""The engine beside an event loop."""

import asyncio

import pytest

LONG = {"num_molecules": 100, "effort": 50, "budget_seconds": 100}


def test_generate_async_gives_what_generate_gives(model):
    assert asyncio.run(model.generate_async("rose", 3, seed=2)) == model.generate("rose", 3, seed=2)


def test_async_for_over_a_stream(model):
    async def work():
        stream = model.stream("rose", 6, seed=2)
        found = [m.rank async for m in stream]
        return found, stream.result

    ranks, result = asyncio.run(work())
    assert sorted(ranks) == [1, 2, 3, 4, 5, 6]
    assert result == model.generate("rose", 6, seed=2)


def test_many_at_once_share_the_engine(model):
    async def work():
        return await asyncio.gather(*(model.generate_async("rose", 2, seed=seed) for seed in range(6)))

    assert asyncio.run(work()) == [model.generate("rose", 2, seed=seed) for seed in range(6)]


def test_the_loop_goes_on_while_the_engine_works(model):
    async def work():
        task = asyncio.create_task(model.generate_async("rose", 30, effort=4))
        turns = 0
        while not task.done():
            await asyncio.sleep(0.001)
            turns += 1
        return turns

    assert asyncio.run(work()) > 10


def test_cancelling_the_task_ends_the_work(model):
    async def work():
        task = asyncio.create_task(model.generate_async("rose", **LONG))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # The engine is free again: this would wait for minutes of work otherwise.
        return await asyncio.wait_for(model.generate_async("rose", 1), 30)

    assert len(asyncio.run(work())) == 1


def test_closing_an_async_stream_ends_the_work(model):
    async def work():
        async with model.stream("rose", 30) as stream:
            async for _ in stream:
                break
        return [m async for m in stream]

    assert asyncio.run(work()) == []

"""Processes that were forked from one with a loaded model."""

import faulthandler
import multiprocessing
import os
import threading

import pytest

FORK = multiprocessing.get_context("fork")

# Where a child hangs, should it.
os.register_at_fork(after_in_child=lambda: faulthandler.dump_traceback_later(50, exit=True))


@pytest.fixture
def start():
    """Starts a forked process; one that hangs does not outlive the test."""
    started = []

    def process(target, *arguments):
        started.append(FORK.Process(target=target, args=arguments, daemon=True))
        started[-1].start()
        return started[-1]

    yield process
    for child in started:
        child.kill()


def smiles(model, brief, queue):
    queue.put((os.getpid(), [m.smiles for m in model.generate(brief, 2)]))


def test_children_answer_as_their_parent_does(model, start):
    expected = [m.smiles for m in model.generate("rose", 2)]
    queue = FORK.Queue()
    children = [start(smiles, model, "rose", queue) for _ in range(3)]
    answers = dict(queue.get(timeout=60) for _ in children)
    for child in children:
        child.join(timeout=30)
        assert child.exitcode == 0
    assert set(answers) == {child.pid for child in children}
    assert list(answers.values()) == [expected] * 3
    assert [m.smiles for m in model.generate("rose", 2)] == expected


def test_a_fork_in_the_middle_of_calls(model, start):
    """Another thread is inside the engine, and a stream half read, when the process is forked."""
    going = threading.Thread(target=lambda: model.generate("wood", 60, effort=3))
    going.start()
    stream = model.stream("rose", 20)
    next(stream)
    queue = FORK.Queue()

    def work():
        inherited = None
        try:
            next(stream)
        except Exception as error:
            inherited = type(error).__name__
        queue.put((inherited, len(model.generate("rose", 2))))

    child = start(work)
    assert queue.get(timeout=60) == ("Unavailable", 2)
    child.join(timeout=30)
    assert child.exitcode == 0
    assert len(list(stream)) == 19
    going.join()


def test_a_pool(model):
    model.load()
    with FORK.Pool(2) as pool:
        assert pool.starmap(count, [(model_kind, 2) for model_kind in ("rose", "musk", "lemon", "mint")]) == [2] * 4


_shared = None


def count(brief, number):
    global _shared
    if _shared is None:
        import odordiff

        _shared = odordiff.OdorDiffusion.from_pretrained()
    return len(_shared.generate(brief, number))

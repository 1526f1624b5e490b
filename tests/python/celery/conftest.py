"""One Redis for a file of tests, workers for each test."""

import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(pathlib.Path(__file__).parent), str(ROOT / "testing/celery"), str(ROOT / "tests")]

import own_home  # noqa: E402, F401
from fleet import Redis, Worker, plain_app  # noqa: E402


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A test that fails shows what the workers started last have said."""
    report = yield
    if report.failed:
        for worker in Worker.latest:
            report.sections.append((f"the end of {worker.log.name}", worker.text[-4000:] if worker.log.exists() else "gone"))
    return report


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    server = Redis(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def sender(broker):
    app = plain_app(broker.url, broker.url)
    yield app
    app.close()


@pytest.fixture
def start(broker, tmp_path):
    """Starts workers; they end with the test."""
    started = []

    def worker(*arguments, **environment):
        started.append(Worker(tmp_path, broker.url, *arguments, **environment))
        return started[-1]

    yield worker
    for worker in started:
        if worker.process.poll() is None:
            worker.kill()


@pytest.fixture(scope="module")
def standing(broker, tmp_path_factory):
    """A worker for all queues, for tests that do it no harm."""
    worker = Worker(tmp_path_factory.mktemp("worker"), broker.url, "-c", "2", "-Q",
                    "generation,batch,optimization,preprocessing").ready()
    yield worker
    worker.kill()

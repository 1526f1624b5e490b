"""Another Redis becomes the primary: workers and senders go on, with what docs/celery.md promises."""

import json

import pytest

from conftest import *  # noqa: F403
from fleet import tool
from promises import Promises
from sentinels import Sentinels


@pytest.fixture
def broker(tmp_path):
    servers = Sentinels(tmp_path)
    yield servers
    servers.close()


@pytest.fixture
def sender(broker):
    app = broker.sender()
    yield app
    app.close()


def test_the_promises_hold_after_each_failover(sender, start, broker):
    promises = Promises(sender, broker, start)
    broker.kill()
    broker.start()
    promises.hold()
    broker.settle()
    broker.freeze()
    promises.hold()
    broker.thaw()
    broker.kill_first_sentinel()
    asked = tool(broker.url, "inspect", "ping", "--json", "--timeout", "30", "--destination", promises.workers[0].name)
    assert json.loads(asked.communicate(timeout=120)[0]) == {promises.workers[0].name: {"ok": "pong"}}
    promises.hold_for_a_killed_worker()

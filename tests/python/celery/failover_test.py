"""Another Redis becomes the primary: workers and senders go on, with what docs/celery.md promises."""

import pytest

from conftest import *  # noqa: F403
from fleet import plain_app
from promises import Promises
from sentinels import Sentinels


@pytest.fixture
def broker(tmp_path):
    servers = Sentinels(tmp_path)
    yield servers
    servers.close()


@pytest.fixture
def sender(broker):
    app = plain_app(broker.url, broker.url)
    options = {"master_name": broker.MASTER, "socket_timeout": 3}
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, **options}
    app.conf.update(result_backend_transport_options=options, redis_socket_timeout=3)
    yield app
    app.close()


def test_the_promises_hold_after_each_failover(sender, start, broker):
    promises = Promises(sender, broker, start)
    broker.kill()
    promises.hold()
    broker.start()
    broker.settle()
    broker.freeze()
    promises.hold()
    broker.thaw()
    promises.hold_for_a_killed_worker()

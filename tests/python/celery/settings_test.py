"""What the environment says: taken, or refused with what would be right; and connections that stay what they are."""

import pytest
from celery import Celery
from kombu import Connection

from odordiff import InvalidInput
from odordiff._celery import connection, settings, transport

SENTINELS = "sentinel://127.0.0.1:1/0;sentinel://127.0.0.1:2/0;sentinel://127.0.0.1:3/0"
TLS = "rediss://127.0.0.1:{}/0?ssl_cert_reqs=required&ssl_ca_certs=/ca.pem"


@pytest.mark.parametrize("environment, hard, soft", [
    ({}, 330, 300),
    ({"ODORDIFF_HARD_LIMIT_S": "4"}, 4, 3.6),
    ({"ODORDIFF_SOFT_LIMIT_S": "900"}, 1000, 900),
    ({"ODORDIFF_SOFT_LIMIT_S": "2", "ODORDIFF_HARD_LIMIT_S": "2.5"}, 2.5, 2),
])
def test_a_limit_that_is_not_set_follows_the_other(environment, hard, soft):
    found = settings.of(environment)
    assert (found["task_time_limit"], found["task_soft_time_limit"]) == (pytest.approx(hard), pytest.approx(soft))


@pytest.mark.parametrize("environment, message", [
    ({"ODORDIFF_SOFT_LIMIT_S": "5", "ODORDIFF_HARD_LIMIT_S": "4"}, "must be more than ODORDIFF_SOFT_LIMIT_S"),
    ({"ODORDIFF_SOFT_LIMIT_S": "4", "ODORDIFF_HARD_LIMIT_S": "4"}, "must be more than ODORDIFF_SOFT_LIMIT_S"),
    ({"ODORDIFF_RESULT_EXPIRES_S": "60"}, "must be more than ODORDIFF_HARD_LIMIT_S"),
    ({"ODORDIFF_HARD_LIMIT_S": "soon"}, "takes a number"),
    ({"ODORDIFF_SOFT_LIMIT_S": "nan"}, "takes a number"),
    ({"ODORDIFF_HARD_LIMIT_S": "inf"}, "takes a number"),
    ({"ODORDIFF_VISIBILITY_S": "1"}, "2 or more"),  # a living worker renews each second
    ({"ODORDIFF_VISIBILITY_S": "8.5"}, "whole number"),
    ({"ODORDIFF_WORKER_THREADS": "-1"}, "0 or more"),
    ({"ODORDIFF_BROKER_URL": "redis+sentinel://127.0.0.1:1/mymaster"}, "sentinel://"),
    ({"ODORDIFF_BROKER_URL": "unix:///run/redis.sock"}, r"redis\+socket://"),
    ({"ODORDIFF_BROKER_URL": "127.0.0.1:6379"}, "redis://"),
    ({"ODORDIFF_BROKER_URL": "rediss://127.0.0.1"}, "ssl_cert_reqs"),
    ({"ODORDIFF_BROKER_URL": "redis://127.0.0.1:1;sentinel://127.0.0.1:2"}, "one kind"),
    ({"ODORDIFF_BROKER_URL": "redis://127.0.0.1:1;redis://127.0.0.1:2"}, "ODORDIFF_RESULT_URL"),
    ({"ODORDIFF_BROKER_URL": "amqp://127.0.0.1", "ODORDIFF_RESULT_URL": "rpc://"}, "redis://"),
])
def test_what_would_not_work_is_refused(environment, message):
    with pytest.raises(InvalidInput, match=message):
        settings.of(environment)


def test_a_password_is_not_shown():
    with pytest.raises(InvalidInput) as raised:
        settings.of({"ODORDIFF_BROKER_URL": "user:secret@127.0.0.1:6379"})
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("broker, kind", [
    ("redis://127.0.0.1:1/0", transport.Transport),
    ("redis://127.0.0.1:1/0;redis://127.0.0.1:2/0", transport.Transport),
    (f"{TLS.format(1)};{TLS.format(2)}", transport.Transport),
    ("redis+socket:///run/redis.sock", transport.Transport),
    ("sentinel://127.0.0.1:1/0", transport.SentinelTransport),
    (SENTINELS, transport.SentinelTransport),
])
def test_connections_keep_their_transport(broker, kind):
    app = Celery("test", amqp="odordiff._celery.connection:AMQP", set_as_current=False)
    app.config_from_object(settings.of({"ODORDIFF_BROKER_URL": broker, "ODORDIFF_RESULT_URL": "redis://127.0.0.1:1/0"}))
    alone = [app.connection_for_read(), app.connection_for_write(), app.connection_for_read().clone()]
    for one in [*alone, app.pool.acquire(), app.producer_pool.connections.acquire()]:
        for _ in range(4):  # once around the URLs, and on
            assert type(one.transport) is kind and one.Pool(1).acquire().get_transport_cls() is kind
            assert one not in alone or one.clone().get_transport_cls() is kind
            assert one.as_uri().startswith(broker.partition("//")[0])
            one.maybe_switch_next()


def test_other_apps_of_the_process_keep_kombus_own():
    mine = connection.BrokerConnection("redis://127.0.0.1:1/0")
    other = Connection("redis://127.0.0.1:1/0")
    assert type(other.transport).__module__ == "kombu.transport.redis"
    assert mine.__eqhash__() != other.__eqhash__()

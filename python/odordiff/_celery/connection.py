"""Connections to the broker that keep this package's transports.

A transport that is named beside the URL (`broker_transport`) lasts until kombu reads another URL: after a lost connection it goes on
to the next of several (`sentinel://a;sentinel://b`), and takes the transport of that URL's scheme, which is its own. Here the scheme
is all that a connection knows, and what it means is looked up whenever a transport is made: after each switch, in copies and in
pools. Nothing is changed for other apps of the same process.
"""

from __future__ import annotations

from typing import Any

from celery.app import amqp
from kombu import Connection
from kombu.connection import ConnectionPool, PooledConnection

from .transport import SentinelTransport, Transport

#: By the URL's scheme; `redis+socket` is `redis` to kombu.
TRANSPORTS: dict[str, type] = {"redis": Transport, "rediss": Transport, "sentinel": SentinelTransport}


class _Ours(Connection):
    def get_transport_cls(self) -> Any:
        """All that kombu wants to know of a transport it asks of this class."""
        return TRANSPORTS.get(self.transport_cls) or super().get_transport_cls()

    def __eqhash__(self) -> Any:
        """Pools are found by it, by all apps of the process: theirs are of other transports."""
        return (_Ours, super().__eqhash__())

    def Pool(self, limit: int | None = None, **options: Any) -> ConnectionPool:
        return _Pool(self, limit, **options)


class BrokerConnection(_Ours):
    """By itself."""


class _PooledConnection(_Ours, PooledConnection):
    """One of a pool."""


class _Pool(ConnectionPool):
    def new(self) -> PooledConnection:
        return _PooledConnection(self, **dict(self.connection._info(resolve=False)))


class AMQP(amqp.AMQP):
    """What Celery makes connections with, whatever the protocol."""

    Connection = BrokerConnection

"""Redis as a broker, with what kombu's transport lacks for work that takes long and workers that die.

kombu keeps a message that was taken in `unacked`, and gives it to somebody else once it has been there for the visibility
timeout, whether its worker is alive or not. Here the timeout is short, and a living worker renews what it holds: so a dead
worker's messages are back within seconds, and nobody is given a message that is still worked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty
from time import time
from typing import Any

from kombu.transport import redis

from . import quarantine


class QoS(redis.QoS):
    """What a channel holds, renewed whenever abandoned messages are looked for."""

    def restore_visible(self, *args: Any, **options: Any) -> None:
        """As if what all channels hold had been taken just now. kombu's own way takes a lock first: only where there is something."""
        now = time()
        channels = self.channel.connection.channels
        held = {tag: now for channel in channels if isinstance(channel.qos, QoS) for tag in channel.qos._delivered}
        with self.channel.conn_or_acquire() as client:
            pipe = client.pipeline(transaction=False)
            if held:
                pipe.zadd(self.unacked_index_key, held, xx=True)
            abandoned = pipe.zcount(self.unacked_index_key, 0, now - self.visibility_timeout).execute()[-1]
        if abandoned:
            super().restore_visible(*args, **options)


@contextmanager
def _checking(client: Any) -> Iterator[None]:
    """What lies in a queue and is no message goes to the quarantine; kombu would end the worker over it."""
    read = client.parse_response

    def checked(*arguments: Any, **options: Any) -> Any:
        reply = read(*arguments, **options)
        if reply and not _is_message(reply[1]):
            quarantine.keep(f"no message of Celery's, in {reply[0]!r}", body=reply[1])
            raise Empty
        return reply

    client.parse_response = checked
    try:
        yield
    finally:
        del client.parse_response


def _is_message(raw: bytes | str) -> bool:
    try:
        message = json.loads(raw)
        info = message["properties"]["delivery_info"]
        return (
            isinstance(message["headers"], dict)
            and isinstance(message["body"], (str, dict, list))
            and isinstance(message["properties"]["delivery_tag"], str)
            and isinstance(info["exchange"], str)
            and isinstance(info["routing_key"], str)
        )
    except (ValueError, KeyError, TypeError):
        return False


class Channel(redis.Channel):
    """One Redis server."""

    QoS = QoS
    _shared: Any = None

    def _brpop_read(self, **options: Any) -> Any:
        with _checking(self.client):
            return super()._brpop_read(**options)

    def _create_client(self, asynchronous: bool = False) -> Any:
        """One for all that does not wait; kombu makes one for each command, which costs more than the command."""
        if asynchronous:
            return super()._create_client(asynchronous)
        if self._shared is None or self._shared.connection_pool is not self.pool:
            self._shared = super()._create_client()
        return self._shared


class SentinelChannel(Channel, redis.SentinelChannel):
    """The master that Sentinels name."""


class Transport(redis.Transport):
    """redis://, rediss://"""

    Channel = Channel


class SentinelTransport(redis.SentinelTransport):
    """sentinel://"""

    Channel = SentinelChannel

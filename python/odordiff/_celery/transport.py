"""Redis as a broker, with what kombu's transport lacks for work that takes long and workers that die.

kombu takes a message with BRPOP and notes afterwards, in `unacked`, that it was taken: a worker that dies in between loses it. Here
one script does both. Scripts cannot wait, so a worker without work asks again ten to twenty times a second.

kombu keeps a message that was taken in `unacked`, and gives it to somebody else once it has been there for the visibility
timeout, whether its worker is alive or not. Here the timeout is short, and a living worker renews what it holds: so a dead
worker's messages are back within seconds, and nobody is given a message that is still worked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from time import monotonic, time
from typing import Any

from kombu.transport import redis
from redis.exceptions import TimeoutError as NoAnswer

from . import quarantine
from .patience import AWAY

# KEYS: `unacked`, its index, the lists of messages, the first of them first. ARGV: now, and for each list whether what is taken
# from it stands in `unacked` until it is acknowledged. Gives nothing, or the list, the message, and its tag where it stands there.
# What this cannot read stands there as the list, a line's end and the bytes.
_TAKE = """
local function noted(text)
  local message = cjson.decode(text)
  local properties = message.properties
  local tag, info = properties.delivery_tag, properties.delivery_info
  if type(tag) == 'string' and type(info.exchange) == 'string' and type(info.routing_key) == 'string' then
    return tag, '[' .. text .. ',' .. cjson.encode(info.exchange) .. ',' .. cjson.encode(info.routing_key) .. ']'
  end
end
for number = 3, #KEYS do
  local text = redis.call('rpop', KEYS[number])
  if text then
    if ARGV[number - 1] == '0' then return {KEYS[number], text} end
    local readable, tag, note = pcall(noted, text)
    if not readable or not tag then
      note = KEYS[number] .. '\\n' .. text
      tag = 'odordiff:' .. redis.sha1hex(note)
    end
    redis.call('hset', KEYS[1], tag, note)
    redis.call('zadd', KEYS[2], ARGV[1], tag)
    return {KEYS[number], text, tag}
  end
end
"""
_REST_S = 0.05
_NOTHING = "odordiff:nothing"  # a list that stays empty: waiting for it is a rest that the event loop understands


class QoS(redis.QoS):
    """What a channel holds, renewed whenever abandoned messages are looked for."""

    def append(self, message: Any, delivery_tag: str) -> None:
        """As kombu's, save for what was noted as it was taken, under its tag or, where the script could not read that, another one."""
        noted, self.channel.noted = self.channel.noted, None
        if delivery_tag == noted:
            super(redis.QoS, self).append(message, delivery_tag)
            return
        super().append(message, delivery_tag)
        if noted:
            self._remove_from_indices(noted).execute()

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """As kombu's; where Redis does not take it back now, it is as if this worker had died, and somebody has it in a while."""
        try:
            super().reject(delivery_tag, requeue)
        except AWAY:
            self.forsake(delivery_tag)

    def _remove_from_indices(self, delivery_tag: str, pipe: Any = None) -> Any:
        """Without a transaction, which a full Redis refuses; the index goes last, so that nothing without an entry there stays."""
        if pipe is None:
            with self.channel.conn_or_acquire() as client:
                pipe = client.pipeline(transaction=False)
        return pipe.hdel(self.unacked_key, delivery_tag).zrem(self.unacked_index_key, delivery_tag)

    def forsake(self, delivery_tag: str) -> None:
        """As if this worker had died: somebody has the message in a while."""
        super(redis.QoS, self).ack(delivery_tag)
        self._flush()  # else it is renewed until the next message comes

    def restore_by_tag(self, tag: str, client: Any = None, leftmost: bool = False) -> None:
        """As kombu's, which loses what is no message of Celery's: that goes back to its list, and so to the quarantine."""
        with self.channel.conn_or_acquire(client) as client:
            note = client.hget(self.unacked_key, tag)
            as_taken = _as_taken(note) if note is not None else None
            if as_taken:
                self._remove_from_indices(tag, client.pipeline(transaction=False).lpush(*as_taken)).execute()
            else:
                super().restore_by_tag(tag, client, leftmost)

    def restore_visible(self, *args: Any, **options: Any) -> None:
        """As if what all channels hold had been taken just now. kombu's own way takes a lock first: only where there is something."""
        now = time()
        channels = self.channel.connection.channels
        held = {tag: now for channel in channels if isinstance(channel.qos, QoS) for tag in channel.qos._delivered}
        try:
            with self.channel.conn_or_acquire() as client:
                pipe = client.pipeline(transaction=False)
                if held:
                    pipe.zadd(self.unacked_index_key, held, xx=True)
                abandoned = pipe.zcount(self.unacked_index_key, 0, now - self.visibility_timeout).execute()[-1]
            if abandoned:
                super().restore_visible(*args, **options)
        except NoAnswer:
            for channel in channels:
                channel.hang_up()
            raise


def _as_taken(note: bytes) -> tuple[bytes | str, bytes | str] | None:
    """The list and the bytes of what stands in `unacked` and is nothing that kombu can put back."""
    try:
        message, _, place = json.loads(note)
        text = json.dumps(message)
        return None if _is_message(text) else (str(place), text)
    except (TypeError, ValueError):
        place, _, raw = note.partition(b"\n")
        return place, raw


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
    noted: str | None = None  # the tag of the message taken last, where it stands in `unacked`
    _rests = False
    _shared: Any = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._unacknowledged: set[str] = set()  # queues whose messages nobody acknowledges

    def basic_consume(self, queue: str, no_ack: bool, *args: Any, **options: Any) -> Any:
        (self._unacknowledged.add if no_ack else self._unacknowledged.discard)(queue)
        return super().basic_consume(queue, no_ack, *args, **options)

    def _brpop_start(self, timeout: float | None = None) -> None:
        """Asks for a message, or rests and asks whether there is one, which is less work for Redis than the script."""
        queues = self._queue_cycle.consume(len(self.active_queues))
        if not queues:
            return
        lists = [(self._q_for_pri(queue, step), int(queue not in self._unacknowledged)) for step in self.priority_steps for queue in queues]
        keys, kept = zip(*lists)
        connection = self._in_poll = self.client.connection
        self._brpop_sent_at = monotonic()
        if self._rests:
            connection.send_packed_command(connection.pack_commands([("BLPOP", _NOTHING, _REST_S), ("EXISTS", *keys)]))
        else:
            connection.send_command("EVAL", _TAKE, 2 + len(keys), self.unacked_key, self.unacked_index_key, *keys, time(), *kept)

    def _brpop_read(self, **options: Any) -> Any:
        """Hands on what `_brpop_start` was answered, as if it had asked with BRPOP."""
        client = self.client
        client.parse_response = partial(self._answer, client.parse_response)
        try:
            return super()._brpop_read(**options)
        finally:
            del client.parse_response

    def _answer(self, read: Callable[..., Any], connection: Any, _: str, **options: Any) -> Any:
        """The list and the message; None where there is none. What lies in a queue and is no message goes to the quarantine; kombu
        would end the worker over it."""
        rested, self._rests = self._rests, False
        reply = read(connection, "EVAL", **options)
        if rested:  # that was the end of the rest; now whether there is a message
            self._rests = not read(connection, "EVAL", **options)
            return None
        if not reply:
            self._rests = True
            return None
        place, text, *tag = reply
        self.noted = tag[0].decode() if tag else None
        if not _is_message(text):
            if quarantine.keep(f"no message of Celery's, in {place!r}", body=text) and tag:
                self.qos._remove_from_indices(self.noted).execute()
            self.noted = None
            return None
        return place, text

    def hang_up(self) -> None:
        """Where a server says nothing, connections that wait for it would go on waiting: they are made anew, perhaps to another one."""
        for name in ("client", "subclient"):
            client = self.__dict__.get(name)  # where it is in use
            if client is not None and client.connection is not None:
                client.connection.disconnect()

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
    connection_errors = (*redis.Transport.connection_errors, *AWAY)  # upon which a worker connects again, and does not end


class SentinelTransport(redis.SentinelTransport):
    """sentinel://"""

    Channel = SentinelChannel
    connection_errors = Transport.connection_errors

"""What a worker takes messages with: it minds those that cannot be read, and saves on events."""

from __future__ import annotations

import logging
from functools import partial
from time import monotonic
from typing import Any

from celery.worker.consumer import Consumer

from ..errors import InvalidInput
from . import quarantine
from .transport import QoS

_EVENTS_EACH_S = 0.5
_log = logging.getLogger(__name__)


class WorkerConsumer(Consumer):
    """Celery's own tells nobody of bodies that it cannot decode, trusts headers more than it should, and sends each event at once."""

    _flushes_at = 0.0

    def ensure_connected(self, conn: Any) -> Any:
        """Tries again after half a second, one, and so on up to three; kombu's own pauses grow to half a minute."""
        conn.ensure_connection = partial(conn.ensure_connection, interval_start=0.5, interval_step=0.5, interval_max=3)
        return super().ensure_connected(conn)

    def on_send_event_buffered(self) -> None:
        """Events go together, twice a second: as messages of their own they were a third of what a worker process did."""
        if self.hub and monotonic() >= self._flushes_at:
            self._flushes_at = monotonic() + _EVENTS_EACH_S
            self.hub.call_later(_EVENTS_EACH_S, self._flush_events)

    # Celery's own log what the messages say.
    def on_decode_error(self, message: Any, exc: Exception) -> None:
        self._refuse(message, f"its body cannot be decoded: {type(exc).__name__}")

    def on_invalid_task(self, body: Any, message: Any, exc: Exception) -> None:
        self._refuse(message, f"it cannot be a task: {exc}")

    def on_unknown_message(self, body: Any, message: Any) -> None:
        self._refuse(message, "no task message")

    def on_unknown_task(self, body: Any, message: Any, exc: Exception) -> None:
        self._refuse(message, f"no task is called {exc}")

    def create_task_handler(self, *args: Any, **options: Any) -> Any:
        handle = super().create_task_handler(*args, **options)

        def on_task_received(message: Any) -> None:
            try:
                handle(message)
            except self.connection_errors:
                raise
            except Exception as error:  # whatever a stranger wrote there must not end the worker
                self._refuse(message, f"it cannot be read: {type(error).__name__}: {error}")

        return on_task_received

    def _refuse(self, message: Any, reason: str) -> None:
        """Into quarantine, with a failed result where its id can be read; where Redis is away somebody tries again in a while."""
        kept = quarantine.keep(reason, headers=message.headers, body=message.body)
        if kept:
            self._fail(_id(message), reason)
        if message.acknowledged:
            return
        if kept:
            message.reject()
        elif isinstance(message.channel.qos, QoS):
            message.channel.qos.forsake(message.delivery_tag)
        else:
            message.requeue()

    def _fail(self, task: str | None, reason: str) -> None:
        if not task:
            return
        error = InvalidInput(f"no worker can take this message: {reason}")
        try:
            self.app.backend.mark_as_failure(task, error)
        except Exception:  # the worker must go on
            _log.exception("the failed result of task %s cannot be kept", task)
        if self.event_dispatcher:
            self.event_dispatcher.send("task-failed", uuid=task, exception=repr(error))


def _id(message: Any) -> str | None:
    """The task's, as its sender knows it."""
    for place, name in ((message.headers, "id"), (message.properties, "correlation_id")):
        found = place.get(name) if isinstance(place, dict) else None
        if found and isinstance(found, str):
            return found
    return None

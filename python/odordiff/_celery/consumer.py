"""What a worker takes messages with: it minds those that cannot be read, and saves on events."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import Any

from celery.worker.consumer import Consumer

from . import quarantine

_EVENTS_EACH_S = 0.5


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

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        quarantine.keep(f"its body cannot be decoded: {exc}", headers=message.headers, body=message.body)
        super().on_decode_error(message, exc)

    def create_task_handler(self, *args: Any, **options: Any) -> Any:
        handle = super().create_task_handler(*args, **options)

        def on_task_received(message: Any) -> None:
            try:
                handle(message)
            except self.connection_errors:
                raise
            except Exception as error:  # whatever a stranger wrote there must not end the worker
                quarantine.keep(f"its headers cannot be read: {type(error).__name__}: {error}", headers=message.headers, body=message.body)
                if not message.acknowledged:
                    message.reject()

        return on_task_received

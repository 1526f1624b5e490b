"""The Celery app: ``celery -A odordiff.celery_app worker -Q generation`` (docs/celery.md)."""

from __future__ import annotations

import os

from celery import Celery, signals

from ._celery import quarantine, settings, tasks
from ._celery.settings import priority

app = Celery("odordiff", amqp="odordiff._celery.connection:AMQP")
app.config_from_object(settings.of(os.environ))
tasks.register(app)
quarantine.connect(app)


@signals.worker_process_init.connect
def _warm(**_: object) -> None:
    """Each child of a worker loads the model before it takes work; the weights are maps of the same files."""
    tasks.engine().load()


__all__ = ["app", "priority"]

"""The Celery app: ``celery -A odordiff.celery_app worker -Q generation`` (docs/celery.md)."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery, signals

from ._celery import models, quarantine, settings, tasks
from ._celery.settings import priority

app = Celery("odordiff", amqp="odordiff._celery.connection:AMQP")
app.config_from_object(settings.of(os.environ))
tasks.register(app)
quarantine.connect(app)


@signals.celeryd_after_setup.connect
def _limits(instance: Any, **_: object) -> None:
    """What the command line says of time is for these tasks, too; Celery knows their own limits from the settings alone."""
    for task in app.tasks.values():
        if isinstance(task, tasks.EngineTask):
            task.time_limit, task.soft_time_limit = instance.time_limit, instance.soft_time_limit


@signals.worker_process_init.connect
def _warm(**_: object) -> None:
    """Each child of a worker loads the model before it takes work; the weights are maps of the same files."""
    models.engine().load()


__all__ = ["app", "priority"]

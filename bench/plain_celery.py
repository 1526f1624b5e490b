"""A Celery app that has nothing of ours, for bench/fleet_throughput.py: what a task costs before it does anything."""

import os
import time

from celery import Celery

app = Celery("plain", broker=os.environ["BROKER_URL"], backend=os.environ["BROKER_URL"])
# What any app has that must not lose tasks; the rest is as Celery comes.
app.conf.update(task_acks_late=True, worker_prefetch_multiplier=1, result_serializer="msgpack",
                accept_content=["msgpack", "json"])


@app.task(name="sleep")
def sleep(seconds):
    time.sleep(seconds)

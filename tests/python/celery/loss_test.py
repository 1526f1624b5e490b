"""Workers, their children and the Redis of their results are killed, and workers are told to stop: each task has one result, soon."""

import base64
import json
import os
import signal
import time

import pytest

from conftest import *  # noqa: F403
from fleet import Redis, progress, until

EFFORT = 1 if "libasan" in os.environ.get("LD_PRELOAD", "") else 8  # there everything takes ten times as long
LONG = {"brief": "wood", "count": 10, "effort": EFFORT}  # a second or two
SOON_S = 60  # after 8 s or so; a busy machine starts a worker in ten more


def begun(broker, name):
    return until(lambda: broker.client.get(f"odordiff:starts:{name}"), SOON_S, each=0.01)


def test_a_killed_child(sender, start, broker):
    worker = start("-c", "1", "-Q", "generation").ready()
    sent = sender.send_task("odordiff.generate", kwargs=LONG, queue="generation", task_id="child")
    begun(broker, "child")
    os.kill(worker.children()[0], signal.SIGKILL)
    until(lambda: broker.client.get("odordiff:starts:child") == b"2", SOON_S)
    assert len(sent.get(timeout=120)["molecules"]) == 10


def test_a_killed_worker_and_what_it_held(sender, start, broker):
    doomed = start("-c", "2", "-Q", "generation").ready()
    names = [f"worker{i}" for i in range(2)]
    sent = [sender.send_task("odordiff.generate", kwargs={**LONG, "seed": i}, queue="generation", task_id=name)
            for i, name in enumerate(names)]
    for name in names:
        begun(broker, name)
    doomed.kill()
    other = start("-c", "2", "-Q", "generation")
    until(lambda: all(broker.client.get(f"odordiff:starts:{name}") == b"2" for name in names), SOON_S)
    assert all(len(task.get(timeout=120)["molecules"]) == 10 for task in sent)
    until(lambda: all(f"[{name}] succeeded" in other.text for name in names), SOON_S)  # told after the result is there
    assert all(other.text.count(f"[{name}] succeeded") == 1 for name in names)


def test_a_message_is_never_in_a_workers_hands_alone(sender, start, broker):
    """What Redis sends to a worker that reads no more is not lost with it."""
    doomed = start("-c", "1", "-Q", "generation").ready()
    os.kill(doomed.process.pid, signal.SIGSTOP)
    sent = sender.send_task("odordiff.generate", kwargs=LONG, queue="generation", task_id="unread")
    doomed.kill()
    start("-c", "1", "-Q", "generation")
    assert len(sent.get(timeout=120)["molecules"]) == 10


def test_work_that_takes_longer_than_the_visibility_timeout_is_begun_once(sender, start, broker):
    """Two idle hands are there that would take it."""
    start("-c", "2", "-Q", "generation", ODORDIFF_VISIBILITY_S="2").ready()
    body = {"brief": "wood", "count": 30, "effort": EFFORT + 2}
    began = time.monotonic()
    sender.send_task("odordiff.generate", kwargs=body, queue="generation", task_id="long").get(timeout=120)
    took = time.monotonic() - began
    assert took > 3 and broker.client.get("odordiff:starts:long") == b"1"


def test_a_worker_that_is_told_to_stop_finishes_or_gives_back(sender, start, broker):
    worker = start("-c", "1", "-Q", "generation").ready()
    names = [f"stop{i}" for i in range(3)]
    sent = [sender.send_task("odordiff.generate", kwargs={**LONG, "seed": 9 + i}, queue="generation", task_id=name)
            for i, name in enumerate(names)]
    begun(broker, names[0])
    worker.stop()
    assert sent[0].ready() and not sent[2].ready()
    start("-c", "1", "-Q", "generation")
    assert all(len(task.get(timeout=60)["molecules"]) == 10 for task in sent)
    assert [broker.client.get(f"odordiff:starts:{name}") for name in names] == [b"1"] * 3


def test_a_batch_goes_on_where_a_killed_child_left_it(sender, start, broker):
    worker = start("-c", "1", "-Q", "batch").ready()
    briefs = ["rose", "musk", "lemon", "mint", "wood", "tea"]
    sent = sender.send_task("odordiff.generate_batch", [briefs], {"count": 2, "effort": EFFORT, "chunk_size": 2}, queue="batch",
                            task_id="lost")
    until(lambda: progress(sent).get("done", 0) >= 2, 60, each=0.01)
    os.kill(worker.children()[0], signal.SIGKILL)
    answers = sent.get(timeout=120)
    assert [answer["brief"] for answer in answers] == briefs and all(len(answer["molecules"]) == 2 for answer in answers)
    starts = [int(broker.client.get(f"odordiff:starts:lost.{number}")) for number in range(3)]
    assert starts[0] == 1 and sum(starts) <= 4  # what was done was not done again


@pytest.mark.parametrize("name, arguments, environment, sent_with", [
    ("soft", [], {"ODORDIFF_SOFT_LIMIT_S": "1"}, {}),
    ("hard", [], {"ODORDIFF_HARD_LIMIT_S": "1"}, {}),
    ("line", ["--time-limit", "1"], {}, {}),
    ("sender", [], {}, {"time_limit": 1}),
    ("senders-soft", [], {"ODORDIFF_SOFT_LIMIT_S": "0.5", "ODORDIFF_HARD_LIMIT_S": "1"}, {"soft_time_limit": 60}),
])
def test_a_task_beyond_its_time_is_ended(sender, start, broker, name, arguments, environment, sent_with):
    """Whoever set the time, and whatever the other limits are."""
    start("-c", "1", "-Q", "generation", *arguments, **environment).ready()
    sent = sender.send_task("odordiff.generate", kwargs={**LONG, "effort": 50}, queue="generation", task_id=name, **sent_with)
    assert "SoftTimeLimitExceeded" in repr(sent.get(timeout=60, propagate=False))
    small = {"brief": "rose", "count": 1, "effort": 0.5}
    assert sender.send_task("odordiff.generate", kwargs=small, queue="generation").get(timeout=60)["molecules"]
    assert broker.client.get(f"odordiff:starts:{name}") == b"0"


def test_a_task_that_takes_its_workers_down_is_given_up(sender, start, broker):
    start("-c", "1", "-Q", "generation").ready()
    broker.client.set("odordiff:starts:poison", 5)  # as five dead workers leave it
    sent = sender.send_task("odordiff.generate", kwargs=LONG, queue="generation", task_id="poison")
    error = sent.get(timeout=60, propagate=False)
    assert "begun 5 times" in str(error)


def test_what_cannot_be_put_into_quarantine_now_stays_at_the_broker(broker, start, tmp_path):
    results = Redis(tmp_path)
    worker = start("-c", "1", "-Q", "optimization", ODORDIFF_RESULT_URL=results.url, ODORDIFF_VISIBILITY_S="2").ready()
    results.kill()
    whole = {"body": "", "content-type": "application/json", "content-encoding": "utf-8", "headers": [],
             "properties": {"delivery_tag": "whole", "delivery_info": {"exchange": "", "routing_key": "optimization"}}}
    unknown = {**whole, "headers": {"task": "odordiff.fly", "id": "fly", "lang": "py"},
               "properties": {**whole["properties"], "delivery_tag": "fly"}}
    refused = {b"\xff\n\xfe", b"[1, 2]", json.dumps(whole).encode()}
    for text in (*refused, json.dumps(unknown)):
        broker.client.lpush("optimization", text)
    until(lambda: worker.text.count("stays at the broker") > 8, 30)  # each of them again and again
    assert broker.client.hlen("unacked") + broker.client.llen("optimization") >= 3  # one may be on its way
    results.start()
    entries = until(lambda: len(e := results.client.lrange("odordiff:quarantine", 0, -1)) >= 4 and e, 60)
    assert {base64.b64decode(json.loads(entry)["body_base64"]) for entry in entries} == {*refused, b""}
    until(lambda: b"FAILURE" in (results.client.get("celery-task-meta-fly") or b""), 60)
    until(lambda: not broker.client.hlen("unacked") and not broker.client.llen("optimization"), 60)
    assert worker.process.poll() is None
    results.kill()

"""Messages in the wrong order, and messages that are none."""

import base64
import itertools
import json
import time

from conftest import *  # noqa: F403
from fleet import until
from odordiff.celery_app import priority

UNDERSTAND = {"queue": "preprocessing", "args": ["rose"]}


def test_who_is_urgent_goes_first(sender, start):
    """Priorities are those of the API: 10 first."""
    sent = {}
    for place, urgency in enumerate([0, 3, 5, 5, 10, 8]):
        sent[f"u{urgency}.{place}"] = urgency
        sender.send_task("odordiff.understand", task_id=f"u{urgency}.{place}", priority=priority(urgency), **UNDERSTAND)
    worker = start("-c", "1", "-Q", "preprocessing")
    until(lambda: worker.text.count(" succeeded in ") == 6, 60)
    order = [line.split("[u")[1].split(".")[0] for line in worker.text.splitlines() if " succeeded in " in line]
    assert order == ["10", "8", "5", "5", "3", "0"]


def test_what_no_worker_can_take_is_kept_in_quarantine(sender, broker, standing):
    def push(message, queue="preprocessing"):
        broker.client.lpush(queue, message if isinstance(message, (bytes, str)) else json.dumps(message))

    tags = itertools.count()

    def envelope(headers, body=b"", content="application/json", **more):
        return {"body": base64.b64encode(body).decode(), "content-encoding": "utf-8", "content-type": content,
                "headers": headers,
                "properties": {"body_encoding": "base64", "delivery_tag": f"tag{next(tags)}", "priority": 0,
                               "delivery_info": {"exchange": "", "routing_key": "preprocessing"}, **more}}

    task = {"lang": "py", "task": "odordiff.understand", "id": "q1", "root_id": "q1", "argsrepr": "", "kwargsrepr": ""}
    good = json.dumps([["rose"], {}, {}]).encode()
    for broken in (b"\xff\xfe", "no JSON", "[]", "{}", {"body": "", "headers": {}, "properties": {}}):
        push(broken)
    push({**envelope(task, good), "headers": ["a", "list"]})
    push(envelope({}, b"{}"))  # no task
    push(envelope({**task, "task": ["a", "list"]}, good))
    push(envelope({**task, "id": "q2"}, b"\xff not JSON"))
    push(envelope({**task, "id": "q3"}, good, content="application/x-python-serialize"))
    push(envelope({**task, "id": "q4", "odordiff": 2}, good))
    push(envelope({**task, "id": "q5", "eta": "soon"}, good))
    push(envelope({**task, "id": "q6", "timelimit": ["never", None]}, good))
    unreadable = [b"null", b"7", b'"text"', b"[]", b"{}", b"[[]]", b"[7, {}, {}]", b'[["rose"], 7, {}]', b'[["rose"], {}, 7]']
    for number, body in enumerate(unreadable):  # not the arguments and what is to follow
        push(envelope({**task, "id": f"n{number}"}, body))
    unknown = sender.send_task("odordiff.fly", queue="preprocessing")
    # The worker is alive, and has not gone round in circles.
    assert sender.send_task("odordiff.understand", **UNDERSTAND).get(timeout=60)["understood"]
    sender.send_task("odordiff.understand", task_id="done", **UNDERSTAND).get(timeout=60)
    push(envelope({**task, "id": "done"}, b"[]"))
    for name in ("q1", "q2", "q3", "q4", "q5", "q6", *(f"n{number}" for number in range(len(unreadable)))):
        assert isinstance(sender.AsyncResult(name).get(timeout=60, propagate=False), Exception), name
    refused = 14 + len(unreadable) + 1
    entries = until(lambda: len(e := broker.client.lrange("odordiff:quarantine", 0, -1)) >= refused and e, 60)
    reasons = [json.loads(entry)["reason"] for entry in entries]
    assert len(entries) == refused, reasons
    assert sum("no message of Celery's" in reason for reason in reasons) == 6, reasons
    assert any("odordiff.fly" in reason for reason in reasons) and any("version 2" in reason for reason in reasons)
    assert any(base64.b64decode(json.loads(entry)["body_base64"]) == b"\xff\xfe" for entry in entries)
    assert "odordiff.fly" in str(unknown.get(timeout=60, propagate=False))
    assert sender.AsyncResult("done").get(timeout=60)["understood"]  # a bad copy does not undo it
    assert "rose" not in standing.text  # messages are not logged
    assert standing.process.poll() is None
    until(lambda: broker.client.hlen("unacked") == 0 and broker.client.llen("preprocessing") == 0, 60)


def test_a_message_of_somebody_elses_making_is_worked_at(sender, broker, standing):
    """As a server writes it that has no Celery: protocol 2 in kombu's layout."""
    body = base64.b64encode(json.dumps([["no musk"], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}])
                            .encode()).decode()
    broker.client.lpush("preprocessing\x06\x165", json.dumps({
        "body": body, "content-encoding": "utf-8", "content-type": "application/json",
        "headers": {"lang": "py", "task": "odordiff.understand", "id": "made-by-hand", "root_id": "made-by-hand",
                    "odordiff": 1, "note": "\ud800"},  # of which Redis's own JSON reader wants no more
        "properties": {"correlation_id": "made-by-hand", "delivery_mode": 2, "priority": 5, "body_encoding": "base64",
                       "delivery_tag": "made-by-hand", "delivery_info": {"exchange": "", "routing_key": "preprocessing"}}}))
    assert sender.AsyncResult("made-by-hand").get(timeout=60)["weights"] == {"musk": -1.0}
    until(lambda: broker.client.hlen("unacked") == 0, 60)


def test_a_full_redis_is_waited_for(sender, broker, standing):
    sent = [sender.send_task("odordiff.understand", task_id=f"full{number}", **UNDERSTAND) for number in range(100)]
    try:
        broker.client.config_set("maxmemory", 1)
        until(lambda: "[full" in standing.text, 60)  # taken from it all the same
        time.sleep(2)  # the condition of the test: it stays full for so long
    finally:
        broker.client.config_set("maxmemory", 0)
    assert all(task.get(timeout=60)["understood"] for task in sent)
    assert standing.process.poll() is None
    until(lambda: broker.client.hlen("unacked") == 0, 60)

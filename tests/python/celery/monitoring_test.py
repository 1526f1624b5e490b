"""What Celery's own tools and Flower show of workers and tasks."""

import json

import pytest

from conftest import *  # noqa: F403
from fleet import Flower, tool, until

QUEUES = {"generation", "batch", "optimization", "preprocessing"}


def asked(broker, worker, *words):
    """The command at work, which waits for this worker's answer and no longer."""
    return tool(broker.url, *words, "--json", "--timeout", "30", "--destination", worker.name)


@pytest.fixture(scope="module")
def answers(broker, standing):
    """What the worker answers to each command; all are asked at once."""
    processes = {command: asked(broker, standing, "inspect", command)
                 for command in ("ping", "registered", "active", "active_queues", "stats")}
    return {command: json.loads(process.communicate(timeout=60)[0])[standing.name] for command, process in processes.items()}


def test_the_worker_is_there(broker, standing, answers):
    assert answers["ping"] == {"ok": "pong"}
    text, _ = asked(broker, standing, "status").communicate(timeout=60)
    assert standing.name in text and "1 node online" in text


def test_its_tasks_and_queues_are_named(answers):
    tasks = {name.split()[0] for name in answers["registered"] if name.startswith("odordiff.")}
    assert tasks == {f"odordiff.{name}" for name in ("generate", "answer_prompt", "generate_batch", "generate_chunk", "design",
                                                     "describe", "assess", "understand")}
    assert {queue["name"] for queue in answers["active_queues"]} == QUEUES
    assert answers["stats"]["pool"]["max-concurrency"] == 2 and answers["active"] == []


def test_what_is_at_work_is_listed_and_ended_on_demand(sender, broker, standing):
    sent = sender.send_task("odordiff.generate", kwargs={"brief": "wood", "count": 100, "effort": 50}, queue="generation",
                            task_id="long")
    until(lambda: broker.client.get("odordiff:starts:long"), 60)
    listed = json.loads(asked(broker, standing, "inspect", "active").communicate(timeout=60)[0])[standing.name]
    assert [(task["id"], task["name"]) for task in listed] == [("long", "odordiff.generate")]
    sent.revoke(terminate=True)
    until(lambda: sent.status == "REVOKED", 60)


def test_flower_shows_workers_and_what_became_of_tasks(sender, broker, standing):
    flower = Flower(broker.url)
    try:
        name, = until(flower.workers, 60)
        good = sender.send_task("odordiff.understand", ["rose"], queue="preprocessing")
        bad = sender.send_task("odordiff.understand", [7], queue="preprocessing")
        good.get(timeout=60)
        bad.get(timeout=60, propagate=False)

        def states():
            tasks = flower.ask("/api/tasks")
            return [tasks.get(task.id, {}).get("state") for task in (good, bad)]

        until(lambda: states() == ["SUCCESS", "FAILURE"], 60)
        until(lambda: (flower.workers()[name].get("processed") or 0) >= 2, 60)
    finally:
        flower.stop()

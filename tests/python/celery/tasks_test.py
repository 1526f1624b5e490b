"""Every task, sent by a plain Celery app that knows names only."""

import json
import pathlib
import re
import subprocess
import sys

import pytest

from conftest import *  # noqa: F403
from fleet import progress, until
from odordiff import OdorDiffusion

ROOT = pathlib.Path(__file__).resolve().parents[3]
SMILES = "CC(=O)OCCC(C)C"


def asked(operation, **body):
    return json.loads(OdorDiffusion.from_pretrained().ask_text(operation, json.dumps(body)))


def result(sender, name, *, queue, args=(), kwargs=None, timeout=30, **options):
    return sender.send_task(f"odordiff.{name}", args, kwargs or {}, queue=queue, **options).get(timeout=timeout)


def test_generate_answers_as_the_api_does(sender, standing):
    body = {"brief": "rose", "count": 2, "seed": 7}
    assert result(sender, "generate", queue="generation", kwargs=body) == asked("generate", **body)


def test_a_prompt_is_answered_with_the_text_that_the_server_keeps(sender, standing):
    request = {"brief": "rose", "count": 2, "seed": 7}
    kept = json.dumps({"form": "v1", "request": request})
    text = result(sender, "answer_prompt", queue="batch", args=[kept])
    assert isinstance(text, str) and "\n" not in text and json.loads(text) == asked("generate", **request)
    legacy = json.dumps({"form": "legacy", "request": {"prompt": "rose", "num_molecules": 2}})
    answer = json.loads(result(sender, "answer_prompt", queue="batch", args=[legacy]))
    assert answer["prompt"] == "rose" and len(answer["molecules"]) == 2 and "request_id" not in answer


def test_design_describe_assess_understand(sender, standing):
    body = {"top": "citrus", "seed": 1}
    assert result(sender, "design", queue="optimization", kwargs=body) == asked("design", **body)
    assert result(sender, "describe", queue="preprocessing", args=[SMILES]) == asked("describe", smiles=[SMILES])
    assert result(sender, "assess", queue="preprocessing", kwargs={"smiles": [SMILES]}) == asked("assess", smiles=[SMILES])
    assert result(sender, "understand", queue="preprocessing", args=["no musk"]) == asked("understand", brief="no musk")


def test_each_writing_of_a_substance_is_treated_alike(sender, standing):
    rows = (ROOT / "tests/safety/disguises.tsv").read_text(encoding="utf-8").splitlines()
    rows = [row.split("\t") for row in rows if not row.startswith("#")]
    assert len(rows) >= 400
    for start in range(0, len(rows), 100):
        part = rows[start:start + 100]
        plain, disguised = (
            result(sender, "assess", queue="preprocessing", kwargs={"smiles": [row[column] for row in part]})["molecules"]
            for column in (1, 2))
        for row, right, got in zip(part, plain, disguised, strict=True):
            for member in ("decision", "forbidden", "never_proposed", "score", "regions"):
                assert got[member] == right[member], (row, member)
    refused, told = result(sender, "describe", queue="preprocessing",
                           args=[["[13CH3]C(C)OP(C)(=O)F", "[CH3:1][C:2](=[O:3])[CH3:4]"]])["molecules"]
    assert "controlled or dangerous" in refused["error"] and told["canonical_smiles"] == "CC(C)=O"


def test_the_documents_example_runs_as_it_stands(broker, standing):
    text = (ROOT / "docs/celery.md").read_text(encoding="utf-8")
    example, = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    example = example.replace("redis://127.0.0.1:6379/0", broker.url)
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and done.stdout.strip(), done.stderr


def test_json_is_understood_too(sender, standing):
    assert result(sender, "understand", queue="preprocessing", args=["rose"], serializer="json")["understood"]


@pytest.mark.parametrize("name, queue, args, kwargs, message", [
    ("generate", "generation", [], {"brief": "rose", "count": 0}, "/count"),
    ("generate", "generation", [], {"brief": "rose", "wings": 2}, "/wings"),
    ("generate", "generation", [], {"brief": "rose", "like": "C1CC"}, None),
    ("generate", "generation", ["rose"], {}, None),
    ("answer_prompt", "batch", ["{"], {}, "prompt"),
    ("answer_prompt", "batch", ['{"form":"v9","request":{"odours":3}}'], {}, "/brief"),
    ("answer_prompt", "batch", [], {}, None),
    ("design", "optimization", [], {}, "/top"),
    ("describe", "preprocessing", [7], {}, "/smiles"),
    ("generate_batch", "batch", [["rose"]], {"count": 0}, "/count"),
    ("generate_batch", "batch", [[]], {}, "a batch is"),
])
def test_a_bad_body_fails_at_once_with_the_engines_message(sender, standing, name, queue, args, kwargs, message):
    sent = sender.send_task(f"odordiff.{name}", args, kwargs, queue=queue)
    with pytest.raises(Exception) as raised:
        sent.get(timeout=60)
    assert sent.status == "FAILURE"
    assert message is None or message in str(raised.value)


def test_a_batch_is_split_shows_its_progress_and_keeps_the_order(sender, standing):
    briefs = [f"rose and {other}" for other in ("musk", "lemon", "mint", "wood", "tea", "smoke", "honey")] + [""]
    sent = sender.send_task("odordiff.generate_batch", [briefs], {"count": 1, "effort": 6, "chunk_size": 2}, queue="batch")
    seen = set()

    def watch():
        if now := progress(sent):
            seen.add((now["done"], now["total"]))
        return sent.ready()

    until(watch, 60, each=0.01)
    answers = sent.get(timeout=60)
    assert [answer["brief"] for answer in answers] == briefs
    assert "error" in answers[-1] and answers[0] == asked("generate", brief=briefs[0], count=1, effort=6)
    assert len(seen) > 1 and {total for _, total in seen} == {8}


def test_the_same_task_sent_twice_is_worked_at_once(sender, standing, broker):
    body = {"brief": "wood", "count": 5, "effort": 5}
    first, second = (sender.send_task("odordiff.generate", kwargs=body, queue="generation", task_id="twice")
                     for _ in range(2))
    answer = first.get(timeout=30)
    until(lambda: standing.text.count("Task odordiff.generate[twice] succeeded") == 2, 60)
    assert second.get(timeout=60) == answer
    assert broker.client.get("odordiff:starts:twice") == b"1"


def test_a_key_makes_tasks_one(sender, standing, broker):
    body = {"brief": "tea", "count": 2, "effort": 5, "key": "k1"}
    sent = [sender.send_task("odordiff.generate", kwargs=body, queue="generation") for _ in range(3)]
    answers = [task.get(timeout=30) for task in sent]
    assert answers[0] == answers[1] == answers[2]
    assert broker.client.get("odordiff:starts:key:k1") == b"1"

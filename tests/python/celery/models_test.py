"""Tasks for another model than the worker has: refused so that their sender can act, or answered by an engine that fits."""

import json
import os
import subprocess

import pytest

from conftest import *  # noqa: F403
from odordiff import Client, OdorDiffusion, OtherModel
from odordiff._engine import model_folder

BODY = {"brief": "rose", "count": 1, "seed": 7}


def send(sender, header, **options):
    return sender.send_task("odordiff.generate", kwargs=BODY, queue="generation", headers={"odordiff_model": header}, **options)


def test_a_task_for_this_model_is_answered(sender, standing):
    identity = OdorDiffusion.from_pretrained().identity
    answer = send(sender, {"digest": identity.digest, "precision": "fp32"}).get(timeout=60)
    assert answer["model"] == {"name": identity.name, "version": identity.version, "digest": identity.digest}


def test_a_task_for_another_precision_loads_it(sender, standing):
    identity = OdorDiffusion.from_pretrained(precision="int8").identity
    answer = send(sender, {"digest": identity.digest, "precision": "int8"}).get(timeout=60)
    assert answer["model"]["digest"] == identity.digest
    batch = sender.send_task("odordiff.generate_batch", args=[["rose", "musk"]], kwargs={"count": 1}, queue="batch",
                             headers={"odordiff_model": {"digest": identity.digest, "precision": "int8"}})
    assert {each["model"]["digest"] for each in batch.get(timeout=60)} == {identity.digest}


def test_a_task_for_another_model_is_refused_and_may_be_sent_again(sender, standing):
    refused = send(sender, {"digest": "0" * 32, "precision": "fp32"}, task_id="elsewhere")
    with pytest.raises(Exception, match="the task is for the model 0{32}; this worker has odordiff2-small"):
        refused.get(timeout=60)
    assert type(refused.result).__name__ == OtherModel.__name__
    refused.forget()
    again = send(sender, None, task_id="elsewhere")
    assert again.get(timeout=60)["molecules"]


@pytest.mark.parametrize("header", ["text", 7, {"digest": 7, "precision": "fp32"}, {"digest": "0", "precision": "fp64"}, {}])
def test_a_header_that_says_nothing_is_refused_as_input(sender, standing, header):
    with pytest.raises(Exception, match="the header odordiff_model is"):
        send(sender, header).get(timeout=60)


def test_a_server_without_a_worker_of_its_model_makes_the_answers_itself(broker, start, tmp_path):
    worker = start("-c", "1", "-Q", "batch").ready()
    model = tmp_path / "share/models/odordiff2"
    model.mkdir(parents=True)
    for file in model_folder().iterdir():
        (model / file.name).symlink_to(file)
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").unlink()
    (model / "config.json").write_text(json.dumps({**config, "version": "the server's"}))
    server = subprocess.Popen(
        [os.environ["ODORDIFF_BIN"], "serve", "--port", "0", "--model", model, "--jobs-db", tmp_path / "jobs.db",
         "--broker-url", broker.url], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        client = Client(server.stdout.readline().split(" ready on ")[1].split()[0])
        results = list(client.submit_batch(["rose", "musk"], 1).results())
        assert [result.molecules.answer["model"]["version"] for result in results] == ["the server's"] * 2
        assert "OtherModel" in worker.text
    finally:
        server.kill()
        server.wait()
        server.stdout.close()

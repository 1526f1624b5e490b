"""Molecules from briefs: the same as the program's, filtered as asked, singly and as a stream."""

import json
import re
import subprocess
import sys
import threading

import pytest

from conftest import ROOT, program
from odordiff import OdorDiffusion, SafetyFilter
from odordiff.safety import IRRITANT_CATEGORIES

BRIEF = "fresh-cut grass after rain, a little ozone"


def test_the_answer_is_the_programs(model):
    answer = json.loads(model.ask_text("generate", json.dumps({"brief": BRIEF, "seed": 7, "count": 4})))
    assert answer == program("generate", BRIEF, "--seed", "7", "-n", "4")
    assert [m.raw for m in model.generate(BRIEF, 4, seed=7)] == answer["molecules"]


def test_every_option_means_what_it_means_to_the_program(model):
    mine = model.generate("creamy sandalwood", 3, seed=3, keep="C1CCCCC1", molecular_weight=(150, 260), logp=(None, 5),
                          guidance=1.5, effort=2, temperature=0.9, steps=3, allow_known=True, safety_threshold=0.7,
                          min_odorous=0.6)
    theirs = program("generate", "creamy sandalwood", "--seed", "3", "-n", "3", "--keep", "C1CCCCC1", "--mw", "150:260",
                     "--logp", ":5", "--guidance", "1.5", "--effort", "2", "--temperature", "0.9", "--steps", "3",
                     "--allow-known", "--safety-threshold", "0.7", "--min-odorous", "0.6")
    assert [m.raw for m in mine] == theirs["molecules"]


def test_like_varies_a_molecule(model):
    found = model.generate(like="CC(=O)OCCC(C)C", similarity=(0.3, 0.9), num_molecules=2)
    assert len(found) == 2 and all(m.smiles != "CC(=O)OCCC(C)C" for m in found)


def test_the_readmes_example_runs_as_it_stands():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert examples
    for example in examples:
        done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        assert len(done.stdout.splitlines()) >= 5


def test_a_stream_gives_what_generate_gives(model):
    options = {"num_molecules": 8, "seed": 5}
    stream = model.stream("rose and honey", **options)
    came = list(stream)
    assert sorted(m.rank for m in came) == list(range(1, 9))
    assert stream.result == model.generate("rose and honey", **options)
    assert stream.result.model == model.model_name


@pytest.mark.parametrize("brief", ["citrus aldehyde", "spicy cinnamon"])
def test_irritant_check_leaves_out_alerts_about_skin_and_still_gives_as_many(model, brief):
    def alerts(molecules):
        return [f for m in molecules for f in m.safety["findings"]
                if f["category"] in IRRITANT_CATEGORIES and f["severity"] != "information"]

    options = {"num_molecules": 8, "seed": 1}
    assert alerts(model.generate(brief, safety_filter=SafetyFilter(toxicity_threshold=0.5), **options))
    strict = SafetyFilter(toxicity_threshold=0.5, irritant_check=True)
    checked = model.generate(brief, safety_filter=strict, **options)
    assert len(checked) == 8 and not alerts(checked)
    assert {m.smiles for m in model.stream(brief, safety_filter=strict, **options)} == {m.smiles for m in checked}


def test_toxicity_threshold_bounds_one_minus_the_safety_score(model):
    found = model.generate("citrus aldehyde", 8, safety_filter=SafetyFilter(toxicity_threshold=0.1))
    assert len(found) == 8 and all(m.safety_score >= 0.9 for m in found)


def test_synthesizability_min_bounds_synth_score(model):
    assert all(m.synth_score >= 0.8 for m in model.generate("musk", 5, synthesizability_min=0.8))


def test_threads_work_beside_a_long_call(model):
    """Python's lock is released: this thread gets answers while the other one is inside the engine."""
    model.load()
    stop = []

    def long_call():
        stop.append(model.generate("rose", 50, effort=4))

    thread = threading.Thread(target=long_call)
    thread.start()
    beside = 0
    while not stop:
        model.understand("very green, no musk")
        beside += not stop
    thread.join()
    assert beside > 1


def test_leaving_a_stream_early_ends_its_work(model):
    with model.stream("rose", 20) as stream:
        next(stream)
    assert list(stream) == []


def test_precision_and_threads_can_be_chosen():
    fast = OdorDiffusion.from_pretrained("odordiff2", precision="int8", threads=1)
    assert len(fast.generate("rose", 2)) == 2

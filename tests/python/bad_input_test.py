"""What is wrong is said by the engine, in an exception of its kind."""

import pytest

import odordiff
from odordiff import InvalidInput, OdorDiffError, OdorDiffusion, SafetyFilter, Unavailable

WRONG = [
    ({"brief": ""}, "/brief"),
    ({"brief": "x" * 1001}, "/brief"),
    ({"num_molecules": 0}, "/count"),
    ({"num_molecules": 101}, "/count"),
    ({"num_molecules": "five"}, "/count"),
    ({"seed": -1}, "/seed"),
    ({"guidance": 11}, "/guidance"),
    ({"temperature": 0}, "/temperature"),
    ({"steps": 5}, "/steps"),
    ({"effort": float("nan")}, None),
    ({"temperature": float("inf")}, None),
    ({"safety_threshold": float("nan")}, None),
    ({"logp": (float("nan"), None)}, None),
    ({"num_molecules": 2.5}, "/count"),
    ({"num_molecules": True}, "/count"),
    ({"num_molecules": None}, "/count"),
    ({"num_molecules": float("inf")}, "/count"),
    ({"budget_seconds": 0}, "/budget_seconds"),
    ({"molecular_weight": (200, 100)}, None),
    ({"similarity": (0.1, 0.2)}, "/similarity"),
    ({"like": "CCO", "keep": "CCO"}, "/keep"),
    ({"like": "C1CC"}, None),
    ({"like": "CCN(CC)CCOP(C)(=O)F"}, None),
    ({"no_such_option": 1}, "/no_such_option"),
    ({"molecular_weight": 200}, None),
    ({"like": 7}, None),
    ({"synthesizability_min": 2}, None),
    ({"safety_filter": SafetyFilter(toxicity_threshold=2)}, None),
    ({"safety_filter": SafetyFilter(), "safety_threshold": 0.5}, None),
]


@pytest.mark.parametrize("options, pointer", WRONG)
def test_wrong_options(model, options, pointer):
    with pytest.raises(InvalidInput) as raised:
        model.generate(**{"brief": "rose", **options})
    assert isinstance(raised.value, ValueError) and isinstance(raised.value, OdorDiffError)
    assert str(raised.value) and "\n" not in str(raised.value)
    if pointer:
        assert [p for p, _ in raised.value.fields] == [pointer]


@pytest.mark.parametrize("name, value", [("temperature", float("nan")), ("num_molecules", 2.5), ("logp", (float("inf"), None))])
def test_the_message_names_the_argument(model, name, value):
    with pytest.raises(InvalidInput, match=name):
        model.generate("rose", **{name: value})
    with pytest.raises(InvalidInput, match="dosage_percent"):
        model.design_fragrance(top_notes="lemon", dosage_percent=float("nan"))


def test_what_means_the_same_is_taken(model):
    found = model.generate("rose", num_molecules=2.0, logp=(None, None), seed=1)
    assert len(found) == 2 == len(set(found))
    assert set(found) == set(model.generate("rose", num_molecules=2, seed=1))


def test_an_address_without_a_scheme_is_told():
    with pytest.raises(InvalidInput, match="http://127.0.0.1:8000"):
        odordiff.Client("127.0.0.1:8461")


@pytest.mark.parametrize("ask", [
    lambda model: model.predict_odor_profile("C1CC"),
    lambda model: model.full_safety_assessment("not a molecule"),
    lambda model: model.suggest_synthesis_routes(""),
    lambda model: model.describe(["CCO", "C1CC"]),
    lambda model: model.describe([]),
    lambda model: model.nearest(),
    lambda model: model.nearest(molecule="C1CC"),
    lambda model: model.design_fragrance(),
    lambda model: model.understand(""),
    lambda model: model.ask_text("generate", "{"),
    lambda model: model.ask_text("fly", "{}"),
    lambda model: model.ask_text("answer_prompt", "{}"),
    lambda model: model.ask_text("answer_prompt", "["),
    lambda model: model.ask_text("answer_prompt", '{"form":"v1","request":{"brief":"rose","wings":2}}'),
])
def test_wrong_questions(model, ask):
    with pytest.raises(InvalidInput):
        ask(model)


def test_a_stream_says_what_is_wrong_when_it_is_read(model):
    with pytest.raises(InvalidInput):
        list(model.stream("rose", 0))


def test_no_model_is_unavailable(tmp_path, monkeypatch):
    with pytest.raises(Unavailable, match="no model "):
        OdorDiffusion.from_pretrained(tmp_path)
    monkeypatch.setenv("ODORDIFF_MODEL", str(tmp_path / "nowhere"))
    with pytest.raises(Unavailable, match="nowhere"):
        OdorDiffusion.from_pretrained()


def test_a_damaged_model_is_unavailable(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(OdorDiffError):
        OdorDiffusion.from_pretrained(tmp_path).load()


def test_odordiff_model_names_the_folder(monkeypatch):
    from odordiff._engine import model_folder

    folder = model_folder()
    monkeypatch.setenv("ODORDIFF_MODEL", str(folder))
    assert OdorDiffusion.from_pretrained().load().model_name
    assert odordiff.__version__

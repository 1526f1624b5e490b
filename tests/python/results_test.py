"""What is said about given molecules, briefs and formulas is what the program says."""

from conftest import program

ISOAMYL_ACETATE, CITRAL = "CC(=O)OCCC(C)C", "CC(C)=CCCC(C)=CC=O"


def test_descriptions(model):
    one = model.describe(ISOAMYL_ACETATE)
    assert one.raw == program("describe", ISOAMYL_ACETATE)["molecules"][0]
    assert next(iter(one.descriptors)) == "fruity" and one.odorous > 0.9
    assert [d.smiles for d in model.describe([ISOAMYL_ACETATE, CITRAL])] == [ISOAMYL_ACETATE, CITRAL]
    assert len(model.describe(CITRAL, all_descriptors=True).descriptors) == 138


def test_safety(model):
    report = model.full_safety_assessment(CITRAL)
    assert report.raw == program("assess", CITRAL)["molecules"][0]
    assert report.decision == "accepted" and not report.forbidden and 0.5 < report.score < 0.9
    assert report.findings[0]["category"] == "skin_sensitisation" and len(report.assays) == 12
    assert set(model.full_safety_assessment(CITRAL, region="IFRA").regions) == {"IFRA"}
    sarin = model.full_safety_assessment("CC(C)OP(C)(=O)F")
    assert sarin.forbidden and sarin.score == 0
    assert model.full_safety_assessment("[Na+].[Cl-]").score is None


def test_an_odor_profile(model):
    profile = model.predict_odor_profile(ISOAMYL_ACETATE)
    assert profile.primary_notes[0] == "fruity" and profile.longevity == profile.longevity_hours > 0
    assert 0 <= profile.intensity <= 10 and 0 <= profile.sillage <= 10 and profile.character.startswith("Fruity")


def test_routes(model):
    routes = model.suggest_synthesis_routes(ISOAMYL_ACETATE, count=3)
    theirs = program("routes", ISOAMYL_ACETATE, "-n", "3")["molecules"][0]["routes"]
    assert [route.raw for route in routes] == theirs
    low, high = routes[0].usd_per_kg
    assert routes[0].steps == 1 and 0 < low < high and "ester" in routes[0].reaction.lower()


def test_readings_and_neighbours(model):
    assert model.understand("very green, no musk").raw == program("explain", "very green, no musk")
    assert [m.raw for m in model.nearest("rose", count=3)] == program("nearest", "rose", "-n", "3")["materials"]
    assert model.nearest(molecule=ISOAMYL_ACETATE, count=1)[0].distance < 0.2


def test_a_fragrance(model):
    fragrance = model.design_fragrance("bright citrus", base_notes="creamy sandalwood", seed=1)
    assert fragrance.raw == program("design", "--top", "bright citrus", "--base", "creamy sandalwood", "--seed", "1")
    assert abs(sum(line.parts_per_thousand for line in fragrance.formula) - 1000) < 0.1
    assert fragrance.formula[0].note == "top" and fragrance.formula[0].molecule.smiles


def test_costs_are_the_middle_of_the_estimate(model):
    costs = [(m.estimated_cost, m.makeability["usd_per_kg"]) for m in model.generate("fruity ester", 10)]
    assert any(interval for _, interval in costs)
    for cost, interval in costs:
        assert (cost is None) if interval is None else interval[0] < cost < interval[1]

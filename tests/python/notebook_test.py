"""How answers show themselves, and what other libraries take of them."""

import xml.etree.ElementTree

import pytest
from rdkit import Chem

from odordiff import InvalidInput


def test_a_molecule_draws_itself(model):
    drawn = xml.etree.ElementTree.fromstring(model.generate("rose", 1)[0]._repr_svg_())
    assert drawn.tag.endswith("svg")


def test_a_list_is_a_table_with_drawings(model):
    shown = model.generate("rose", 3)._repr_html_()
    assert shown.count("<svg") == 3 and shown.startswith("<table>")


def test_a_data_frame_has_a_row_a_molecule(model):
    found = model.generate("rose", 3)
    frame = found.to_dataframe()
    assert list(frame["smiles"]) == [m.smiles for m in found]
    assert list(frame["confidence"]) == [m.confidence for m in found]
    assert {"molecular_weight", "primary_notes", "safety_score", "estimated_cost"} <= set(frame.columns)
    assert list(type(found)([], {}).to_dataframe().columns) == list(frame.columns)


def test_rdkit_molecules_go_in_and_come_out(model):
    isoamyl_acetate = Chem.MolFromSmiles("CC(=O)OCCC(C)C")
    assert model.describe(isoamyl_acetate) == model.describe("CC(=O)OCCC(C)C")
    assert model.full_safety_assessment(isoamyl_acetate).score == model.full_safety_assessment("CC(=O)OCCC(C)C").score
    found = model.generate(like=isoamyl_acetate, num_molecules=2)
    assert [Chem.MolToInchiKey(m.to_rdkit()) for m in found] == [m.inchikey for m in found]
    with pytest.raises(InvalidInput, match="not object"):
        model.describe(object())

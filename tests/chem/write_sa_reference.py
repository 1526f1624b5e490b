#!/usr/bin/env python3
"""Writes sa_reference.tsv anew: RDKit's own synthetic-accessibility scores, which SaScore.EqualsRdkitsOwn compares with.

Needs python3-rdkit and rdkit-data. The molecules are those that the file names already, then those of the tables of
data/synthesis and of tests/synthesis and esters of them, up to a thousand; run it only to extend the list or to follow a new RDKit.

    python3 tests/chem/write_sa_reference.py
"""

import os
import pathlib
import sys

from rdkit import Chem, RDConfig, RDLogger
from rdkit.Chem import AllChem

sys.path.append(os.path.join(RDConfig.RDContribDir, "SA_Score"))
import sascorer  # noqa: E402  (RDKit's own, found through the line above)

ROOT = pathlib.Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "tests/chem/sa_reference.tsv"
WANTED = 1000


def rows(path):
    """The fields of each line that is no comment."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def candidates():
    """SMILES of known molecules, the reference's own first."""
    for fields in rows(REFERENCE):
        yield fields[0]
    for fields in rows(ROOT / "tests/synthesis/known_odorants.tsv"):
        yield fields[1]
    for fields in rows(ROOT / "data/synthesis/reactions.tsv"):
        product, reactants = fields[7].split(">>")
        yield product
        yield from reactants.split(".")
    blocks = [fields[0] for fields in rows(ROOT / "data/synthesis/blocks.tsv")]
    yield from blocks
    yield from esters([Chem.MolFromSmiles(smiles) for smiles in blocks])


def esters(blocks):
    """Esters of every seventh acid with every fifth alcohol: larger molecules of the kind that is generated."""
    join = AllChem.ReactionFromSmarts("[C:1](=[O:2])[OX2H1].[CX4:3][OX2H1:4]>>[C:1](=[O:2])[O:4][C:3]")
    acids = [m for m in blocks if m.HasSubstructMatch(Chem.MolFromSmarts("[#6]C(=O)[OX2H1]"))][::7]
    alcohols = [m for m in blocks if m.HasSubstructMatch(Chem.MolFromSmarts("[CX4][OX2H1]"))][::5]
    for acid in acids:
        for alcohol in alcohols:
            product = join.RunReactants((acid, alcohol))[0][0]
            Chem.SanitizeMol(product)
            yield Chem.MolToSmiles(product)


def main():
    RDLogger.DisableLog("rdApp.*")
    scores = {}
    seen = set()
    for smiles in candidates():
        mol = Chem.MolFromSmiles(smiles)
        canonical = Chem.MolToSmiles(mol)
        if len(scores) < WANTED and canonical not in seen:
            seen.add(canonical)
            scores[smiles] = sascorer.calculateScore(mol)
    REFERENCE.write_text("".join(f"{s}\t{score:.12f}\n" for s, score in scores.items()), encoding="utf-8")
    print(f"{len(scores)} molecules")


if __name__ == "__main__":
    main()

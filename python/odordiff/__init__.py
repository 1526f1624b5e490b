"""OdorDiff-2: words in, new scent molecules out.

    from odordiff import OdorDiffusion
    model = OdorDiffusion.from_pretrained()
    for molecule in model.generate("fresh-cut grass after rain"):
        print(molecule.smiles, molecule.odor_profile)
"""

from ._native import version as __version__
from .errors import Cancelled, InvalidInput, OdorDiffError, OtherModel, Overloaded, Unavailable
from .model import OdorDiffusion
from .results import (
    Description,
    Fragrance,
    Ingredient,
    Material,
    ModelIdentity,
    Molecule,
    MoleculeList,
    OdorProfile,
    Reading,
    Route,
    SafetyAssessment,
)
from .safety import SafetyFilter
from .stream import MoleculeStream
from .client import BatchJob, BatchResult, Client

__all__ = [
    "BatchJob",
    "BatchResult",
    "Cancelled",
    "Client",
    "Description",
    "Fragrance",
    "Ingredient",
    "InvalidInput",
    "Material",
    "ModelIdentity",
    "Molecule",
    "MoleculeList",
    "MoleculeStream",
    "OdorDiffError",
    "OdorDiffusion",
    "OdorProfile",
    "OtherModel",
    "Overloaded",
    "Reading",
    "Route",
    "SafetyAssessment",
    "SafetyFilter",
    "Unavailable",
    "__version__",
]

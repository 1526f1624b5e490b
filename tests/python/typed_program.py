"""A program as a user writes it, for mypy --strict."""

import asyncio
from typing import assert_type

from odordiff import (
    BatchJob,
    Client,
    Description,
    InvalidInput,
    Molecule,
    MoleculeList,
    OdorDiffusion,
    OdorProfile,
    SafetyFilter,
)

model = OdorDiffusion.from_pretrained()
molecules = model.generate("fresh-cut grass", num_molecules=5, seed=7, molecular_weight=(None, 250.0),
                           safety_filter=SafetyFilter(toxicity_threshold=0.1, irritant_check=True))
assert_type(molecules, MoleculeList)
for molecule in molecules:
    assert_type(molecule, Molecule)
    assert_type(molecule.odor_profile, OdorProfile)
    assert_type(molecule.safety_score, float | None)
assert_type(model.describe("CCO"), Description)
assert_type(model.describe(["CCO"]), list[Description])
for streamed in model.stream("rose"):
    assert_type(streamed, Molecule)


async def main() -> None:
    assert_type(await model.generate_async("rose"), MoleculeList)
    async for streamed in model.stream("rose", like="CCO"):
        assert_type(streamed, Molecule)
    client = Client("http://127.0.0.1:8000", api_key="odk_…")
    job = await client.submit_batch_async(["rose", "musk"], priority=10)
    assert_type(job, BatchJob)
    async for result in job.results_async():
        if result.molecules is not None:
            assert_type(result.molecules[0], Molecule)


try:
    asyncio.run(main())
except InvalidInput as error:
    for pointer, detail in error.fields:
        print(pointer, detail)

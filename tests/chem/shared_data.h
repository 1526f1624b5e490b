// The molecules of the shared data folder, which the repository does not hold.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace odordiff::chem {

// SMILES of molecules.smi.gz, every `stride`-th line; empty when the file is absent.
std::vector<std::string> shared_smiles(std::size_t stride = 1);

// SMILES of odor_labels.csv; empty when the file is absent.
std::vector<std::string> labelled_smiles();

}  // namespace odordiff::chem

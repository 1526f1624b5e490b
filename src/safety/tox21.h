// Twelve toxicity assays of the Tox21 programme, predicted from structure.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "chem/molecule.h"

namespace odordiff::safety {

inline constexpr std::size_t kTox21Assays = 12;
// Nuclear receptors (NR) and stress responses (SR), in the order of the data set.
inline constexpr std::array<std::string_view, kTox21Assays> kTox21Names = {
    "NR-AR",         "NR-AR-LBD", "NR-AhR",   "NR-Aromatase", "NR-ER",  "NR-ER-LBD",
    "NR-PPAR-gamma", "SR-ARE",    "SR-ATAD5", "SR-HSE",       "SR-MMP", "SR-p53"};
using Tox21Probabilities = std::array<float, kTox21Assays>;  // of being active

// models/*/tox21.safetensors: the mean of an ensemble of networks and a forest (tox21_features.h, forest.h);
// docs/safety.md has its figures. Immutable; safe to use from many threads. REQUIRES: molecules inside the
// domain (domain.h); for others the numbers mean nothing.
class Tox21Model {
 public:
  // Throws Unavailable when the file is missing or damaged.
  explicit Tox21Model(const std::filesystem::path& model_folder);
  ~Tox21Model();

  // One row a molecule; each depends on its own molecule alone.
  std::vector<Tox21Probabilities> predict(std::span<const chem::Molecule> mols) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace odordiff::safety

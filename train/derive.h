// A domain corpus: new odorant-like molecules made from known ones by the reactions of fragrance chemistry,
// so that the generator learns from hundreds of thousands of molecules of its own world instead of a few
// thousand.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "chem/molecule.h"

namespace odordiff::train {

struct DeriveOptions {
  std::size_t wanted = 100000;
  std::uint64_t seed = 1;
  // Whether a product belongs in the corpus; asked once for each new product.
  std::function<bool(const chem::Molecule&)> accept;
};

// Applies randomly drawn reactions (derive_reactions.cpp lists them) to randomly drawn `parents` and, later,
// to products, until `wanted` distinct accepted products exist or progress stops. Canonical SMILES without
// stereo; no parent among them. Deterministic for the same input.
std::vector<std::string> derive(const std::vector<std::string>& parents, const DeriveOptions& options);

// One reaction: SMARTS with one or two educts and one product.
struct Reaction {
  const char* name;
  const char* smarts;
};
const std::vector<Reaction>& fragrance_reactions();

}  // namespace odordiff::train

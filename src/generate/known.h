// Which molecules are known: keys of everything in the training data, so that new means new.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "chem/fingerprint.h"
#include "chem/molecule.h"
#include "nn/safetensors.h"

namespace odordiff::generate {

// 64 bits of chem::substance_key (FNV-1a, mixed). Two of 250,000 molecules collide with probability 2e-9.
// The table holds keys alone, so a tautomer of a known molecule that is not listed by law counts as another.
std::uint64_t molecule_key(const chem::Molecule& mol);

class KnownMolecules {
 public:
  explicit KnownMolecules(const std::filesystem::path& folder);  // reads known.safetensors

  // In the data tables.
  bool known(std::uint64_t key) const;
  // Made for the training corpus from known ones; nobody may ever have made it in a flask.
  bool derived(std::uint64_t key) const;
  // Greatest Tanimoto similarity of `bits` to a known odorant.
  double nearest_similarity(const chem::BitFingerprint& bits) const;

 private:
  nn::SafeTensors file_;
  std::span<const std::uint64_t> known_, derived_;
  std::vector<chem::BitFingerprint> odorants_;
  std::vector<int> odorant_bits_;  // how many are set in each
};

void write_known(const std::filesystem::path& file, std::vector<std::uint64_t> known,
                 std::vector<std::uint64_t> derived, const std::vector<chem::BitFingerprint>& odorants);

}  // namespace odordiff::generate

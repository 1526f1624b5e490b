// Likeness to known toxins and to food-safe flavourings, as fingerprints: the structures themselves are not
// shipped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "chem/fingerprint.h"
#include "nn/safetensors.h"

namespace odordiff::safety {

struct Likeness {
  double nearest_toxin = 0;  // greatest Tanimoto similarity of Morgan bits (radius 2, 2,048), [0, 1]
  double nearest_flavouring = 0;
  bool known_toxin = false;  // the molecule itself stands in the table
  bool known_flavouring = false;
};

// models/*/safety_known.safetensors, made by odordiff-safety-known from the lists of known toxins (T3DB) and
// of food-safe flavourings (GRAS). Immutable; safe to use from many threads.
class KnownSubstances {
 public:
  explicit KnownSubstances(const std::filesystem::path& model_folder);

  Likeness compare(const chem::Molecule& mol, const chem::BitFingerprint& bits) const;

 private:
  // Fingerprints by bit, so that a comparison touches only molecules that share one.
  struct Index {
    std::vector<std::uint64_t> keys;                 // sorted
    std::vector<std::vector<std::uint32_t>> by_bit;  // [2048]: molecules with that bit
    std::vector<std::uint16_t> bit_count;            // of each molecule
    double nearest(const std::vector<std::uint32_t>& bits) const;
  };
  static Index read(const nn::SafeTensors& file, const std::string& name);

  Index toxins_, flavourings_;
};

// Under which key a substance stands in the tables: split_hash (base/split.h) of chem::substance_key. They
// hold no structures, so tautomers of what they know are not recognised.
std::uint64_t known_key(const chem::Molecule& mol);

struct KnownList {
  std::vector<std::uint64_t> keys;
  std::vector<chem::BitFingerprint> fingerprints;
};
void write_known_substances(const std::filesystem::path& file, KnownList toxins, KnownList flavourings);

}  // namespace odordiff::safety

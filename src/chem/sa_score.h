// Synthetic accessibility after Ertl & Schuffenhauer, J. Cheminf. 1:8 (2009): 1 (easy) to 10 (hard).
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "chem/molecule.h"

namespace odordiff::chem {

// The fragment table. Built from rdkit-data's `fpscores.pkl.gz`, kept as a flat binary file (see sa_table.h
// for its layout). Immutable; share one between threads.
class SaScorer {
 public:
  // Loads the flat table. Throws Unavailable when it is missing or its checksum is wrong.
  explicit SaScorer(const std::filesystem::path& table);
  ~SaScorer();
  SaScorer(SaScorer&&) noexcept;
  SaScorer& operator=(SaScorer&&) noexcept;

  // Equal to RDKit's sascorer.py to 1e-6.
  double score(const Molecule& mol) const;

  // Converts rdkit-data's pickle into the flat table (written to a temporary name, then renamed).
  static void convert(const std::filesystem::path& pickle_gz, const std::filesystem::path& table);

 private:
  struct Table;
  std::unique_ptr<Table> table_;
};

}  // namespace odordiff::chem

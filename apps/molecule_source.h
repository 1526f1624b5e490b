// The molecules that a command is to look at, a batch at a time, from its arguments or from stdin.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chem/molecule.h"
#include "text_io.h"

namespace odordiff::apps {

// One of them as it was given, and its plain form (chem/substance.h) where it can be read.
struct GivenSmiles {
  std::string smiles, name;
  std::optional<chem::Molecule> molecule;
  std::string error;  // why it could not be read
};

class MoleculeSource {
 public:
  // No argument or "-" means stdin, a SMILES a line with an optional name behind it. Throws InvalidInput,
  // with `example` as what would be right, where stdin is a terminal. REQUIRES: `arguments` outlives the
  // source.
  MoleculeSource(const std::vector<std::string>& arguments, const std::string& example);

  // Empty at the end. An unreadable SMILES is an entry with its error.
  std::optional<GivenSmiles> next();

 private:
  const std::vector<std::string>& arguments_;
  LineReader lines_;
  bool stdin_ = false;
  std::size_t next_ = 0;
};

constexpr std::size_t kMoleculesAtOnce = 64;  // what the predictors are fastest with

// The next ones as what a command makes of them: an aggregate that derives from GivenSmiles. Empty at the
// end.
template <typename Entry>
std::vector<Entry> next_batch(MoleculeSource& source) {
  std::vector<Entry> batch;
  while (batch.size() < kMoleculesAtOnce) {
    auto given = source.next();
    if (!given) break;
    Entry& entry = batch.emplace_back();
    static_cast<GivenSmiles&>(entry) = std::move(*given);
  }
  return batch;
}

// The readable ones, in their order.
template <typename Entry>
std::vector<chem::Molecule> readable(const std::vector<Entry>& batch) {
  std::vector<chem::Molecule> out;
  for (const auto& entry : batch) {
    if (entry.molecule) out.push_back(*entry.molecule);
  }
  return out;
}

}  // namespace odordiff::apps

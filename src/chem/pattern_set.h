// Many SMARTS patterns against one molecule at a time, fast enough for every generated molecule.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "chem/molecule.h"

namespace odordiff::chem {

// Patterns that need an element which the molecule lacks, or more atoms than it has, are passed over without
// a search. Not thread-safe while patterns are added; afterwards any number of threads may match.
class PatternSet {
 public:
  PatternSet();
  ~PatternSet();
  PatternSet(PatternSet&&) noexcept;
  PatternSet& operator=(PatternSet&&) noexcept;

  // Its number, counted from 0. Throws InvalidInput for a bad pattern.
  std::size_t add(const std::string& smarts);
  std::size_t size() const;

  struct Hit {
    std::size_t pattern = 0;
    int matches = 0;         // at most 64; matches of the same atoms count once
    std::vector<int> atoms;  // of all these matches, ascending
  };
  // The patterns that occur in `mol`, in the order in which they were added.
  std::vector<Hit> match(const Molecule& mol) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace odordiff::chem

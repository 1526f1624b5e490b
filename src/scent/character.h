// A predicted smell in words, the way a perfumer would note it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "scent/odor_predictor.h"
#include "scent/physical_model.h"

namespace odordiff::scent {

struct Character {
  // Descriptor indices, most probable first. Primary: probability of at least 0.4, at most three, and the
  // most probable one in any case. Secondary: of at least 0.15, at most five more. Of what is not smelled,
  // "odorless" alone.
  std::vector<std::size_t> primary, secondary;
  std::string
      line;  // "Fruity and banana, with sweet and green undertones; high strength, a top note of about 4 h."
};

// The thresholds are conventions of this project: the mean labelled odorant bears five descriptors, and so
// does the mean prediction read with them.
Character character_of(const OdorPrediction& odor, const PhysicalEstimate& physical);

// The descriptors' names.
std::vector<std::string> names_of(const std::vector<std::size_t>& descriptors);

}  // namespace odordiff::scent

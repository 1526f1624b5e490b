// How the smell over an evaporating film changes: partial pressures weighed by how strong each material is.
//
// The odor value of Zwaardemaker is concentration in air over threshold (Calkin & Jellinek, Perfumery, Wiley
// 1994). The dilution d at which perfumers smell a material stands for its threshold
// (scent/physical_model.h): V_i = (P_i / Pa) / d_i. What is felt grows as a power of it: V_i^0.35, the mean
// of Stevens exponents for odors (Patte, Etcheto & Laffort, Chem. Senses Flavor 1 (1975) 283). A descriptor's
// strength is the sum of V_i^0.35 times the probability that material i smells so: materials are taken not to
// mask each other. Strengths are relative to the strongest descriptor at its strongest, which is
// 100.
#pragma once

#include <string>
#include <vector>

#include "generate/evaporation.h"

namespace odordiff::generate {

struct Odorant {
  double dilution = 1;  // fraction of a solution at which it is smelled, (0, 1]
  std::vector<std::pair<std::string, double>> descriptors;  // with probabilities
  bool smells = true;                                       // solvents do not
};

struct OdorCurve {
  std::vector<std::string> descriptors;       // strongest over the whole time first
  std::vector<std::vector<double>> strength;  // [points][descriptors], 0 to 100
  std::vector<std::vector<double>>
      share;  // [points][odorants], of the felt total, sums to 1 where anything is felt
};

// REQUIRES: one odorant for each component of the curve. At most `most` descriptors are returned.
OdorCurve odor_over_time(const EvaporationCurve& curve, const std::vector<Odorant>& odorants,
                         std::size_t most = 8);

}  // namespace odordiff::generate

// What becomes of a molecule in water: bioaccumulation and biodegradation, by published group-contribution
// formulas.
#pragma once

#include <string>

#include "chem/molecule.h"

namespace odordiff::safety {

struct Environment {
  // log10 of the bioconcentration factor in fish, L/kg. From log P (Crippen) by the regressions of EPI
  // Suite's BCFBAF for non-ionic compounds (Meylan et al., Environ. Toxicol. Chem. 1999, 18, 664; US EPA
  // 2010), without its class corrections: 0.5 below log P 1; 0.6598 log P - 0.333 up to 7; -0.49 log P
  // + 7.554 above.
  double log_bcf = 0;
  // Time for ultimate aerobic biodegradation as experts rate it: 5 hours, 4 days, 3 weeks, 2 months, 1
  // longer. The regression of Boethling et al., Environ. Sci. Technol. 1994, 28, 459 (BIOWIN 3), with this
  // project's own patterns for its groups.
  double biodegradation_rating = 0;
  // Rating of at least 2.75 ("weeks or faster"), EPA's screen for ready biodegradability (Boethling et al.,
  // Chemosphere 2003, 52, 911, which asks for a second model to agree).
  bool readily_biodegradable = false;
};

// REQUIRES: a molecule inside the domain (domain.h). Log P has an error of about 0.7, so log BCF of about
// 0.8.
Environment environment(const chem::Molecule& mol, double logp, double molecular_weight);

// "hours", "days", "weeks", "months" or "longer".
const char* biodegradation_word(double rating);

}  // namespace odordiff::safety

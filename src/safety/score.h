// One number for a molecule: 1 means that nothing spoke against it, 0 that it is forbidden.
#pragma once

#include <optional>
#include <span>

#include "safety/finding.h"
#include "safety/known_substances.h"
#include "safety/tox21.h"

namespace odordiff::safety {

// Molecules that score less are excluded by default. A finding of severity high alone brings the score below
// it; so do three moderate ones of different categories with some activity in the assays.
inline constexpr double kDefaultThreshold = 0.5;

// score = Π over categories (1 - greatest penalty of its findings) · (1 - 0.3 m) · (1 - 0.2 t), with
//   penalties 1 (critical), 0.6 (high), 0.2 (moderate), 0.05 (low), 0 (information);
//   m the mean probability of the twelve assays;
//   t = max(0, s - max(f, 0.5)) / 0.5, s and f the similarities to the nearest known toxin and food-safe
//   flavouring.
// The weights are this project's policy, not measurements: docs/safety.md says how they were chosen.
double safety_score(std::span<const Finding> findings, const std::optional<Tox21Probabilities>& tox21,
                    const Likeness& likeness);

}  // namespace odordiff::safety

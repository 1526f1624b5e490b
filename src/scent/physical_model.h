// What a molecule does on skin and blotter, from its structure: boiling point, vapour pressure, how long it
// lasts, how strong it is, and whether people smell it at all; each with its uncertainty.
//
// Boiling point, log10 vapour pressure at 25 °C, log10 hours on the blotter, strength, and log10 of the
// dilution at which perfumers smell it: Gaussian-process regression (kernel_machine.h) on odor_class.csv and
// odor_performance.csv.
//
// Odorous: extremely randomised trees (forest.h) on the same descriptors, after Mayhew et al., PNAS 119
// (2022) e2116576119, who found that what carries a molecule to the nose (volatility, size, hydrophobicity)
// decides it; averaged 3 : 1 with a Gaussian process of 1 and 0 on the descriptors alone, and calibrated by a
// logistic curve (Platt 1999).
//
// Intensity: 10/3 strength, where strength is 0 low, 1 medium, 2 high, 3 very high, as the GoodScents pages
// grade it.
//
// Sillage: Zwaardemaker's odor value is vapour concentration over threshold (Calkin & Jellinek, Perfumery,
// Wiley 1994). Thresholds are not in the data; the dilution d at which perfumers smell a material stands for
// them, since it is chosen to bring materials to a common strength. log10(vapour pressure / Pa) - log10(d) is
// laid linearly onto 0 to 10 between the 5th and 95th percentile of perfumery materials.
//
// Longevity: hours on the blotter. The tables end at 400 hours; a value that reaches it means "400 or more".
//
// train/train_physical.cpp fits all of it and prints the errors; docs/science-physical.md discusses them.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chem/molecule.h"

namespace odordiff::scent {

// A prediction and its 90 % interval.
struct Interval {
  double value = 0, low = 0, high = 0;
};

inline constexpr double kLongestHours = 400;

struct PhysicalEstimate {
  Interval boiling_point_c;         // at 1 atm
  Interval vapor_pressure_pa;       // at 25 °C
  Interval longevity_hours;         // on the blotter, 1 to kLongestHours
  Interval intensity;               // 0 (weak) to 10 (overwhelming), undiluted
  Interval sillage;                 // 0 (stays on the skin) to 10 (fills the room)
  Interval usual_dilution_percent;  // at which perfumers smell it, and the most they recommend; 0.01 to 100
  Interval odorous;  // probability that people smell it at all; the interval is the trees' disagreement
  std::string note;  // "top", "heart" or "base", from the vapour pressure
  std::string
      outside;  // why the numbers mean little ("it contains Hg"); empty for molecules like those measured
};

class PhysicalModel {
 public:
  // Reads `folder`/physical.safetensors. Throws Unavailable.
  explicit PhysicalModel(const std::filesystem::path& folder);
  ~PhysicalModel();

  // Thread-safe. A molecule that is outside gets the widest intervals there are.
  PhysicalEstimate predict(const chem::Molecule& mol) const;
  std::vector<PhysicalEstimate> predict(std::span<const chem::Molecule> mols) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// "top" above 13 Pa, "base" below 0.13 Pa, "heart" between: 0.1 and 0.001 mmHg at 25 °C, the usual bounds in
// perfumery teaching (after Poucher's classes; they are conventions, not physics).
std::string_view note_class(double vapor_pressure_pa);

// What the Gaussian process of 1 and 0 expects of a molecule unlike all others. Shared with training.
inline constexpr double kOdorousCentre = 0.9;
// What the trees and the Gaussian process say together, before calibration. Shared with training.
double odorous_share(double forest_share, double kernel_value);

// "low", "medium", "high" or "very high", for an intensity.
std::string_view strength_word(double intensity);

}  // namespace odordiff::scent

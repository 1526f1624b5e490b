// Boiling point and vapour pressure from structure, and the note class that perfumers read from them.
//
// Ridge regression on whole-molecule descriptors and their squares, fitted to the measured values in odor_class.csv
// (training part) by train/train_volatility.cpp, which prints the error on the validation part.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "chem/molecule.h"

namespace odordiff::scent {

struct Volatility {
  double boiling_point_c = 0;    // at 1 atm
  double vapor_pressure_pa = 0;  // at 25 °C
};

class VolatilityModel {
 public:
  explicit VolatilityModel(const std::filesystem::path& folder);  // reads volatility.safetensors
  ~VolatilityModel();
  Volatility predict(const chem::Molecule& mol) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Descriptors, their squares, and 1: what the regression sees. Shared with training.
std::vector<double> volatility_features(const chem::Molecule& mol);

// "top" above 13 Pa, "base" below 0.13 Pa, "heart" between: 0.1 and 0.001 mmHg at 25 °C, the usual bounds in
// perfumery teaching (after Poucher's classes; they are conventions, not physics).
std::string_view note_class(double vapor_pressure_pa);

}  // namespace odordiff::scent

// The measurements that scent/physical_model.h is fitted to, by molecule, and the statistics that say how
// well.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "scent/physical_features.h"

namespace odordiff::train {

inline constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();
inline constexpr std::size_t kFolds = 5;

enum Property : std::size_t { BoilingPoint, LogPressure, LogHours, Strength, LogDilution, kProperties };

struct PhysicalRow {
  std::string smiles;
  scent::PhysicalFeatures features;
  std::array<double, kProperties> values;  // kAbsent where not measured
  int odorous = -1;                        // 1, 0, or -1: not judged
  bool judged = false;                     // odorous comes from odor_class.csv, else from the labels
  bool inside = false;                     // of chem/model_domain.h
  bool validation = false;
  std::size_t fold = 0;
};

// Reads odor_class.csv, odor_performance.csv and odor_labels.csv of `folder`. A molecule labelled "odorless"
// and nothing else counts as odorless, any other labelled one as odorous, unless odor_class.csv says it.
std::vector<PhysicalRow> read_physical_rows(const std::filesystem::path& folder);

double mean_absolute(const std::vector<double>& a, const std::vector<double>& b);
double spearman(const std::vector<double>& a, const std::vector<double>& b);
double auroc(const std::vector<double>& score, const std::vector<int>& positive);
// Expected calibration error over ten equally wide bins.
double calibration_error(const std::vector<double>& probability, const std::vector<int>& positive);
// Ten lines "said seen count" of those bins, for a calibration plot.
std::string calibration_table(const std::vector<double>& probability, const std::vector<int>& positive);
double quantile(std::vector<double> v, double share);
// 95 % bootstrap interval of the mean of `v`.
std::array<double, 2> bootstrap_mean(const std::vector<double>& v, std::uint64_t seed);
// The same for the AUROC.
std::array<double, 2> bootstrap_auroc(const std::vector<double>& score, const std::vector<int>& positive,
                                      std::uint64_t seed);

}  // namespace odordiff::train

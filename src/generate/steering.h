// Whether one word leads where it says: each descriptor as a brief of one word, its answers seen by a judge
// that has no part in choosing them, beside molecules that truly carry the descriptor. docs/model.md has the
// figures.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "generate/pipeline.h"
#include "scent/odor_predictor.h"

namespace odordiff::generate {

// What the judge says of labelled molecules, as the measure needs it.
struct JudgedOdorants {
  // For each descriptor the judge's probability of it for the molecules that carry it: validation molecules
  // (base/split.h), which no part of the model saw, and the others.
  std::vector<std::vector<double>> held_out, taught;  // [descriptor][molecules]
  std::vector<std::vector<double>> features;          // [molecules][descriptors], the judge's log-odds
};

// From odor_labels.csv in `data`. Throws Unavailable.
JudgedOdorants judge_labelled(const std::filesystem::path& data, const scent::OdorPredictor& judge);

struct SteeringOptions {
  Request settings;                      // seed, effort, steps, guidance and temperature are taken from here
  int molecules = 10;                    // asked for with each word
  std::vector<std::size_t> descriptors;  // empty: all
  std::function<void(const std::string&)> progress;  // a line now and then
};

struct Estimate {
  double value = 0, low = 0, high = 0;  // 95 % bootstrap interval
};

struct SteeredDescriptor {
  std::size_t descriptor = 0;
  double answers = 0;    // the judge's mean probability of the descriptor, of the answers
  double reference = 0;  // the same of molecules that carry it
  Estimate ratio;        // answers / reference
  int carriers = 0;      // validation molecules that carry it
  // Fewer than three carriers say nothing. Then the mean of the taught molecules that carry it stands for
  // them, times what the held-out mean is of the taught mean over all descriptors with three carriers or
  // more: the judge is surer of what it was taught.
  bool from_taught = false;
  int molecules = 0;   // that came
  int scaffolds = 0;   // distinct ring scaffolds among them; all molecules without rings count as one
  double nearest = 0;  // mean Tanimoto similarity to the nearest known odorant
};

struct Steering {
  std::vector<SteeredDescriptor> descriptors;
  Estimate median;                    // of the ratios
  Estimate below_half;                // share of the descriptors whose ratio is below 0.5
  double nearest = 0, scaffolds = 0;  // means over descriptors
  double descended = 0;               // share of the answers that descend from a known odorant
  // Between the judge's log-odds of all answers and of all labelled molecules.
  double frechet = 0;
  double struck_out = 0;  // of the samples that were new, those that a rule set strikes out by structure
  int empty = 0;          // words that brought no molecule
};

Steering measure_steering(const Pipeline& pipeline, const scent::OdorPredictor& judge,
                          const JudgedOdorants& odorants, const SteeringOptions& options);

}  // namespace odordiff::generate

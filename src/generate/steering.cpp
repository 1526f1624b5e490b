#include "generate/steering.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "base/error.h"
#include "base/rng.h"
#include "base/split.h"
#include "chem/scaffold.h"
#include "generate/frechet.h"
#include "scent/odor_tables.h"

namespace odordiff::generate {
namespace {

constexpr std::size_t kLeastCarriers = 3;
constexpr int kResamples = 1000;

double mean(const std::vector<double>& v) {
  return v.empty() ? 0 : std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
}

double median(std::vector<double> v) {
  if (v.empty()) return 0;
  std::sort(v.begin(), v.end());
  const std::size_t middle = v.size() / 2;
  return v.size() % 2 == 1 ? v[middle] : (v[middle - 1] + v[middle]) / 2;
}

double share_below_half(const std::vector<double>& ratios) {
  const auto below = std::count_if(ratios.begin(), ratios.end(), [](double r) { return r < 0.5; });
  return ratios.empty() ? 0 : static_cast<double>(below) / static_cast<double>(ratios.size());
}

double resampled_mean(const std::vector<double>& v, Rng& rng) {
  double sum = 0;
  for (std::size_t i = 0; i < v.size(); ++i) sum += v[rng.below(static_cast<std::uint32_t>(v.size()))];
  return v.empty() ? 0 : sum / static_cast<double>(v.size());
}

Estimate with_interval(double value, std::vector<double> resampled) {
  if (resampled.empty()) return {value, value, value};
  std::sort(resampled.begin(), resampled.end());
  const auto at = [&](double q) {
    return resampled[static_cast<std::size_t>(q * static_cast<double>(resampled.size() - 1))];
  };
  return {value, at(0.025), at(0.975)};
}

std::vector<double> log_odds(const scent::OdorPrediction& prediction) {
  std::vector<double> out;
  for (const float p : prediction.probabilities) {
    const double safe = std::clamp(static_cast<double>(p), 1e-4, 1 - 1e-4);
    out.push_back(std::log(safe / (1 - safe)));
  }
  return out;
}

// What the judge's probabilities of held-out carriers are of those of taught ones, over the descriptors with
// enough of both.
double held_out_share(const JudgedOdorants& odorants) {
  double held = 0, taught = 0;
  for (std::size_t d = 0; d < scent::kDescriptors; ++d) {
    if (odorants.held_out[d].size() < kLeastCarriers || odorants.taught[d].empty()) continue;
    held += mean(odorants.held_out[d]);
    taught += mean(odorants.taught[d]);
  }
  return taught > 0 ? held / taught : 1;
}

// What one word brought.
struct Brought {
  std::vector<double> judged;  // the judge's probability of the word, of each answer
  const std::vector<double>* carriers = nullptr;
  double factor = 1;  // on the carriers' probabilities
};

double ratio(double answers, double reference) {
  return reference > 0 ? answers / reference : 0;
}

void add_intervals(Steering& out, const std::vector<Brought>& brought, std::uint64_t seed) {
  std::vector<double> ratios;
  for (const auto& d : out.descriptors) ratios.push_back(d.ratio.value);
  Rng rng(seed, 0x73746565);
  std::vector<std::vector<double>> drawn(brought.size());  // [descriptor][resample]
  for (std::size_t k = 0; k < brought.size(); ++k) {
    for (int b = 0; b < kResamples; ++b) {
      const double answers = resampled_mean(brought[k].judged, rng);
      drawn[k].push_back(ratio(answers, brought[k].factor * resampled_mean(*brought[k].carriers, rng)));
    }
    out.descriptors[k].ratio = with_interval(out.descriptors[k].ratio.value, drawn[k]);
  }
  std::vector<double> medians, shares;
  for (std::size_t b = 0; b < kResamples; ++b) {
    std::vector<double> sample;
    for (std::size_t k = 0; k < brought.size(); ++k) {
      sample.push_back(drawn[rng.below(static_cast<std::uint32_t>(brought.size()))][b]);
    }
    medians.push_back(median(sample));
    shares.push_back(share_below_half(sample));
  }
  out.median = with_interval(median(ratios), std::move(medians));
  out.below_half = with_interval(share_below_half(ratios), std::move(shares));
}

}  // namespace

JudgedOdorants judge_labelled(const std::filesystem::path& data, const scent::OdorPredictor& judge) {
  JudgedOdorants out;
  out.held_out.resize(scent::kDescriptors);
  out.taught.resize(scent::kDescriptors);
  const auto labels = scent::read_odor_labels(data / "odor_labels.csv");
  // In one order, so that resampling draws the same.
  const std::map<std::string, std::vector<std::size_t>> ordered(labels.begin(), labels.end());
  for (const auto& [smiles, descriptors] : ordered) {
    const auto mol = chem::Molecule::try_parse(smiles);
    if (!mol) continue;
    const auto prediction = judge.predict(*mol);
    out.features.push_back(log_odds(prediction));
    auto& side = is_validation(smiles) ? out.held_out : out.taught;
    for (const std::size_t d : descriptors)
      side[d].push_back(static_cast<double>(prediction.probabilities[d]));
  }
  return out;
}

Steering measure_steering(const Pipeline& pipeline, const scent::OdorPredictor& judge,
                          const JudgedOdorants& odorants, const SteeringOptions& options) {
  std::vector<std::size_t> wanted = options.descriptors;
  if (wanted.empty()) {
    wanted.resize(scent::kDescriptors);
    std::iota(wanted.begin(), wanted.end(), std::size_t{0});
  }
  const double of_taught = held_out_share(odorants);
  Steering out;
  std::vector<Brought> brought;
  std::vector<std::vector<double>> features;
  int fresh = 0, struck = 0, descended = 0;
  for (const std::size_t d : wanted) {
    Request request = options.settings;
    request.brief = std::string(scent::descriptor_names().at(d));
    request.count = options.molecules;
    const Answer answer = pipeline.generate(request);
    fresh += answer.tally.sampled - answer.tally.invalid - answer.tally.duplicate - answer.tally.known;
    struck += answer.tally.filtered_structure;
    SteeredDescriptor row;
    Brought told;
    row.descriptor = d;
    row.carriers = static_cast<int>(odorants.held_out[d].size());
    row.from_taught = odorants.held_out[d].size() < kLeastCarriers;
    told.carriers = row.from_taught ? &odorants.taught[d] : &odorants.held_out[d];
    told.factor = row.from_taught ? of_taught : 1;
    std::vector<chem::Molecule> mols;
    std::set<std::string> scaffolds;
    for (const auto& m : answer.molecules) {
      mols.push_back(chem::Molecule::parse(m.smiles));
      scaffolds.insert(chem::ring_scaffold(mols.back()));
      row.nearest += (1 - m.novelty) / static_cast<double>(answer.molecules.size());
      descended += m.descends_from ? 1 : 0;
    }
    for (const auto& prediction : judge.predict(mols)) {
      told.judged.push_back(static_cast<double>(prediction.probabilities[d]));
      features.push_back(log_odds(prediction));
    }
    row.molecules = static_cast<int>(mols.size());
    row.scaffolds = static_cast<int>(scaffolds.size());
    row.answers = mean(told.judged);
    row.reference = told.factor * mean(*told.carriers);
    row.ratio.value = ratio(row.answers, row.reference);
    out.empty += mols.empty() ? 1 : 0;
    out.nearest += row.nearest / static_cast<double>(wanted.size());
    out.scaffolds += static_cast<double>(row.scaffolds) / static_cast<double>(wanted.size());
    out.descriptors.push_back(row);
    brought.push_back(std::move(told));
    if (options.progress && out.descriptors.size() % 20 == 0) {
      options.progress(std::to_string(out.descriptors.size()) + " of " + std::to_string(wanted.size()) +
                       " words answered");
    }
  }
  add_intervals(out, brought, options.settings.seed);
  out.frechet = frechet_distance(features, odorants.features);
  out.struck_out = fresh == 0 ? 0 : static_cast<double>(struck) / fresh;
  out.descended = features.empty() ? 0 : descended / static_cast<double>(features.size());
  return out;
}

}  // namespace odordiff::generate

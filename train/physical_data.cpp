#include "physical_data.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>
#include <optional>

#include "base/auroc.h"
#include "base/error.h"
#include "base/rng.h"
#include "base/split.h"
#include "chem/model_domain.h"
#include "chem/molecule.h"
#include "scent/descriptors.h"
#include "scent/odor_tables.h"
#include "scent/physical_model.h"

namespace odordiff::train {
namespace {

constexpr std::size_t kResamples = 1000;
// Beyond these a "boiling point" is a sublimation of a salt or metal, or a slip.
constexpr double kHottest = 650;

std::optional<double> number(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return std::stod(text);
}

constexpr std::size_t kBins = 10;

struct Bins {
  std::array<double, kBins> said{}, seen{}, count{};
};

Bins fill_bins(const std::vector<double>& probability, const std::vector<int>& positive) {
  Bins out;
  for (std::size_t i = 0; i < probability.size(); ++i) {
    if (!(probability[i] >= 0 && probability[i] <= 1)) throw Internal("a probability is not within 0 to 1");
    const auto bin = std::min(kBins - 1, static_cast<std::size_t>(probability[i] * kBins));
    out.said[bin] += probability[i];
    out.seen[bin] += positive[i];
    ++out.count[bin];
  }
  return out;
}

// Average ranks.
std::vector<double> ranks(const std::vector<double>& v) {
  std::vector<std::size_t> order(v.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return v[a] < v[b]; });
  std::vector<double> out(v.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i;
    while (j < order.size() && v[order[j]] == v[order[i]]) ++j;
    for (std::size_t k = i; k < j; ++k) out[order[k]] = static_cast<double>(i + j - 1) / 2;
    i = j;
  }
  return out;
}

template <typename Statistic>
std::array<double, 2> bootstrap(std::size_t n, std::uint64_t seed, Statistic statistic) {
  std::vector<double> values;
  std::vector<std::size_t> sample(n);
  for (std::size_t r = 0; r < kResamples; ++r) {
    Rng rng(seed, r);
    for (auto& i : sample) i = rng.below(static_cast<std::uint32_t>(n));
    values.push_back(statistic(sample));
  }
  return {quantile(values, 0.025), quantile(values, 0.975)};
}

}  // namespace

std::vector<PhysicalRow> read_physical_rows(const std::filesystem::path& folder) {
  std::map<std::string, PhysicalRow> rows;
  const auto at = [&](const std::string& smiles) -> PhysicalRow& {
    auto [found, fresh] = rows.try_emplace(smiles);
    if (fresh) found->second.values.fill(kAbsent);
    return found->second;
  };
  const std::size_t odorless = *scent::descriptor_index("odorless");
  for (const auto& [smiles, labels] : scent::read_odor_labels(folder / "odor_labels.csv")) {
    at(smiles).odorous = labels.size() == 1 && labels[0] == odorless ? 0 : 1;
  }
  for (const auto& columns : scent::read_csv(folder / "odor_class.csv", 4)) {
    PhysicalRow& row = at(columns[0]);
    row.odorous = columns[1] == "1" ? 1 : 0;
    row.judged = true;
    const auto boiling = number(columns[2]);
    const auto pressure = number(columns[3]);
    if (boiling && *boiling < kHottest) row.values[BoilingPoint] = *boiling;
    if (pressure && *pressure > 0) row.values[LogPressure] = std::log10(*pressure);
  }
  const std::map<std::string, double> strengths = {{"low", 0}, {"medium", 1}, {"high", 2}, {"very high", 3}};
  for (const auto& columns : scent::read_csv(folder / "odor_performance.csv", 5)) {
    PhysicalRow& row = at(columns[0]);
    const auto hours = number(columns[1]);
    const auto dilution = number(columns[4]);
    if (hours && *hours > 0) row.values[LogHours] = std::log10(std::clamp(*hours, 1.0, scent::kLongestHours));
    if (!columns[2].empty()) {
      const auto strength = strengths.find(columns[2]);
      if (strength == strengths.end())
        throw InvalidInput("odor_performance.csv: no strength is called " + columns[2]);
      row.values[Strength] = strength->second;
    }
    if (dilution && *dilution > 0) row.values[LogDilution] = std::log10(*dilution);
  }
  std::vector<PhysicalRow> out;
  for (auto& [smiles, row] : rows) {
    const auto mol = chem::Molecule::try_parse(smiles);
    if (!mol) continue;
    row.smiles = smiles;
    row.features = scent::physical_features(*mol);
    row.inside = chem::outside_model_domain(*mol).empty();
    row.validation = is_validation(smiles);
    row.fold = split_hash(smiles) / 100 % kFolds;
    out.push_back(std::move(row));
  }
  return out;
}

double mean_absolute(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum / static_cast<double>(a.size());
}

double spearman(const std::vector<double>& a, const std::vector<double>& b) {
  const auto x = ranks(a);
  const auto y = ranks(b);
  const double mean = (static_cast<double>(a.size()) - 1) / 2;
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
  }
  return xy / std::sqrt(xx * yy);
}

double auroc(const std::vector<double>& score, const std::vector<int>& positive) {
  return odordiff::auroc(
      score.size(), [&](std::size_t i) { return score[i]; }, [&](std::size_t i) { return positive[i] == 1; });
}

double calibration_error(const std::vector<double>& probability, const std::vector<int>& positive) {
  const Bins bins = fill_bins(probability, positive);
  double sum = 0;
  for (std::size_t b = 0; b < kBins; ++b) sum += std::abs(bins.said[b] - bins.seen[b]);
  return sum / static_cast<double>(probability.size());
}

std::string calibration_table(const std::vector<double>& probability, const std::vector<int>& positive) {
  const Bins bins = fill_bins(probability, positive);
  std::string out;
  for (std::size_t b = 0; b < kBins; ++b) {
    if (bins.count[b] == 0) continue;
    char line[64];
    std::snprintf(line, sizeof line, "    said %.3f, seen %.3f, %.0f molecules\n",
                  bins.said[b] / bins.count[b], bins.seen[b] / bins.count[b], bins.count[b]);
    out += line;
  }
  return out;
}

double quantile(std::vector<double> v, double share) {
  std::sort(v.begin(), v.end());
  return v[std::min(v.size() - 1, static_cast<std::size_t>(share * static_cast<double>(v.size())))];
}

std::array<double, 2> bootstrap_mean(const std::vector<double>& v, std::uint64_t seed) {
  return bootstrap(v.size(), seed, [&](const std::vector<std::size_t>& sample) {
    double sum = 0;
    for (const std::size_t i : sample) sum += v[i];
    return sum / static_cast<double>(v.size());
  });
}

std::array<double, 2> bootstrap_auroc(const std::vector<double>& score, const std::vector<int>& positive,
                                      std::uint64_t seed) {
  return bootstrap(score.size(), seed, [&](const std::vector<std::size_t>& sample) {
    std::vector<double> s;
    std::vector<int> p;
    for (const std::size_t i : sample) {
      s.push_back(score[i]);
      p.push_back(positive[i]);
    }
    return auroc(s, p);
  });
}

}  // namespace odordiff::train

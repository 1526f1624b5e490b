#include "generate/palette.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <unordered_set>

#include "base/helpers.h"
#include "chem/substance.h"
#include "generate/ranking.h"
#include "model/resources.h"
#include "safety/regulation.h"
#include "synthesis/building_blocks.h"

namespace odordiff::generate {
namespace {

constexpr std::size_t kPredictedTogether = 32;

// Log-odds over the base rate, [kDescriptors].
std::vector<double> profile(const scent::DescriptorVector& probabilities, std::span<const float> base_rates) {
  const auto log_odds = [](double p) {
    p = std::clamp(p, 1e-4, 1 - 1e-4);
    return std::log(p / (1 - p));
  };
  std::vector<double> out(scent::kDescriptors);
  for (std::size_t d = 0; d < out.size(); ++d) {
    out[d] = log_odds(static_cast<double>(probabilities[d])) - log_odds(static_cast<double>(base_rates[d]));
  }
  return out;
}

double cosine(const std::vector<double>& a, const std::vector<double>& b) {
  const double norms = std::sqrt(std::inner_product(a.begin(), a.end(), a.begin(), 0.0) *
                                 std::inner_product(b.begin(), b.end(), b.begin(), 0.0));
  return norms > 0 ? std::inner_product(a.begin(), a.end(), b.begin(), 0.0) / norms : 0;
}

bool may_be_smelled(safety::Status status) {
  return status < safety::Status::Prohibited;
}

}  // namespace

std::vector<Material> shipped_materials(const std::filesystem::path& model_folder) {
  const auto synthesis_folder = model::data_path(model_folder, "synthesis");
  const synthesis::BuildingBlocks blocks(synthesis_folder);
  const safety::RegulatoryTables lists(model::data_path(model_folder, "safety"));
  std::vector<Material> out;
  std::unordered_set<std::string> seen;
  // Whatever is prohibited anywhere is not offered under another name either.
  for (const auto& entry : lists.entries()) {
    if (entry->family || may_be_smelled(entry->status)) continue;
    if (const auto mol = chem::Molecule::try_parse(entry->structure)) seen.insert(chem::substance_key(*mol));
  }
  const auto add = [&](const std::string& smiles, const std::string& name, const std::string& source) {
    const auto mol = chem::Molecule::try_parse(smiles);
    if (mol && seen.insert(chem::substance_key(*mol)).second) out.push_back({*mol, name, source});
  };
  for (const auto& block : blocks.all()) add(block.smiles, block.name, "building block");
  for (const auto& entry : lists.entries()) {
    const auto& kind = entry->regulation->kind;
    if (entry->family || !may_be_smelled(entry->status) || (kind != "allergen" && kind != "ifra")) continue;
    add(entry->structure, entry->name, entry->regulation->key);
  }
  return out;
}

Palette::Palette(std::vector<Material> materials, const scent::OdorPredictor& predictor, int threads,
                 double min_odorous)
    : predictor_(predictor) {
  std::vector<scent::OdorPrediction> odors(materials.size());
  Helpers(threads).for_each(
      (materials.size() + kPredictedTogether - 1) / kPredictedTogether, [&](std::size_t group) {
        const std::size_t begin = group * kPredictedTogether;
        const std::size_t end = std::min(begin + kPredictedTogether, materials.size());
        std::vector<chem::Molecule> mols;
        for (std::size_t i = begin; i < end; ++i) mols.push_back(materials[i].molecule);
        const auto predictions = predictor.predict(mols);
        std::copy(predictions.begin(), predictions.end(), odors.begin() + static_cast<std::ptrdiff_t>(begin));
      });
  for (std::size_t i = 0; i < materials.size(); ++i) {
    if (static_cast<double>(odors[i].odorous) < min_odorous) continue;
    materials_.push_back(std::move(materials[i]));
    odors_.push_back(odors[i]);
  }
}

std::vector<Neighbour> Palette::nearest_to_brief(const scent::DescriptorVector& weights,
                                                 std::size_t count) const {
  std::vector<double> distances;
  for (const auto& odor : odors_) {
    distances.push_back(1 - match_score(weights, odor.probabilities, predictor_.base_rates()));
  }
  return take(distances, count);
}

std::vector<Neighbour> Palette::nearest_to_smell(const chem::Molecule& self, std::size_t count) const {
  const auto mine = profile(predictor_.predict(self).probabilities, predictor_.base_rates());
  const std::string key = chem::substance_key(self);
  std::vector<double> distances;
  for (std::size_t i = 0; i < materials_.size(); ++i) {
    distances.push_back(chem::substance_key(materials_[i].molecule) == key
                            ? std::numeric_limits<double>::infinity()
                            : 1 - cosine(mine, profile(odors_[i].probabilities, predictor_.base_rates())));
  }
  return take(distances, count);
}

std::vector<Neighbour> Palette::take(const std::vector<double>& distances, std::size_t count) const {
  std::vector<std::size_t> order(distances.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return distances[a] < distances[b]; });
  std::vector<Neighbour> out;
  for (const std::size_t i : order) {
    if (out.size() == count || !std::isfinite(distances[i])) break;
    out.push_back({&materials_[i], distances[i], odors_[i]});
  }
  return out;
}

}  // namespace odordiff::generate

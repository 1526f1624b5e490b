// Known odorants with the smells that our own ranker predicts for them: where generation may start.
// Structures are public facts; what experts said of the molecules is not in the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nn/safetensors.h"
#include "scent/descriptors.h"

namespace odordiff::generate {

// How much of a request's samples begin at known odorants, and how much of these stands: `retrieval` of the
// model's config.json. docs/model.md has what other values give.
struct RetrievalSettings {
  double share = 0;  // of the samples, [0, 1]
  double samples =
      1;  // times the usual number in the first round: variations cost less than samples from nothing
  int starts = 1;  // odorants that a request starts from, 1-64
  double keep_low = 0,
         keep_high = 0;       // share of a start's tokens that stands, drawn evenly, 0 < low <= high < 1
  double quality_weight = 1;  // of descriptors that name no material beside one that does, [0, 1]
  std::string sha256;         // of odorants.safetensors
  std::uint64_t bytes = 0;
};

// Nothing for a model folder without `retrieval`, made before there was any. Throws Unavailable that names
// config.json and what is wrong with it.
std::optional<RetrievalSettings> read_retrieval(const std::filesystem::path& model_folder);

struct LibraryOdorant {
  std::string smiles;  // canonical, without stereo
  scent::DescriptorVector probabilities{};
  std::int64_t kin = 0;  // near-copies of each other have the same number
};

// Immutable after construction; safe to use from many threads.
class OdorantLibrary {
 public:
  // Reads odorants.safetensors. Throws Unavailable that names the file when it is missing, damaged, not the
  // one that config.json speaks of, or made for other descriptors.
  OdorantLibrary(const std::filesystem::path& model_folder, const RetrievalSettings& settings);

  std::size_t size() const { return smiles_.size(); }
  std::string_view smiles(std::size_t i) const { return smiles_[i]; }
  float probability(std::size_t i, std::size_t descriptor) const;

  // At most `count` odorants that smell most as `weights` (a brief's, [-1, 1]) want, best first. The score is
  // the sum over descriptors of weight² (with the weight's sign) times ln((p + 0.02) / (base rate + 0.02));
  // where a descriptor that names a material is wanted, those that name a quality count `quality_weight` as
  // much. Odorants without any evidence for what is wanted are left out, and of near-copies all but a few.
  // Empty when nothing is wanted.
  std::vector<std::size_t> best(const scent::DescriptorVector& weights, std::span<const float> base_rates,
                                std::size_t count, double quality_weight) const;

 private:
  nn::SafeTensors file_;
  std::vector<std::string_view> smiles_;
  std::span<const std::byte> profiles_;  // [descriptors, odorants], 255 p
  std::span<const std::int64_t> kin_;
};

void write_odorant_library(const std::filesystem::path& file, std::span<const LibraryOdorant> odorants);

}  // namespace odordiff::generate

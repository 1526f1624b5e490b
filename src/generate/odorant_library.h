// Known odorants with the smells that our own ranker predicts for them: where generation may start.
// Structures are public facts; what experts said of the molecules is not in the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nn/safetensors.h"
#include "scent/descriptors.h"

namespace odordiff::generate {

struct LibraryOdorant {
  std::string smiles;  // canonical, without stereo
  scent::DescriptorVector probabilities{};
  std::int64_t kin = 0;  // near-copies of each other have the same number
};

// Immutable after construction; safe to use from many threads.
class OdorantLibrary {
 public:
  // Reads odorants.safetensors. Throws Unavailable that names the file when it is missing, of another format,
  // or made for other descriptors.
  explicit OdorantLibrary(const std::filesystem::path& model_folder);

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

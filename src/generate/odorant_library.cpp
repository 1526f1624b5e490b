#include "generate/odorant_library.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "base/error.h"

namespace odordiff::generate {
namespace {

constexpr const char* kFileName = "odorants.safetensors";
constexpr std::int64_t kFormat = 1;
constexpr std::size_t kMostKin = 3;  // of one request's starts
constexpr double kSoft = 0.02;       // added to probabilities: what is below says "hardly"

}  // namespace

OdorantLibrary::OdorantLibrary(const std::filesystem::path& model_folder) : file_(model_folder / kFileName) {
  const auto fail = [&](const std::string& what) -> void {
    throw Unavailable(file_.path().string() + ": " + what + "; install the model again");
  };
  const auto format = file_.at("format").i64();
  if (format.size() != 1 || format[0] != kFormat) fail("is of another format than this program reads");
  kin_ = file_.at("kin").i64();
  const auto n = static_cast<std::int64_t>(kin_.size());
  const auto& profiles = file_.at("profiles", {static_cast<std::int64_t>(scent::kDescriptors), n});
  const auto& text = file_.at("smiles");
  if (profiles.dtype != nn::DType::U8 || text.dtype != nn::DType::U8) fail("holds tensors of another type");
  profiles_ = profiles.data;
  std::string_view rest(reinterpret_cast<const char*>(text.data.data()), text.data.size());
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    smiles_.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (smiles_.empty() || smiles_.size() != kin_.size())
    fail("its structures and profiles do not go together");
}

float OdorantLibrary::probability(std::size_t i, std::size_t descriptor) const {
  return static_cast<float>(std::to_integer<int>(profiles_[descriptor * size() + i])) / 255.0F;
}

std::vector<std::size_t> OdorantLibrary::best(const scent::DescriptorVector& weights,
                                              std::span<const float> base_rates, std::size_t count,
                                              double quality_weight) const {
  bool material = false;
  for (std::size_t d = 0; d < weights.size(); ++d) material |= weights[d] > 0 && scent::names_material(d);
  std::vector<float> scores(size(), 0), evidence(size(), 0);
  for (std::size_t d = 0; d < weights.size(); ++d) {
    if (weights[d] == 0) continue;
    const auto weight = static_cast<double>(weights[d]);
    const double factor = material && weight > 0 && !scent::names_material(d) ? quality_weight : 1;
    const double base = std::log(static_cast<double>(base_rates[d]) + kSoft);
    std::array<float, 256> table{};
    for (std::size_t v = 0; v < table.size(); ++v) {
      table[v] = static_cast<float>(factor * weight * std::abs(weight) *
                                    (std::log(static_cast<double>(v) / 255 + kSoft) - base));
    }
    const std::byte* row = profiles_.data() + d * size();
    for (std::size_t i = 0; i < size(); ++i) {
      const float value = table[std::to_integer<std::size_t>(row[i])];
      scores[i] += value;
      if (weights[d] > 0) evidence[i] = std::max(evidence[i], value);
    }
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < size(); ++i) {
    if (evidence[i] > 0 && scores[i] > 0) order.push_back(i);
  }
  const std::size_t looked = std::min(order.size(), count * kMostKin * 4);
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(looked), order.end(),
      [&](std::size_t a, std::size_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
  std::vector<std::size_t> out;
  std::unordered_map<std::int64_t, std::size_t> kin;
  for (std::size_t k = 0; k < looked && out.size() < count; ++k) {
    if (kin[kin_[order[k]]]++ < kMostKin) out.push_back(order[k]);
  }
  return out;
}

void write_odorant_library(const std::filesystem::path& file, std::span<const LibraryOdorant> odorants) {
  const auto n = odorants.size();
  std::string smiles;
  std::vector<std::uint8_t> profiles(scent::kDescriptors * n);
  std::vector<std::int64_t> kin(n);
  for (std::size_t i = 0; i < n; ++i) {
    smiles += (i == 0 ? "" : "\n") + odorants[i].smiles;
    kin[i] = odorants[i].kin;
    for (std::size_t d = 0; d < scent::kDescriptors; ++d) {
      profiles[d * n + i] = static_cast<std::uint8_t>(std::lround(odorants[i].probabilities[d] * 255.0F));
    }
  }
  const std::array<std::int64_t, 1> format = {kFormat};
  const auto view = [](nn::DType type, std::vector<std::int64_t> shape, auto span) {
    return nn::TensorView{type, std::move(shape), std::as_bytes(span)};
  };
  const auto rows = static_cast<std::int64_t>(n);
  nn::write_safetensors(
      file, {{"format", view(nn::DType::I64, {1}, std::span(format))},
             {"smiles", view(nn::DType::U8, {static_cast<std::int64_t>(smiles.size())}, std::span(smiles))},
             {"profiles", view(nn::DType::U8, {static_cast<std::int64_t>(scent::kDescriptors), rows},
                               std::span(profiles))},
             {"kin", view(nn::DType::I64, {rows}, std::span(kin))}});
}

}  // namespace odordiff::generate

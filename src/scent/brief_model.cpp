#include "scent/brief_model.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace odordiff::scent {
namespace {

constexpr auto kRow = static_cast<std::int64_t>(kDescriptors);

void add_scaled(DescriptorVector& out, std::span<const float> row, float factor) {
  for (std::size_t d = 0; d < kDescriptors; ++d) out[d] += factor * row[d];
}

void add_scaled(DescriptorVector& out, std::span<const std::int8_t> row, float factor) {
  for (std::size_t d = 0; d < kDescriptors; ++d) out[d] += factor * static_cast<float>(row[d]);
}

}  // namespace

BriefModel::BriefModel(const nn::SafeTensors& file, const Lexicon& lexicon, const WordVectors& vectors)
    : vectors_(vectors) {
  const auto entries = static_cast<std::int64_t>(lexicon.entries().size());
  const auto words = static_cast<std::int64_t>(vectors.size());
  bias_ = file.at("model.bias", {kRow}).f32();
  length_ = file.at("model.length", {kRow}).f32();
  spread_ = file.at("model.spread", {kRow, kRow}).f32();
  map_ = file.at("model.map", {static_cast<std::int64_t>(kTextWidth), kRow}).f32();
  power_ = file.at("model.power", {1}).f32()[0];
  entry_rows_ = file.at("lexicon.rows", {entries, kRow}).i8();
  entry_scales_ = file.at("lexicon.scale", {entries}).f32();
  learned_ = file.at("words.learned").i64();
  const auto learned = static_cast<std::int64_t>(learned_.size());
  residuals_ = file.at("words.residual", {learned, kRow}).i8();
  residual_scales_ = file.at("words.residual_scale", {learned}).f32();
  hint_indices_ = file.at("words.hint_index", {words, static_cast<std::int64_t>(kHints)}).i8();
  hint_weights_ = file.at("words.hint_weight", {words, static_cast<std::int64_t>(kHints)}).i8();
  const bool sound = std::all_of(hint_indices_.begin(), hint_indices_.end(), [](std::int8_t i) {
    return i + kHintOffset >= 0 && i + kHintOffset < static_cast<int>(kDescriptors);
  });
  if (!sound)
    throw Unavailable(file.path().string() + ": a hint points to no descriptor; train the model again");
}

DescriptorVector BriefModel::entry_row(std::size_t entry) const {
  DescriptorVector row{};
  add_scaled(row, entry_rows_.subspan(entry * kDescriptors, kDescriptors), entry_scales_[entry]);
  return row;
}

std::optional<std::size_t> BriefModel::residual_of(std::size_t word) const {
  const auto it = std::lower_bound(learned_.begin(), learned_.end(), static_cast<std::int64_t>(word));
  if (it == learned_.end() || *it != static_cast<std::int64_t>(word)) return std::nullopt;
  return static_cast<std::size_t>(it - learned_.begin());
}

std::vector<std::pair<std::size_t, float>> BriefModel::hints(std::size_t word) const {
  std::vector<std::pair<std::size_t, float>> out;
  for (std::size_t i = word * kHints; i < (word + 1) * kHints; ++i) {
    if (hint_weights_[i] <= 0) break;
    out.emplace_back(hint_indices_[i] + kHintOffset, kHintScale * static_cast<float>(hint_weights_[i]));
  }
  return out;
}

DescriptorVector BriefModel::word_row(std::size_t word) const {
  DescriptorVector row{};
  const auto vector = vectors_.vector(word);
  for (std::size_t i = 0; i < kTextWidth; ++i) {
    add_scaled(row, map_.subspan(i * kDescriptors, kDescriptors), vector[i]);
  }
  for (const auto& [descriptor, weight] : hints(word)) {
    add_scaled(row, spread_.subspan(descriptor * kDescriptors, kDescriptors), weight);
  }
  if (const auto own = residual_of(word)) {
    add_scaled(row, residuals_.subspan(*own * kDescriptors, kDescriptors), residual_scales_[*own]);
  }
  return row;
}

DescriptorVector BriefModel::base(std::size_t terms) const {
  DescriptorVector out{};
  add_scaled(out, bias_, 1);
  add_scaled(out, length_, std::log1p(static_cast<float>(terms)));
  return out;
}

float BriefModel::share(std::size_t terms) const {
  return terms == 0 ? 0 : std::pow(static_cast<float>(terms), -power_);
}

}  // namespace odordiff::scent

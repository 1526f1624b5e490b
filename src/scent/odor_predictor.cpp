#include "scent/odor_predictor.h"

#include <algorithm>
#include <cmath>

#include "nn/kernels.h"
#include "nn/quantise.h"
#include "nn/safetensors.h"
#include "scent/predictor_features.h"

namespace odordiff::scent {
namespace {

// One network of the ensemble. The first layer meets sparse input, so it is a sum of a few rows of its
// weights.
struct Member {
  std::span<const std::uint16_t> first;  // bfloat16 [bins + dense, hidden]: one row an input
  std::span<const float> first_bias;
  nn::Linear second, third;
  int hidden;
};

constexpr int kOutputs = static_cast<int>(kDescriptors) + 1;

}  // namespace

struct OdorPredictor::Impl {
  Impl(const std::filesystem::path& file, Role role_) : role(role_), weights(file) {
    const auto& mean_tensor = weights.at("dense.mean");
    mean = mean_tensor.f32();
    inverse_deviation = weights.at("dense.inverse_deviation", mean_tensor.shape).f32();
    base_rates = weights.at("base_rates", {static_cast<std::int64_t>(kDescriptors)}).f32();
    const std::size_t bins = (role == Role::Ranker ? 2 : 1) * std::size_t{kFingerprintBins};
    first_dense = bins;
    const auto inputs = static_cast<std::int64_t>(bins + mean.size());
    for (int m = 0; weights.contains("member" + std::to_string(m) + ".first.weight"); ++m) {
      const std::string at = "member" + std::to_string(m) + ".";
      const auto hidden = weights.at(at + "first.bias").elements();
      const auto middle = weights.at(at + "second.bias").elements();
      const auto first = weights.at(at + "first.weight", {inputs, hidden}).bf16();
      members.push_back(Member{first, weights.at(at + "first.bias").f32(),
                               nn::Linear(weights.at(at + "second.weight", {middle, hidden}).f32(),
                                          weights.at(at + "second.bias").f32(), static_cast<int>(middle),
                                          static_cast<int>(hidden), nn::Precision::F32, nn::Activation::Relu),
                               nn::Linear(weights.at(at + "third.weight", {kOutputs, middle}).f32(),
                                          weights.at(at + "third.bias", {kOutputs}).f32(), kOutputs,
                                          static_cast<int>(middle), nn::Precision::F32),
                               static_cast<int>(hidden)});
    }
  }

  void first_layer(const Member& member, const PredictorFeatures& x, float* out) const {
    const auto width = static_cast<std::size_t>(member.hidden);
    std::copy(member.first_bias.begin(), member.first_bias.end(), out);
    const auto add = [&](std::size_t row, float value) {
      const std::uint16_t* w = member.first.data() + row * width;
      for (std::size_t j = 0; j < width; ++j) out[j] += value * nn::from_bf16(w[j]);
    };
    for (const auto& [bin, value] : x.fingerprint) add(bin, value);
    for (std::size_t k = 0; k < mean.size(); ++k) {
      const float scaled = (x.dense[k] - mean[k]) * inverse_deviation[k];
      add(first_dense + k, std::clamp(scaled, -4.0F, 4.0F));
    }
    for (std::size_t j = 0; j < width; ++j) out[j] = std::max(out[j], 0.0F);
  }

  std::vector<OdorPrediction> predict(std::span<const PredictorFeatures> features) const;

  Role role;
  nn::SafeTensors weights;
  std::span<const float> mean, inverse_deviation, base_rates;
  std::size_t first_dense = 0;  // row of the first descriptor in Member::first
  std::vector<Member> members;
};

std::vector<OdorPrediction> OdorPredictor::Impl::predict(std::span<const PredictorFeatures> features) const {
  std::vector<OdorPrediction> out(features.size());
  nn::Workspace scratch;
  const auto rows = static_cast<int>(features.size());
  const float share = 1.0F / static_cast<float>(members.size());
  for (const Member& member : members) {
    std::vector<float> hidden(features.size() * static_cast<std::size_t>(member.hidden));
    for (std::size_t i = 0; i < features.size(); ++i) {
      first_layer(member, features[i], hidden.data() + i * static_cast<std::size_t>(member.hidden));
    }
    std::vector<float> middle(features.size() * static_cast<std::size_t>(member.second.out()));
    member.second(hidden.data(), middle.data(), rows, scratch);
    std::vector<float> logits(features.size() * kOutputs);
    member.third(middle.data(), logits.data(), rows, scratch);
    for (std::size_t i = 0; i < features.size(); ++i) {
      const float* z = logits.data() + i * kOutputs;
      for (std::size_t d = 0; d < kDescriptors; ++d) out[i].probabilities[d] += share / (1 + std::exp(-z[d]));
      out[i].odorous += share / (1 + std::exp(-z[kDescriptors]));
    }
  }
  return out;
}

OdorPrediction stated(OdorPrediction prediction) {
  static const std::size_t odorless = *descriptor_index("odorless");
  float& none = prediction.probabilities[odorless];
  const float without = 1 - prediction.odorous;
  if (prediction.odorous >= kSmelled) {
    none = 0;
    return prediction;
  }
  const float own = std::max(none, without);
  for (float& p : prediction.probabilities) p = std::min(p, prediction.odorous);
  none = own;
  return prediction;
}

OdorPredictor::OdorPredictor(const std::filesystem::path& folder, Role role)
    : impl_(std::make_unique<Impl>(
          folder / (role == Role::Ranker ? "odor_ranker.safetensors" : "odor_judge.safetensors"), role)) {}

OdorPredictor::~OdorPredictor() = default;

std::span<const float> OdorPredictor::base_rates() const {
  return impl_->base_rates;
}

OdorPrediction OdorPredictor::predict(const chem::Molecule& mol) const {
  return predict(std::span(&mol, 1)).front();
}

std::vector<OdorPrediction> OdorPredictor::predict(std::span<const chem::Molecule> mols) const {
  std::vector<PredictorFeatures> features;
  features.reserve(mols.size());
  for (const auto& mol : mols) {
    features.push_back(impl_->role == Role::Ranker ? ranker_features(mol) : judge_features(mol));
  }
  return impl_->predict(features);
}

std::vector<double> OdorPredictor::attribution(const chem::Molecule& mol, std::size_t descriptor) const {
  auto features = ranker_features_without_each_atom(mol);
  features.push_back(ranker_features(mol));
  const auto predictions = impl_->predict(features);
  const auto log_odds = [&](const OdorPrediction& prediction) {
    const double p = std::clamp(static_cast<double>(prediction.probabilities.at(descriptor)), 1e-6, 1 - 1e-6);
    return std::log(p / (1 - p));
  };
  std::vector<double> out;
  for (std::size_t atom = 0; atom + 1 < predictions.size(); ++atom) {
    out.push_back(log_odds(predictions.back()) - log_odds(predictions[atom]));
  }
  return out;
}

}  // namespace odordiff::scent

#include "safety/tox21.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "nn/kernels.h"
#include "nn/safetensors.h"
#include "safety/tox21_features.h"

namespace odordiff::safety {
namespace {

constexpr int kAssays = static_cast<int>(kTox21Assays);

// One network of the ensemble. Its first layer meets the fingerprint, which is sparse, and the descriptors, which are not.
struct Member {
  std::span<const float> fingerprint;  // [bins, hidden]: one row a bin; empty when the member does not look at it
  nn::Linear dense;                    // descriptors to hidden, with the bias
  nn::Linear second, third;
};

nn::Linear linear(const nn::SafeTensors& file, const std::string& name, std::int64_t in, nn::Activation activation) {
  const auto& bias = file.at(name + ".bias");
  const auto out = bias.elements();
  return {file.at(name + ".weight", {out, in}).f32(), bias.f32(), static_cast<int>(out), static_cast<int>(in),
          nn::Precision::F32, activation};
}

}  // namespace

struct Tox21Model::Impl {
  explicit Impl(const std::filesystem::path& file) : weights(file) {
    const auto& mean_tensor = weights.at("dense.mean");
    mean = mean_tensor.f32();
    inverse_deviation = weights.at("dense.inverse_deviation", mean_tensor.shape).f32();
    for (int m = 0; weights.contains("member" + std::to_string(m) + ".dense.weight"); ++m) {
      const std::string at = "member" + std::to_string(m) + ".";
      const auto hidden = weights.at(at + "dense.bias").elements();
      const auto middle = weights.at(at + "second.bias").elements();
      Member member{{},
                    linear(weights, at + "dense", static_cast<std::int64_t>(mean.size()), nn::Activation::None),
                    linear(weights, at + "second", hidden, nn::Activation::Relu),
                    linear(weights, at + "third", middle, nn::Activation::None)};
      if (weights.contains(at + "fingerprint.weight")) {
        member.fingerprint = weights.at(at + "fingerprint.weight", {kTox21Bins, hidden}).f32();
      }
      if (member.third.out() != kAssays) throw Unavailable("damaged Tox21 model " + file.string() + ": not twelve outputs");
      members.push_back(std::move(member));
    }
    if (members.empty()) throw Unavailable("damaged Tox21 model " + file.string() + ": no network in it");
  }

  nn::SafeTensors weights;
  std::span<const float> mean, inverse_deviation;
  std::vector<Member> members;
};

Tox21Model::Tox21Model(const std::filesystem::path& model_folder)
    : impl_(std::make_unique<Impl>(model_folder / "tox21.safetensors")) {}

Tox21Model::~Tox21Model() = default;

std::vector<Tox21Probabilities> Tox21Model::predict(std::span<const chem::Molecule> mols) const {
  std::vector<Tox21Probabilities> out(mols.size(), Tox21Probabilities{});
  if (mols.empty()) return out;
  const std::size_t width = impl_->mean.size();
  std::vector<Tox21Features> features;
  std::vector<float> dense(mols.size() * width);
  for (std::size_t i = 0; i < mols.size(); ++i) {
    features.push_back(tox21_features(mols[i]));
    if (features.back().dense.size() != width) throw Unavailable("the Tox21 model was made for other descriptors");
    for (std::size_t k = 0; k < width; ++k) {
      dense[i * width + k] =
          std::clamp((features.back().dense[k] - impl_->mean[k]) * impl_->inverse_deviation[k], -4.0F, 4.0F);
    }
  }
  nn::Workspace scratch;
  const auto rows = static_cast<int>(mols.size());
  const float share = 1.0F / static_cast<float>(impl_->members.size());
  for (const Member& member : impl_->members) {
    const auto hidden_width = static_cast<std::size_t>(member.dense.out());
    std::vector<float> hidden(mols.size() * hidden_width);
    member.dense(dense.data(), hidden.data(), rows, scratch);
    for (std::size_t i = 0; i < mols.size(); ++i) {
      float* row = hidden.data() + i * hidden_width;
      if (!member.fingerprint.empty()) {
        for (const auto& [bin, value] : features[i].fingerprint) {
          const float* w = member.fingerprint.data() + bin * hidden_width;
          for (std::size_t j = 0; j < hidden_width; ++j) row[j] += value * w[j];
        }
      }
      for (std::size_t j = 0; j < hidden_width; ++j) row[j] = std::max(row[j], 0.0F);
    }
    std::vector<float> middle(mols.size() * static_cast<std::size_t>(member.second.out()));
    member.second(hidden.data(), middle.data(), rows, scratch);
    std::vector<float> logits(mols.size() * kTox21Assays);
    member.third(middle.data(), logits.data(), rows, scratch);
    for (std::size_t i = 0; i < mols.size(); ++i) {
      for (std::size_t a = 0; a < kTox21Assays; ++a) {
        out[i][a] += share / (1 + std::exp(-logits[i * kTox21Assays + a]));
      }
    }
  }
  return out;
}

}  // namespace odordiff::safety

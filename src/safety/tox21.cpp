#include "safety/tox21.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "nn/kernels.h"
#include "nn/safetensors.h"
#include "safety/forest.h"
#include "safety/tox21_features.h"

namespace odordiff::safety {
namespace {

constexpr int kAssays = static_cast<int>(kTox21Assays);

// One network of the ensemble; it sees the descriptors alone.
struct Member {
  nn::Linear first, second, third;
};

nn::Linear linear(const nn::SafeTensors& file, const std::string& name, std::int64_t in,
                  nn::Activation activation) {
  const auto& bias = file.at(name + ".bias");
  const auto out = bias.elements();
  return {file.at(name + ".weight", {out, in}).f32(),
          bias.f32(),
          static_cast<int>(out),
          static_cast<int>(in),
          nn::Precision::F32,
          activation};
}

}  // namespace

struct Tox21Model::Impl {
  explicit Impl(const std::filesystem::path& file)
      : weights(file),
        mean(weights.at("dense.mean").f32()),
        inverse_deviation(
            weights.at("dense.inverse_deviation", {static_cast<std::int64_t>(mean.size())}).f32()),
        forest(weights, mean.size() + kTox21Bins, kTox21Assays) {
    for (int m = 0; weights.contains("member" + std::to_string(m) + ".first.weight"); ++m) {
      const std::string at = "member" + std::to_string(m) + ".";
      const auto hidden = weights.at(at + "first.bias").elements();
      const auto middle = weights.at(at + "second.bias").elements();
      members.push_back(
          {linear(weights, at + "first", static_cast<std::int64_t>(mean.size()), nn::Activation::Relu),
           linear(weights, at + "second", hidden, nn::Activation::Relu),
           linear(weights, at + "third", middle, nn::Activation::None)});
      if (members.back().third.out() != kAssays) {
        throw Unavailable("damaged Tox21 model " + file.string() + ": not twelve outputs");
      }
    }
    if (members.empty()) throw Unavailable("damaged Tox21 model " + file.string() + ": no network in it");
  }

  nn::SafeTensors weights;
  std::span<const float> mean, inverse_deviation;
  Forest forest;
  std::vector<Member> members;
};

Tox21Model::Tox21Model(const std::filesystem::path& model_folder)
    : impl_(std::make_unique<Impl>(model_folder / "tox21.safetensors")) {}

Tox21Model::~Tox21Model() = default;

std::vector<Tox21Probabilities> Tox21Model::predict(std::span<const chem::Molecule> mols) const {
  std::vector<Tox21Probabilities> out(mols.size());
  if (mols.empty()) return out;
  const std::size_t width = impl_->mean.size();
  std::vector<float> dense(mols.size() * width);
  for (std::size_t i = 0; i < mols.size(); ++i) {
    const Tox21Features features = tox21_features(mols[i]);
    if (features.dense.size() != width) throw Unavailable("the Tox21 model was made for other descriptors");
    for (std::size_t k = 0; k < width; ++k) {
      dense[i * width + k] =
          std::clamp((features.dense[k] - impl_->mean[k]) * impl_->inverse_deviation[k], -4.0F, 4.0F);
    }
    std::vector<float> all = features.dense;
    all.resize(width + kTox21Bins, 0.0F);
    for (const auto& [bin, value] : features.fingerprint) all[width + bin] = value;
    impl_->forest.predict(all, out[i]);
    for (float& p : out[i]) p *= 0.5F;  // trees and networks count the same
  }
  nn::Workspace scratch;
  const auto rows = static_cast<int>(mols.size());
  const float share = 0.5F / static_cast<float>(impl_->members.size());
  for (const Member& member : impl_->members) {
    std::vector<float> hidden(mols.size() * static_cast<std::size_t>(member.first.out()));
    std::vector<float> middle(mols.size() * static_cast<std::size_t>(member.second.out()));
    std::vector<float> logits(mols.size() * kTox21Assays);
    member.first(dense.data(), hidden.data(), rows, scratch);
    member.second(hidden.data(), middle.data(), rows, scratch);
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

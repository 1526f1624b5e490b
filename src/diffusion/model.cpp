#include "diffusion/model.h"

#include "base/error.h"
#include "base/sha256.h"
#include "diffusion/config.h"
#include "diffusion/network.h"

namespace odordiff::diffusion {
namespace {

nn::SafeTensors open_checked(const ModelFiles& files) {
  nn::SafeTensors weights(files.weights);
  if (weights.bytes().size() != files.weights_bytes) {
    throw Unavailable(files.weights.string() + ": has " + std::to_string(weights.bytes().size()) +
                      " bytes, not " + std::to_string(files.weights_bytes) + " as config.json says");
  }
  if (sha256_hex(weights.bytes()) != files.weights_sha256) {
    throw Unavailable(files.weights.string() + ": its SHA-256 is not the one in config.json");
  }
  return weights;
}

}  // namespace

struct Model::Impl {
  Impl(const ModelFiles& files, nn::Precision chosen)
      : config(files.config), precision(chosen), network(config, open_checked(files), chosen) {}

  ModelConfig config;
  nn::Precision precision;
  Network network;
};

Model::Model(const std::filesystem::path& folder, nn::Precision precision)
    : impl_(std::make_unique<Impl>(read_config(folder), precision)) {}
Model::~Model() = default;

const ModelConfig& Model::config() const {
  return impl_->config;
}
nn::Precision Model::precision() const {
  return impl_->precision;
}
std::size_t Model::weight_bytes() const {
  return impl_->network.weight_bytes();
}
std::size_t Model::cache_floats() const {
  return impl_->network.cache_floats();
}
ConditionState Model::condition(std::span<const float> c) const {
  return impl_->network.condition(c);
}
void Model::step(std::span<Lane> lanes, nn::Workspace& scratch) const {
  impl_->network.step(lanes, scratch);
}

}  // namespace odordiff::diffusion

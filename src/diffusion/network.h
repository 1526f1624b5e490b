// The network of docs/model-format.md with its weights prepared: what Model runs.
#pragma once

#include <span>
#include <vector>

#include "diffusion/model.h"
#include "nn/embedding.h"
#include "nn/kernels.h"
#include "nn/safetensors.h"

namespace odordiff::diffusion {

class Network {
 public:
  // Throws Unavailable when a tensor is missing or has another shape or type.
  Network(const ModelConfig& config, const nn::SafeTensors& weights, nn::Precision precision);

  std::size_t weight_bytes() const;
  std::size_t cache_floats() const;
  ConditionState condition(std::span<const float> c) const;
  void step(std::span<Lane> lanes, nn::Workspace& scratch) const;

 private:
  struct Layer {
    nn::Linear modulation, qkv, out, fc1, fc2;
  };
  struct Buffers;
  struct Rows;
  class Batch;

  void embed(const Rows& rows, std::span<const chem::TokenId> tokens, float* x) const;
  void store(int layer, const Rows& rows, const float* qkv) const;
  void attend(int layer, const Rows& rows, const Buffers& b) const;
  void project_and_feed_forward(int layer, const Batch& batch, bool wanted_only, Buffers& b,
                                nn::Workspace& scratch) const;
  float* keys(const Lane& lane, int layer) const;
  float* values(const Lane& lane, int layer) const;

  ModelConfig config_;
  int key_room_;
  nn::Embedding token_, position_, remaining_;
  nn::Linear condition1_, condition2_;
  std::vector<Layer> layers_;
  nn::Linear final_modulation_, head_, length_;
};

}  // namespace odordiff::diffusion

// The generator's network (docs/model-format.md): weights, the once-a-request condition, and one step over a
// batch of blocks. It knows nothing of requests or order; the scheduler does.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "chem/tokenizer.h"
#include "model/config.h"
#include "nn/kernels.h"

namespace odordiff::diffusion {

struct ModelConfig : model::NetworkSizes {
  std::string name;
  int vocab = 0;
  std::vector<std::string> descriptors;
};

// What a condition comes to inside the network: computed once a request, then shared by all its sequences.
struct ConditionState {
  std::vector<float> layer_modulation;  // [layers, 6, width]
  std::vector<float> final_modulation;  // [2, width]
  std::vector<float> length_logits;     // [max_length + 1]
};

// Keys and values of a sequence's finished blocks and how many tokens are in it. For each layer the keys,
// eight tokens side by side [max_length / 8 rounded up, width, 8], then the values [max_length, width]. A
// step also writes those of the block at work, past `tokens`, where the next step overwrites them.
struct KeyValueCache {
  float* data = nullptr;  // Model::cache_floats() of them
  int tokens = 0;
};

// One lane of a step: a sequence (or its unconditional twin) with its block at work.
struct Lane {
  const ConditionState* condition = nullptr;
  KeyValueCache* cache = nullptr;
  int length = 0;                         // L, tokens in the whole sequence
  int block_start = 0;                    // position of tokens[0]
  std::span<const chem::TokenId> tokens;  // the block at work, kMask where open; at most `block` of them
  // The finished block just before, when its keys and values are not in the cache yet (else empty); after the
  // step they are, and cache->tokens has moved on.
  std::span<const chem::TokenId> finished;
  float* logits = nullptr;  // out: [tokens.size(), vocab]; only the rows asked for are written
  // The tokens whose logits are asked for: `wanted` of them from tokens[first_wanted] on, fewer where there
  // are no more. What nobody reads of the others is not computed.
  int first_wanted = 0;
  int wanted = kAllTokens;

  static constexpr int kAllTokens = 1 << 20;
};

class Model {
 public:
  // Loads `folder`/config.json and diffusion.safetensors and checks the checksum and the vocabulary.
  // Throws Unavailable, naming the file and what is wrong with it.
  Model(const std::filesystem::path& folder, nn::Precision precision);
  ~Model();

  const ModelConfig& config() const;
  nn::Precision precision() const;
  std::size_t weight_bytes() const;
  std::size_t cache_floats() const;  // floats that one KeyValueCache needs

  // c [cond_inputs].
  ConditionState condition(std::span<const float> c) const;
  // One pass over `lanes`. Allocates nothing once `scratch` is warm. Each lane's result depends on that lane
  // alone.
  void step(std::span<Lane> lanes, nn::Workspace& scratch) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace odordiff::diffusion

// The network of docs/model-format.md written down once more, plainly and in double, as the reference.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "chem/tokenizer.h"
#include "diffusion/model.h"
#include "nn/safetensors.h"

namespace odordiff::diffusion {

inline std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

class NaiveNetwork {
 public:
  NaiveNetwork(const std::filesystem::path& folder, ModelConfig config);

  // Logits [tokens.size(), vocab] of the first tokens of a sequence of `length`, the last block being the one
  // at work; nothing is cached.
  std::vector<double> logits(std::span<const float> condition, std::span<const chem::TokenId> tokens,
                             int length) const;
  std::vector<double> length_logits(std::span<const float> condition) const;

 private:
  using Vector = std::vector<double>;
  Vector linear(const std::string& name, const Vector& x) const;
  Vector embedding(const std::string& name, int row) const;
  Vector modulated_norm(const Vector& x, const double* shift, const double* scale) const;
  Vector silu_of_condition(std::span<const float> condition) const;
  std::vector<Vector> attention(const std::vector<Vector>& qkv) const;

  ModelConfig config_;
  nn::SafeTensors weights_;
};

}  // namespace odordiff::diffusion

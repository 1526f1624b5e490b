// The generator's network in torch, tensor for tensor as docs/model-format.md describes it; what
// src/diffusion runs.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

namespace odordiff::train {

struct NetworkSizes {
  std::int64_t vocab = 0, width = 192, layers = 6, heads = 6, ffn = 768, block = 4, max_length = 64;
  std::int64_t cond_inputs = 207, cond_hidden = 256;
};

class BlockDiffusionImpl : public torch::nn::Module {
 public:
  explicit BlockDiffusionImpl(const NetworkSizes& sizes);

  struct Output {
    torch::Tensor logits;         // [batch, length, vocab] for the noised tokens
    torch::Tensor length_logits;  // [batch, max_length + 1]
  };
  // noised, clean [batch, length] token ids; lengths [batch]; condition [batch, cond_inputs]. All blocks of a
  // sequence are learned in one pass: each noised block sees the clean blocks before it.
  Output forward(const torch::Tensor& noised, const torch::Tensor& clean, const torch::Tensor& lengths,
                 const torch::Tensor& condition);

  const NetworkSizes& sizes() const { return sizes_; }

 private:
  torch::Tensor heads(const torch::Tensor& x) const;

  NetworkSizes sizes_;
};
TORCH_MODULE(BlockDiffusion);

}  // namespace odordiff::train

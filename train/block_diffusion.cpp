#include "block_diffusion.h"

#include <cmath>

namespace odordiff::train {
namespace {

using torch::Tensor;

Tensor normalise(const Tensor& x) {
  return torch::layer_norm(x, {x.size(-1)}, {}, {}, 1e-5);
}

Tensor modulate(const Tensor& x, const Tensor& shift, const Tensor& scale) {
  return normalise(x) * (1 + scale.unsqueeze(1)) + shift.unsqueeze(1);
}

}  // namespace

BlockDiffusionImpl::BlockDiffusionImpl(const NetworkSizes& sizes) : sizes_(sizes) {
  const auto w = sizes.width;
  const auto table = [&](const char* name, std::int64_t rows) {
    register_parameter(name, torch::randn({rows, w}) * 0.02);
  };
  const auto linear = [&](const std::string& name, std::int64_t out, std::int64_t in, double deviation) {
    register_parameter(name + "_weight",
                       deviation == 0 ? torch::zeros({out, in}) : torch::randn({out, in}) * deviation);
    register_parameter(name + "_bias", torch::zeros({out}));
  };
  const double fan = 1 / std::sqrt(static_cast<double>(w));
  table("token_embedding", sizes.vocab);
  table("position_embedding", sizes.max_length);
  table("remaining_embedding", sizes.max_length + 1);
  linear("condition_fc1", sizes.cond_hidden, sizes.cond_inputs, 0.1);
  linear("condition_fc2", w, sizes.cond_hidden, 1 / std::sqrt(static_cast<double>(sizes.cond_hidden)));
  for (std::int64_t i = 0; i < sizes.layers; ++i) {
    const std::string at = "layers_" + std::to_string(i) + "_";
    linear(at + "modulation", 6 * w, w, 0.01);
    auto bias = named_parameters()[at + "modulation_bias"];
    torch::NoGradGuard guard;
    bias.slice(0, 2 * w, 3 * w)
        .fill_(0.3);  // gates start open a little: faster than from zero in short trainings
    bias.slice(0, 5 * w, 6 * w).fill_(0.3);
    linear(at + "qkv", 3 * w, w, fan);
    linear(at + "out", w, w, fan);
    linear(at + "fc1", sizes.ffn, w, fan);
    linear(at + "fc2", w, sizes.ffn, 1 / std::sqrt(static_cast<double>(sizes.ffn)));
  }
  linear("final_modulation", 2 * w, w, 0.01);
  linear("head", sizes.vocab, w, 0.02);
  linear("length", sizes.max_length + 1, w, 0.02);
}

Tensor BlockDiffusionImpl::heads(const Tensor& x) const {
  return x.view({x.size(0), x.size(1), sizes_.heads, sizes_.width / sizes_.heads}).transpose(1, 2);
}

BlockDiffusionImpl::Output BlockDiffusionImpl::forward(const Tensor& noised, const Tensor& clean,
                                                       const Tensor& lengths, const Tensor& condition) {
  const auto p = named_parameters();
  const auto linear = [&](const std::string& name, const Tensor& x) {
    return torch::linear(x, p[name + "_weight"], p[name + "_bias"]);
  };
  const auto batch = noised.size(0), length = noised.size(1);
  const auto device = noised.device();
  const Tensor position = torch::arange(length, torch::TensorOptions().dtype(torch::kInt64).device(device));
  const Tensor remaining = (lengths.unsqueeze(1) - position.unsqueeze(0)).clamp(0, sizes_.max_length);
  const Tensor places = p["position_embedding"].slice(0, 0, length).unsqueeze(0) +
                        torch::embedding(p["remaining_embedding"], remaining);
  Tensor x = torch::cat({torch::embedding(p["token_embedding"], noised) + places,
                         torch::embedding(p["token_embedding"], clean) + places},
                        1);

  // Who sees whom, [2 length, 2 length]: noised sees its own noised block and clean blocks before; clean sees
  // clean blocks up to its own. Keys past a sequence's end are hidden from all.
  const Tensor block = position.div(sizes_.block, "floor");
  const Tensor row = block.unsqueeze(1), column = block.unsqueeze(0);
  const Tensor nowhere =
      torch::zeros({length, length}, torch::TensorOptions().dtype(torch::kBool).device(device));
  const Tensor sees =
      torch::cat({torch::cat({row == column, row > column}, 1), torch::cat({nowhere, row >= column}, 1)}, 0);
  const Tensor inside = (position.unsqueeze(0) < lengths.unsqueeze(1)).repeat({1, 2});
  const Tensor mask =
      torch::zeros({batch, 1, 2 * length, 2 * length}, x.options())
          .masked_fill((sees.unsqueeze(0) & inside.unsqueeze(1)).logical_not().unsqueeze(1), -1e4);

  const Tensor e = linear("condition_fc2", torch::silu(linear("condition_fc1", condition)));
  const Tensor s = torch::silu(e);
  const double scale = 1 / std::sqrt(static_cast<double>(sizes_.width / sizes_.heads));
  for (std::int64_t i = 0; i < sizes_.layers; ++i) {
    const std::string at = "layers_" + std::to_string(i) + "_";
    const auto m = linear(at + "modulation", s).chunk(6, 1);
    const auto qkv = linear(at + "qkv", modulate(x, m[0], m[1])).chunk(3, 2);
    // In the last layer nobody reads what the clean half becomes.
    const std::int64_t rows = i + 1 == sizes_.layers ? length : 2 * length;
    const Tensor scores =
        torch::matmul(heads(qkv[0].slice(1, 0, rows)) * scale, heads(qkv[1]).transpose(2, 3));
    const Tensor attention = torch::softmax(scores + mask.slice(2, 0, rows), -1);
    const Tensor mixed =
        torch::matmul(attention, heads(qkv[2])).transpose(1, 2).reshape({batch, rows, sizes_.width});
    x = x.slice(1, 0, rows) + m[2].unsqueeze(1) * linear(at + "out", mixed);
    const Tensor hidden = torch::gelu(linear(at + "fc1", modulate(x, m[3], m[4])), "tanh");
    x = x + m[5].unsqueeze(1) * linear(at + "fc2", hidden);
  }
  const auto m = linear("final_modulation", s).chunk(2, 1);
  return {linear("head", modulate(x.slice(1, 0, length), m[0], m[1])), linear("length", s)};
}

}  // namespace odordiff::train

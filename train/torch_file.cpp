#include "torch_file.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/error.h"

namespace odordiff::train {

torch::Tensor load_tensor(const nn::SafeTensors& file, const std::string& name) {
  const nn::TensorView& view = file.at(name);
  torch::ScalarType type = torch::kFloat32;
  switch (view.dtype) {
    case nn::DType::F32: type = torch::kFloat32; break;
    case nn::DType::BF16: type = torch::kBFloat16; break;
    case nn::DType::I8: type = torch::kInt8; break;
    case nn::DType::U8: type = torch::kUInt8; break;
    case nn::DType::I32: type = torch::kInt32; break;
    case nn::DType::I64: type = torch::kInt64; break;
    case nn::DType::U64: throw Unavailable("tensor " + name + " has a type that torch does not know");
  }
  void* data = const_cast<void*>(static_cast<const void*>(view.data.data()));  // from_blob takes no const
  return torch::from_blob(data, view.shape, torch::TensorOptions().dtype(type)).clone();
}

void save_tensors(const std::filesystem::path& file, const std::map<std::string, torch::Tensor>& tensors) {
  std::map<std::string, torch::Tensor> kept;
  std::map<std::string, nn::TensorView> views;
  for (const auto& [name, tensor] : tensors) {
    const torch::Tensor t = kept[name] = tensor.detach().to(torch::kCPU).contiguous();
    nn::DType type = nn::DType::F32;
    if (t.scalar_type() == torch::kBFloat16) {
      type = nn::DType::BF16;
    } else if (t.scalar_type() == torch::kInt64) {
      type = nn::DType::I64;
    } else if (t.scalar_type() == torch::kInt32) {
      type = nn::DType::I32;
    } else if (t.scalar_type() == torch::kInt8) {
      type = nn::DType::I8;
    } else if (t.scalar_type() != torch::kFloat32) {
      throw Internal("tensor " + name + " is of a type that is not written");
    }
    views[name] = {type, t.sizes().vec(),
                   {static_cast<const std::byte*>(t.data_ptr()), static_cast<std::size_t>(t.nbytes())}};
  }
  nn::write_safetensors(file, views);
}

double auroc(const torch::Tensor& scores, const torch::Tensor& truth) {
  const auto s = scores.to(torch::kFloat32).contiguous();
  const auto t = truth.to(torch::kFloat32).contiguous();
  const auto n = static_cast<std::size_t>(s.numel());
  const float* score = s.data_ptr<float>();
  const float* label = t.data_ptr<float>();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return score[a] < score[b]; });
  double rank_sum = 0, positives = 0;
  for (std::size_t i = 0; i < n;) {
    std::size_t j = i;
    while (j < n && score[order[j]] == score[order[i]]) ++j;
    const double rank = 0.5 * static_cast<double>(i + j + 1);  // ties share the mean rank
    for (; i < j; ++i) {
      if (label[order[i]] > 0.5F) {
        rank_sum += rank;
        positives += 1;
      }
    }
  }
  const double negatives = static_cast<double>(n) - positives;
  if (positives == 0 || negatives == 0) return std::nan("");
  return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

}  // namespace odordiff::train

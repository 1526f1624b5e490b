#include "torch_file.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/auroc.h"
#include "base/error.h"

namespace odordiff::train {

torch::Tensor load_tensor(const nn::SafeTensors& file, const std::string& name) {
  const nn::TensorView& view = file.at(name);
  torch::ScalarType type = torch::kFloat32;
  switch (view.dtype) {
    case nn::DType::F32:
      type = torch::kFloat32;
      break;
    case nn::DType::BF16:
      type = torch::kBFloat16;
      break;
    case nn::DType::I8:
      type = torch::kInt8;
      break;
    case nn::DType::U8:
      type = torch::kUInt8;
      break;
    case nn::DType::I32:
      type = torch::kInt32;
      break;
    case nn::DType::I64:
      type = torch::kInt64;
      break;
    case nn::DType::U64:
      throw Unavailable("tensor " + name + " has a type that torch does not know");
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
    views[name] = {type,
                   t.sizes().vec(),
                   {static_cast<const std::byte*>(t.data_ptr()), static_cast<std::size_t>(t.nbytes())}};
  }
  nn::write_safetensors(file, views);
}

double auroc(const torch::Tensor& scores, const torch::Tensor& truth) {
  const auto s = scores.to(torch::kFloat32).contiguous();
  const auto t = truth.to(torch::kFloat32).contiguous();
  const float* score = s.data_ptr<float>();
  const float* label = t.data_ptr<float>();
  return odordiff::auroc(
      static_cast<std::size_t>(s.numel()), [&](std::size_t i) { return score[i]; },
      [&](std::size_t i) { return label[i] > 0.5F; });
}

}  // namespace odordiff::train

#include "nn/embedding.h"

#include "base/error.h"
#include "nn/quantise.h"

namespace odordiff::nn {

Embedding::Embedding(std::span<const float> table, int rows, int width, Precision precision)
    : rows_(rows), width_(static_cast<std::size_t>(width)) {
  const auto count = static_cast<std::size_t>(rows);
  if (rows < 1 || width < 1 || table.size() != count * width_) {
    throw Internal("an embedding's table does not have its shape");
  }
  switch (precision) {
    case Precision::F32:
      f32_.assign(table.begin(), table.end());
      break;
    case Precision::BF16:
      bf16_.reserve(table.size());
      for (const float v : table) bf16_.push_back(to_bf16(v));
      break;
    case Precision::I8:
      i8_.resize(table.size());
      scale_.resize(count);
      for (std::size_t r = 0; r < count; ++r) {
        scale_[r] = quantise_row(table.subspan(r * width_, width_), i8_.data() + r * width_);
      }
      break;
  }
}

std::size_t Embedding::weight_bytes() const {
  return f32_.size() * sizeof(float) + bf16_.size() * sizeof(std::uint16_t) + i8_.size() +
         scale_.size() * sizeof(float);
}

void Embedding::add(int row, float* y) const {
  const std::size_t at = static_cast<std::size_t>(row) * width_;
  if (!f32_.empty()) {
    for (std::size_t i = 0; i < width_; ++i) y[i] += f32_[at + i];
  } else if (!bf16_.empty()) {
    for (std::size_t i = 0; i < width_; ++i) y[i] += from_bf16(bf16_[at + i]);
  } else {
    const float scale = scale_[static_cast<std::size_t>(row)];
    for (std::size_t i = 0; i < width_; ++i) y[i] += static_cast<float>(i8_[at + i]) * scale;
  }
}

}  // namespace odordiff::nn

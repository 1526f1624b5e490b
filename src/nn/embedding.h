// A table of rows looked up by number and added up: token, position and remaining-length embeddings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "nn/kernels.h"

namespace odordiff::nn {

// Kept in the model's precision (int8: one scale a row). Immutable; share it between threads.
class Embedding {
 public:
  // table [rows, width]
  Embedding(std::span<const float> table, int rows, int width, Precision precision);

  int rows() const { return rows_; }
  std::size_t weight_bytes() const;
  // y += row, y [width]. REQUIRES: 0 <= row < rows().
  void add(int row, float* y) const;

 private:
  int rows_;
  std::size_t width_;
  std::vector<float> f32_;
  std::vector<std::uint16_t> bf16_;
  std::vector<std::int8_t> i8_;
  std::vector<float> scale_;
};

}  // namespace odordiff::nn

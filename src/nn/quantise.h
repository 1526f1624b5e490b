// Weights rounded for memory: bfloat16, and int8 with one scale a row. Used by Linear's packing and by
// embeddings.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <span>

namespace odordiff::nn {

// Round to nearest even; NaN stays NaN.
inline std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7fffffffU) > 0x7f800000U) return static_cast<std::uint16_t>((bits >> 16U) | 0x40U);
  return static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16U) & 1U)) >> 16U);
}

inline float from_bf16(std::uint16_t value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16U);
}

// Rows below this are zeros for int8: the inverse of their scale would overflow.
inline constexpr float kSmallestQuantised = 1e-30F;

// row ~ q * scale with q in -127..127; returns the scale (0 for a row of zeros).
inline float quantise_row(std::span<const float> row, std::int8_t* q) {
  float largest = 0;
  for (const float v : row) largest = std::fmax(largest, std::fabs(v));
  if (!(largest > kSmallestQuantised)) largest = 0;
  const float inverse = largest > 0 ? 127.0F / largest : 0.0F;
  for (std::size_t i = 0; i < row.size(); ++i) q[i] = static_cast<std::int8_t>(std::lrintf(row[i] * inverse));
  return largest / 127.0F;
}

}  // namespace odordiff::nn

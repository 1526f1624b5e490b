// The arithmetic of the networks. Every output row depends on its own input row and the weights alone, bit
// for bit, whatever the number of rows in the call and whatever the number of threads: that is what makes
// answers independent of the batch they were computed in.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace odordiff::nn {

enum class Precision { F32, BF16, I8 };
Precision parse_precision(const std::string& text);  // "fp32" | "bf16" | "int8"; InvalidInput otherwise
const char* to_string(Precision precision);

enum class Activation { None, Gelu, Silu, Relu };

// y = act(x Wᵀ + b), with the weights prepared once for one precision. Immutable; share it between threads.
class Linear {
 public:
  // weight [out, in] row-major, bias [out] or empty.
  Linear(std::span<const float> weight, std::span<const float> bias, int out, int in, Precision precision,
         Activation activation = Activation::None);
  ~Linear();
  Linear(Linear&&) noexcept;
  Linear& operator=(Linear&&) noexcept;

  int in() const;
  int out() const;
  // Bytes that the prepared weights take.
  std::size_t weight_bytes() const;

  // x [rows, in], y [rows, out], both contiguous; `scratch` is the calling thread's, slots 5-7 of it are
  // used. Allocates nothing once `scratch` is warm.
  void operator()(const float* x, float* y, int rows, class Workspace& scratch) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One thread's scratch memory: grows while warming up, then stays.
class Workspace {
 public:
  Workspace();
  ~Workspace();
  Workspace(Workspace&&) noexcept;
  Workspace& operator=(Workspace&&) noexcept;
  // At least `bytes`, 64-byte aligned, valid until the next call with the same `slot` (0-7).
  void* get(int slot, std::size_t bytes);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What the running CPU offers and which kernels were chosen, for `odordiff version`, e.g.
// "avx512+vnni".
std::string cpu_description();

// y_r = norm(x_r) * (1 + scale) + shift; eps 1e-5. rows of width `width`; shift and scale [width].
void modulated_norm(const float* x, const float* shift, const float* scale, float* y, int rows, int width);
// x_r += gate * d_r
void gated_add(float* x, const float* gate, const float* d, int rows, int width);
// In place, numerically stable.
void softmax(float* x, int n);

}  // namespace odordiff::nn

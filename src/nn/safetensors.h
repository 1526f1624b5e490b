// The safetensors file format: u64 header length, JSON header, raw tensors. Read by memory map, written
// atomically. https://github.com/huggingface/safetensors (format description in its README).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace odordiff::nn {

enum class DType { F32, BF16, I8, U8, I32, I64, U64 };

struct TensorView {
  DType dtype = DType::F32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> data;

  std::int64_t elements() const;
  // Throws Unavailable when the dtype is another. Data are aligned to their element.
  std::span<const float> f32() const;
  std::span<const std::uint16_t> bf16() const;  // nn/quantise.h turns them into floats
  std::span<const std::int8_t> i8() const;
  std::span<const std::int64_t> i64() const;
  std::span<const std::uint64_t> u64() const;
};

// A file mapped read-only; the views live as long as it does. Throws Unavailable naming the file when it is
// missing, truncated, or not such a file; every offset and size of the header is checked before use.
class SafeTensors {
 public:
  explicit SafeTensors(const std::filesystem::path& file);
  ~SafeTensors();
  SafeTensors(SafeTensors&&) noexcept;
  SafeTensors& operator=(SafeTensors&&) noexcept;

  bool contains(const std::string& name) const;
  // Throws Unavailable when absent or (if `shape` is given) of another shape.
  const TensorView& at(const std::string& name) const;
  const TensorView& at(const std::string& name, const std::vector<std::int64_t>& shape) const;
  const std::map<std::string, TensorView>& tensors() const;
  const std::filesystem::path& path() const;
  // The whole file, for checksums.
  std::span<const std::byte> bytes() const;

 private:
  struct Map;
  std::unique_ptr<Map> map_;
};

// Writes `tensors` to a temporary name beside `file`, then renames.
void write_safetensors(const std::filesystem::path& file, const std::map<std::string, TensorView>& tensors);

}  // namespace odordiff::nn

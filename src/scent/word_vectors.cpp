#include "scent/word_vectors.h"

#include <algorithm>

#include "base/error.h"
#include "scent/brief_text.h"

namespace odordiff::scent {

WordVectors::WordVectors(std::string words, const nn::SafeTensors& file) : text_(std::move(words)) {
  const std::string_view text = text_;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    words_.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  const auto count = static_cast<std::int64_t>(words_.size());
  vectors_ = file.at("words.vectors", {count, static_cast<std::int64_t>(kTextWidth)}).i8();
  scales_ = file.at("words.scale", {count}).f32();
  weights_ = file.at("words.weight", {count}).f32();
  if (!std::is_sorted(words_.begin(), words_.end())) {
    throw Unavailable("words.txt beside " + file.path().string() + " is not sorted");
  }
}

std::optional<std::size_t> WordVectors::find(std::string_view word) const {
  const auto it = std::lower_bound(words_.begin(), words_.end(), word);
  if (it == words_.end() || *it != word) return std::nullopt;
  return static_cast<std::size_t>(it - words_.begin());
}

std::optional<std::size_t> WordVectors::find_form(const std::string& word) const {
  for (const std::string& form : word_forms(word)) {
    if (const auto index = find(form)) return index;
  }
  return std::nullopt;
}

std::array<float, kTextWidth> WordVectors::vector(std::size_t index) const {
  std::array<float, kTextWidth> out{};
  const auto row = vectors_.subspan(index * kTextWidth, kTextWidth);
  for (std::size_t i = 0; i < kTextWidth; ++i) out[i] = scales_[index] * static_cast<float>(row[i]);
  return out;
}

}  // namespace odordiff::scent

#include "odor_texts.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

namespace odordiff::train {

using torch::Tensor;

namespace {

constexpr int kLeastDocuments = 8;

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text + ' ') {
    const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (lower >= 'a' && lower <= 'z') {
      words.back() += lower;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  words.pop_back();
  return words;
}

// Words and pairs of neighbours ("green apple").
std::map<std::string, int> counts_of(const std::vector<std::string>& words) {
  std::map<std::string, int> counts;
  for (std::size_t i = 0; i < words.size(); ++i) {
    ++counts[words[i]];
    if (i > 0) ++counts[words[i - 1] + ' ' + words[i]];
  }
  return counts;
}

}  // namespace

std::int64_t count_words(const std::string& text) {
  return static_cast<std::int64_t>(words_of(text).size());
}

Tensor word_weights(const std::vector<std::string>& documents) {
  std::vector<std::map<std::string, int>> counts;
  std::map<std::string, int> frequency;
  int written = 0;
  for (const auto& document : documents) {
    counts.push_back(counts_of(words_of(document)));
    written += counts.back().empty() ? 0 : 1;
    for (const auto& [word, n] : counts.back()) ++frequency[word];
  }
  std::map<std::string, std::int64_t> column;
  std::vector<float> rarity;
  for (const auto& [word, n] : frequency) {
    if (n < kLeastDocuments) continue;
    column.emplace(word, static_cast<std::int64_t>(column.size()));
    rarity.push_back(static_cast<float>(std::log((1.0 + written) / (1.0 + n)) + 1));
  }
  const Tensor out =
      torch::zeros({static_cast<std::int64_t>(documents.size()), static_cast<std::int64_t>(column.size())});
  auto at = out.accessor<float, 2>();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    for (const auto& [word, n] : counts[i]) {
      const auto hit = column.find(word);
      if (hit == column.end()) continue;
      at[static_cast<std::int64_t>(i)][hit->second] =
          (1 + std::log(static_cast<float>(n))) * rarity[static_cast<std::size_t>(hit->second)];
    }
  }
  return out / out.norm(2, 1, true).clamp_min(1e-9);
}

Tensor labels_from_words(const Tensor& words, const Tensor& labels, const Tensor& rows, double ridge) {
  const Tensor x = words.index_select(0, rows);
  const Tensor y = labels.index_select(0, rows);
  const Tensor x_mean = x.mean(0), y_mean = y.mean(0);
  const Tensor centred = x - x_mean;
  const Tensor gram = torch::mm(centred.t(), centred) + ridge * torch::eye(x.size(1));
  const Tensor weights =
      torch::cholesky_solve(torch::mm(centred.t(), y - y_mean), torch::linalg_cholesky(gram));
  return (torch::mm(words - x_mean, weights) + y_mean).clamp(0, 1);
}

}  // namespace odordiff::train

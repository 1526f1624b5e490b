// What was written about a molecule, read as odor labels. Experts' labels are few and hard-edged; the same
// experts' texts say more and with shades, and texts exist of molecules that nobody labelled. A teacher that
// learns from both learns better than one that learns from labels alone (docs/science.md).
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

namespace odordiff::train {

// How many words a text has.
std::int64_t count_words(const std::string& text);

// Counts of words and of pairs of neighbouring words in documents, weighted by rarity: (1 + ln tf) (1 + ln((1
// + n) / (1 + df))), rows of length 1. Each occurs in at least eight documents. [documents, words]; an empty
// document is a row of zeros.
torch::Tensor word_weights(const std::vector<std::string>& documents);

// Soft labels in [0, 1] for every row of `words`, by ridge regression from words to labels, fitted on `rows`
// (those with labels and a text). `ridge` is large on purpose: what it smooths away is chance.
torch::Tensor labels_from_words(const torch::Tensor& words, const torch::Tensor& labels,
                                const torch::Tensor& rows, double ridge = 60);

}  // namespace odordiff::train

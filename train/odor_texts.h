// What was written about a molecule, read as odor labels. Experts' labels are few and hard-edged; the same experts'
// texts say more and with shades, and texts exist of molecules that nobody labelled. A teacher that learns from both
// learns better than one that learns from labels alone (docs/science.md).
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

namespace odordiff::train {

// Word counts of documents, weighted by rarity: (1 + ln tf) (1 + ln((1 + n) / (1 + df))), rows of length 1. Words occur in
// at least three documents. [documents, words]; an empty document is a row of zeros.
torch::Tensor word_weights(const std::vector<std::string>& documents);

// Soft labels in [0, 1] for every row of `words`, by ridge regression from words to labels, fitted on `rows` (those with
// labels and a text). `ridge` is large on purpose: what it smooths away is chance.
torch::Tensor labels_from_words(const torch::Tensor& words, const torch::Tensor& labels, const torch::Tensor& rows,
                                double ridge = 60);

}  // namespace odordiff::train

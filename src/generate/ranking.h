// How candidates are scored against a brief and put in order.
#pragma once

#include <span>
#include <vector>

#include "chem/fingerprint.h"
#include "scent/descriptors.h"

namespace odordiff::generate {

// How well predicted descriptor probabilities agree with what a brief wants, in [0, 1]: the mean over the
// brief's descriptors, weighted by weight² so that what a word chiefly means is not drowned by what it also
// means, of s = p / (p + base rate) for wanted and 1 - s for unwanted ones. s is 0.5 where the molecule is as
// likely as any other to smell so. 0 when the brief wants nothing.
double match_score(const scent::DescriptorVector& weights, const scent::DescriptorVector& probabilities,
                   std::span<const float> base_rates);

struct Ranked {
  double score = 0;
  chem::BitFingerprint fingerprint;
};

// The order in which to show `items`: greedy maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998);
// each next item is the one with the highest score - penalty * (its greatest Tanimoto similarity to those
// already taken). Returns at most `count` indices.
std::vector<std::size_t> diverse_order(const std::vector<Ranked>& items, std::size_t count, double penalty);

}  // namespace odordiff::generate

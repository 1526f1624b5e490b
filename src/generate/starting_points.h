// Which known odorants a request starts from, and what of each stands: a share of the samples are variations
// of odorants that are predicted to smell as the brief wants, beside samples from nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/helpers.h"
#include "chem/fingerprint.h"
#include "chem/molecule.h"
#include "chem/tokenizer.h"
#include "generate/odorant_library.h"
#include "generate/pipeline.h"
#include "model/config.h"

namespace odordiff::generate {

// For one request. What it gives for a sample depends on the request's seed, the starts and the sample's
// number alone, whatever the rounds and threads.
class StartingPoints {
 public:
  StartingPoints() = default;  // none: every sample is from nothing
  // `most_tokens`: the longest string that the sampler may write.
  StartingPoints(const OdorantLibrary& library, const model::Retrieval& settings,
                 const std::vector<std::size_t>& odorants, std::uint64_t seed, int most_tokens);

  bool empty() const { return starts_.empty(); }

  // Pinned starts for samples [first, first + count), so that sample i has the one at i % count; an empty one
  // for a sample from nothing.
  std::vector<std::vector<chem::TokenId>> prefixes(std::uint64_t first, std::size_t count,
                                                   Helpers& helpers) const;

  // The odorant that a sample starts from, beside what came of it.
  std::optional<Descent> descent(std::uint64_t sample, const chem::BitFingerprint& of) const;

 private:
  struct Start {
    chem::Molecule molecule;
    chem::BitFingerprint fingerprint;
  };
  // The start of a sample and which of its variations this is; nothing for a sample from nothing.
  struct Place {
    std::size_t start;
    std::uint64_t variation;
  };
  std::optional<Place> place(std::uint64_t sample) const;
  std::vector<chem::TokenId> prefix(std::uint64_t sample) const;

  std::vector<Start> starts_;
  model::Retrieval settings_;
  std::uint64_t seed_ = 0;
  int most_tokens_ = 0;
};

}  // namespace odordiff::generate

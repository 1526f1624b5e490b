#include "generate/starting_points.h"

#include <algorithm>
#include <cmath>

#include "base/rng.h"
#include "chem/smiles_grammar.h"

namespace odordiff::generate {
namespace {

constexpr std::uint64_t kStream = 0x73746172'74000000;  // apart from the sampler's own random numbers
constexpr int kRoom = 2;                                // tokens at least that are left to write

// The longest start of `tokens` that the sampler can go on from.
std::size_t writable(const std::vector<chem::TokenId>& tokens, int most_tokens) {
  chem::SmilesGrammar grammar(most_tokens);
  std::size_t n = 0;
  while (n < tokens.size() && grammar.push(tokens[n])) ++n;
  return n;
}

}  // namespace

StartingPoints::StartingPoints(const OdorantLibrary& library, const model::Retrieval& settings,
                               const std::vector<std::size_t>& odorants, std::uint64_t seed, int most_tokens)
    : settings_(settings), seed_(seed), most_tokens_(most_tokens) {
  for (const std::size_t i : odorants) {
    if (const auto mol = chem::Molecule::try_parse(std::string(library.smiles(i)))) {
      starts_.push_back({*mol, chem::morgan_bits(*mol)});
    }
  }
}

std::optional<StartingPoints::Place> StartingPoints::place(std::uint64_t sample) const {
  if (starts_.empty()) return std::nullopt;
  // Evenly between the samples from nothing: as many variations stand before sample i as its share says.
  const auto before = [&](std::uint64_t i) {
    return static_cast<std::uint64_t>(static_cast<double>(i) * settings_.share);
  };
  const std::uint64_t variation = before(sample);
  if (before(sample + 1) == variation) return std::nullopt;
  return Place{static_cast<std::size_t>(variation % starts_.size()), variation / starts_.size()};
}

std::vector<chem::TokenId> StartingPoints::prefix(std::uint64_t sample) const {
  const auto at = place(sample);
  if (!at) return {};
  Rng rng(seed_, kStream + sample);
  const std::uint64_t writing = mix64(seed_ ^ mix64(sample));
  std::vector<chem::TokenId> tokens;
  if (!chem::Tokenizer::try_encode(chem::random_smiles(starts_[at->start].molecule, writing, true), tokens))
    return {};
  const double keep =
      settings_.keep_low + (settings_.keep_high - settings_.keep_low) * static_cast<double>(rng.uniform());
  const auto stands = static_cast<std::size_t>(std::lround(keep * static_cast<double>(tokens.size())));
  tokens.resize(std::min({stands, tokens.size() - 1, static_cast<std::size_t>(most_tokens_ - kRoom)}));
  tokens.resize(writable(tokens, most_tokens_));
  return tokens;
}

std::vector<std::vector<chem::TokenId>> StartingPoints::prefixes(std::uint64_t first, std::size_t count,
                                                                 Helpers& helpers) const {
  if (starts_.empty()) return {};
  std::vector<std::vector<chem::TokenId>> out(count);
  constexpr std::size_t kTogether = 4;  // a writing takes some tens of microseconds
  helpers.for_each((count + kTogether - 1) / kTogether, [&](std::size_t group) {
    for (std::size_t k = group * kTogether; k < std::min(count, (group + 1) * kTogether); ++k) {
      out[(first + k) % count] = prefix(first + k);
    }
  });
  return out;
}

std::optional<Descent> StartingPoints::descent(std::uint64_t sample, const chem::BitFingerprint& of) const {
  const auto at = place(sample);
  if (!at || prefix(sample).empty()) return std::nullopt;
  const Start& start = starts_[at->start];
  return Descent{start.molecule.smiles(), chem::tanimoto(start.fingerprint, of)};
}

}  // namespace odordiff::generate

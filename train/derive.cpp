#include "derive.h"

#include <GraphMol/ChemReactions/Reaction.h>
#include <GraphMol/ChemReactions/ReactionParser.h>
#include <GraphMol/GraphMol.h>
#include <GraphMol/MolOps.h>
#include <GraphMol/SmilesParse/SmilesParse.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <unordered_set>

#include "base/error.h"
#include "base/rng.h"

namespace odordiff::train {
namespace {

using ReactionPtr = std::unique_ptr<RDKit::ChemicalReaction>;

// The SMILES of one product drawn from all that the reaction can give; empty when it does not apply.
std::optional<std::string> react(RDKit::ChemicalReaction& reaction, const RDKit::MOL_SPTR_VECT& educts,
                                 Rng& rng) {
  const auto products = reaction.runReactants(educts, 20);
  if (products.empty()) return std::nullopt;
  const auto& product = products[rng.below(static_cast<std::uint32_t>(products.size()))].front();
  try {
    auto& mol = static_cast<RDKit::RWMol&>(*product);
    RDKit::MolOps::sanitizeMol(mol);
    return RDKit::MolToSmiles(mol);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<std::string> derive(const std::vector<std::string>& parents, const DeriveOptions& options) {
  std::vector<ReactionPtr> reactions;
  for (const Reaction& r : fragrance_reactions()) {
    ReactionPtr reaction{RDKit::RxnSmartsToChemicalReaction(r.smarts)};
    if (!reaction) throw Internal(std::string("bad reaction SMARTS: ") + r.name);
    reaction->initReactantMatchers();
    reactions.push_back(std::move(reaction));
  }
  // For each reaction and each of its educt places, the parents that fit there.
  std::vector<RDKit::ROMOL_SPTR> pool;
  for (const auto& smiles : parents) {
    if (auto* mol = RDKit::SmilesToMol(smiles)) pool.emplace_back(mol);
  }
  std::vector<std::vector<std::vector<std::uint32_t>>> fitting(reactions.size());
  const auto sort_in = [&](std::uint32_t index) {
    for (std::size_t r = 0; r < reactions.size(); ++r) {
      const auto& templates = reactions[r]->getReactants();
      fitting[r].resize(templates.size());
      for (std::size_t place = 0; place < templates.size(); ++place) {
        RDKit::MatchVectType match;
        if (RDKit::SubstructMatch(*pool[index], *templates[place], match)) fitting[r][place].push_back(index);
      }
    }
  };
  for (std::uint32_t i = 0; i < pool.size(); ++i) sort_in(i);

  Rng rng(options.seed, 0);
  std::unordered_set<std::string> seen(parents.begin(), parents.end());
  std::vector<std::string> out;
  std::size_t idle = 0;
  while (out.size() < options.wanted && idle < 200000) {
    ++idle;
    // Two-educt reactions have by far the larger space, so they are drawn more often.
    std::size_t r = rng.below(static_cast<std::uint32_t>(reactions.size()));
    if (fitting[r].size() == 1 && rng.uniform() < 0.3F) r = rng.below(2);
    RDKit::MOL_SPTR_VECT educts;
    for (const auto& place : fitting[r]) {
      if (place.empty()) break;
      educts.push_back(pool[place[rng.below(static_cast<std::uint32_t>(place.size()))]]);
    }
    if (educts.size() != fitting[r].size()) continue;
    const auto smiles = react(*reactions[r], educts, rng);
    if (!smiles || smiles->find('.') != std::string::npos || !seen.insert(*smiles).second) continue;
    const auto mol = chem::Molecule::try_parse(*smiles);
    if (!mol || !options.accept(*mol)) continue;
    out.push_back(*smiles);
    idle = 0;
    if (rng.uniform() < 0.1F) {  // second generation
      pool.emplace_back(RDKit::SmilesToMol(*smiles));
      sort_in(static_cast<std::uint32_t>(pool.size() - 1));
    }
    if (out.size() % 20000 == 0) {
      std::printf("derived %zu\n", out.size());
      std::fflush(stdout);
    }
  }
  return out;
}

}  // namespace odordiff::train

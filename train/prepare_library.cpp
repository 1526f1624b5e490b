// Makes odorants.safetensors (src/generate/odorant_library.h): the structures of known odorants that
// generation may start from, with what our own ranker predicts of their smells. Nothing that experts said of
// a molecule goes in, and no validation molecule (base/split.h), so that these stay unseen.
#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/split.h"
#include "chem/fingerprint.h"
#include "chem/implausible.h"
#include "chem/molecule.h"
#include "chem/odorant_window.h"
#include "chem/smiles_grammar.h"
#include "chem/tokenizer.h"
#include "generate/known.h"
#include "generate/odorant_library.h"
#include "model/resources.h"
#include "safety/assessor.h"
#include "scent/odor_predictor.h"
#include "scent/odor_tables.h"

namespace {

using namespace odordiff;

constexpr double kKinSimilarity = 0.6;  // Tanimoto from which two odorants count as near-copies
constexpr float kLeastOdorous = 0.5F;
constexpr int kMostTokens = 42;  // of a writing; what the sampler writes is no longer

// Whether the sampler could have written it.
bool writable(const chem::Molecule& mol) {
  std::vector<chem::TokenId> tokens;
  if (!chem::Tokenizer::try_encode(chem::random_smiles(mol, 0, true), tokens)) return false;
  if (tokens.size() < 4 || tokens.size() > kMostTokens) return false;
  chem::SmilesGrammar grammar(static_cast<int>(tokens.size()));
  return std::all_of(tokens.begin(), tokens.end(), [&](chem::TokenId t) { return grammar.push(t); }) &&
         grammar.complete();
}

// SMILES of what people are known to smell, as the tables write them, and of those that stay unseen.
struct Tables {
  std::set<std::string> odorants, unseen;
};

Tables read_tables(const std::filesystem::path& data) {
  Tables out;
  const auto add = [&](const std::string& smiles) {
    (is_validation(smiles) ? out.unseen : out.odorants).insert(smiles);
  };
  for (const auto& [smiles, unused] : scent::read_odor_labels(data / "odor_labels.csv")) add(smiles);
  for (const auto& text : scent::read_odor_texts(data / "odor_text.csv")) add(text.smiles);
  for (const auto& row : scent::read_csv(data / "odor_class.csv", 4)) {
    if (row[1] == "1") add(row[0]);
  }
  for (const auto& row : scent::read_csv(data / "odor_performance.csv", 5)) add(row[0]);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: odordiff-prepare-library DATA_FOLDER MODEL_FOLDER\n");
    return 2;
  }
  try {
    const std::filesystem::path model = argv[2];
    const auto tables = read_tables(argv[1]);
    const scent::OdorPredictor ranker(model, scent::OdorPredictor::Role::Ranker);
    const safety::SafetyAssessor safety(model::data_path(model, "safety"), model);
    // By structure, not by the tables' writing: one may write a molecule in two ways.
    std::set<std::uint64_t> seen;
    for (const auto& smiles : tables.unseen) {
      if (const auto mol = chem::Molecule::try_parse(smiles)) seen.insert(generate::molecule_key(*mol));
    }
    std::vector<generate::LibraryOdorant> odorants;
    std::vector<chem::BitFingerprint> fingerprints;
    for (const auto& smiles : tables.odorants) {
      const auto written = chem::Molecule::try_parse(smiles);
      if (!written || !seen.insert(generate::molecule_key(*written)).second) continue;
      const auto mol = chem::Molecule::parse(written->flat_smiles());
      if (!chem::outside_odorant_window(mol).empty() || !chem::implausible_structure(mol).empty()) continue;
      if (!writable(mol) || safety.forbids(mol)) continue;
      const auto odor = ranker.predict(mol);
      if (odor.odorous < kLeastOdorous) continue;
      generate::LibraryOdorant row{mol.smiles(), odor.probabilities,
                                   static_cast<std::int64_t>(odorants.size())};
      const auto bits = chem::morgan_bits(mol);
      for (std::size_t i = 0; i < odorants.size(); ++i) {
        // Of the first of its kind, so that a chain of kin does not become one.
        if (odorants[i].kin != static_cast<std::int64_t>(i) ||
            chem::tanimoto(fingerprints[i], bits) < kKinSimilarity)
          continue;
        row.kin = odorants[i].kin;
        break;
      }
      odorants.push_back(std::move(row));
      fingerprints.push_back(bits);
    }
    generate::write_odorant_library(model / "odorants.safetensors", odorants);
    std::set<std::int64_t> kinds;
    for (const auto& odorant : odorants) kinds.insert(odorant.kin);
    std::printf("%zu odorants of %zu kinds; %zu validation molecules stay out\n", odorants.size(),
                kinds.size(), tables.unseen.size());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "odordiff-prepare-library: %s\n", error.what());
    return 1;
  }
}

// Makes the generator's training set from the data tables: known odorants, molecules derived from them, and
// general small molecules, each as several random Kekulé SMILES in tokens, with known or predicted odor
// labels and the vectors of what was written about it. One safetensors file; training needs nothing else.
// Also writes which molecules are known.
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "base/error.h"
#include "base/rng.h"
#include "base/split.h"
#include "chem/fingerprint.h"
#include "chem/implausible.h"
#include "chem/molecule.h"
#include "chem/odorant_window.h"
#include "chem/tokenizer.h"
#include "derive.h"
#include "generate/known.h"
#include "nn/safetensors.h"
#include "scent/brief_encoder.h"
#include "scent/odor_predictor.h"
#include "scent/odor_tables.h"

namespace {

using namespace odordiff;

constexpr int kMaxTokens = 60;
enum Domain : std::uint8_t { kOdorant = 0, kDerived = 1, kGeneral = 2 };

std::vector<std::string> read_gz_lines(const std::filesystem::path& file) {
  gzFile in = gzopen(file.c_str(), "rb");
  if (in == nullptr) throw Unavailable("cannot read " + file.string());
  std::vector<std::string> lines;
  char buffer[4096];
  while (gzgets(in, buffer, sizeof buffer) != nullptr) {
    buffer[std::strcspn(buffer, "\r\n\t ")] = 0;
    if (buffer[0] != 0) lines.emplace_back(buffer);
  }
  gzclose(in);
  return lines;
}

struct Corpus {
  std::vector<std::uint8_t> tokens, labels, domain, hard, validation;
  std::vector<std::int64_t> token_offset{0}, variant_offset{0}, text_offset{0};
  std::vector<float> text;
  std::int64_t molecules = 0;

  // False when no writing of the molecule fits.
  bool add(const chem::Molecule& mol, Domain where, int variants, std::uint64_t seed) {
    const std::size_t before = token_offset.size();
    std::set<std::string> seen;
    for (int v = 0; v < variants * 2 && static_cast<int>(seen.size()) < variants; ++v) {
      const std::string smiles = chem::random_smiles(mol, seed * 1000 + static_cast<std::uint64_t>(v), true);
      std::vector<chem::TokenId> ids;
      if (!seen.insert(smiles).second || !chem::Tokenizer::try_encode(smiles, ids)) continue;
      if (ids.size() > kMaxTokens || ids.size() < 2) continue;
      if (std::any_of(ids.begin(), ids.end(), [](chem::TokenId t) { return t > 24; })) continue;
      tokens.insert(tokens.end(), ids.begin(), ids.end());
      token_offset.push_back(static_cast<std::int64_t>(tokens.size()));
    }
    if (token_offset.size() == before) return false;
    variant_offset.push_back(static_cast<std::int64_t>(token_offset.size() - 1));
    domain.push_back(where);
    ++molecules;
    return true;
  }
};

template <typename T>
nn::TensorView view(const std::vector<T>& v, nn::DType dtype, std::vector<std::int64_t> shape) {
  return {dtype, std::move(shape), std::as_bytes(std::span(v))};
}

bool plain_elements(const chem::Molecule& mol, int most_nitrogen) {
  int nitrogen = 0;
  for (const int z : mol.atomic_numbers()) {
    if (z != 6 && z != 7 && z != 8 && z != 16) return false;
    nitrogen += z == 7 ? 1 : 0;
  }
  return nitrogen <= most_nitrogen && mol.smiles().find_first_of("+.") == std::string::npos;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr,
                 "usage: odordiff-prepare-corpus DATA_FOLDER MODEL_FOLDER OUT.safetensors [derived]\n");
    return 2;
  }
  try {
    const std::filesystem::path data = argv[1], model = argv[2];
    const std::size_t derived_wanted = argc > 4 ? std::stoul(argv[4]) : 120000;
    const scent::OdorPredictor predictor(model, scent::OdorPredictor::Role::Ranker);
    std::unique_ptr<scent::BriefEncoder> encoder;
    if (std::filesystem::exists(model / "brief.safetensors"))
      encoder = std::make_unique<scent::BriefEncoder>(model);

    const auto labels = scent::read_odor_labels(data / "odor_labels.csv");
    std::map<std::string, std::vector<std::string>> texts;
    for (auto& t : scent::read_odor_texts(data / "odor_text.csv")) texts[t.smiles].push_back(t.text);

    // Everything that carries a smell, in one ordered set: the parents of the derived molecules.
    std::set<std::string> odorants;
    for (const auto& [smiles, unused] : labels) odorants.insert(smiles);
    for (const auto& [smiles, unused] : texts) odorants.insert(smiles);
    for (const auto& row : scent::read_csv(data / "odor_class.csv", 4)) {
      if (row[1] == "1") odorants.insert(row[0]);
    }
    for (const auto& row : scent::read_csv(data / "odor_performance.csv", 5)) odorants.insert(row[0]);
    const auto general = read_gz_lines(data / "molecules.smi.gz");

    std::vector<std::uint64_t> known, derived_keys, held;
    std::vector<chem::BitFingerprint> fingerprints;
    Corpus corpus;
    std::vector<std::string> parents;
    std::vector<chem::Molecule> pending;
    std::vector<const std::vector<std::size_t>*> pending_labels;
    const auto flush = [&] {
      const auto predictions = predictor.predict(pending);
      for (std::size_t i = 0; i < pending.size(); ++i) {
        corpus.hard.push_back(pending_labels[i] != nullptr);
        for (std::size_t d = 0; d < scent::kDescriptors; ++d) {
          corpus.labels.push_back(static_cast<std::uint8_t>(predictions[i].probabilities[d] * 255.0F + 0.5F));
        }
        if (pending_labels[i] != nullptr) {
          std::uint8_t* row = corpus.labels.data() + corpus.labels.size() - scent::kDescriptors;
          std::fill(row, row + scent::kDescriptors, std::uint8_t{0});
          for (const std::size_t d : *pending_labels[i]) row[d] = 255;
        }
      }
      pending.clear();
      pending_labels.clear();
    };
    const auto remember = [&](const chem::Molecule& mol, const std::vector<std::size_t>* hard) {
      pending.push_back(mol);
      pending_labels.push_back(hard);
      if (pending.size() == 256) flush();
    };

    for (const auto& smiles : odorants) {
      const auto mol = chem::Molecule::try_parse(smiles);
      if (!mol) continue;
      known.push_back(generate::molecule_key(*mol));
      fingerprints.push_back(chem::morgan_bits(*mol));
      const bool validation = is_validation(smiles);
      if (validation) held.push_back(known.back());
      if (!validation && plain_elements(*mol, 3) && mol->heavy_atoms() <= 16)
        parents.push_back(mol->smiles());
      // What no answer may be is not worth learning.
      if (!chem::outside_odorant_window(*mol).empty() || !chem::implausible_structure(*mol).empty()) continue;
      if (!plain_elements(*mol, 3) || !corpus.add(*mol, kOdorant, 24, mix64(known.back()) >> 20U)) continue;
      corpus.validation.push_back(validation);
      const auto hit = labels.find(smiles);
      remember(*mol, hit == labels.end() ? nullptr : &hit->second);
      if (encoder) {
        const auto written = texts.find(smiles);
        if (written != texts.end()) {
          for (std::string text : written->second) {
            if (text.size() > 900) text.resize(900);
            try {
              const auto brief = encoder->encode(text);
              if (!brief.has_text) continue;
              corpus.text.insert(corpus.text.end(), brief.text.begin(), brief.text.end());
            } catch (const InvalidInput&) {  // a text that no user could send either
            }
          }
        }
      }
      corpus.text_offset.push_back(static_cast<std::int64_t>(corpus.text.size() / scent::kTextWidth));
    }
    std::sort(held.begin(), held.end());
    std::printf("odorants: %lld, parents: %zu, texts: %zu\n", static_cast<long long>(corpus.molecules),
                parents.size(), corpus.text.size() / scent::kTextWidth);

    const auto fits = [&](const chem::Molecule& mol, float least_odorous, int most_heavy) {
      return mol.heavy_atoms() <= most_heavy && plain_elements(mol, 2) &&
             chem::outside_odorant_window(mol).empty() && chem::implausible_structure(mol).empty() &&
             predictor.predict(mol).odorous >= least_odorous &&
             !std::binary_search(held.begin(), held.end(), generate::molecule_key(mol));
    };
    const auto add_unlabelled = [&](const chem::Molecule& mol, Domain where, int variants) {
      if (!corpus.add(mol, where, variants, generate::molecule_key(mol) >> 20U)) return;
      corpus.validation.push_back(0);
      corpus.text_offset.push_back(corpus.text_offset.back());
      remember(mol, nullptr);
    };
    std::size_t general_taken = 0;
    for (const auto& smiles : general) {
      const auto mol = chem::Molecule::try_parse(smiles);
      if (!mol) continue;
      known.push_back(generate::molecule_key(*mol));
      if (!fits(*mol, 0.5F, 22)) continue;
      add_unlabelled(*mol, kGeneral, 4);
      ++general_taken;
    }
    std::printf("general: %zu\n", general_taken);
    std::fflush(stdout);
    train::DeriveOptions options;
    options.wanted = derived_wanted;
    options.accept = [&](const chem::Molecule& mol) { return fits(mol, 0.6F, 21); };
    for (const auto& smiles : train::derive(parents, options)) {
      const auto mol = chem::Molecule::try_parse(smiles);
      if (!mol) continue;
      derived_keys.push_back(generate::molecule_key(*mol));
      add_unlabelled(*mol, kDerived, 4);
    }
    flush();
    generate::write_known(model / "known.safetensors", std::move(known), std::move(derived_keys),
                          fingerprints);

    const auto n = corpus.molecules;
    const auto size = [](const auto& v) { return static_cast<std::int64_t>(v.size()); };
    const auto text_rows = size(corpus.text) / static_cast<std::int64_t>(scent::kTextWidth);
    nn::write_safetensors(
        argv[3],
        {{"tokens", view(corpus.tokens, nn::DType::U8, {size(corpus.tokens)})},
         {"token_offset", view(corpus.token_offset, nn::DType::I64, {size(corpus.token_offset)})},
         {"variant_offset", view(corpus.variant_offset, nn::DType::I64, {n + 1})},
         {"labels", view(corpus.labels, nn::DType::U8, {n, static_cast<std::int64_t>(scent::kDescriptors)})},
         {"hard", view(corpus.hard, nn::DType::U8, {n})},
         {"domain", view(corpus.domain, nn::DType::U8, {n})},
         {"validation", view(corpus.validation, nn::DType::U8, {n})},
         {"text",
          view(corpus.text, nn::DType::F32, {text_rows, static_cast<std::int64_t>(scent::kTextWidth)})},
         {"text_offset", view(corpus.text_offset, nn::DType::I64, {n + 1})}});
    std::printf("%lld molecules, %lld writings, %lld tokens\n", static_cast<long long>(n),
                static_cast<long long>(size(corpus.token_offset) - 1),
                static_cast<long long>(size(corpus.tokens)));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "odordiff-prepare-corpus: %s\n", error.what());
    return 1;
  }
}

// Teaches the brief encoder (src/scent/brief_model.h) which words experts use for which smells.
//
//   odordiff-train-brief --texts odor_text.csv --labels odor_labels.csv --lexicon FOLDER --model MODEL_FOLDER
//   odordiff-train-brief --evaluate --texts odor_text.csv --labels odor_labels.csv --model MODEL_FOLDER
//
// MODEL_FOLDER holds what distill_words made; the compiled lexicon and the learned tensors are added there.
// Validation molecules and the texts about them are never trained on; --evaluate measures on them alone.
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/rng.h"
#include "brief_learner.h"
#include "scent/brief_encoder.h"
#include "scent/brief_model.h"
#include "scent/odor_tables.h"
#include "torch_file.h"

namespace odordiff::train {
namespace {

namespace fs = std::filesystem;
using scent::kDescriptors;
using torch::Tensor;

// The texts of labelled molecules, cut to what a user may send.
struct Labelled {
  std::vector<std::string> texts;
  std::vector<std::string> smiles;
  Tensor labels;  // [texts, 138]
};

std::string cut(std::string text) {
  while (text.size() > scent::kMaxBriefCharacters) {
    do {
      text.pop_back();
    } while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0U) == 0x80);
  }
  return text;
}

Labelled labelled_texts(const fs::path& texts, const fs::path& labels, bool validation) {
  const auto known = scent::read_odor_labels(labels);
  Labelled out;
  std::vector<const std::vector<std::size_t>*> rows;
  for (auto& row : scent::read_odor_texts(texts)) {
    const auto found = known.find(row.smiles);
    if (row.validation != validation || found == known.end()) continue;
    auto text = cut(std::move(row.text));
    if (!scent::count_characters(text) || scent::split_words(text).empty()) continue;
    out.texts.push_back(std::move(text));
    out.smiles.push_back(std::move(row.smiles));
    rows.push_back(&found->second);
  }
  out.labels = torch::zeros({std::int64_t(rows.size()), std::int64_t(kDescriptors)});
  auto access = out.labels.accessor<float, 2>();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const auto d : *rows[i]) access[std::int64_t(i)][std::int64_t(d)] = 1;
  }
  return out;
}

void train(std::map<std::string, std::string>& given) {
  const fs::path model = given.at("--model");
  const std::vector<fs::path> sources = {fs::path(given.at("--lexicon")) / "materials.tsv",
                                         fs::path(given.at("--lexicon")) / "scenes.tsv"};
  scent::Lexicon(sources).write(model / "lexicon.tsv");
  const std::vector<fs::path> compiled = {model / "lexicon.tsv"};
  const scent::Lexicon lexicon(compiled);

  std::map<std::string, Tensor> tensors;
  {
    const nn::SafeTensors file(model / "brief.safetensors");
    for (const char* name : {"words.vectors", "words.scale", "words.weight"})
      tensors[name] = load_tensor(file, name);
  }
  save_tensors(model / "brief.safetensors", tensors);
  const nn::SafeTensors file(model / "brief.safetensors");
  std::ifstream list(model / "words.txt", std::ios::binary);
  const scent::WordVectors vectors({std::istreambuf_iterator<char>(list), {}}, file);
  std::printf("%zu lexicon entries, %zu words\n", lexicon.entries().size(), vectors.size());

  const auto data = labelled_texts(given.at("--texts"), given.at("--labels"), false);
  BriefLearner learner(lexicon, vectors, tensors);
  learner.guess_profiles();
  learner.read(data.texts, data.smiles, data.labels);
  for (auto& [name, tensor] : learner.learn()) tensors[name] = tensor;
  save_tensors(model / "brief.safetensors", tensors);
}

void evaluate(std::map<std::string, std::string>& given) {
  const auto began = std::chrono::steady_clock::now();
  const scent::BriefEncoder encoder(given.at("--model"));
  const std::chrono::duration<double, std::milli> loading = std::chrono::steady_clock::now() - began;
  const auto data = labelled_texts(given.at("--texts"), given.at("--labels"), true);
  Tensor scores = torch::zeros_like(data.labels);
  std::size_t understood = 0;
  std::vector<std::size_t> terms;  // understood, of each text
  const auto started = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < data.texts.size(); ++i) {
    const auto brief = encoder.encode(data.texts[i]);
    understood += brief.understood ? 1 : 0;
    terms.push_back(std::size_t(std::count_if(brief.terms.begin(), brief.terms.end(), [](const auto& term) {
      return term.source != scent::BriefTerm::Source::Unknown;
    })));
    std::copy(brief.probabilities.begin(), brief.probabilities.end(),
              scores[std::int64_t(i)].data_ptr<float>());
  }
  const std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - started;
  const std::set<std::string> molecules(data.smiles.begin(), data.smiles.end());
  const auto result = macro_auroc(scores, data.labels);
  std::printf("validation: %zu texts about %zu molecules, %.1f %% understood\n", data.texts.size(),
              molecules.size(), 100.0 * double(understood) / double(data.texts.size()));
  std::printf("macro AUROC %.4f over %d descriptors with at least 3 positives\n", result.mean,
              result.descriptors);

  std::vector<std::int64_t> telling;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (terms[i] >= 3) telling.push_back(std::int64_t(i));
  }
  const auto rows = torch::tensor(telling);
  const auto told = macro_auroc(scores.index_select(0, rows), data.labels.index_select(0, rows));
  std::printf("the %zu texts with 3 understood terms or more: %.4f over %d descriptors\n", telling.size(),
              told.mean, told.descriptors);

  // One row a molecule: the mean over its texts.
  std::map<std::string, std::vector<std::int64_t>> by_molecule;
  for (std::size_t i = 0; i < data.smiles.size(); ++i) by_molecule[data.smiles[i]].push_back(std::int64_t(i));
  std::vector<Tensor> mean_scores, mean_labels;
  for (const auto& [smiles, own] : by_molecule) {
    const auto index = torch::tensor(own);
    mean_scores.push_back(scores.index_select(0, index).mean(0));
    mean_labels.push_back(data.labels[own.front()]);
  }
  const auto by = macro_auroc(torch::stack(mean_scores), torch::stack(mean_labels));
  std::printf("by molecule, all its texts together: %.4f over %d descriptors\n", by.mean, by.descriptors);
  std::printf("load %.1f ms, encode %.1f us a text\n", loading.count(),
              spent.count() / double(data.texts.size()));
}

}  // namespace
}  // namespace odordiff::train

int main(int argc, char** argv) {
  try {
    torch::set_num_threads(1);
    std::map<std::string, std::string> given;
    for (int i = 1; i < argc; ++i) {
      const std::string key = argv[i];
      if (key == "--evaluate") {
        given[key] = "";
      } else if (i + 1 < argc) {
        given[key] = argv[++i];
      }
    }
    const bool only_evaluate = given.contains("--evaluate");
    for (const char* key : {"--texts", "--labels", "--lexicon", "--model"}) {
      if (!given.contains(key) && !(only_evaluate && std::string(key) == "--lexicon")) {
        throw odordiff::InvalidInput(std::string("missing ") + key + " (see the head of this program)");
      }
    }
    if (!only_evaluate) odordiff::train::train(given);
    odordiff::train::evaluate(given);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "odordiff-train-brief: %s\n", error.what());
    return 1;
  }
}

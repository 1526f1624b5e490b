// Makes the word vectors that the brief encoder reads: each word's sentence embedding by a small BERT,
// brought down to 64 dimensions and 8 bits. So the product knows how near "petrichor" is to "earthy" without
// carrying the BERT.
//
//   odordiff-distill-words --bert FOLDER --texts odor_text.csv --labels odor_labels.csv --lexicon FOLDER
//                          --out MODEL_FOLDER
//
// FOLDER of --bert holds model.safetensors and vocab.txt of a BERT with mean pooling (all-MiniLM-L6-v2).
#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "nn/safetensors.h"
#include "scent/brief_encoder.h"
#include "scent/brief_text.h"
#include "scent/lexicon.h"
#include "scent/odor_tables.h"
#include "torch_file.h"

namespace odordiff::train {
namespace {

namespace fs = std::filesystem;
using scent::kDescriptors;
using scent::kTextWidth;

// A word is embedded as "smells of WORD, perfume note": "musk" and "rose" are then no people.
constexpr std::array kBefore = {"smells", "of"};
constexpr std::array kAfter = {",", "perfume", "note"};
constexpr double kDomainShare = 0.9;   // of the principal axes' attention that words about smell get
constexpr int kLeastUses = 3;          // below it a word unknown elsewhere may be a misprint
constexpr double kLeastInformed = 20;  // texts with a word before they are asked what it tells
constexpr double kSif = 2e-3;          // a of a / (a + p(word)): Arora et al., ICLR 2017
constexpr double kInformationHalf =
    0.5;  // nats about the labels at which a frequent word has half its weight

// A BERT encoder (Devlin et al., 2019), post-norm, for sequences of one length, hence without padding.
class Bert {
 public:
  explicit Bert(const fs::path& path) {
    const nn::SafeTensors file(path);
    for (const auto& [key, view] : file.tensors()) weights_[key] = load_tensor(file, key);
  }

  // [words, tokens] -> [words, width], the unit-length mean over tokens.
  torch::Tensor embed(const torch::Tensor& tokens) const {
    const auto length = tokens.size(1);
    auto x = torch::embedding(at("embeddings.word_embeddings.weight"), tokens) +
             at("embeddings.position_embeddings.weight").narrow(0, 0, length) +
             at("embeddings.token_type_embeddings.weight")[0];
    x = norm(x, "embeddings.LayerNorm");
    for (int layer = 0; contains(name(layer, "output.dense.weight")); ++layer) {
      const auto heads = [&](const char* part) {
        const auto y = linear(x, name(layer, std::string("attention.self.") + part));
        return y.view({x.size(0), length, -1, kHeadWidth}).transpose(1, 2);
      };
      const auto scores = heads("query").matmul(heads("key").transpose(2, 3)) / std::sqrt(double(kHeadWidth));
      const auto mixed = scores.softmax(-1).matmul(heads("value")).transpose(1, 2).reshape(x.sizes());
      x = norm(x + linear(mixed, name(layer, "attention.output.dense")),
               name(layer, "attention.output.LayerNorm"));
      const auto inner = torch::gelu(linear(x, name(layer, "intermediate.dense")));
      x = norm(x + linear(inner, name(layer, "output.dense")), name(layer, "output.LayerNorm"));
    }
    const auto mean = x.mean(1);
    return mean / mean.norm(2, 1, true);
  }

 private:
  static constexpr std::int64_t kHeadWidth = 32;

  static std::string name(int layer, const std::string& part) {
    return "encoder.layer." + std::to_string(layer) + "." + part;
  }
  bool contains(const std::string& key) const { return weights_.contains(key); }
  const torch::Tensor& at(const std::string& key) const { return weights_.at(key); }
  torch::Tensor linear(const torch::Tensor& x, const std::string& key) const {
    return torch::linear(x, at(key + ".weight"), at(key + ".bias"));
  }
  torch::Tensor norm(const torch::Tensor& x, const std::string& key) const {
    return torch::layer_norm(x, {x.size(-1)}, at(key + ".weight"), at(key + ".bias"), 1e-12);
  }

  std::map<std::string, torch::Tensor> weights_;
};

class WordPiece {
 public:
  explicit WordPiece(const fs::path& file) {
    std::ifstream in(file);
    if (!in) throw Unavailable("cannot read " + file.string());
    for (std::string line; std::getline(in, line);) pieces_.emplace(line, std::int64_t(pieces_.size()));
  }

  // The word in its frame, between [CLS] and [SEP]; longest piece first.
  std::vector<std::int64_t> encode(const std::string& word) const {
    std::vector<std::int64_t> ids = {pieces_.at("[CLS]")};
    for (const char* piece : kBefore) ids.push_back(pieces_.at(piece));
    append(ids, word);
    for (const char* piece : kAfter) ids.push_back(pieces_.at(piece));
    ids.push_back(pieces_.at("[SEP]"));
    return ids;
  }

  const std::unordered_map<std::string, std::int64_t>& pieces() const { return pieces_; }

 private:
  void append(std::vector<std::int64_t>& ids, const std::string& word) const {
    const std::size_t before = ids.size();
    for (std::size_t begin = 0; begin < word.size();) {
      std::size_t end = word.size();
      for (; end > begin; --end) {
        const auto it = pieces_.find((begin > 0 ? "##" : "") + word.substr(begin, end - begin));
        if (it == pieces_.end()) continue;
        ids.push_back(it->second);
        break;
      }
      if (end == begin) {
        ids.resize(before);
        ids.push_back(pieces_.at("[UNK]"));
        return;
      }
      begin = end;
    }
  }

  std::unordered_map<std::string, std::int64_t> pieces_;
};

bool wanted(const std::string& word) {
  return word.size() >= 2 && word.size() <= 24 && scent::is_ascii_word(word);
}

std::set<std::string> lexicon_words(const scent::Lexicon& lexicon) {
  std::set<std::string> words;
  for (const auto& entry : lexicon.entries()) {
    for (const auto& word : scent::split_words(entry.term)) {
      if (wanted(word.text)) words.insert(word.text);
    }
  }
  return words;
}

// What each word tells about the labels of the molecules it is used for: sum over descriptors of the
// Bernoulli divergence between "given the word" and "at large", in nats. "odor" and "note" tell nothing,
// "vanilla" much.
std::unordered_map<std::string, double> information(
    const std::vector<std::vector<std::string>>& texts,
    const std::vector<const std::vector<std::size_t>*>& labels) {
  struct Count {
    double uses = 0;
    std::array<double, kDescriptors> carried{};
  };
  Count all;
  std::unordered_map<std::string, Count> counts;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (labels[i] == nullptr) continue;
    const auto add = [&](Count& count) {
      ++count.uses;
      for (const auto d : *labels[i]) ++count.carried[d];
    };
    add(all);
    for (const auto& word : std::set<std::string>(texts[i].begin(), texts[i].end())) add(counts[word]);
  }
  std::unordered_map<std::string, double> nats;
  for (const auto& [word, count] : counts) {
    if (count.uses < kLeastInformed) continue;
    double sum = 0;
    for (std::size_t d = 0; d < kDescriptors; ++d) {
      const double q = (all.carried[d] + 1) / (all.uses + 2);
      const double p = (count.carried[d] + 10 * q) / (count.uses + 10);
      sum += p * std::log(p / q) + (1 - p) * std::log((1 - p) / (1 - q));
    }
    nats.emplace(word, sum);
  }
  return nats;
}

torch::Tensor embed_words(const Bert& bert, const WordPiece& pieces, const std::vector<std::string>& words,
                          std::int64_t width) {
  constexpr std::size_t kBatchTokens = 1024;
  std::map<std::size_t, std::vector<std::pair<std::int64_t, std::vector<std::int64_t>>>> by_length;
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto ids = pieces.encode(words[i]);
    by_length[ids.size()].emplace_back(std::int64_t(i), std::move(ids));
  }
  auto out = torch::empty({std::int64_t(words.size()), width});
  for (const auto& [length, rows] : by_length) {
    const std::size_t batch = std::max<std::size_t>(1, kBatchTokens / length);
    for (std::size_t begin = 0; begin < rows.size(); begin += batch) {
      const std::size_t end = std::min(rows.size(), begin + batch);
      std::vector<std::int64_t> ids, at;
      for (std::size_t r = begin; r < end; ++r) {
        at.push_back(rows[r].first);
        ids.insert(ids.end(), rows[r].second.begin(), rows[r].second.end());
      }
      const auto tokens =
          torch::tensor(ids, torch::kInt64).view({std::int64_t(end - begin), std::int64_t(length)});
      out.index_copy_(0, torch::tensor(at, torch::kInt64), bert.embed(tokens));
    }
    std::printf("%zu words of %zu pieces\n", rows.size(), length - 2 - kBefore.size() - kAfter.size());
    std::fflush(stdout);
  }
  return out;
}

// The principal axes of the vectors, [width, 64]. Words of the texts and of the BERT vocabulary have a fixed
// share of the say, words that only the lexicon brought have none: the axes, on which other networks are
// trained, stay the same when the lexicon grows.
torch::Tensor principal_axes(const torch::Tensor& centred, const torch::Tensor& text,
                             const torch::Tensor& general) {
  const auto share = text / text.sum() * kDomainShare + general / general.sum() * (1 - kDomainShare);
  const auto scatter = centred.t().matmul(centred * share.unsqueeze(1)).to(torch::kFloat64);
  const auto [values, vectors] = torch::linalg_eigh(scatter, "U");  // ascending
  const auto total = values.sum().item<double>();
  const auto kept = values.narrow(0, values.size(0) - std::int64_t(kTextWidth), std::int64_t(kTextWidth));
  std::printf("64 axes keep %.1f %% of the variance\n", 100 * kept.sum().item<double>() / total);
  const auto axes =
      vectors.narrow(1, values.size(0) - std::int64_t(kTextWidth), std::int64_t(kTextWidth)).flip(1);
  // An axis has no sign of its own; this makes every run agree on one.
  const auto largest = std::get<1>(axes.abs().max(0, true));
  return (axes * axes.gather(0, largest).sign()).to(torch::kFloat32).contiguous();
}

struct Paths {
  fs::path bert, texts, labels, lexicon, out;
};

Paths parse(int argc, char** argv) {
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  for (const char* key : {"--bert", "--texts", "--labels", "--lexicon", "--out"}) {
    if (!given.contains(key))
      throw InvalidInput(std::string("missing ") + key + " (see the head of this program)");
  }
  return {given["--bert"], given["--texts"], given["--labels"], given["--lexicon"], given["--out"]};
}

// A word's rank in the BERT vocabulary gives its frequency in English by Zipf's law.
double weight_in_english(const WordPiece& pieces, const std::string& word) {
  const auto piece = pieces.pieces().find(word);
  if (piece == pieces.pieces().end()) return 1;
  const auto rank = std::max<std::int64_t>(1, piece->second - pieces.pieces().at("the") + 1);
  return kSif / (kSif + 0.1 / double(rank));
}

struct Texts {
  std::vector<std::vector<std::string>> words;
  std::vector<const std::vector<std::size_t>*> labels;  // null: not known
  std::unordered_map<std::string, int> uses;
};

Texts training_texts(const fs::path& file,
                     const std::unordered_map<std::string, std::vector<std::size_t>>& labels) {
  Texts texts;
  for (const auto& row : scent::read_odor_texts(file)) {
    if (row.validation) continue;
    auto& words = texts.words.emplace_back();
    for (auto& word : scent::split_words(row.text)) {
      if (wanted(word.text)) words.push_back(std::move(word.text));
    }
    for (const auto& word : words) ++texts.uses[word];
    const auto found = labels.find(row.smiles);
    texts.labels.push_back(found == labels.end() ? nullptr : &found->second);
  }
  return texts;
}

void run(const Paths& paths) {
  torch::NoGradGuard no_grad;
  torch::set_num_threads(1);
  const WordPiece pieces(paths.bert / "vocab.txt");
  const Bert bert(paths.bert / "model.safetensors");
  const auto labels = scent::read_odor_labels(paths.labels);
  const Texts texts = training_texts(paths.texts, labels);
  const std::vector<fs::path> files = {paths.lexicon / "materials.tsv", paths.lexicon / "scenes.tsv"};
  const scent::Lexicon lexicon(files);
  const auto in_lexicon = lexicon_words(lexicon);

  std::set<std::string> all = in_lexicon;
  for (const auto& [word, uses] : texts.uses) all.insert(word);
  for (const auto& [piece, id] : pieces.pieces()) {
    if (wanted(piece)) all.insert(piece);
  }
  const std::vector<std::string> words(all.begin(), all.end());
  std::printf("%zu words, %zu of them in texts\n", words.size(), texts.uses.size());

  auto vectors = embed_words(bert, pieces, words, 384);
  auto text = torch::zeros({std::int64_t(words.size())}), general = torch::zeros_like(text);
  // A rare word that no other list has and that is one letter off a lexicon word is a misprint: out of the
  // vocabulary, it will be corrected by the reader.
  std::vector<std::int64_t> kept;
  std::vector<float> weights;
  const auto nats = information(texts.words, texts.labels);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto at = std::int64_t(i);
    const auto used = texts.uses.find(words[i]);
    const bool english = pieces.pieces().contains(words[i]);
    if (used != texts.uses.end()) {
      text[at] = 1.F;
    } else if (english) {
      general[at] = 1.F;
    }
    if (!english && !in_lexicon.contains(words[i]) && used->second < kLeastUses && lexicon.nearest(words[i]))
      continue;
    kept.push_back(at);
    const auto told = nats.find(words[i]);
    const double informative = told == nats.end() ? 1 : told->second / (told->second + kInformationHalf);
    weights.push_back(float(weight_in_english(pieces, words[i]) * informative));
  }
  const auto counted = text + general;
  vectors -= (vectors * counted.unsqueeze(1)).sum(0) / counted.sum();
  const auto axes = principal_axes(vectors, text, general);
  vectors = vectors.index_select(0, torch::tensor(kept)).matmul(axes);
  vectors = vectors / vectors.norm(2, 1, true).clamp_min(1e-6);
  const auto scale = std::get<0>(vectors.abs().max(1)) / 127;

  fs::create_directories(paths.out);
  std::ofstream list(paths.out / "words.txt", std::ios::binary | std::ios::trunc);
  for (const auto at : kept) list << words[std::size_t(at)] << '\n';
  list.close();
  if (!list) throw Unavailable("cannot write " + (paths.out / "words.txt").string());
  save_tensors(paths.out / "brief.safetensors",
               {{"words.scale", scale},
                {"words.vectors", (vectors / scale.unsqueeze(1)).round().to(torch::kInt8)},
                {"words.weight", torch::tensor(weights)}});
  std::printf("%zu words kept\n", kept.size());
}

}  // namespace
}  // namespace odordiff::train

int main(int argc, char** argv) {
  try {
    odordiff::train::run(odordiff::train::parse(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "odordiff-distill-words: %s\n", error.what());
    return 1;
  }
}

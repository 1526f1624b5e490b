#include "scent/brief_encoder.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "scent/brief_model.h"
#include "scent/brief_reader.h"

namespace odordiff::scent {
namespace {

constexpr std::size_t kMostExplained = 5;
constexpr std::size_t kMostWanted = 8, kMostNamed = 12;
constexpr float kLeastWanted = 0.15F, kLeastShareOfStrongest = 0.3F;
// A negation is about what a word chiefly means: "no vanilla" does not forbid the sweetness that vanilla also
// has.
constexpr float kChiefly = 0.7F;
constexpr float kRepeated = 0.25F;  // of what a second term adds to a descriptor
constexpr float kUnwantedLogit = 2.5F;
// Words outside the lexicon count by what was guessed or learned of them, with reserve.
constexpr float kLeastHint = 0.25F, kHintTrust = 1.2F;
constexpr float kLeastLearnedLogit = 1.5F, kLogitPerWeight = 4, kMostLearned = 0.8F;
constexpr std::size_t kMostOfWord = 3;

using Profile = std::vector<std::pair<std::size_t, float>>;

void sort_strongest_first(Profile& profile) {
  std::stable_sort(profile.begin(), profile.end(),
                   [](const auto& a, const auto& b) { return std::abs(a.second) > std::abs(b.second); });
}

std::string read_all(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Unavailable("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::filesystem::path> lexicon_file(const std::filesystem::path& folder) {
  return {folder / "lexicon.tsv"};
}

void check(const std::string& brief) {
  if (brief.size() > kMaxBriefBytes) {
    throw InvalidInput("the brief has " + std::to_string(brief.size()) +
                       " bytes; give at most 1,000 characters");
  }
  const auto characters = count_characters(brief);
  if (!characters) throw InvalidInput("the brief is not UTF-8 text; save or send it as UTF-8");
  if (*characters > kMaxBriefCharacters) {
    throw InvalidInput("the brief has " + std::to_string(*characters) + " characters; give at most 1,000");
  }
  if (split_words(brief).empty()) {
    throw InvalidInput(
        "the brief is blank; say in words how it should smell, such as \"fresh-cut grass after rain\"");
  }
}

}  // namespace

struct BriefEncoder::Impl {
  explicit Impl(const std::filesystem::path& folder)
      : file(folder / "brief.safetensors"),
        lexicon(lexicon_file(folder)),
        vectors(read_all(folder / "words.txt"), file),
        model(file, lexicon, vectors),
        reader(lexicon, vectors) {}

  nn::SafeTensors file;
  Lexicon lexicon;
  WordVectors vectors;
  BriefModel model;
  BriefReader reader;

  // What a term means by itself, strongest first; empty when it means nothing that is known.
  Profile meaning(const ReadTerm& term, const DescriptorVector& row) const {
    if (term.kind == ReadTerm::Kind::Entry) return lexicon.entries()[term.index].descriptors;
    Profile profile;
    if (term.kind == ReadTerm::Kind::Unknown) return profile;
    DescriptorVector weight{};
    for (const auto& [d, w] : model.hints(term.index)) {
      if (w >= kLeastHint) weight[d] = std::min(kMostLearned, kHintTrust * w);
    }
    if (model.was_learned(term.index)) {
      for (std::size_t d = 0; d < kDescriptors; ++d) {
        if (row[d] >= kLeastLearnedLogit)
          weight[d] = std::max(weight[d], std::min(kMostLearned, row[d] / kLogitPerWeight));
      }
    }
    for (std::size_t d = 0; d < kDescriptors; ++d) {
      if (weight[d] > 0) profile.emplace_back(d, weight[d]);
    }
    sort_strongest_first(profile);
    if (profile.size() > kMostOfWord) profile.resize(kMostOfWord);
    return profile;
  }

  void add_text(EncodedBrief& out, const Reading& reading, const ReadTerm& term) const {
    for (std::size_t i = term.first; i < term.first + term.words; ++i) {
      auto word = vectors.find_form(reading.words[i].text);
      if (!word && term.kind == ReadTerm::Kind::Entry && term.words == 1) {
        word = vectors.find(lexicon.entries()[term.index].term);  // the spelling meant
      }
      if (!word) continue;
      const auto vector = vectors.vector(*word);
      const float weight = term.emphasis * vectors.weight(*word);
      for (std::size_t k = 0; k < kTextWidth; ++k) out.text[k] += weight * vector[k];
    }
  }
};

namespace {

// Wanted and unwanted strengths made one sparse direction.
void settle_weights(EncodedBrief& out, const DescriptorVector& wanted, const DescriptorVector& unwanted,
                    const std::array<bool, kDescriptors>& named, float most_emphasis) {
  Profile kept;
  for (std::size_t d = 0; d < kDescriptors; ++d) {
    const float w = wanted[d] / most_emphasis - unwanted[d];
    if (unwanted[d] > 0) {
      out.weights[d] = std::clamp(std::min(w, -0.5F * unwanted[d]), -1.0F, 0.0F);
    } else if (w > 0) {
      kept.emplace_back(d, std::min(w, 1.0F));
    }
  }
  sort_strongest_first(kept);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const auto [d, w] = kept[i];
    const bool strong = w >= std::max(kLeastWanted, kLeastShareOfStrongest * kept.front().second);
    if ((i < kMostWanted && (strong || named[d])) || (i < kMostNamed && named[d])) out.weights[d] = w;
  }
}

void normalise(EncodedBrief& out) {
  float sum = 0;
  for (const float x : out.text) sum += x * x;
  out.has_text = sum > 1e-12F;
  if (!out.has_text) {
    out.text = {};
    return;
  }
  const float inverse = 1 / std::sqrt(sum);
  for (float& x : out.text) x *= inverse;
}

}  // namespace

BriefEncoder::BriefEncoder(const std::filesystem::path& folder) : impl_(std::make_unique<Impl>(folder)) {}
BriefEncoder::~BriefEncoder() = default;

EncodedBrief BriefEncoder::encode(const std::string& brief) const {
  check(brief);
  const Impl& my = *impl_;
  const Reading reading = my.reader.read(brief);
  const auto terms =
      static_cast<std::size_t>(std::count_if(reading.terms.begin(), reading.terms.end(), [](const auto& t) {
        return t.unwanted == 0 && t.kind != ReadTerm::Kind::Unknown;
      }));

  EncodedBrief out;
  DescriptorVector logits = my.model.base(terms);
  DescriptorVector wanted{}, unwanted{}, penalty{};
  std::array<bool, kDescriptors> named{};
  float most_emphasis = 1;
  const float share = my.model.share(terms);
  for (const ReadTerm& term : reading.terms) {
    BriefTerm told;
    told.begin = reading.words[term.first].begin;
    told.end = reading.words[term.first + term.words - 1].end;
    told.text = brief.substr(told.begin, told.end - told.begin);
    told.emphasis = term.emphasis;
    told.negated = term.unwanted > 0;
    DescriptorVector row{};
    if (term.kind == ReadTerm::Kind::Entry) row = my.model.entry_row(term.index);
    if (term.kind == ReadTerm::Kind::Word) row = my.model.word_row(term.index);
    const Profile meaning = my.meaning(term, row);
    if (!meaning.empty()) {
      told.source =
          term.kind == ReadTerm::Kind::Entry ? BriefTerm::Source::Lexicon : BriefTerm::Source::Learned;
      out.understood = true;
    }
    for (const auto& [d, weight] : meaning) {
      float given = weight * term.emphasis;
      if (told.negated) {
        if (weight < kChiefly * meaning.front().second) continue;
        given = -term.unwanted * (told.source == BriefTerm::Source::Lexicon ? 1.0F : weight);
        unwanted[d] = std::max(unwanted[d], -given);
        penalty[d] = std::max(penalty[d], term.unwanted * kUnwantedLogit);
      } else {
        wanted[d] = std::max(wanted[d], given) + kRepeated * std::min(wanted[d], given);
        named[d] = named[d] || weight >= meaning.front().second;
      }
      if (told.descriptors.size() < kMostExplained) told.descriptors.emplace_back(d, given);
    }
    if (!told.negated) {
      if (!meaning.empty()) most_emphasis = std::max(most_emphasis, term.emphasis);
      for (std::size_t d = 0; d < kDescriptors; ++d) logits[d] += share * term.emphasis * row[d];
      my.add_text(out, reading, term);
    }
    out.terms.push_back(std::move(told));
  }
  const DescriptorVector floor = my.model.base(terms);
  for (std::size_t d = 0; d < kDescriptors; ++d) {
    // Unwanted is less likely than if nothing had been said.
    const float logit = penalty[d] > 0 ? std::min(logits[d], floor[d]) - penalty[d] : logits[d];
    out.probabilities[d] = 1 / (1 + std::exp(-logit));
  }
  settle_weights(out, wanted, unwanted, named, most_emphasis);
  normalise(out);
  return out;
}

}  // namespace odordiff::scent

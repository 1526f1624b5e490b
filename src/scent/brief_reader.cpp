#include "scent/brief_reader.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <span>
#include <string>

#include "scent/brief_cues.h"

namespace odordiff::scent {
namespace {

using Kind = Cue::Kind;

constexpr float kLeastWordWeight = 0.2F;  // a known word below it is grammar
constexpr std::size_t kMostCorrections = 16;
constexpr float kLeastEmphasis = 0.2F, kMostEmphasis = 2;
constexpr float kLeastLikeness = 0.4F;  // cosine
constexpr float kDiminutive = 0.7F;     // "sweetish"

bool is_number(std::string_view word) {
  return std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Whether the word says how something smells, not what: "smoky" against "leather". By its ending, with those
// that have none; words of the other kind that end alike are few.
bool is_quality(std::string_view word) {
  static constexpr std::string_view kEndings[] = {"y",   "ic",  "ous", "ish",  "ed",   "al", "ive",
                                                  "ful", "ant", "ent", "like", "some", "id", "ar"};
  static constexpr std::string_view kQualities[] = {
      "sweet",   "sweeter", "green",  "dry",   "fresh", "warm",   "dark",   "light",  "sharp", "heavy",
      "bitter",  "sour",    "clean",  "cool",  "cold",  "hot",    "raw",    "ripe",   "soft",  "harsh",
      "loud",    "strong",  "tart",   "mild",  "rich",  "deep",   "thick",  "thin",   "pure",  "marine",
      "aquatic", "burnt",   "bright", "dense", "salt",  "wooden", "golden", "rotten", "stale", "brown",
      "red",     "white",   "black",  "pink",  "blue",  "cooling"};
  static constexpr std::string_view kThings[] = {
      "honey",     "cherry", "lily",    "rosemary",  "candy", "whisky",  "whiskey", "brandy",
      "sherry",    "barley", "parsley", "celery",    "ivy",   "daisy",   "peony",   "poppy",
      "jelly",     "tansy",  "hay",     "clay",      "bay",   "metal",   "coal",    "charcoal",
      "cereal",    "petal",  "mineral", "coriander", "plant", "currant", "mint",    "peppermint",
      "spearmint", "scent",  "sugar",   "cedar",     "tar",   "vinegar", "cigar",   "nectar",
      "santal",    "sandal", "toffee",  "coffee",    "seed",  "weed"};
  const auto is_in = [&](const auto& list) {
    return std::find(std::begin(list), std::end(list), word) != std::end(list);
  };
  if (is_in(kQualities)) return true;
  if (is_in(kThings) || word.ends_with("berry") || word.ends_with("weed") || word.ends_with("seed"))
    return false;
  return std::any_of(std::begin(kEndings), std::end(kEndings), [&](std::string_view ending) {
    return word.size() > ending.size() + 1 && word.ends_with(ending);
  });
}

// One pass over the words, carrying what negation and emphasis are at work.
class Pass {
 public:
  Pass(const Lexicon& lexicon, const WordVectors& vectors, Reading& out)
      : lexicon_(lexicon), vectors_(vectors), out_(out), words_(out.words) {}

  void run() {
    while (at_ < words_.size()) {
      if (words_[at_].starts_clause) start_clause();
      const auto entry = entry_here();
      if (entry && entry->words > 1) {
        add(ReadTerm::Kind::Entry, entry->entry, entry->words);
        continue;
      }
      const auto cue = cue_here();
      if (cue && !(is_also_smell(*cue, entry))) {
        follow(*cue);
      } else if (entry) {
        const bool diminutive = entry->by_form && words_[at_].text.ends_with("ish");
        if (diminutive) degree_ *= kDiminutive;
        add(ReadTerm::Kind::Entry, entry->entry, 1);
      } else {
        add_other_word();
      }
    }
  }

 private:
  // The entry at this word; one found by a form must be near in meaning too: "sweeter" is sweet, no "brother"
  // is broth.
  std::optional<Lexicon::Match> entry_here() const {
    // What is taken from "a less green apple" is the green.
    const bool is_alone = unwanted_ > 0 && scope_ != Scope::Phrase && is_quality(words_[at_].text);
    const auto entry = lexicon_.longest(is_alone ? std::span(words_).first(at_ + 1) : std::span(words_), at_);
    if (!entry || !entry->by_form || entry->words > 1) return entry;
    const std::string& word = words_[at_].text;
    const auto own = vectors_.find(word), stem = vectors_.find(lexicon_.entries()[entry->entry].term);
    if (!own || !stem || word.ends_with("like") || word.ends_with("ness")) return entry;
    const auto a = vectors_.vector(*own), b = vectors_.vector(*stem);
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0F) < kLeastLikeness ? std::nullopt : entry;
  }

  // A cue gives way to a longer phrase of the lexicon that begins inside it: "a little black dress".
  std::optional<CueMatch> cue_here() const {
    auto cue = find_cue(words_, at_);
    if (!cue) return std::nullopt;
    for (std::size_t i = 1; i < cue->words; ++i) {
      const auto inside = lexicon_.longest(words_, at_ + i);
      if (inside && inside->words > 1 && i + inside->words > cue->words)
        return CueMatch{{Kind::Filler, 1}, i};
    }
    return cue;
  }

  bool next_is_smell(std::size_t at) const {
    if (at >= words_.size() || words_[at].starts_clause) return false;
    if (const auto entry = lexicon_.longest(words_, at)) return entry->words > 1 || !find_cue(words_, at);
    return !find_cue(words_, at) && vectors_.find_form(words_[at].text).has_value();
  }

  // "light" in "light rose" and "rose-light" says how much; in "something light" it is a smell of its own.
  bool is_also_smell(const CueMatch& cue, const std::optional<Lexicon::Match>& entry) const {
    return entry && !entry->by_form && cue.words == 1 && cue.cue.kind == Kind::Amount &&
           !next_is_smell(at_ + 1) && !(words_[at_].joined && touches_last_term());
  }

  void start_clause() {
    const bool list = words_[at_].comma_before;
    degree_ = 1;
    amount_ = 1;
    complaint_ = 0;
    in_reference_ = false;
    is_compared_ = false;
    if (!(list && unwanted_ > 0 && list_goes_on())) unwanted_ = 0;
    clause_first_ = out_.terms.size();
  }

  // "no vanilla, musk or amber": the negation reaches over the commas because an "or" is still to come.
  bool list_goes_on() const {
    std::size_t in_segment = 0;
    for (std::size_t i = at_; i < words_.size() && in_segment <= 4; ++i, ++in_segment) {
      if (i > at_ && words_[i].starts_clause) {
        if (!words_[i].comma_before) return false;
        in_segment = 0;
      }
      const auto cue = find_cue(words_, i);
      if (!cue) continue;
      if (cue->cue.kind == Kind::Or) return true;
      if (cue->cue.kind != Kind::Filler && cue->cue.kind != Kind::And) return false;
    }
    return false;
  }

  void follow(const CueMatch& match) {
    const Cue& cue = match.cue;
    const std::size_t next = at_ + match.words;
    switch (cue.kind) {
      case Kind::Negate:
      case Kind::NegateNext:
        if (next < words_.size() && !words_[next].starts_clause && is_number(words_[next].text)) break;
        negate(cue.value, is_joined(next)            ? Scope::Word
                          : cue.kind == Kind::Negate ? Scope::Phrase
                                                     : Scope::Quality);
        break;
      case Kind::NegateJoined:
        if (is_joined(next)) negate(cue.value, Scope::Word);
        break;
      case Kind::NegateAll:
        for (std::size_t i = clause_first_; i < out_.terms.size(); ++i) out_.terms[i].unwanted = cue.value;
        break;
      case Kind::Complain:
        if (unwanted_ == 0) complaint_ = cue.value;
        break;
      case Kind::Cancel:
        unwanted_ = 0;
        degree_ = cue.value;
        break;
      case Kind::Degree:
      case Kind::Amount:
        if (const bool before = !smell_follows(next) && touches_last_term(); before) {
          emphasise_last(cue.value);
        } else if (cue.kind == Kind::Degree) {
          degree_ *= cue.value;
        } else {
          amount_ *= cue.value;
        }
        break;
      case Kind::After:
        if (touches_last_term()) emphasise_last(cue.value);
        break;
      case Kind::Free:
        if (touches_last_term() && (words_[at_].joined || !next_is_smell(next)))
          out_.terms.back().unwanted = cue.value;
        break;
      case Kind::Than:
        in_reference_ = unwanted_ > 0 || is_compared_;
        if (!in_reference_) amount_ = cue.value;
        break;
      case Kind::End:
        unwanted_ = 0;
        amount_ = 1;
        in_reference_ = is_compared_ = false;
        break;
      case Kind::And:
        degree_ = 1;
        if (!influence_outlives_and(next)) unwanted_ = 0, amount_ = 1;
        break;
      case Kind::Or:
        degree_ = 1;
        break;
      case Kind::Filler:
        break;
    }
    at_ = next;
  }

  // How far a negation reaches: to the end of its phrase; no further than the qualities of the thing that
  // they stand before; or one word, which a hyphen ties to it.
  enum class Scope { Phrase, Quality, Word };

  void negate(float value, Scope scope) {
    unwanted_ = value;
    scope_ = scope;
    amount_ = degree_ = 1;
  }

  bool is_joined(std::size_t at) const { return at < words_.size() && words_[at].joined; }

  // "a less sweet rose", "non-smoky leather": the negation ends with the term that was added last.
  void end_negation_behind(const ReadTerm& term) {
    if (unwanted_ == 0 || scope_ == Scope::Phrase) return;
    if (scope_ == Scope::Quality) {
      if (term.words > 1 || !is_quality(words_[term.first].text) || is_joined(at_)) return;
      std::size_t next = at_;
      while (next < words_.size() && !words_[next].starts_clause &&
             (words_[next].text == "a" || words_[next].text == "an")) {
        ++next;
      }
      if (!next_is_smell(next)) return;
    }
    unwanted_ = 0;
    is_compared_ = true;
  }

  // "unsmoky leather", "a smokeless fire": the smell in the word is unwanted. A negation before it takes that
  // back: "not unsweetened".
  bool take_negated_word(const std::string& word) {
    std::optional<std::size_t> entry;
    for (const std::string_view prefix : {"un", "non"}) {
      if (entry || !word.starts_with(prefix) || word.size() < prefix.size() + 4) continue;
      for (const auto& form : word_forms(word.substr(prefix.size()))) {
        if (!entry) entry = lexicon_.find(form);
      }
    }
    if (!entry && word.size() > 7 && word.ends_with("less"))
      entry = lexicon_.find(std::string_view(word).substr(0, word.size() - 4));
    if (!entry) return false;
    if (unwanted_ > 0) {
      unwanted_ = 0;
      degree_ *= kDiminutive;
    } else {
      complaint_ = 1;
    }
    add(ReadTerm::Kind::Entry, *entry, 1);
    return true;
  }

  // "without sugar and spice" wants neither, "a hint of sugar and spice" a hint of each; "no sugar and a
  // little spice" wants spice.
  bool influence_outlives_and(std::size_t next) const {
    if (next >= words_.size() || words_[next].starts_clause) return false;
    if (words_[next].text == "a" || words_[next].text == "an") return false;
    const auto cue = find_cue(words_, next);
    return !cue || cue->cue.kind == Kind::Filler || cue->cue.kind == Kind::Or;
  }

  // Whether a smell comes in this clause before anything that ends an influence.
  bool smell_follows(std::size_t from) const {
    for (std::size_t i = from; i < words_.size() && !words_[i].starts_clause; ++i) {
      if (next_is_smell(i)) return true;
      const auto cue = find_cue(words_, i);
      if (cue && (cue->cue.kind == Kind::End || cue->cue.kind == Kind::And)) return false;
    }
    return false;
  }

  bool touches_last_term() const {
    if (out_.terms.size() <= clause_first_) return false;
    const ReadTerm& last = out_.terms.back();
    return last.first + last.words == at_;
  }

  void emphasise_last(float value) {
    float& emphasis = out_.terms.back().emphasis;
    emphasis = std::clamp(emphasis * value, kLeastEmphasis, kMostEmphasis);
  }

  void add(ReadTerm::Kind kind, std::size_t index, std::size_t words) {
    if (in_reference_) {  // "less sweet than candy" says nothing of candy
      at_ += words;
      return;
    }
    ReadTerm term;
    term.kind = kind;
    term.index = index;
    term.first = at_;
    term.words = words;
    term.unwanted = std::max(unwanted_, complaint_);
    if (term.unwanted == 0) term.emphasis = std::clamp(degree_ * amount_, kLeastEmphasis, kMostEmphasis);
    out_.terms.push_back(term);
    degree_ = 1;
    complaint_ = 0;
    at_ += words;
    end_negation_behind(term);
  }

  void add_other_word() {
    const std::string& word = words_[at_].text;
    if (word.size() < 2 || is_number(word)) {
      ++at_;
      return;
    }
    if (take_negated_word(word)) return;
    const auto exact = vectors_.find(word);
    if (!exact && corrections_ < kMostCorrections) {
      ++corrections_;
      if (const auto near = lexicon_.nearest(word)) {
        add(ReadTerm::Kind::Entry, *near, 1);
        return;
      }
    }
    const auto known = exact ? exact : vectors_.find_form(word);
    if (known && vectors_.weight(*known) < kLeastWordWeight) {
      ++at_;
      return;
    }
    add(known ? ReadTerm::Kind::Word : ReadTerm::Kind::Unknown, known.value_or(0), 1);
  }

  const Lexicon& lexicon_;
  const WordVectors& vectors_;
  Reading& out_;
  const std::vector<BriefWord>& words_;
  std::size_t at_ = 0;
  std::size_t clause_first_ = 0;  // term
  std::size_t corrections_ = 0;
  float unwanted_ = 0, complaint_ = 0, degree_ = 1, amount_ = 1;
  Scope scope_ = Scope::Phrase;  // of unwanted_
  bool in_reference_ = false, is_compared_ = false;
};

}  // namespace

Reading BriefReader::read(std::string_view text) const {
  Reading reading;
  reading.words = split_words(text);
  Pass(lexicon_, vectors_, reading).run();
  return reading;
}

}  // namespace odordiff::scent

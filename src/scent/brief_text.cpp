#include "scent/brief_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace odordiff::scent {
namespace {

constexpr char32_t kBroken = 0xffffffff;

// The character at `at`, which moves past it; kBroken when the bytes there are not UTF-8.
char32_t next_character(std::string_view text, std::size_t& at) {
  utf8proc_int32_t c = -1;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                       static_cast<utf8proc_ssize_t>(text.size() - at), &c);
  at += length > 0 ? static_cast<std::size_t>(length) : 1;
  return length > 0 ? static_cast<char32_t>(c) : kBroken;
}

// What a character stands for under Unicode's compatibility folding (NFKC_Casefold, Unicode Standard Annex
// 15): small letters without accents, ligatures and full-width letters taken apart, nothing for what is not
// seen.
std::u32string folded(char32_t c) {
  if (c < 0x80) return {c >= 'A' && c <= 'Z' ? static_cast<char32_t>(c + ('a' - 'A')) : c};
  constexpr int kMost = 32;  // Unicode's longest has 18
  std::array<utf8proc_int32_t, kMost> parts{};
  int boundary = 0;
  const auto count = utf8proc_decompose_char(
      static_cast<utf8proc_int32_t>(c), parts.data(), kMost,
      static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                     UTF8PROC_STRIPMARK | UTF8PROC_IGNORE),
      &boundary);
  return {parts.begin(), parts.begin() + std::clamp<std::ptrdiff_t>(count, 0, kMost)};
}

// Latin letters that Unicode takes for letters of their own; empty for others.
std::string_view plain_latin(char32_t c) {
  switch (c) {
    case U'æ':
      return "ae";
    case U'œ':
      return "oe";
    case U'þ':
      return "th";
    case U'ø':
      return "o";
    case U'đ':
    case U'ð':
      return "d";
    case U'ħ':
      return "h";
    case U'ı':
      return "i";
    case U'ĸ':
      return "k";
    case U'ł':
      return "l";
    case U'ŋ':
      return "n";
    case U'ŧ':
      return "t";
    default:
      return {};
  }
}

void append_letter(std::string& out, char32_t c) {
  if (const auto latin = plain_latin(c); !latin.empty()) {
    out += latin;
    return;
  }
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes.data());
  out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
}

enum class CharacterKind { Letter, Apostrophe, Hyphen, Dash, Space, Comma, Break };

// Of a folded character: punctuation of a sentence's end or a new thought against that of a list.
CharacterKind kind_of(char32_t c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
    return CharacterKind::Letter;
  if (c == '\'' || c == 0x2019 || c == 0x2018 || c == 0x02bc || c == 0x2032 || c == '`')
    return CharacterKind::Apostrophe;
  if (c == '-' || c == 0x2010 || c == 0x2011 || c == '_') return CharacterKind::Hyphen;
  if ((c >= 0x2012 && c <= 0x2015) || c == 0x2212 || c == 0x2e3a) return CharacterKind::Dash;
  if (c == ',' || c == '/' || c == '&' || c == '+' || c == 0x2044 || c == 0x3001) return CharacterKind::Comma;
  if (c == ' ' || c == '\t' || c == 0x1680) return CharacterKind::Space;
  if (c == '"' || c == '*' || c == '#' || c == 0x201c || c == 0x201d || c == '%') return CharacterKind::Space;
  if (c < 0xc0 || c == 0xd7 || c == 0xf7) return CharacterKind::Break;
  if ((c >= 0x2000 && c < 0x2c00) || (c >= 0x3000 && c < 0x3040) || c >= 0xfe00) return CharacterKind::Break;
  return CharacterKind::Letter;
}

bool begins_with_letter(std::string_view text) {
  if (text.empty()) return false;
  std::size_t at = 0;
  const auto parts = folded(next_character(text, at));
  return !parts.empty() && kind_of(parts.front()) == CharacterKind::Letter;
}

// Whether a dash that stands right behind a word ties the next one to it, as a hyphen would: "musk–free" by a
// dash as long as a hyphen or a figure; a long one parts, but for "musk—free".
bool dash_joins(char32_t dash, std::string_view rest) {
  if (!begins_with_letter(rest)) return false;
  constexpr std::string_view kFree = "free";
  const bool is_long = dash == 0x2014 || dash == 0x2015 || dash == 0x2e3a;
  return !is_long || (rest.starts_with(kFree) && !begins_with_letter(rest.substr(kFree.size())));
}

bool ends_with_any(std::string_view word, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return word.ends_with(end); });
}

bool vowel(char c) {
  return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
}

}  // namespace

std::optional<std::size_t> count_characters(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    if (next_character(text, at) == kBroken) return std::nullopt;
  }
  return count;
}

namespace {

// Cuts a text into words, one folded character after another.
class WordCutter {
 public:
  explicit WordCutter(std::string_view text) : text_(text) {}

  std::vector<BriefWord> cut() {
    while (at_ < text_.size()) {
      start_ = at_;
      const auto parts = folded(next_character(text_, at_));
      if (parts.empty() && !word_.text.empty()) word_.end = at_;  // an accent of its own
      for (const char32_t part : parts) take(part);
    }
    finish();
    return std::move(words_);
  }

 private:
  void take(char32_t c) {
    CharacterKind kind = kind_of(c);
    if (kind == CharacterKind::Letter) {
      if (word_.text.empty()) word_.begin = start_;
      append_letter(word_.text, c);
      word_.end = at_;
      return;
    }
    if (kind == CharacterKind::Apostrophe && !word_.text.empty() && begins_with_letter(text_.substr(at_))) {
      take_apostrophe();
      return;
    }
    const std::string_view rest = text_.substr(at_);
    if (kind == CharacterKind::Dash) {
      const bool joins = !word_.text.empty() && dash_joins(c, rest);
      kind = joins ? CharacterKind::Hyphen : CharacterKind::Break;
    }
    // Between spaces a hyphen is a dash.
    if (kind == CharacterKind::Hyphen && word_.text.empty() && !begins_with_letter(rest))
      kind = CharacterKind::Break;
    finish();
    if (kind == CharacterKind::Hyphen) hyphen_ = true;
    if (kind == CharacterKind::Comma) comma_ = true;
    if (kind == CharacterKind::Break) breaks_ = true;
  }

  // Between letters: don't is one word, the s of a possessive goes with its word but not into it, and l'heure
  // is two.
  void take_apostrophe() {
    const bool s = text_[at_] == 's' || text_[at_] == 'S';
    if (s && !begins_with_letter(text_.substr(at_ + 1))) {
      word_.end = ++at_;
      finish();
    } else if (word_.text.size() == 1) {
      finish();
    }
  }

  void finish() {
    if (word_.text.empty()) return;
    word_.starts_clause = breaks_ || comma_;
    word_.comma_before = comma_ && !breaks_;
    word_.joined = hyphen_ && !breaks_ && !comma_;
    breaks_ = comma_ = hyphen_ = false;
    words_.push_back(std::move(word_));
    word_ = {};
  }

  std::string_view text_;
  std::size_t at_ = 0, start_ = 0;
  std::vector<BriefWord> words_;
  BriefWord word_;
  bool breaks_ = true, comma_ = false, hyphen_ = false;
};

}  // namespace

std::vector<BriefWord> split_words(std::string_view text) {
  return WordCutter(text).cut();
}

std::string fold_phrase(std::string_view text) {
  std::string out;
  for (const BriefWord& word : split_words(text)) {
    if (!out.empty()) out += ' ';
    out += word.text;
  }
  return out;
}

bool is_ascii_word(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

std::vector<std::string> word_forms(const std::string& word) {
  std::vector<std::string> forms = {word};
  const auto add = [&](std::string form) {
    if (form.size() >= 3 && std::find(forms.begin(), forms.end(), form) == forms.end())
      forms.push_back(std::move(form));
  };
  const auto cut = [&](std::size_t n) { return word.substr(0, word.size() - n); };
  // A stem as it stands, with the e that the ending swallowed, and without a doubled consonant: smoky, rosy,
  // nutty.
  const auto add_stem = [&](const std::string& stem) {
    if (stem.size() < 3) return;
    const std::size_t n = stem.size();
    if (stem[n - 1] == stem[n - 2] && !vowel(stem[n - 1])) add(stem.substr(0, n - 1));
    add(stem);
    if (!vowel(stem[n - 1])) add(stem + "e");
  };
  if (!is_ascii_word(word) || word.size() < 4) return forms;
  if (word.ends_with("ies")) add(cut(3) + "y");
  if (word.ends_with("ves")) add(cut(3) + "f"), add(cut(1));
  if (ends_with_any(word, {"shes", "ches", "sses", "xes", "zes", "oes"})) add(cut(2));
  if (word.ends_with("s") && !ends_with_any(word, {"ss", "us", "is"})) add(cut(1));
  if (word.ends_with("like") && word.size() > 6) add_stem(cut(4));
  if (word.ends_with("ish") && word.size() > 5) add_stem(cut(3));
  if (word.ends_with("iness"))
    add(cut(5) + "y"), add_stem(cut(5));
  else if (word.ends_with("ness"))
    add(cut(4));
  if (word.ends_with("iest")) add(cut(4) + "y"), add_stem(cut(4));
  if (word.ends_with("ier")) add(cut(3) + "y"), add_stem(cut(3));
  if (word.ends_with("ily"))
    add(cut(3) + "y"), add_stem(cut(3));
  else if (word.ends_with("ly"))
    add(cut(2)), add(cut(1));
  else if (word.ends_with("ey"))
    add_stem(cut(2));
  if (word.ends_with("y") && !word.ends_with("ly"))
    add_stem(cut(1));
  else if (word.ends_with("y"))
    add_stem(cut(1));
  if (word.ends_with("ed")) add(cut(1)), add_stem(cut(2));
  if (word.ends_with("ing") && word.size() > 5) add_stem(cut(3));
  if (word.ends_with("er")) add_stem(cut(2));
  if (word.ends_with("est") && word.size() > 5) add_stem(cut(3));
  if (word.ends_with("en") && word.size() > 5) add_stem(cut(2));
  if (word.ends_with("ous") && word.size() > 6) add_stem(cut(3));
  if (word.ends_with("ic") && word.size() > 5) add_stem(cut(2));
  return forms;
}

}  // namespace odordiff::scent

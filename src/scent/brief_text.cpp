#include "scent/brief_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace odordiff::scent {
namespace {

constexpr char32_t kBroken = 0xffffffff;

// The character at `at`, which moves past it; kBroken when the bytes there are not UTF-8.
char32_t next_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(at++);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  if (lead < 0xc2 || lead > 0xf4 || text.size() - at < static_cast<std::size_t>(more)) return kBroken;
  char32_t c = lead & (0x3fU >> more);
  for (int i = 0; i < more; ++i) {
    const std::uint8_t next = byte(at++);
    if ((next & 0xc0U) != 0x80) return kBroken;
    c = (c << 6U) | (next & 0x3fU);
  }
  constexpr std::array<char32_t, 4> kLeast = {0, 0x80, 0x800, 0x10000};
  if (c < kLeast[static_cast<std::size_t>(more)] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
    return kBroken;
  return c;
}

// Base letters of U+00C0 to U+017F; a capital stands for two letters; '.' is no letter.
//   A: ae, S: ss, T: th, O: oe, I: ij
constexpr std::string_view kLatin =
    "aaaaaaAceeeeiiiidnooooo.ouuuuyTSaaaaaaAceeeeiiiidnooooo.ouuuuyTy"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiIIjjkkkllllllllll"
    "nnnnnnnnnooooooOOrrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(kLatin.size() == 0x180 - 0xc0);

void append_utf8(std::string& out, std::string_view raw) {
  out.append(raw);
}

enum class CharacterKind { Letter, Apostrophe, Hyphen, Space, Comma, Break, Nothing };

// Punctuation of a sentence's end or a new thought against that of a list.
CharacterKind kind_of(char32_t c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
    return CharacterKind::Letter;
  if (c == '\'' || c == 0x2019 || c == 0x2018 || c == 0x02bc || c == '`') return CharacterKind::Apostrophe;
  if (c == '-' || c == 0x2010 || c == 0x2011 || c == '_') return CharacterKind::Hyphen;
  if (c == ',' || c == '/' || c == '&' || c == '+' || c == 0x3001 || c == 0xff0c) return CharacterKind::Comma;
  if (c == ' ' || c == '\t' || c == 0xa0 || c == 0x2009 || c == 0x202f || c == 0x3000)
    return CharacterKind::Space;
  if (c == '"' || c == '*' || c == '#' || c == 0x201c || c == 0x201d || c == '%') return CharacterKind::Space;
  if (c == 0xad || (c >= 0x200b && c <= 0x200d) || c == 0xfeff) return CharacterKind::Nothing;
  if (c >= 0x300 && c < 0x370) return CharacterKind::Nothing;  // combining accents
  if (c < 0xc0 || c == 0xd7 || c == 0xf7) return CharacterKind::Break;
  if ((c >= 0x2000 && c < 0x2c00) || (c >= 0x3000 && c < 0x3040) || c >= 0xfe00) return CharacterKind::Break;
  return CharacterKind::Letter;
}

void append_folded(std::string& out, char32_t c, std::string_view raw) {
  if (c < 0x80) {
    out += static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  } else if (c >= 0xc0 && c < 0x180) {
    switch (const char base = kLatin[c - 0xc0]) {
      case 'A':
        out += "ae";
        break;
      case 'S':
        out += "ss";
        break;
      case 'T':
        out += "th";
        break;
      case 'O':
        out += "oe";
        break;
      case 'I':
        out += "ij";
        break;
      default:
        out += base;
    }
  } else {
    append_utf8(out, raw);
  }
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

std::vector<BriefWord> split_words(std::string_view text) {
  std::vector<BriefWord> words;
  BriefWord word;
  bool breaks = true, comma = false, hyphen = false;
  const auto finish = [&] {
    if (word.text.empty()) return;
    word.starts_clause = breaks || comma;
    word.comma_before = comma && !breaks;
    word.joined = hyphen && !breaks && !comma;
    breaks = comma = hyphen = false;
    words.push_back(std::move(word));
    word = {};
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t c = next_character(text, at);
    const CharacterKind kind = kind_of(c);
    if (kind == CharacterKind::Letter) {
      if (word.text.empty()) word.begin = start;
      append_folded(word.text, c, text.substr(start, at - start));
      word.end = at;
      continue;
    }
    if (kind == CharacterKind::Nothing) {
      if (!word.text.empty()) word.end = at;
      continue;
    }
    if (kind == CharacterKind::Apostrophe && !word.text.empty()) {
      std::size_t peek = at;
      const auto letter_at = [&](std::size_t& i) {
        return i < text.size() && kind_of(next_character(text, i)) == CharacterKind::Letter;
      };
      if (letter_at(peek)) {
        const bool s = text[at] == 's' || text[at] == 'S';
        if (s && !letter_at(peek)) {  // a possessive: the s goes with the word but not into it
          word.end = ++at;
          finish();
        } else if (word.text.size() == 1) {  // l'heure, d'orange
          finish();
        }
        continue;  // don't: one word
      }
    }
    finish();
    if (kind == CharacterKind::Hyphen) hyphen = true;
    if (kind == CharacterKind::Comma) comma = true;
    if (kind == CharacterKind::Break) {
      breaks = true;
    }
    if (kind == CharacterKind::Space && hyphen && !words.empty() && start > 0 && text[start - 1] == '-' &&
        words.back().end + 1 < start) {
      breaks = true;  // a hyphen between spaces is a dash
    }
  }
  finish();
  return words;
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

#include "scent/lexicon.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "scent/descriptors.h"

namespace odordiff::scent {
namespace {

constexpr std::size_t kLeastCorrected = 5;

float parse_weight(std::string_view text) {
  float weight = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), weight);
  return failed == std::errc{} && end == text.data() + text.size() ? weight : -1;
}

std::vector<std::pair<std::size_t, float>> parse_descriptors(std::string_view text) {
  std::vector<std::pair<std::size_t, float>> out;
  while (!text.empty()) {
    const std::size_t stop = std::min(text.find(';'), text.size());
    const std::string_view item = text.substr(0, stop);
    text.remove_prefix(std::min(stop + 1, text.size()));
    const std::size_t colon = item.find(':');
    const auto index = descriptor_index(item.substr(0, colon));
    const float weight = colon == std::string_view::npos ? -1 : parse_weight(item.substr(colon + 1));
    if (!index || !(weight > 0 && weight <= 1)) return {};
    out.emplace_back(*index, weight);
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return out;
}

// Whether one change of a letter, one more or less, or one swap of neighbours makes `a` of `b`.
bool differ_by_one(std::string_view a, std::string_view b) {
  if (a == b) return false;
  const auto start =
      static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  const std::string_view rest_a = a.substr(start), rest_b = b.substr(start);
  if (a.size() == b.size() + 1) return rest_a.substr(1) == rest_b;
  if (b.size() == a.size() + 1) return rest_b.substr(1) == rest_a;
  if (a.size() != b.size()) return false;
  if (rest_a.substr(1) == rest_b.substr(1)) return true;
  return rest_a.size() > 1 && rest_a[0] == rest_b[1] && rest_a[1] == rest_b[0] &&
         rest_a.substr(2) == rest_b.substr(2);
}

std::size_t shared_start(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

}  // namespace

Lexicon::Lexicon(std::span<const std::filesystem::path> files) {
  for (const auto& file : files) read(file);
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.term < b.term; });
  entries_.erase(std::unique(entries_.begin(), entries_.end(),
                             [](const Entry& a, const Entry& b) { return a.term == b.term; }),
                 entries_.end());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const std::string& term = entries_[i].term;
    if (term.size() >= kLeastCorrected && is_ascii_word(term)) one_word_.push_back(i);
  }
}

void Lexicon::read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Unavailable("cannot read the lexicon " + file.string());
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t tab = line.find('\t');
    Entry entry;
    if (tab != std::string::npos && count_characters(std::string_view(line).substr(0, tab))) {
      entry.term = fold_phrase(std::string_view(line).substr(0, tab));
      entry.descriptors = parse_descriptors(std::string_view(line).substr(tab + 1));
    }
    const auto spaces = static_cast<std::size_t>(std::count(entry.term.begin(), entry.term.end(), ' '));
    if (entry.term.empty() || entry.descriptors.empty() || spaces >= kLongestPhrase) {
      throw Unavailable(file.string() + ":" + std::to_string(number) +
                        ": expected a term of at most five words, a tab and descriptor:weight;...");
    }
    entries_.push_back(std::move(entry));
  }
}

std::optional<std::size_t> Lexicon::find(std::string_view term) const {
  const auto it = std::lower_bound(entries_.begin(), entries_.end(), term,
                                   [](const Entry& entry, std::string_view key) { return entry.term < key; });
  if (it == entries_.end() || it->term != term) return std::nullopt;
  return static_cast<std::size_t>(it - entries_.begin());
}

bool Lexicon::begins_phrase(std::string_view word) const {
  const std::string key = std::string(word) + ' ';
  const auto it = std::lower_bound(entries_.begin(), entries_.end(), key,
                                   [](const Entry& entry, const std::string& k) { return entry.term < k; });
  return it != entries_.end() && it->term.starts_with(key);
}

std::optional<Lexicon::Match> Lexicon::longest(std::span<const BriefWord> words, std::size_t at) const {
  if (begins_phrase(words[at].text)) {
    std::size_t reach = 1;
    while (reach < kLongestPhrase && at + reach < words.size() && !words[at + reach].starts_clause) ++reach;
    for (std::size_t n = reach; n > 1; --n) {
      std::string start;
      for (std::size_t i = 0; i + 1 < n; ++i) start += words[at + i].text + ' ';
      const auto forms = word_forms(words[at + n - 1].text);
      for (std::size_t f = 0; f < forms.size(); ++f) {
        if (const auto entry = find(start + forms[f])) return Match{*entry, n, f > 0};
      }
    }
  }
  const auto forms = word_forms(words[at].text);
  for (std::size_t f = 0; f < forms.size(); ++f) {
    if (const auto entry = find(forms[f])) return Match{*entry, 1, f > 0};
  }
  return std::nullopt;
}

std::optional<std::size_t> Lexicon::nearest(std::string_view word) const {
  if (word.size() < kLeastCorrected || !is_ascii_word(word)) return std::nullopt;
  std::optional<std::size_t> best;
  std::size_t best_shared = 0;
  for (const std::size_t i : one_word_) {
    const std::string& term = entries_[i].term;
    if (!differ_by_one(word, term)) continue;
    const std::size_t shared = shared_start(word, term);
    if (best && shared <= best_shared) continue;
    best = i;
    best_shared = shared;
  }
  return best;
}

void Lexicon::write(const std::filesystem::path& file) const {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  for (const Entry& entry : entries_) {
    char separator = '\t';
    out << entry.term;
    for (const auto& [index, weight] : entry.descriptors) {
      out << separator << descriptor_names()[index] << ':' << weight;
      separator = ';';
    }
    out << '\n';
  }
  out.close();
  if (!out) throw Unavailable("cannot write " + file.string());
}

}  // namespace odordiff::scent

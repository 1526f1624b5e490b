#include "chem/tokenizer.h"

#include <array>

#include "base/error.h"

namespace odordiff::chem {
namespace {

// Whole atoms first, so that the generator meets one token an atom; then the pieces of bracket atoms, so that any
// other SMILES still round-trips.
constexpr std::array<std::string_view, 74> kVocabulary = {
    "<mask>", "<unk>",                                                         // 0-1
    "C", "N", "O", "S", "F", "Cl", "Br", "I", "P", "B",                        // 2-11
    "(", ")", "=", "#", "1", "2", "3", "4", "5", "6", "7", "8", "9",           // 12-24
    "c", "n", "o", "s", "p", "b", "-", "/", "\\", ".", ":",                    // 25-35
    "[nH]", "[N+]", "[O-]", "[n+]", "[N-]", "[C@H]", "[C@@H]", "[C@]", "[C@@]",  // 36-44
    "[", "]", "H", "+", "@", "%", "0",                                         // 45-51
    "i", "l", "e", "a", "u", "g", "t", "r", "d", "m",                          // 52-61: second letters of elements
    "L", "M", "A", "Z", "T", "V", "K", "R", "G", "X", "$", "*"};               // 62-73

int first_match(std::string_view rest) {
  int best = -1;
  std::size_t best_length = 0;
  for (std::size_t id = 2; id < kVocabulary.size(); ++id) {
    const std::string_view token = kVocabulary[id];
    if (token.size() > best_length && rest.substr(0, token.size()) == token) {
      best = static_cast<int>(id);
      best_length = token.size();
    }
  }
  return best;
}

}  // namespace

const std::vector<std::string_view>& Tokenizer::vocabulary() {
  static const std::vector<std::string_view> words(kVocabulary.begin(), kVocabulary.end());
  return words;
}

bool Tokenizer::try_encode(std::string_view smiles, std::vector<TokenId>& out) {
  out.clear();
  while (!smiles.empty()) {
    const int id = first_match(smiles);
    if (id < 0) return false;
    out.push_back(static_cast<TokenId>(id));
    smiles.remove_prefix(kVocabulary[static_cast<std::size_t>(id)].size());
  }
  return true;
}

std::vector<TokenId> Tokenizer::encode(std::string_view smiles) {
  std::vector<TokenId> out;
  if (!try_encode(smiles, out)) {
    const std::string done = decode(out);
    throw InvalidInput("SMILES has a character that no atom or bond is written with, at position " +
                       std::to_string(done.size() + 1) + ": " +
                       quote_for_message(std::string(smiles.substr(done.size(), 8))));
  }
  return out;
}

std::string Tokenizer::decode(const std::vector<TokenId>& tokens) {
  std::string out;
  for (const TokenId id : tokens) out += id < kVocabulary.size() ? kVocabulary[id] : kVocabulary[kUnknown];
  return out;
}

}  // namespace odordiff::chem

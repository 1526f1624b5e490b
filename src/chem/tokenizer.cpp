#include "chem/tokenizer.h"

#include "base/error.h"

namespace odordiff::chem {
namespace {

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

// SMILES as token ids. One fixed vocabulary serves every SMILES in the data; joining the tokens of a SMILES gives
// it back byte for byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace odordiff::chem {

using TokenId = std::uint8_t;

class Tokenizer {
 public:
  static constexpr TokenId kMask = 0;
  static constexpr TokenId kUnknown = 1;

  // The vocabulary, id order. Stable: models store it and refuse to load under another one.
  static const std::vector<std::string_view>& vocabulary();

  // Throws InvalidInput naming the first character that no token covers.
  static std::vector<TokenId> encode(std::string_view smiles);
  // As encode, but false instead of throwing.
  static bool try_encode(std::string_view smiles, std::vector<TokenId>& out);
  static std::string decode(const std::vector<TokenId>& tokens);
};

}  // namespace odordiff::chem

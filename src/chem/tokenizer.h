// SMILES as token ids. One fixed vocabulary serves every SMILES in the data; joining the tokens of a SMILES
// gives it back byte for byte.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace odordiff::chem {

using TokenId = std::uint8_t;

// The vocabulary, in the order of ids: stable, since models store it and refuse to load under another one.
// Whole atoms first, so that the generator meets one token an atom; then the pieces of bracket atoms, so that
// any other SMILES still round-trips.
// clang-format off
inline constexpr std::array<std::string_view, 74> kVocabulary = {
    "<mask>", "<unk>",                                                         // 0-1
    "C", "N", "O", "S", "F", "Cl", "Br", "I", "P", "B",                        // 2-11
    "(", ")", "=", "#", "1", "2", "3", "4", "5", "6", "7", "8", "9",           // 12-24
    "c", "n", "o", "s", "p", "b", "-", "/", "\\", ".", ":",                    // 25-35
    "[nH]", "[N+]", "[O-]", "[n+]", "[N-]", "[C@H]", "[C@@H]", "[C@]", "[C@@]",  // 36-44
    "[", "]", "H", "+", "@", "%", "0",                                         // 45-51
    "i", "l", "e", "a", "u", "g", "t", "r", "d", "m",                          // 52-61: second letters of elements
    "L", "M", "A", "Z", "T", "V", "K", "R", "G", "X", "$", "*"};  // clang-format on
                                              // 62-73

class Tokenizer {
 public:
  static constexpr TokenId kMask = 0;
  static constexpr TokenId kUnknown = 1;

  // kVocabulary.
  static const std::vector<std::string_view>& vocabulary();

  // Throws InvalidInput naming the first character that no token covers.
  static std::vector<TokenId> encode(std::string_view smiles);
  // As encode, but false instead of throwing.
  static bool try_encode(std::string_view smiles, std::vector<TokenId>& out);
  static std::string decode(const std::vector<TokenId>& tokens);
};

}  // namespace odordiff::chem

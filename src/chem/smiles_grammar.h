// The rules of neutral Kekulé SMILES over C N O S P and halogens, as a machine that reads tokens from left to
// right and says which may come next so that a valid molecule of exactly the wanted length can still be
// finished: branches closed, rings closed, no valence exceeded, no strained or reactive small ring. The
// sampler asks it before each choice.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <utility>

#include "chem/tokenizer.h"

namespace odordiff::chem {

class SmilesGrammar {
 public:
  static constexpr int kMaxTokens = 64;
  using TokenSet = std::bitset<128>;

  // A machine for a string of `length` tokens in all.
  explicit SmilesGrammar(int length);

  // Tokens that may come next: those after which the string can still be finished in the tokens left, without
  // bonds that odorants do not have (O-O, O-S and N-S along the chain; a second multiple bond on an atom).
  // Empty when it is complete; else only after a pinned prefix that the length has no room for.
  TokenSet allowed() const;
  // Reads one token. Returns false, and stays as it was, when the token breaks a rule of SMILES or of valence
  // (the length guard is not asked, so pinned prefixes may be read).
  bool push(TokenId token);

  int position() const { return position_; }
  int length() const { return length_; }
  // All tokens read, nothing open.
  bool complete() const;

 private:
  struct Atom {
    std::int8_t free = 0;     // bonds that it can still take
    std::int8_t parent = -1;  // the atom that it was written after
    TokenId element = 0;
    bool multiple = false;       // has a double or triple bond
    bool in_small_ring = false;  // of three or four atoms
  };
  struct Ring {
    std::int8_t atom = -1;  // -1: digit not in use
    std::int8_t order = 0;  // 0: not given at the opening
  };

  struct SmallRing {
    std::array<int, 4> atoms{};
    int size = 0;
  };

  bool legal(TokenId token) const;
  bool usual(TokenId token) const;
  TokenId next_of_plan() const;
  bool can_finish() const;
  bool bonded(int a, int b) const;
  SmallRing small_ring(int a, int b) const;
  bool ring_is_sound(int a, int b) const;

  int length_;
  int position_ = 0;
  int atom_count_ = 0;
  int current_ = -1;          // the atom that the next bond starts from
  int bond_ = 0;              // 0: none written; 2, 3: waiting for an atom or a ring digit
  bool branch_bond_ = false;  // that bond opens a branch
  bool digits_here_ = false;  // ring digits may follow: directly after an atom or another digit
  TokenId last_ = 0;
  std::array<Atom, kMaxTokens> atoms_{};
  std::array<Ring, 9> rings_{};
  std::array<std::int8_t, kMaxTokens> branch_atoms_{};
  int branches_ = 0;
  std::array<std::pair<std::int8_t, std::int8_t>, kMaxTokens> ring_bonds_{};
  int ring_bond_count_ = 0;
};

}  // namespace odordiff::chem

#include "chem/smiles_grammar.h"

#include <algorithm>

namespace odordiff::chem {
namespace {

constexpr TokenId kFirstAtom = 2, kLastAtom = 11;
constexpr TokenId kOpen = 12, kClose = 13, kDouble = 14, kTriple = 15, kFirstDigit = 16, kLastDigit = 24;
constexpr int kNoWay = 1000;

// Most bonds that a neutral atom takes: C N O S F Cl Br I P B, in vocabulary order.
constexpr std::array<std::int8_t, 10> kValence = {4, 3, 2, 6, 1, 1, 1, 1, 5, 3};

constexpr bool is_atom(TokenId t) { return t >= kFirstAtom && t <= kLastAtom; }
constexpr bool is_digit(TokenId t) { return t >= kFirstDigit && t <= kLastDigit; }

}  // namespace

SmilesGrammar::SmilesGrammar(int length) : length_(std::clamp(length, 0, kMaxTokens)) {}

bool SmilesGrammar::bonded(int a, int b) const {
  if (atoms_[static_cast<std::size_t>(a)].parent == b || atoms_[static_cast<std::size_t>(b)].parent == a) return true;
  for (int k = 0; k < ring_bond_count_; ++k) {
    const auto [x, y] = ring_bonds_[static_cast<std::size_t>(k)];
    if ((x == a && y == b) || (x == b && y == a)) return true;
  }
  return false;
}

bool SmilesGrammar::legal(TokenId token) const {
  if (is_atom(token)) {
    if (current_ < 0) return atom_count_ == 0;
    const int order = std::max(bond_, 1);
    const int keep = last_ == kOpen || branch_bond_ ? 1 : 0;  // the chain goes on after the branch
    return atoms_[static_cast<std::size_t>(current_)].free >= order + keep &&
           kValence[token - kFirstAtom] >= order;
  }
  if (current_ < 0) return false;
  const Atom& here = atoms_[static_cast<std::size_t>(current_)];
  if (token == kDouble || token == kTriple) {
    const int order = token == kDouble ? 2 : 3;
    return bond_ == 0 && here.free >= order + (last_ == kOpen ? 1 : 0);
  }
  if (token == kOpen) return bond_ == 0 && last_ != kOpen && here.free >= 2;
  if (token == kClose) return bond_ == 0 && branches_ > 0 && last_ != kOpen && last_ != kClose;
  if (!is_digit(token) || !digits_here_ || bond_ == 3) return false;
  const Ring& ring = rings_[token - kFirstDigit];
  if (ring.atom < 0) return here.free >= std::max(bond_, 1);
  if (ring.atom == current_ || bonded(ring.atom, current_)) return false;
  if (ring.order != 0 && bond_ != 0 && ring.order != bond_) return false;
  const int order = std::max({bond_, static_cast<int>(ring.order), 1});
  const int reserved = std::max<int>(ring.order, 1);
  return here.free >= order && atoms_[static_cast<std::size_t>(ring.atom)].free >= order - reserved;
}

bool SmilesGrammar::push(TokenId token) {
  if (position_ >= length_ || !legal(token)) return false;
  if (is_atom(token)) {
    const int order = current_ < 0 ? 0 : std::max(bond_, 1);
    Atom& atom = atoms_[static_cast<std::size_t>(atom_count_)];
    atom.free = static_cast<std::int8_t>(kValence[token - kFirstAtom] - order);
    atom.parent = static_cast<std::int8_t>(current_);
    if (current_ >= 0) {
      Atom& from = atoms_[static_cast<std::size_t>(current_)];
      from.free = static_cast<std::int8_t>(from.free - order);
    }
    current_ = atom_count_++;
    bond_ = 0;
    branch_bond_ = false;
    digits_here_ = true;
  } else if (token == kDouble || token == kTriple) {
    branch_bond_ = last_ == kOpen;
    bond_ = token == kDouble ? 2 : 3;
  } else if (token == kOpen) {
    branch_atoms_[static_cast<std::size_t>(branches_++)] = static_cast<std::int8_t>(current_);
    digits_here_ = false;
  } else if (token == kClose) {
    current_ = branch_atoms_[static_cast<std::size_t>(--branches_)];
    digits_here_ = false;
  } else {
    Ring& ring = rings_[token - kFirstDigit];
    Atom& here = atoms_[static_cast<std::size_t>(current_)];
    if (ring.atom < 0) {
      ring = {static_cast<std::int8_t>(current_), static_cast<std::int8_t>(bond_)};
      here.free = static_cast<std::int8_t>(here.free - std::max(bond_, 1));
    } else {
      const int order = std::max({bond_, static_cast<int>(ring.order), 1});
      Atom& other = atoms_[static_cast<std::size_t>(ring.atom)];
      other.free = static_cast<std::int8_t>(other.free - (order - std::max<int>(ring.order, 1)));
      here.free = static_cast<std::int8_t>(here.free - order);
      ring_bonds_[static_cast<std::size_t>(ring_bond_count_++)] = {ring.atom, static_cast<std::int8_t>(current_)};
      ring = {};
    }
    bond_ = 0;
  }
  last_ = token;
  ++position_;
  return true;
}

// A bound on the tokens still needed to close everything, or kNoWay.
int SmilesGrammar::least_to_finish() const {
  const bool waits_for_atom = bond_ != 0 || last_ == kOpen || last_ == kClose;
  int free = atoms_[static_cast<std::size_t>(current_)].free;
  int digits = 0;
  int extra_atoms = 0;
  int later = 0;
  for (const Ring& ring : rings_) {
    if (ring.atom < 0) continue;
    ++digits;
    const int need = std::max<int>(ring.order, 1);
    if (!waits_for_atom && digits_here_ && free >= need && ring.atom != current_ && !bonded(ring.atom, current_)) {
      free -= need;
      continue;
    }
    ++later;
    const int steps = ring.atom == current_ ? 2 : 1;
    extra_atoms = std::max(extra_atoms, steps);
  }
  extra_atoms = std::max(extra_atoms, (later + 1) / 2);
  if (extra_atoms > 0 && bond_ == 0 && free <= 0 && branches_ == 0) return kNoWay;
  int atoms = std::max(extra_atoms, branches_ + (waits_for_atom ? 1 : 0));
  return digits + atoms + branches_;
}

SmilesGrammar::TokenSet SmilesGrammar::allowed() const {
  TokenSet out;
  const int left = length_ - position_ - 1;
  if (left < 0) return out;
  for (TokenId token = kFirstAtom; token <= kLastDigit; ++token) {
    if (!legal(token)) continue;
    SmilesGrammar next = *this;
    next.push(token);
    const bool stuck = left > 0 && next.bond_ == 0 && next.branches_ == 0 &&
                       next.atoms_[static_cast<std::size_t>(next.current_)].free == 0;
    if (!stuck && next.least_to_finish() <= left) out.set(token);
  }
  return out;
}

bool SmilesGrammar::complete() const {
  return position_ == length_ && position_ > 0 && branches_ == 0 && bond_ == 0 && last_ != kClose &&
         std::all_of(rings_.begin(), rings_.end(), [](const Ring& r) { return r.atom < 0; });
}

}  // namespace odordiff::chem

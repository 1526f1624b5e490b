#include "chem/smiles_grammar.h"

#include <algorithm>

namespace odordiff::chem {
namespace {

constexpr TokenId kFirstAtom = 2, kLastAtom = 11;
constexpr TokenId kNitrogen = 3, kOxygen = 4, kSulfur = 5;
constexpr TokenId kOpen = 12, kClose = 13, kDouble = 14, kTriple = 15, kFirstDigit = 16, kLastDigit = 24;
static_assert(kVocabulary[kFirstAtom] == "C" && kVocabulary[kLastAtom] == "B" &&
              kVocabulary[kNitrogen] == "N" && kVocabulary[kOxygen] == "O" && kVocabulary[kSulfur] == "S");
static_assert(kVocabulary[kOpen] == "(" && kVocabulary[kClose] == ")" && kVocabulary[kDouble] == "=" &&
              kVocabulary[kTriple] == "#" && kVocabulary[kFirstDigit] == "1" &&
              kVocabulary[kLastDigit] == "9");

// Bonds that a neutral atom takes: C N O S F Cl Br I P B, in vocabulary order. Sulfur and phosphorus of
// higher valence are left out: no odorant needs them, and sampled ones are nearly always junk.
constexpr std::array<std::int8_t, 10> kValence = {4, 3, 2, 2, 1, 1, 1, 1, 3, 3};

constexpr bool is_atom(TokenId t) {
  return t >= kFirstAtom && t <= kLastAtom;
}
constexpr bool is_digit(TokenId t) {
  return t >= kFirstDigit && t <= kLastDigit;
}

}  // namespace

SmilesGrammar::SmilesGrammar(int length) : length_(std::clamp(length, 0, kMaxTokens)) {}

bool SmilesGrammar::bonded(int a, int b) const {
  if (atoms_[static_cast<std::size_t>(a)].parent == b || atoms_[static_cast<std::size_t>(b)].parent == a)
    return true;
  for (int k = 0; k < ring_bond_count_; ++k) {
    const auto [x, y] = ring_bonds_[static_cast<std::size_t>(k)];
    if ((x == a && y == b) || (x == b && y == a)) return true;
  }
  return false;
}

// The atoms of the ring that a bond between `a` and `b` closes along the chain, if they are at most four;
// else none.
SmilesGrammar::SmallRing SmilesGrammar::small_ring(int a, int b) const {
  std::array<int, 4> above{};
  int count = 0;
  for (int x = a; x >= 0 && count < 4; x = atoms_[static_cast<std::size_t>(x)].parent) {
    above[static_cast<std::size_t>(count++)] = x;
  }
  SmallRing ring;
  for (int y = b; y >= 0 && ring.size < 4; y = atoms_[static_cast<std::size_t>(y)].parent) {
    const int* const first = above.data();
    const int* const end = first + count;
    const int* const meet = std::find(first, end, y);
    if (meet == end) {
      ring.atoms[static_cast<std::size_t>(ring.size++)] = y;
      continue;
    }
    if (ring.size + (meet - first) + 1 > 4) return {};
    for (const int* x = first; x <= meet; ++x) ring.atoms[static_cast<std::size_t>(ring.size++)] = *x;
    return ring;
  }
  return {};
}

// Rings of three or four atoms are cyclopropanes, cyclobutanes or epoxides: others are too strained or too
// reactive.
bool SmilesGrammar::ring_is_sound(int a, int b) const {
  const auto ring = small_ring(a, b);
  if (ring.size == 0) return true;
  int oxygen = 0;
  for (int i = 0; i < ring.size; ++i) {
    const Atom& atom = atoms_[static_cast<std::size_t>(ring.atoms[static_cast<std::size_t>(i)])];
    if (atom.multiple || (atom.element != kFirstAtom && atom.element != kOxygen)) return false;
    oxygen += atom.element == kOxygen ? 1 : 0;
  }
  return bond_ == 0 && oxygen <= (ring.size == 3 ? 1 : 0);
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
    return bond_ == 0 && !here.in_small_ring && here.free >= order + (last_ == kOpen ? 1 : 0);
  }
  if (token == kOpen) return bond_ == 0 && last_ != kOpen && here.free >= 2;
  if (token == kClose) return bond_ == 0 && branches_ > 0 && last_ != kOpen && last_ != kClose;
  if (!is_digit(token) || !digits_here_ || bond_ == 3) return false;
  const Ring& ring = rings_[token - kFirstDigit];
  if (ring.atom < 0) return here.free >= std::max(bond_, 1);
  if (ring.atom == current_ || bonded(ring.atom, current_)) return false;
  if (ring.order != 0 && bond_ != 0 && ring.order != bond_) return false;
  if (!ring_is_sound(ring.atom, current_)) return false;
  const int order = std::max({bond_, static_cast<int>(ring.order), 1});
  const int reserved = std::max<int>(ring.order, 1);
  return here.free >= order && atoms_[static_cast<std::size_t>(ring.atom)].free >= order - reserved;
}

// Not O-O, O-S or N-S bonds along the chain, nor a second multiple bond on one atom.
bool SmilesGrammar::usual(TokenId token) const {
  if (current_ < 0) return true;
  const Atom& here = atoms_[static_cast<std::size_t>(current_)];
  if (token == kDouble || token == kTriple) return !here.multiple;
  const auto pair = [&](TokenId a, TokenId b) {
    return (here.element == a && token == b) || (here.element == b && token == a);
  };
  return !pair(kOxygen, kOxygen) && !pair(kOxygen, kSulfur) && !pair(kNitrogen, kSulfur);
}

bool SmilesGrammar::push(TokenId token) {
  if (position_ >= length_ || !legal(token)) return false;
  if (is_atom(token)) {
    const int order = current_ < 0 ? 0 : std::max(bond_, 1);
    Atom& atom = atoms_[static_cast<std::size_t>(atom_count_)];
    atom.free = static_cast<std::int8_t>(kValence[token - kFirstAtom] - order);
    atom.parent = static_cast<std::int8_t>(current_);
    atom.element = token;
    atom.multiple = order > 1;
    if (current_ >= 0) {
      Atom& from = atoms_[static_cast<std::size_t>(current_)];
      from.multiple = from.multiple || order > 1;
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
      const SmallRing small = small_ring(ring.atom, current_);
      for (int i = 0; i < small.size; ++i) {
        atoms_[static_cast<std::size_t>(small.atoms[static_cast<std::size_t>(i)])].in_small_ring = true;
      }
      if (order > 1) here.multiple = other.multiple = true;
      other.free = static_cast<std::int8_t>(other.free - (order - std::max<int>(ring.order, 1)));
      here.free = static_cast<std::int8_t>(here.free - order);
      ring_bonds_[static_cast<std::size_t>(ring_bond_count_++)] = {ring.atom,
                                                                   static_cast<std::int8_t>(current_)};
      ring = {};
    }
    bond_ = 0;
  }
  last_ = token;
  ++position_;
  return true;
}

// The next token of one plan that finishes the string: carbons that close the open rings, then the branches,
// then a chain. 0 when there is none. It depends on the state alone, so whoever follows the plan finds its
// rest at each step: a string that can be finished now can be finished after any allowed token.
TokenId SmilesGrammar::next_of_plan() const {
  const int left = length_ - position_;
  const bool carbon = legal(kFirstAtom);
  if (current_ < 0 || bond_ != 0 || last_ == kOpen || last_ == kClose)
    return carbon ? kFirstAtom : TokenId{0};
  const int free = atoms_[static_cast<std::size_t>(current_)].free;
  bool open_rings = false;
  for (std::size_t i = 0; i < rings_.size(); ++i) {
    if (rings_[i].atom < 0) continue;
    open_rings = true;
    const auto digit = static_cast<TokenId>(kFirstDigit + i);
    const bool goes_on = free > std::max<int>(rings_[i].order, 1) || branches_ > 0 || left == 1;
    if (goes_on && legal(digit)) return digit;
  }
  // A branch's end needs an atom after it in any case: rings left over are closed there.
  const bool close = branches_ > 0 && (open_rings || left == 2 * branches_ || !carbon);
  if (close) return legal(kClose) ? kClose : TokenId{0};
  return carbon ? kFirstAtom : TokenId{0};
}

bool SmilesGrammar::can_finish() const {
  SmilesGrammar state = *this;
  while (state.position_ < length_) {
    const int left = length_ - state.position_;
    const bool rings =
        std::any_of(state.rings_.begin(), state.rings_.end(), [](const Ring& r) { return r.atom >= 0; });
    const bool between =
        state.current_ >= 0 && state.bond_ == 0 && state.last_ != kOpen && state.last_ != kClose;
    if (between && !rings) {
      // Each branch costs its closing and an atom; what is left over is chain.
      return left == 2 * state.branches_ ||
             (left > 2 * state.branches_ &&
              (state.branches_ > 0 || state.atoms_[static_cast<std::size_t>(state.current_)].free > 0));
    }
    const TokenId next = state.next_of_plan();
    if (next == 0 || !state.push(next)) return false;
  }
  return state.complete();
}

SmilesGrammar::TokenSet SmilesGrammar::allowed() const {
  TokenSet out;
  if (position_ >= length_) return out;
  for (TokenId token = kFirstAtom; token <= kLastDigit; ++token) {
    if (!usual(token)) continue;
    SmilesGrammar next = *this;
    if (next.push(token) && next.can_finish()) out.set(token);
  }
  return out;
}

bool SmilesGrammar::complete() const {
  return position_ == length_ && position_ > 0 && branches_ == 0 && bond_ == 0 && last_ != kClose &&
         std::all_of(rings_.begin(), rings_.end(), [](const Ring& r) { return r.atom < 0; });
}

}  // namespace odordiff::chem

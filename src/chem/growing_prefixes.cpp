// SMILES prefixes that end at a chosen atom, for growing from a pinned fragment. A SMILES may close rings
// between any two atoms, so every atom can be last: take a spanning tree rooted there, and write it from one
// of its leaves with the path to the root as the main chain.
#include <GraphMol/MolOps.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <algorithm>

#include "base/error.h"
#include "base/rng.h"
#include "chem/molecule_impl.h"

namespace odordiff::chem {
namespace {

using RDKit::Bond;
using RDKit::ROMol;
using RDKit::RWMol;

constexpr int kNone = -1;

// A random depth-first spanning tree of one fragment of `mol`.
struct SpanningTree {
  std::vector<int> parent;                 // of each atom; kNone for the root
  std::vector<std::vector<int>> children;  // of each atom
  std::vector<int> visited;                // the fragment's atoms, root first
};

SpanningTree grow_tree(const ROMol& mol, int root, Rng& rng) {
  SpanningTree tree;
  tree.parent.assign(mol.getNumAtoms(), kNone);
  tree.children.resize(mol.getNumAtoms());
  std::vector<bool> seen(mol.getNumAtoms(), false);
  struct Step {
    int from;
    int to;
  };
  std::vector<Step> stack{{kNone, root}};
  while (!stack.empty()) {
    const Step step = stack.back();
    stack.pop_back();
    if (seen[step.to]) continue;
    seen[step.to] = true;
    tree.visited.push_back(step.to);
    tree.parent[step.to] = step.from;
    if (step.from != kNone) tree.children[step.from].push_back(step.to);

    std::vector<std::pair<double, int>> next;
    for (const auto* bond : mol.atomBonds(mol.getAtomWithIdx(step.to))) {
      const int other = static_cast<int>(bond->getOtherAtomIdx(step.to));
      // Multiple bonds are walked first, so that rings are closed by single ones, as in the generator's
      // language.
      const double order = bond->getBondTypeAsDouble() > 1 ? 1.0 : 0.0;
      if (!seen[other]) next.emplace_back(order + rng.uniform(), other);
    }
    std::sort(next.begin(), next.end());
    for (const auto& [rank, other] : next) stack.push_back({step.to, other});
  }
  return tree;
}

// Writes one fragment of a molecule along a spanning tree.
class Writer {
 public:
  // `last_symbol` stands for the tree's root.
  Writer(const ROMol& mol, const SpanningTree& tree, std::string last_symbol)
      : mol_(mol), tree_(tree), last_symbol_(std::move(last_symbol)), digits_(mol.getNumBonds(), 0) {}

  // The fragment from `leaf` to the tree's root, which comes last.
  std::string write(int leaf) {
    int below = kNone;
    for (int atom = leaf; atom != kNone; below = atom, atom = tree_.parent[atom]) {
      if (below != kNone) write_bond(below, atom);
      write_atom(atom);
      for (const int child : tree_.children[atom]) {
        if (child != below) write_branch(atom, child);
      }
    }
    return out_;
  }

 private:
  void write_bond(int from, int to) {
    out_ += RDKit::SmilesWrite::GetBondSmiles(mol_.getBondBetweenAtoms(from, to), from);
  }

  void write_atom(int index) {
    const RDKit::Atom* atom = mol_.getAtomWithIdx(index);
    out_ += tree_.parent[index] == kNone ? last_symbol_ : RDKit::SmilesWrite::GetAtomSmiles(atom);
    std::vector<int> closed;
    for (const auto* bond : mol_.atomBonds(atom)) {
      const int other = static_cast<int>(bond->getOtherAtomIdx(index));
      if (tree_.parent[index] == other || tree_.parent[other] == index) continue;
      int& digit = digits_[bond->getIdx()];
      if (digit == 0) {
        digit = take_digit();
        out_ += RDKit::SmilesWrite::GetBondSmiles(bond, index);
      } else {
        closed.push_back(digit);
      }
      if (digit >= 10) out_ += '%';
      out_ += std::to_string(digit);
    }
    for (const int digit : closed) in_use_[digit] = false;
  }

  // A call for each branch but a loop along the chain, which may be long.
  void write_branch(int from, int child) {
    out_ += '(';
    while (true) {
      write_bond(from, child);
      write_atom(child);
      const auto& next = tree_.children[child];
      if (next.empty()) break;
      for (std::size_t i = 0; i + 1 < next.size(); ++i) write_branch(child, next[i]);
      from = child;
      child = next.back();
    }
    out_ += ')';
  }

  int take_digit() {
    for (std::size_t digit = 1; digit < in_use_.size(); ++digit) {
      if (!in_use_[digit]) {
        in_use_[digit] = true;
        return static_cast<int>(digit);
      }
    }
    throw InvalidInput("scaffold has more than 99 rings open at once");
  }

  const ROMol& mol_;
  const SpanningTree& tree_;
  std::string last_symbol_;
  std::vector<int> digits_;  // of each ring-closing bond once it is open, else 0
  std::vector<bool> in_use_ = std::vector<bool>(100, false);
  std::string out_;
};

// How `index` is written when one of its hydrogens has given way to what will grow there.
std::string grown_symbol(const RWMol& mol, int index) {
  RWMol copy(mol);
  auto* atom = copy.getAtomWithIdx(index);
  if (atom->getNumExplicitHs() > 0) atom->setNumExplicitHs(atom->getNumExplicitHs() - 1);
  copy.addBond(static_cast<unsigned>(index), copy.addAtom(new RDKit::Atom(0), true, true), Bond::SINGLE);
  atom->updatePropertyCache(false);
  return RDKit::SmilesWrite::GetAtomSmiles(atom);
}

std::string write_ending_at(const RWMol& mol, int end, Rng& rng) {
  const SpanningTree tree = grow_tree(mol, end, rng);
  std::vector<int> leaves;
  for (const int atom : tree.visited) {
    if (tree.children[atom].empty()) leaves.push_back(atom);
  }
  const int leaf = leaves[rng.below(static_cast<std::uint32_t>(leaves.size()))];

  std::string others;
  std::vector<bool> written(mol.getNumAtoms(), false);
  for (const int atom : tree.visited) written[atom] = true;
  for (unsigned atom = 0; atom < mol.getNumAtoms(); ++atom) {
    if (written[atom]) continue;
    const int root = static_cast<int>(atom);
    const SpanningTree other = grow_tree(mol, root, rng);
    for (const int seen : other.visited) written[seen] = true;
    others += Writer(mol, other, RDKit::SmilesWrite::GetAtomSmiles(mol.getAtomWithIdx(atom)))
                  .write(other.visited.back());
    others += '.';
  }
  return others + Writer(mol, tree, grown_symbol(mol, end)).write(leaf);
}

}  // namespace

// Takes dummy atoms, atom maps and isotopes out of `mol`, and returns the atoms that dummies stood at.
static std::vector<bool> take_out_dummies(RWMol& mol) {
  constexpr const char* kGrows = "grows";  // how many bonds to dummies
  for (auto* atom : mol.atoms()) {
    atom->setAtomMapNum(0);
    atom->setIsotope(0);
    if (atom->getAtomicNum() != 0) continue;
    for (const auto* bond : mol.atomBonds(atom)) {
      auto* neighbour = bond->getOtherAtom(atom);
      int bonds = 0;
      (void)neighbour->getPropIfPresent(kGrows, bonds);
      neighbour->setProp(kGrows, bonds + static_cast<int>(bond->getBondTypeAsDouble()));
    }
  }
  mol.beginBatchEdit();
  for (const auto* atom : mol.atoms()) {
    if (atom->getAtomicNum() == 0) mol.removeAtom(atom->getIdx());
  }
  mol.commitBatchEdit();
  std::vector<bool> out;
  for (auto* atom : mol.atoms()) {
    int bonds = 0;
    out.push_back(atom->getPropIfPresent(kGrows, bonds));
    // Hydrogen takes the place; aromatic nitrogen has to be told.
    atom->setNumExplicitHs(atom->getNumExplicitHs() + static_cast<unsigned>(bonds));
  }
  RDKit::MolOps::sanitizeMol(mol);
  return out;
}

std::vector<std::string> unwritable_atoms(const Molecule& mol) {
  static const Pattern words("[#6,#7,#8,#9,#15,#16,#17,#35,#53;+0]");
  std::vector<bool> writable(rdkit_mol(mol).getNumAtoms(), false);
  for (const auto& match : words.match(mol)) writable[static_cast<std::size_t>(match.front())] = true;
  std::vector<std::string> out;
  for (const auto* atom : rdkit_mol(mol).atoms()) {
    if (atom->getAtomicNum() == 0 || writable[atom->getIdx()]) continue;
    const int charge = atom->getFormalCharge();
    const std::string sign = charge > 0 ? "+" : charge < 0 ? "-" : "";
    const std::string kind = atom->getSymbol() + sign;
    if (std::find(out.begin(), out.end(), kind) == out.end()) out.push_back(kind);
  }
  return out;
}

std::vector<std::string> growing_prefixes(const Molecule& scaffold, std::uint64_t seed) {
  try {
    RWMol mol = editable_copy(scaffold);
    std::vector<bool> attachable(mol.getNumAtoms(), true);
    if (!scaffold.match("[#0]").empty()) attachable = take_out_dummies(mol);
    RDKit::MolOps::removeStereochemistry(mol);
    make_kekule(mol);
    std::vector<std::string> prefixes;
    for (const auto* atom : mol.atoms()) {
      if (atom->getAtomicNum() <= 1 || atom->getTotalNumHs() == 0 || !attachable[atom->getIdx()]) continue;
      Rng rng(seed, atom->getIdx());
      prefixes.push_back(write_ending_at(mol, static_cast<int>(atom->getIdx()), rng));
    }
    return prefixes;
  } catch (const InvalidInput&) {
    throw;
  } catch (const std::exception& e) {
    throw InvalidInput("cannot write " + quote_for_message(scaffold.smiles()) + " anew: " + first_line(e));
  }
}

}  // namespace odordiff::chem

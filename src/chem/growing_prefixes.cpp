// SMILES prefixes that end at a chosen atom, for growing from a pinned fragment. A SMILES may close rings between any
// two atoms, so every atom can be last: take a spanning tree rooted there, and write it from one of its leaves with
// the path to the root as the main chain.
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
  std::vector<int> parent;                // of each atom; kNone for the root
  std::vector<std::vector<int>> children;  // of each atom
  std::vector<int> visited;               // the fragment's atoms, root first
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
      // Multiple bonds are walked first, so that rings are closed by single ones, as in the generator's language.
      const double order = bond->getBondTypeAsDouble() > 1 ? 1.0 : 0.0;
      if (!seen[other]) next.emplace_back(order + rng.uniform(), other);
    }
    std::sort(next.begin(), next.end());
    for (const auto& [rank, other] : next) stack.push_back({step.to, other});
  }
  return tree;
}

// Writes one fragment; ring digits are shared between the fragments of one prefix, all free again after each.
class Writer {
 public:
  Writer(const ROMol& mol, const SpanningTree& tree) : mol_(mol), tree_(tree), digits_(mol.getNumBonds(), 0) {}

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
  bool is_tree_bond(int a, int b) const { return tree_.parent[a] == b || tree_.parent[b] == a; }

  void write_bond(int from, int to) {
    out_ += RDKit::SmilesWrite::GetBondSmiles(mol_.getBondBetweenAtoms(from, to), from);
  }

  void write_atom(int atom) {
    out_ += RDKit::SmilesWrite::GetAtomSmiles(mol_.getAtomWithIdx(atom), false, nullptr, false, true);
    for (const auto* bond : mol_.atomBonds(mol_.getAtomWithIdx(atom))) {
      const int other = static_cast<int>(bond->getOtherAtomIdx(atom));
      if (is_tree_bond(atom, other) || is_hidden(other)) continue;
      int& digit = digits_[bond->getIdx()];
      if (digit == 0) {
        digit = take_digit();
        out_ += RDKit::SmilesWrite::GetBondSmiles(bond, atom);
      } else {
        in_use_[digit] = false;
      }
      out_ += digit < 10 ? std::to_string(digit) : "%" + std::to_string(digit);
    }
  }

  // A loop rather than a call for each atom: a chain may be long.
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
    throw InvalidInput("scaffold has more than 99 open rings");
  }

  // The marker of the growing place takes part in valences only.
  bool is_hidden(int atom) const { return mol_.getAtomWithIdx(atom)->getAtomMapNum() != 0; }

  const ROMol& mol_;
  const SpanningTree& tree_;
  std::vector<int> digits_;  // of each ring-closing bond while it is open
  std::vector<bool> in_use_ = std::vector<bool>(100, false);
  std::string out_;
};

}  // namespace

}  // namespace odordiff::chem

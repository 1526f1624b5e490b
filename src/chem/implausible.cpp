#include "chem/implausible.h"

#include <GraphMol/GraphMol.h>
#include <GraphMol/RingInfo.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "chem/molecule_impl.h"
#include "chem/pattern_set.h"

namespace odordiff::chem {
namespace {

struct Rule {
  std::string_view reason;
  const char* smarts;
  int allowed = 0;  // matches that are still accepted
};

// Written for this project. Textbook reasons: March's Advanced Organic Chemistry (tautomers, Bredt's rule,
// strain), and for sulfur what is known of the stability of hydropersulfides and dithiohemiacetals.
constexpr std::array<Rule, 52> kRules = {{
    // sulfur
    {"hydropersulfide", "[SX2H][SX2]"},
    {"acyl disulfide", "[CX3](=O)[SX2][SX2]"},
    {"carbonic acid with sulfur", "[CX3](=O)([SX2])[OX2,SX2,NX3]"},
    {"thio acid", "[CX3](=O)[SX2H]"},
    {"thioformate", "[CX3H1](=O)[SX2]"},
    {"dithiohemiacetal", "[CX4]([SX2H])[SX2]"},
    {"orthoester with sulfur", "[CX4]([OX2,SX2])([OX2,SX2])[OX2,SX2]"},
    {"more than three sulfur atoms", "[#16]", 3},
    {"two polysulfide bridges", "[SX2]-[SX2]", 2},
    {"disulfide on a dithioacetal", "[CX4]([SX2])[SX2][SX2]"},
    {"chain of dithioacetals", "[SX2][CX4][SX2][CX4][SX2]"},
    // acetals and their relatives
    {"acyl acetal", "[CX4]([OX2][CX3]=O)[OX2,SX2,NX3]"},
    {"aminal or thioaminal", "[CX4]([NX3;!$(N-C=O)])[OX2,SX2,NX3]"},
    // tautomers
    {"enol", "[CX3;!a;!$([C;r5,r6])]=[CX3;!a][OX2H]"},
    {"enol", "[CX3;!a]=[CX3;!a;!$([C;r5,r6])][OX2H]"},
    {"enol ester", "[CX3;!a;!r5;!r6]=[CX3;!a;!r5;!r6][OX2][CX3](=O)"},
    {"enol ether", "[CX3;!a;!$(C-[CX3]=O)]=[CX3;!a][OX2;!R][#6]"},
    {"divinyl ether", "[CX3;!a]=[CX3;!a][OX2][CX3;!a]=[CX3;!a]"},
    {"ketone form of a phenol", "O=C1[C;R]=[C;R][C;R]=[C;R][CX4;!H0]1"},
    {"ketone form of a phenol", "O=C1[C;R]=[C;R][CX4;!H0][C;R]=[C;R]1"},
    {"ketone form of a phenol", "O=C1[CX4;!H0][C;R]=[C;R][C;R]=[C;R]1"},
    {"methylene tautomer of an arene", "[CX3;!a]=C1[C;R]=[C;R][C;R]=[C;R][CX4;!H0]1"},
    {"methylene tautomer of an arene", "[CX3;!a]=C1[C;R]=[C;R][CX4;!H0][C;R]=[C;R]1"},
    {"methylene tautomer of an arene", "[CX3;!a]=C1[CX4;!H0][C;R]=[C;R][C;R]=[C;R]1"},
    {"methylene tautomer of a furan or thiophene", "[CX3;!a]=C1[C;R]=[C;R][CX4;!H0][O,S]1"},
    {"methylene tautomer of a furan or thiophene", "[CX3;!a]=C1[CX4;!H0][C;R]=[C;R][O,S]1"},
    {"lactone, thiolactone or lactam written as an arene", "[OX2H][c;r5][o,s,nH]"},
    {"quinodimethane", "[#6;!a]=[c]"},
    // carbon-nitrogen double bonds
    {"two imine bonds", "[NX2;!a]=[CX3;!a]", 1},
    {"imine in a large ring", "[NX2;!a;R;!r5;!r6]=[CX3;!a]"},
    {"imidate or thioimidate", "[NX2;!a;!r5;!$(N-O)]=[CX3;!a][OX2,SX2,NX3]"},
    {"open imine", "[NX2;!R;!$(N-O)]=[CX3]"},
    {"amine beside an aldehyde", "[NX3;!H0;!a;!$(N-C=O)].[CX3H1](=O)[#6]"},
    // strain and rings
    {"arene bridged over a small ring", "[c;R2;D2]"},
    {"arene bridged over a small ring", "[c;R2;D3]-;!@*"},
    {"arene fused to a three- or four-membered ring", "[a;r3,r4]"},
    {"aromatic ring of unusual size", "[a;!r5;!r6;!r7]"},
    {"aromatic rings bonded twice", "[a;R2]-;@[a;R2]"},
    {"double bond at a fused four-membered ring", "[CX3;r4;R2]=[#6]"},
    {"cyclopropanone or cyclobutenone", "[CX3;r3,r4](=O)@[C]=,#[C]"},
    {"three quaternary carbons in a row", "[CX4;D4;!$(C[!#6])][CX4;D4;!$(C[!#6])][CX4;D4;!$(C[!#6])]"},
    // what reacts with everything
    {"vinyl ketone", "[CX3H2]=[CX3H1][CX3](=O)[#6]"},
    {"methylene beside a carbonyl", "[CX3H2]=[CX3]([#6])[CX3](=O)"},
    {"acrylic ester", "[CX3H2]=[CX3H1][CX3](=O)[OX2,SX2]"},
    {"ynone or ynal", "[CX2]#[CX2][CX3](=O)"},
    {"epoxide with few substituents", "[CX4;!H0]1O[CX4;!H0]1"},
    {"vinyl epoxide", "[CX4;r3]1([CX3]=[CX3])O[CX4]1"},
    {"quinone", "O=C1[#6]=[#6]C(=O)[#6]=[#6]1"},
    {"three vicinal carbonyls or more than two ketones", "[#6][CX3](=O)[#6]", 2},
    {"more than two hydroxyl groups", "[OX2H]", 2},
    {"conjugated tetraene", "[CX3;!a]=[CX3;!a]-[CX3;!a]=[CX3;!a]-[CX3;!a]=[CX3;!a]-[CX3;!a]=[CX3;!a]"},
    {"enediyne or skipped diyne", "C#C[CX4H2]C#C"},
}};

const PatternSet& patterns() {
  static const PatternSet compiled = [] {
    PatternSet out;
    for (const Rule& rule : kRules) out.add(rule.smarts);
    return out;
  }();
  return compiled;
}

using Ring = std::vector<int>;  // atoms, ascending

std::vector<int> shared_atoms(const Ring& a, const Ring& b) {
  std::vector<int> out;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

bool has_ring_double_bond(const RDKit::ROMol& mol, int atom) {
  for (const auto* bond : mol.atomBonds(mol.getAtomWithIdx(static_cast<unsigned>(atom)))) {
    if (bond->getBondType() == RDKit::Bond::DOUBLE && mol.getRingInfo()->numBondRings(bond->getIdx()) > 0)
      return true;
  }
  return false;
}

// Bredt's rule needs this many atoms in a bridged bicycle before a bridgehead bears a double bond
// (bicyclo[3.3.1]nonene can be made, but not kept).
constexpr std::size_t kLeastAtomsOverBredt = 12;
constexpr std::size_t kMostRings = 4;

// Strain that a pair of rings, or one atom in many, tells of; SMARTS cannot say it.
std::string_view strained_rings(const RDKit::ROMol& mol) {
  std::vector<Ring> rings = mol.getRingInfo()->atomRings();
  if (rings.size() < 2) return {};
  // RDKit lists every smallest ring, of a bridged bicycle sometimes three; this is how many are independent.
  const std::size_t independent = mol.getNumBonds() + 1 - mol.getNumAtoms();
  if (independent > kMostRings) return "more than four rings";
  for (Ring& ring : rings) std::sort(ring.begin(), ring.end());
  const auto small_carbocycle = [&](const Ring& ring) {
    return ring.size() <= 4 && std::all_of(ring.begin(), ring.end(), [&](int atom) {
             return mol.getAtomWithIdx(static_cast<unsigned>(atom))->getAtomicNum() == 6;
           });
  };
  if (std::count_if(rings.begin(), rings.end(), small_carbocycle) > 1) return "two small carbocycles";
  for (std::size_t i = 0; i < rings.size(); ++i) {
    for (std::size_t k = i + 1; k < rings.size(); ++k) {
      const auto shared = shared_atoms(rings[i], rings[k]);
      if (shared.empty()) continue;
      const std::size_t small = std::min(rings[i].size(), rings[k].size());
      const std::size_t large = std::max(rings[i].size(), rings[k].size());
      if (shared.size() < 3) continue;
      if (small <= 3 || (small == 4 && large == 5)) return "small bridged bicycle";
      const std::size_t atoms = small + large - shared.size();
      for (const int atom : shared) {
        // Bridgeheads have a neighbour outside the shared path in each ring; with both rings of SSSR, three
        // ring bonds.
        unsigned ring_bonds = 0;
        for (const auto* bond : mol.atomBonds(mol.getAtomWithIdx(static_cast<unsigned>(atom)))) {
          ring_bonds += mol.getRingInfo()->numBondRings(bond->getIdx()) > 0 ? 1 : 0;
        }
        if (ring_bonds >= 3 && atoms < kLeastAtomsOverBredt && has_ring_double_bond(mol, atom)) {
          return "bridgehead double bond";
        }
      }
    }
  }
  if (independent < 3) return {};
  std::vector<int> memberships(mol.getNumAtoms());
  std::vector<bool> in_small(mol.getNumAtoms());
  for (const Ring& ring : rings) {
    for (const int atom : ring) {
      ++memberships[static_cast<std::size_t>(atom)];
      if (ring.size() <= 4) in_small[static_cast<std::size_t>(atom)] = true;
    }
  }
  for (std::size_t i = 0; i < memberships.size(); ++i) {
    if (memberships[i] >= 3 && in_small[i]) return "cage with a small ring";
  }
  return {};
}

}  // namespace

std::string_view implausible_structure(const Molecule& mol) {
  const auto hits = patterns().match(mol);
  for (const auto& hit : hits) {
    if (hit.matches > kRules[hit.pattern].allowed) return kRules[hit.pattern].reason;
  }
  return strained_rings(canonical_mol(mol));
}

}  // namespace odordiff::chem

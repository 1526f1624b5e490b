#include "chem/odorant_window.h"

#include <array>
#include <vector>

#include "chem/descriptors.h"

namespace odordiff::chem {
namespace {

struct WindowRule {
  std::string_view reason;
  const char* smarts;
};

// Written for this project; the groups are those that a fragrance chemist would strike from a list at sight.
constexpr std::array<WindowRule, 34> kWindowRules = {{
    {"peroxide", "[OX2][OX2]"},
    {"hypohalite or sulfenate", "[OX2][SX2]"},
    {"nitrogen-nitrogen single bond", "[NX3;!a][NX3;!a]"},
    {"hydrazone or azo", "[#7;!a]~[#7;!a]"},
    {"hydroxylamine", "[NX3;!$(N-C=O)][OX2]"},
    {"nitroso", "[NX2]=O"},
    {"oxime ether or ester", "[NX2;!a]-[OX2H0]"},
    {"nitrogen-sulfur bond", "[NX3,NX2;!a]~[#16;!a]"},
    {"hemiacetal or gem-diol", "[CX4]([OX2H])[OX2,SX2,NX3;!$([NX3]-[CX3]=[O,S])]"},
    {"hemithioacetal", "[CX4]([SX2H])[OX2,NX3]"},
    {"gem-dithiol", "[CX4]([SX2H])[SX2H]"},
    {"aminal", "[CX4;!R]([NX3])[OX2,NX3,SX2]"},
    {"enol", "[CX3;!a;!$(C(=C)C=O);!$(C(=C)=C)](=[CX3;!$(C-[CX3]=O)])[OX2H]"},
    {"enamine", "[CX3;!a](=[CX3;!a;!$(C-[CX3]=O);!$(C=C-C=O)])[NX3;!a;!$(N-C=O)]"},
    {"enethiol", "[CX3;!a](=[CX3;!a])[SX2H]"},
    {"ketene or cumulene", "[#6]=[#6]=[*]"},
    {"heterocumulene", "[#7]=[#6]=[#6,#7]"},
    {"anhydride", "[CX3](=O)[OX2][CX3](=O)"},
    {"thioaldehyde or thioketone", "[CX3;!$(C-[#7,#8,#16])](=[SX1])"},
    {"thiono group", "[CX3](=[SX1])[#7,#8,#16;!a]"},
    {"sulfur of high valence", "[#16;v4,v6;!$(S(=O)(C)C);!$(S(=O)(=O)(C)C)]"},
    {"cyclic alkyne", "[C;R]#[C;R]"},
    {"cyclopropene or cyclobutadiene", "[C;r3]=[C;r3]"},
    {"double bond on a three ring", "[C;r3]=[*]"},
    {"cyclobutene", "[C;r4]=[C;r4]"},
    {"bridgehead double bond in a small bicycle", "[CX3;R2;r3,r4,r5;$(C=C)]([R])([R])=[C;r3,r4,r5;R2]"},
    {"aziridine or thiirane", "[N,S;r3]"},
    {"four-membered heteroring", "[N,O,S;r4]"},
    {"imine", "[CX3;!a;!$(C-[O,N,S])]=[NX2;!a;!$(N-O)]"},
    {"acyl cyanide or cyanohydrin", "[CX3,CX4]([OX1,OX2H])C#N"},
    {"trisulfide chain of four", "[SX2][SX2][SX2][SX2]"},
    {"three oxygens on one carbon", "[CX4]([OX2])([OX2])[OX2]"},
    {"polyyne", "C#CC#C"},
    {"triketone", "O=[CX3][CX3](=O)[CX3]=O"},
}};

const std::vector<Pattern>& window_patterns() {
  static const std::vector<Pattern> compiled = [] {
    std::vector<Pattern> out;
    for (const WindowRule& rule : kWindowRules) out.emplace_back(rule.smarts);
    return out;
  }();
  return compiled;
}

}  // namespace

std::string_view outside_odorant_window(const Molecule& mol) {
  if (mol.smiles().find('.') != std::string::npos) return "more than one fragment";
  for (const int z : mol.atomic_numbers()) {
    if (z != 6 && z != 7 && z != 8 && z != 16) return "an element other than C, H, N, O, S";
  }
  if (mol.smiles().find_first_of("+-") != std::string::npos && mol.smiles().find('[') != std::string::npos) {
    static const Pattern charged("[!+0]");
    if (charged.matches(mol)) return "a formal charge";
  }
  const double weight = molecular_weight(mol);
  if (weight < 80) return "lighter than 80 g/mol";
  if (weight > 320) return "heavier than 320 g/mol";
  const auto& compiled = window_patterns();
  for (std::size_t i = 0; i < compiled.size(); ++i) {
    if (compiled[i].matches(mol)) return kWindowRules[i].reason;
  }
  return {};
}

}  // namespace odordiff::chem

#include "safety/environment.h"

#include <array>

#include "chem/pattern_set.h"

namespace odordiff::safety {
namespace {

struct Group {
  double coefficient;
  const char* smarts;
};

// Boethling et al. 1994, table 2, ultimate survey model.
constexpr double kConstant = 3.19917, kPerGramPerMole = -0.00220987;
constexpr std::array<Group, 36> kGroups = {{
    {0.29834, "[CX4;H3][CX4;H2][CX4;H2][CX4;H2,H1,$([CX3]=[#6])]"},  // straight chain of four at the end
    {0.15997, "[OX2H][CX4;!$([CX4;H0])]"},                           // aliphatic alcohol
    {0.05638, "[OX2H]c"},                                            // phenol
    {0.364605, "[OX2H][CX3](=[OX1])[#6;!a]"},                        // aliphatic acid
    {0.08787, "[OX2H][CX3](=[OX1])a"},                               // aromatic acid
    {0.02232, "[CX3;H1,H2;!$(C[OX2,NX3])]=[OX1]"},                   // aldehyde
    {0.14021, "[CX3;!$(C([OX2,NX3,SX2])[OX2,NX3,SX2])](=[OX1])[OX2;H0]"},  // ester
    {-0.05421, "[NX3][CX3;!$(C[OX2,SX2]);!$(C([NX3])[NX3])]=[OX1,SX1]"},   // amide
    {-0.24586, "c1ncncn1"},                                                // triazine
    {-0.17318, "[Cl][CX4,CX3]"},                                           // aliphatic chloride
    {-0.2066, "[Cl]c"},                                                    // aromatic chloride
    {0.02895, "[Br][CX4,CX3]"},                                            // aliphatic bromide
    {-0.136, "[Br]c"},                                                     // aromatic bromide
    {-0.04494, "[I]c"},                                                    // aromatic iodide
    {-0.40694, "[F]c"},                                                    // aromatic fluoride
    {-0.21212, "[CX4;H0;!$(C(F)(F)F)]"},                        // carbon with four bonds, no hydrogen
    {-0.16959, "[NX3+](=[OX1])([OX1-])c"},                      // aromatic nitro
    {0.02444, "[NX3;H2,H1;!$(N[CX3]=[OX1,SX1]);!$(Na)][CX4]"},  // aliphatic amine, primary or secondary
    {-0.13495, "[NX3;H2,H1;!$(N[CX3]=[OX1,SX1])]c"},            // aromatic amine, primary or secondary
    {-0.08238, "[CX2]#[NX1]"},                                  // nitrile
    {0.14221, "[SX4](=[OX1])(=[OX1])([OX2H])c"},                // aromatic sulfonic acid
    {0.19259, "[SX4](=[OX1])(=[OX1])([OX2H])[CX4]"},            // aliphatic sulfonic acid
    {-0.21417, "[n;R1;X2]1[c;R1][c;R1][c;R1][c;R1][c;R1]1"},    // pyridine ring
    {-0.05812, "[OX2;!$(O[CX3]=[OX1])](c)[#6]"},                // aromatic ether
    {-0.00867, "[OX2;!$(O[CX3]=[OX1])]([CX4])[CX4,CX3]"},       // aliphatic ether
    {-0.02248, "[#6;!$([CX3]=[OX1])][CX3](=[OX1])[#6;!$([CX3]=[OX1])]"},            // ketone
    {-0.2548, "[NX3;H0;!$(N[CX3]=[OX1,SX1]);!$(N=*);!$([NX3+])]([#6])([#6])[#6]"},  // tertiary amine
    {0.15373, "[PX4](=[OX1,SX1])([OX2,SX2][#6])([OX2,SX2][#6])[OX2,SX2][#6]"},      // phosphate ester
    {-0.07485,
     "[CX4;!H0;!$(C(F)(F)F);!$(C[OX2H]);!$(C[OX2][CX3]=[OX1]);!$(CC#N)]c"},  // alkyl on an aromatic ring
    {-0.30036, "[#6][NX2]=[NX2][#6]"},                                       // azo
    {-0.04671, "[NX3][CX3](=[OX1,SX1])[OX2,SX2][#6]"},                       // carbamate
    {-0.51296, "[CX4](F)(F)F"},                                              // trifluoromethyl
    {-0.38513, "[NX3][NX2]=[OX1]"},                                          // nitrosamine
    {0.02201, "[c;!H1]1[cH][cH][cH][cH][cH]1"},                              // unsubstituted phenyl
    {-0.58591, "[$([cH]1[cH][cH][cH][cH][cH]1),$([cH]1[cH][cH][cH]c2[cH][cH][cH][cH]c12)]"},  // bare aromatic
    {-0.79934, "a1aaa2a(a1)aaa1a3aaaaa3aaa21"},  // four fused aromatic rings
}};
constexpr std::size_t kBareAromatic = 34, kFourRings = 35;  // counted once, however often they match

const chem::PatternSet& groups() {
  static const chem::PatternSet compiled = [] {
    chem::PatternSet set;
    for (const Group& group : kGroups) set.add(group.smarts);
    return set;
  }();
  return compiled;
}

double log_bcf(double logp) {
  if (logp < 1) return 0.5;
  return logp <= 7 ? 0.6598 * logp - 0.333 : -0.49 * logp + 7.554;
}

}  // namespace

Environment environment(const chem::Molecule& mol, double logp, double molecular_weight) {
  Environment out;
  out.log_bcf = log_bcf(logp);
  out.biodegradation_rating = kConstant + kPerGramPerMole * molecular_weight;
  for (const auto& hit : groups().match(mol)) {
    const bool once = hit.pattern == kBareAromatic || hit.pattern == kFourRings;
    out.biodegradation_rating += kGroups[hit.pattern].coefficient * (once ? 1 : hit.matches);
  }
  out.readily_biodegradable = out.biodegradation_rating >= 2.75;
  return out;
}

const char* biodegradation_word(double rating) {
  if (rating >= 4.5) return "hours";
  if (rating >= 3.5) return "days";
  if (rating >= 2.5) return "weeks";
  return rating >= 1.5 ? "months" : "longer";
}

}  // namespace odordiff::safety

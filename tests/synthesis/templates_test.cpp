// Every template of the shipped table does to its example what the table says, and the table covers the
// chemistry.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/table_file.h"
#include "planner.h"

namespace odordiff::synthesis {
namespace {

using Composition = std::map<std::string, int>;

// "C2H6O" or "H2Cl2" as element counts.
Composition composition_of(const std::string& formula) {
  Composition out;
  for (std::size_t i = 0; i < formula.size();) {
    std::string element(1, formula[i++]);
    while (i < formula.size() && std::islower(static_cast<unsigned char>(formula[i])) != 0)
      element += formula[i++];
    std::string count;
    while (i < formula.size() && std::isdigit(static_cast<unsigned char>(formula[i])) != 0)
      count += formula[i++];
    out[element] += count.empty() ? 1 : std::stoi(count);
  }
  return out;
}

void add(Composition& to, const Composition& what) {
  for (const auto& [element, count] : what) to[element] += count;
}

std::string flat(const std::string& smiles) {
  return chem::Molecule::parse(smiles).flat_smiles();
}

std::vector<std::string> sorted_flat(const std::vector<std::string>& smiles) {
  std::vector<std::string> out;
  for (const auto& text : smiles) out.push_back(flat(text));
  std::sort(out.begin(), out.end());
  return out;
}

const std::vector<Template>& templates() {
  return planner().expander().reactions().templates();
}

TEST(Templates, GiveTheReactantsOfTheirExamples) {
  for (const auto& by : templates()) {
    const auto wanted = sorted_flat(by.example_reactants);
    std::set<std::vector<std::string>> given;
    for (const auto& outcome : by.retro.run(chem::Molecule::parse(flat(by.example_product)))) {
      std::vector<std::string> smiles;
      for (const auto& mol : outcome) {
        // What comes out of a template is the molecule that its SMILES says.
        EXPECT_EQ(chem::Molecule::parse(mol.smiles()).smiles(), mol.smiles()) << by.name;
        smiles.push_back(mol.smiles());
      }
      std::sort(smiles.begin(), smiles.end());
      given.insert(smiles);
    }
    EXPECT_TRUE(given.contains(wanted)) << by.name << " gives " << given.size() << " other outcomes";
  }
}

TEST(Templates, BalanceAtomByAtom) {
  for (const auto& by : templates()) {
    Composition left;
    Composition right = composition_of(chem::Molecule::parse(by.example_product).formula());
    for (const auto& reactant : by.example_reactants) {
      add(left, composition_of(chem::Molecule::parse(reactant).formula()));
    }
    for (const auto& word : words_of(by.balance)) {
      ASSERT_TRUE(word[0] == '+' || word[0] == '-') << by.name << ": " << word;
      add(word[0] == '+' ? left : right, composition_of(word.substr(1)));
    }
    EXPECT_EQ(left, right) << by.name;
  }
}

TEST(Templates, TolerateTheReactantsOfTheirOwnExamples) {
  const auto& groups = planner().expander().groups();
  for (const auto& by : templates()) {
    for (const auto& reactant : by.example_reactants) {
      const GroupCounts counts = groups.count(chem::Molecule::parse(reactant));
      for (const auto& limit : by.limits) {
        EXPECT_LE(counts[limit.group], limit.at_most)
            << by.name << ": " << reactant << " has " << groups.name(limit.group);
      }
    }
  }
}

TEST(ReactionTable, CoversFragranceChemistry) {
  std::set<std::string> families;
  for (const auto& by : planner().expander().reactions().templates()) families.insert(by.family);
  for (const auto* family : {"esterification",
                             "transesterification",
                             "lactonisation",
                             "acetal",
                             "aldol",
                             "Knoevenagel",
                             "Grignard",
                             "Barbier",
                             "Reformatsky",
                             "Williamson",
                             "hydrogenation",
                             "arene hydrogenation",
                             "carbonyl reduction",
                             "alcohol oxidation",
                             "Diels-Alder",
                             "Wittig",
                             "Friedel-Crafts",
                             "Baeyer-Villiger",
                             "Claisen rearrangement",
                             "Cope rearrangement",
                             "Carroll rearrangement",
                             "Prins",
                             "hydroformylation",
                             "Wacker",
                             "ozonolysis",
                             "epoxidation",
                             "Darzens",
                             "dehydration",
                             "Beckmann",
                             "nitrile formation",
                             "imine",
                             "thiol",
                             "thioether",
                             "disulfide",
                             "heterocycle",
                             "Dieckmann",
                             "acyloin",
                             "Nazarov",
                             "Robinson annulation",
                             "Michael",
                             "conjugate addition",
                             "Heck",
                             "Suzuki",
                             "metathesis",
                             "ene"}) {
    EXPECT_TRUE(families.contains(family)) << family;
  }
  EXPECT_GE(planner().expander().reactions().templates().size(), 100U);
}

TEST(ReactionTable, NamesASourceForEveryTemplate) {
  for (const auto& by : planner().expander().reactions().templates()) {
    EXPECT_TRUE(by.source.starts_with("MA ") || by.source.starts_with("KC ") ||
                by.source.starts_with("SP ") || by.source.starts_with("OPK ") ||
                by.source.starts_with("JOU ") || by.source.starts_with("WA "))
        << by.name << ": " << by.source;
  }
}

}  // namespace
}  // namespace odordiff::synthesis

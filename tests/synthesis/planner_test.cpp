// What a route is: steps that fit together, leaves that can be bought, within the steps asked for.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "base/error.h"
#include "planner.h"
#include "synthesis/route_search.h"

namespace odordiff::synthesis {
namespace {

Plan plan_for(const std::string& smiles, int max_steps = 3, int max_routes = 5) {
  RouteOptions options;
  options.max_steps = max_steps;
  options.max_routes = max_routes;
  options.budget_ms = 600'000;
  return planner().routes(chem::Molecule::parse(smiles), options);
}

// Every route of `plan` as text, for comparison.
void write(const Substance& substance, std::string& out) {
  out += substance.smiles + " ";
  if (substance.buyable()) return;
  out += "<= " + substance.made_by->reaction + " (";
  for (const auto& reactant : substance.made_by->reactants) write(reactant, out);
  out += ") ";
}

std::string text_of(const Plan& plan) {
  std::string out;
  for (const auto& route : plan.routes) {
    write(route.target, out);
    out += std::to_string(route.usd_per_kg().low) + "\n";
  }
  return out;
}

const Template& template_named(const std::string& name) {
  for (const auto& by : planner().expander().reactions().templates()) {
    if (by.name == name) return by;
  }
  throw Internal("no template " + name);
}

// Checks the tree under `substance` and returns its longest line.
int check(const Substance& substance, std::set<std::string> above) {
  EXPECT_TRUE(above.insert(substance.smiles).second)
      << "a route makes " << substance.smiles << " from itself";
  EXPECT_GT(substance.usd_per_kg.low, 0);
  EXPECT_LE(substance.usd_per_kg.low, substance.usd_per_kg.high);
  if (substance.buyable()) {
    const auto* block = planner().expander().blocks().find(substance.smiles);
    EXPECT_NE(block, nullptr) << substance.smiles << " cannot be bought";
    if (block != nullptr) {
      EXPECT_EQ(block->name, substance.name);
    }
    return 0;
  }
  const RouteStep& step = *substance.made_by;
  // The step's template really takes this product apart into these reactants.
  std::multiset<std::string> wanted;
  for (const auto& reactant : step.reactants) wanted.insert(reactant.smiles);
  bool gives = false;
  for (const auto& outcome :
       template_named(step.reaction).retro.run(chem::Molecule::parse(substance.smiles))) {
    std::multiset<std::string> smiles;
    for (const auto& mol : outcome) smiles.insert(mol.smiles());
    gives = gives || smiles == wanted;
  }
  EXPECT_TRUE(gives) << step.reaction << " does not give " << substance.smiles;
  int longest = 0;
  for (const auto& reactant : step.reactants) longest = std::max(longest, check(reactant, above));
  return longest + 1;
}

const std::vector<std::string> kTargets = {"CC(=O)OCCC(C)C",
                                           "CCCCCC1C(CCC1=O)CC(=O)OC",
                                           "CC(C=O)Cc1ccc(cc1)C(C)(C)C",
                                           "CC1(C)CCCC2(C)C1CCC1(C)OCCC21",
                                           "CCc1nccnc1C",
                                           "CC(S)CC(C)=O"};

TEST(Routes, EndInWhatCanBeBoughtWithinTheStepsAskedFor) {
  for (const auto& smiles : kTargets) {
    for (int max_steps = 1; max_steps <= 3; ++max_steps) {
      for (const auto& route : plan_for(smiles, max_steps).routes) {
        EXPECT_EQ(route.target.smiles, chem::Molecule::parse(smiles).smiles());
        EXPECT_EQ(check(route.target, {}), route.longest_line);
        EXPECT_LE(route.longest_line, max_steps);
        EXPECT_GE(route.steps, route.longest_line);
        EXPECT_GT(route.yield.low, 0);
        EXPECT_LE(route.yield.high, 1);
      }
    }
  }
}

TEST(Routes, ComeCheapestFirstAndAreDistinct) {
  for (const auto& smiles : kTargets) {
    const auto routes = plan_for(smiles, 3, 20).routes;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < routes.size(); ++i) {
      std::string text;
      write(routes[i].target, text);
      EXPECT_TRUE(seen.insert(text).second) << text;
    }
    EXPECT_LE(routes.size(), 20U);
  }
}

TEST(Routes, AreTheSameOnEveryCallAndThread) {
  for (const auto& smiles : kTargets) {
    const std::string once = text_of(plan_for(smiles));
    std::string other;
    std::thread([&] { other = text_of(plan_for(smiles)); }).join();
    EXPECT_EQ(once, other);
    EXPECT_FALSE(once.empty()) << smiles;
  }
}

TEST(Routes, MayBePlannedByManyThreadsAtOnce) {
  std::vector<std::string> expected;
  for (const auto& smiles : kTargets) expected.push_back(text_of(plan_for(smiles, 2)));
  std::vector<std::thread> threads;
  std::vector<std::string> got(kTargets.size());
  for (std::size_t i = 0; i < kTargets.size(); ++i) {
    threads.emplace_back([&, i] { got[i] = text_of(plan_for(kTargets[i], 2)); });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(got, expected);
}

TEST(Routes, DoNotDependOnHowTheMoleculeIsWrittenOrOnItsStereo) {
  EXPECT_EQ(text_of(plan_for("CC(C)CCOC(C)=O")), text_of(plan_for("CC(=O)OCCC(C)C")));
  EXPECT_EQ(text_of(plan_for("C/C=C/C(=O)OC")), text_of(plan_for("CC=CC(=O)OC")));
}

TEST(Routes, MakeEstersFromAcidAndAlcohol) {
  const auto routes = plan_for("CC(=O)OCCC(C)C", 1).routes;
  ASSERT_FALSE(routes.empty());
  EXPECT_EQ(routes[0].target.made_by->reaction, "Fischer esterification");
  EXPECT_EQ(routes[0].steps, 1);
}

TEST(Routes, CostWhatTheModelSays) {
  const auto routes = plan_for("CC(=O)OCCC(C)C", 1).routes;
  ASSERT_FALSE(routes.empty());
  const RouteStep& step = *routes[0].target.made_by;
  double low = 0;
  double high = 0;
  for (const auto& reactant : step.reactants) {
    low += reactant.usd_per_kg.low * reactant.molecular_weight / routes[0].target.molecular_weight;
    high += reactant.usd_per_kg.high * reactant.molecular_weight / routes[0].target.molecular_weight;
  }
  for (const auto& conditions : planner().expander().reactions().conditions()) {
    if (conditions.name != step.conditions) continue;
    EXPECT_NEAR(routes[0].usd_per_kg().low, low / step.yield.high + conditions.usd_per_kg.low, 1e-9);
    EXPECT_NEAR(routes[0].usd_per_kg().high, high / step.yield.low + conditions.usd_per_kg.high, 1e-9);
  }
}

TEST(Routes, SayHonestlyThatThereIsNone) {
  const Plan plan = plan_for("CC12CC3CC(C)(C1)CC(C)(C3)C2", 2);  // a trimethyladamantane
  EXPECT_TRUE(plan.routes.empty());
  EXPECT_TRUE(plan.complete);
}

TEST(Routes, OfRingsAndSymmetricMoleculesStayFew) {
  for (const auto* smiles : {"O=C1CCCCCCCCCCCCCCO1", "CC1(C)CCCC2(C)C1CCC1(C)OCCC21", "C1CCCCCCCCCCCCCC1",
                             "CC(C)(C)c1cc(C(C)(C)C)cc(C(C)(C)C)c1", "CC(=O)OCC(COC(C)=O)OC(C)=O",
                             "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"}) {
    const Plan plan = plan_for(smiles);
    EXPECT_LE(plan.expansions, 1000) << smiles;
    EXPECT_LE(plan.routes.size(), 5U) << smiles;
  }
}

TEST(Routes, KeepToTheirExpansionsAndTheirTime) {
  RouteOptions options;
  options.max_expansions = 3;
  const auto mol = chem::Molecule::parse("CCCCCC1C(CCC1=O)CC(=O)OC");
  EXPECT_LE(planner().routes(mol, options).expansions, 3);
  EXPECT_FALSE(planner().routes(mol, options).complete);
  options = {};
  options.budget_ms = 1;
  EXPECT_FALSE(planner().routes(mol, options).complete);
}

TEST(Routes, StopWhenCancelled) {
  std::atomic<bool> cancel = true;
  RouteOptions options;
  options.cancel = &cancel;
  EXPECT_THROW(planner().routes(chem::Molecule::parse("CC(=O)OCCC(C)C"), options), Cancelled);
}

TEST(Routes, RefuseOptionsOutOfRange) {
  const auto mol = chem::Molecule::parse("CC(=O)OCCC(C)C");
  for (const int steps : {0, 4, -1}) EXPECT_THROW(plan_for("CC(=O)OCCC(C)C", steps), InvalidInput) << steps;
  EXPECT_THROW(plan_for("CC(=O)OCCC(C)C", 3, 0), InvalidInput);
  RouteOptions options;
  options.budget_ms = 0;
  EXPECT_THROW(planner().routes(mol, options), InvalidInput);
  options = {};
  options.max_expansions = 0;
  EXPECT_THROW(planner().routes(mol, options), InvalidInput);
  EXPECT_THROW(planner().quick(mol, 0), InvalidInput);
}

TEST(Routes, RefuseWhatNoPlanMakesSenseFor) {
  EXPECT_THROW(plan_for("CCO.CCN"), InvalidInput);
  EXPECT_THROW(plan_for("C"), InvalidInput);
  EXPECT_THROW(plan_for(std::string(70, 'C')), InvalidInput);
  EXPECT_THROW(plan_for("C[CH2]"), InvalidInput);
  EXPECT_THROW(plan_for("[13CH3]CO"), InvalidInput);
}

TEST(Routes, AreNotPlannedToWeaponsExplosivesAndDrugs) {
  for (const auto* smiles :
       {"CC(C)OP(C)(=O)F", "ClCCSCCCl", "ClCCN(C)CCCl", "CC(N)Cc1ccccc1", "CNC(C)Cc1ccc2c(c1)OCO2",
        "CC(=O)Cc1ccccc1", "CC(=O)Cc1ccc2c(c1)OCO2", "O=[N+]([O-])OCC(O[N+](=O)[O-])CO[N+](=O)[O-]",
        "Cc1c([N+](=O)[O-])cc([N+](=O)[O-])cc1[N+](=O)[O-]", "CC1(C)OOC(C)(C)OOC(C)(C)OO1",
        "CNC(C)C(=O)c1ccccc1", "CN(C)CCc1c[nH]c2ccccc12"}) {
    const Plan plan = plan_for(smiles);
    EXPECT_TRUE(plan.routes.empty()) << smiles;
    EXPECT_FALSE(plan.refusal.empty()) << smiles;
    EXPECT_FALSE(planner().quick(chem::Molecule::parse(smiles)).refusal.empty()) << smiles;
  }
  // Close by, and wanted.
  for (const auto* smiles :
       {"COc1ccc(CC(C)=O)cc1", "CC(=O)CCc1ccccc1", "CC(=O)c1c(C)c([N+](=O)[O-])c(C(C)(C)C)c([N+](=O)[O-])c1C",
        "CSCCC=O", "O=CCc1ccccc1"}) {
    EXPECT_TRUE(plan_for(smiles, 1).refusal.empty()) << smiles;
  }
}

TEST(Routes, NeverCrossARingWithATwoPartTemplate) {
  // A lactone is no ester of two molecules: atoms must not be doubled.
  for (const auto& step : planner().expander().expand(chem::Molecule::parse("CCCCCCC1CCC(=O)O1"), false)) {
    int atoms = 0;
    for (const auto& precursor : step.precursors)
      atoms += chem::Molecule::parse(precursor.smiles).heavy_atoms();
    EXPECT_LE(atoms, 22) << step.by->name;
  }
}

TEST(Expansion, LeavesOutWhatTheConditionsWouldAttack) {
  // A Grignard reagent would meet the free alcohol.
  for (const auto& step : planner().expander().expand(chem::Molecule::parse("CCC(O)CCCCO"), false)) {
    EXPECT_NE(step.by->family, "Grignard");
  }
}

TEST(Expansion, IntoBlocksAloneFindsWhatTheFullOneFinds) {
  for (const auto& smiles : kTargets) {
    const auto mol = chem::Molecule::parse(smiles);
    const auto texts = [&](bool blocks_only) {
      std::set<std::string> out;
      for (const auto& step : planner().expander().expand(mol, blocks_only)) {
        std::string text = step.by->name;
        bool all = true;
        for (const auto& precursor : step.precursors) {
          text += " " + precursor.smiles;
          all = all && precursor.block != nullptr;
        }
        if (all) out.insert(text);
      }
      return out;
    };
    EXPECT_EQ(texts(true), texts(false)) << smiles;
  }
}

TEST(QuickLook, AgreesWithThePlan) {
  for (const auto& smiles : kTargets) {
    const auto mol = chem::Molecule::parse(smiles);
    const Makeability quick = planner().quick(mol, 3, 1000);
    const Plan plan = plan_for(smiles, 3);
    EXPECT_EQ(quick.found, !plan.routes.empty()) << smiles;
    if (!quick.found) continue;
    EXPECT_FALSE(quick.last_reaction.empty());
    EXPECT_FALSE(plan_for(smiles, quick.steps).routes.empty());
    if (quick.steps > 1) {
      EXPECT_TRUE(plan_for(smiles, quick.steps - 1).routes.empty()) << smiles;
    }
    EXPECT_GE(quick.usd_per_kg.middle(), plan.routes[0].usd_per_kg().middle() * 0.999);
  }
}

TEST(QuickLook, TellsNoneFromNotFinished) {
  const Makeability none = planner().quick(chem::Molecule::parse("CC12CC3CC(C)(C1)CC(C)(C3)C2"), 1);
  EXPECT_FALSE(none.found);
  EXPECT_TRUE(none.complete);
  const Makeability unfinished = planner().quick(chem::Molecule::parse("OCC1(C)CC1CC1CC2CC2(C)C1(C)C"), 3, 1);
  EXPECT_FALSE(unfinished.found);
  EXPECT_FALSE(unfinished.complete);
}

}  // namespace
}  // namespace odordiff::synthesis

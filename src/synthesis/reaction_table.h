// The table of retrosynthetic templates (data/synthesis/reactions.tsv) and the classes of conditions they run
// under (conditions.tsv). The head of reactions.tsv explains its columns.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "chem/reaction.h"
#include "synthesis/cost.h"
#include "synthesis/groups.h"

namespace odordiff::synthesis {

struct Conditions {
  std::string name;
  std::string meaning;
  Interval usd_per_kg;  // of running one step, per kg of its product
};

// "No more than `at_most` of group `group` in any reactant."
struct GroupLimit {
  std::size_t group = 0;
  std::uint8_t at_most = 0;
};

struct Template {
  std::string name;
  std::string family;
  chem::Reaction retro;  // product >> reactants
  std::size_t reactants = 0;
  std::size_t conditions = 0;  // index
  Interval yield;              // of the step, in (0, 1]
  std::vector<GroupLimit> limits;
  std::string balance;                         // "+H2 -HBr"
  std::string example_product;                 // SMILES
  std::vector<std::string> example_reactants;  // SMILES
  std::string source;

  // Whether a reactant with these groups would survive the conditions and react in the right place only.
  bool tolerates(const GroupCounts& counts) const;
};

// Immutable after loading; safe to use from many threads.
class ReactionTable {
 public:
  // Reads reactions.tsv and conditions.tsv of `folder`. Throws Unavailable, naming file and line.
  ReactionTable(const std::filesystem::path& folder, const GroupTable& groups);

  const std::vector<Template>& templates() const { return templates_; }
  const std::vector<Conditions>& conditions() const { return conditions_; }
  const Conditions& conditions_of(const Template& of) const { return conditions_[of.conditions]; }

 private:
  std::vector<Conditions> conditions_;
  std::vector<Template> templates_;
};

}  // namespace odordiff::synthesis

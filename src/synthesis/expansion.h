// One step back: the ways in which a molecule could be made in one step, filtered to what a chemist would
// try.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chem/molecule.h"
#include "synthesis/building_blocks.h"
#include "synthesis/groups.h"
#include "synthesis/reaction_table.h"

namespace odordiff::synthesis {

struct Precursor {
  std::string smiles;                      // canonical, without stereo
  const BuildingBlock* block = nullptr;    // set where it can be bought
  std::optional<chem::Molecule> molecule;  // set where it cannot
};

// One way of making the product.
struct Disconnection {
  const Template* by = nullptr;
  std::vector<Precursor> precursors;  // in the template's order
};

// Immutable after loading; safe to use from many threads.
class Expander {
 public:
  // Reads the tables of `folder` (data/synthesis). Throws Unavailable, naming file and line.
  explicit Expander(const std::filesystem::path& folder);
  Expander(const Expander&) = delete;
  Expander& operator=(const Expander&) = delete;

  // All disconnections of `product` (which has no stereo marks), in the order of the table, without repeated
  // sets of precursors. With `blocks_only`, those into building blocks alone, several times faster. Left out:
  // precursors that hold a group which the conditions would attack (Template::tolerates), that are no
  // stopping place (group "unstable"), that are refused, that are the product again, or that are much larger.
  std::vector<Disconnection> expand(const chem::Molecule& product, bool blocks_only) const;

  // Whether `mol` has unpaired electrons or isotope labels, for which the templates are not written.
  bool outside_scope(const chem::Molecule& mol) const;
  // Why nothing is planned to or through `mol` (refused.tsv), or empty.
  std::string refusal(const chem::Molecule& mol) const;

  const ReactionTable& reactions() const { return reactions_; }
  const BuildingBlocks& blocks() const { return blocks_; }
  const GroupTable& groups() const { return groups_; }

 private:
  bool acceptable(const chem::Molecule& product, const Template& by,
                  const std::vector<chem::Molecule>& outcome, std::vector<Precursor>& out) const;

  GroupTable groups_;
  BuildingBlocks blocks_;
  ReactionTable reactions_;
  std::size_t unstable_;  // the group's index
  chem::Pattern radical_or_isotope_;
  std::vector<std::pair<chem::Pattern, std::string>> refused_;
};

}  // namespace odordiff::synthesis

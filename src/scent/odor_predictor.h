// Molecule to smell: probabilities of the 138 odor descriptors and of being an odorant at all.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "chem/molecule.h"
#include "scent/descriptors.h"

namespace odordiff::scent {

struct OdorPrediction {
  DescriptorVector probabilities{};  // [0, 1]
  float odorous = 0;                 // probability that people smell it at all
};

// From this probability of being smelled on, a molecule is said to have a smell.
inline constexpr float kSmelled = 0.5F;

// The prediction as answers state it. Two outputs of the network speak of having no smell, `odorous` and the
// descriptor "odorless", and need not agree; an answer says one thing: what is smelled is not odorless (0),
// and what is not has no descriptor that is likelier than its being smelled.
OdorPrediction stated(OdorPrediction prediction);

// A network on hashed fingerprints and descriptors. Two are shipped: `Ranker` (taught by labels and texts
// through a teacher, docs/science.md) orders candidates; `Judge` (trained apart, on labels and other
// features) only evaluates, so that figures are not made by the same eye that did the choosing.
class OdorPredictor {
 public:
  enum class Role { Ranker, Judge };
  OdorPredictor(const std::filesystem::path& folder, Role role);
  ~OdorPredictor();

  OdorPrediction predict(const chem::Molecule& mol) const;
  std::vector<OdorPrediction> predict(std::span<const chem::Molecule> mols) const;
  // How much each atom speaks for `descriptor` (0 to 137): the fall of the descriptor's log-odds when
  // everything that the atom takes part in is struck out of the fingerprints; negative where the atom speaks
  // against it. One number an atom, in the molecule's atom order. A map of what the model looked at, not of
  // how receptors work. REQUIRES: Role::Ranker.
  std::vector<double> attribution(const chem::Molecule& mol, std::size_t descriptor) const;
  // How often each descriptor occurs among the labelled training molecules, [kDescriptors].
  std::span<const float> base_rates() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace odordiff::scent

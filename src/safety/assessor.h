// The conscience of the program: everything that is known or estimated about the safety of a molecule, with
// reasons.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "safety/environment.h"
#include "safety/finding.h"
#include "safety/known_substances.h"
#include "safety/lists.h"
#include "safety/regulation.h"
#include "safety/score.h"
#include "safety/tox21.h"

namespace odordiff::safety {

// What the lists of a region say, the gravest word first.
enum class Verdict { NotListed, Declare, Restricted, Prohibited, Controlled };
const char* to_string(Verdict verdict);  // "not listed", "declare", …

struct RegionVerdict {
  std::string region;  // of kRegions; IFRA stands for the Standards that apply world-wide
  Verdict verdict = Verdict::NotListed;
  std::vector<std::string> reasons;  // "Restricted: Citral (CAS 5392-40-5), IFRA Standards, 51st Amendment"
  std::vector<Limit>
      limits;  // of IFRA restrictions: the least one a category, percent of the finished product
};

struct SafetyReport {
  // False: the models were not asked, and there is no score. Lists and alerts are looked through all the
  // same.
  bool in_domain = true;
  std::string domain_note;  // why not, when not
  std::optional<double>
      score;  // [0, 1], score.h; absent outside the domain, unless a finding forbids (then 0)
  std::vector<Finding> findings;  // gravest first
  std::vector<RegionVerdict> regions;
  std::optional<Tox21Probabilities> tox21;
  std::optional<Environment> environment;
  Likeness likeness;

  // A chemical weapon, an explosive, a scheduled drug or a precursor of no other use: not to be handled by
  // any route.
  bool forbidden() const;
  // Neither forbidden nor a controlled precursor: may be generated, found or chosen.
  bool may_be_proposed() const;
  // What to say of a controlled precursor that a user brings, in a sentence; else empty.
  std::string note() const;
  // Forbidden, outside the domain, or a score below `threshold`: not to be returned unless the caller asked
  // for it, and then marked.
  bool excluded(double threshold = kDefaultThreshold) const;
};

// Immutable and safe to use from many threads. `data_folder` holds the tables (data/safety), `model_folder`
// the networks.
class SafetyAssessor {
 public:
  // Throws Unavailable when a file is missing or damaged, InvalidInput naming file and line for a bad row.
  SafetyAssessor(const std::filesystem::path& data_folder, const std::filesystem::path& model_folder);
  ~SafetyAssessor();

  // Any writing gets the report of its substance (Lists::substance); `atoms` of findings count along that.
  SafetyReport assess(const chem::Molecule& mol) const;
  // The same for many, faster. About 0.6 ms each where chem::descriptor_vector was asked for before, else 1
  // ms (docs/safety.md).
  std::vector<SafetyReport> assess(std::span<const chem::Molecule> mols) const;

  // Whether assess() would say forbidden(), faster: for every place that takes a molecule in or lets one out.
  bool forbids(const chem::Molecule& mol) const;

  const Lists& lists() const;
  const RegulatoryTables& regulations() const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace odordiff::safety

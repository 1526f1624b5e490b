// Structural alerts: patterns of groups that react with skin, DNA or the body, or that make a molecule an
// explosive.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "chem/pattern_set.h"
#include "safety/finding.h"

namespace odordiff::safety {

struct Alert {
  std::string id, category;
  Severity severity = Severity::Information;
  std::string name, smarts, reason, source;
};

// data/safety/alerts.tsv. Immutable; safe to use from many threads.
class AlertTable {
 public:
  // Throws Unavailable when alerts.tsv cannot be read, and naming file and line for a bad row or SMARTS.
  explicit AlertTable(const std::filesystem::path& data_folder);

  // Alerts that occur in `mol`, in the order of the table.
  std::vector<Finding> match(const chem::Molecule& mol) const;
  // Whether an alert of severity critical occurs.
  bool forbids(const chem::Molecule& mol) const;

  const std::vector<Alert>& alerts() const { return alerts_; }

 private:
  std::vector<Alert> alerts_;
  chem::PatternSet patterns_, critical_;
};

}  // namespace odordiff::safety

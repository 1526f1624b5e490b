#include "safety/alerts.h"

#include <unordered_set>

#include "base/error.h"
#include "base/table_file.h"

namespace odordiff::safety {

AlertTable::AlertTable(const std::filesystem::path& data_folder) {
  std::unordered_set<std::string> ids;
  for (auto& row : read_table(data_folder / "alerts.tsv", 7)) {
    auto& c = row.fields;
    try {
      Alert alert{c[0], c[1], parse_severity(c[2]), c[3], c[4], c[5], c[6]};
      if (!ids.insert(alert.id).second)
        throw InvalidInput("the id " + quote_for_message(alert.id) + " occurs twice");
      for (const auto* text : {&alert.id, &alert.category, &alert.name, &alert.reason, &alert.source}) {
        if (text->empty())
          throw InvalidInput("an empty column; id, category, name, reason and source must be given");
      }
      patterns_.add(alert.smarts);
      if (alert.severity == Severity::Critical) critical_.add(alert.smarts);
      alerts_.push_back(std::move(alert));
    } catch (const InvalidInput& error) {
      table_error(row, error.what());
    }
  }
}

std::vector<Finding> AlertTable::match(const chem::Molecule& mol) const {
  std::vector<Finding> findings;
  for (auto& hit : patterns_.match(mol)) {
    const Alert& alert = alerts_[hit.pattern];
    findings.push_back({alert.id, alert.category, alert.severity, alert.name, alert.reason, alert.source,
                        std::move(hit.atoms)});
  }
  return findings;
}

bool AlertTable::forbids(const chem::Molecule& mol) const {
  return !critical_.match(mol).empty();
}

}  // namespace odordiff::safety

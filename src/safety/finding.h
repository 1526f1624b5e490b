// One thing that was found about a molecule, with its evidence.
#pragma once

#include <string>
#include <vector>

namespace odordiff::safety {

// How much a finding weighs; the words of the data tables.
enum class Severity { Information, Low, Moderate, High, Critical };
// What follows from it. Forbidden molecules are refused, by any route; excluded ones come back only to a
// caller who lowers the threshold of the score, and marked. What is never proposed may be handled when a user
// brings it.
enum class Effect { Information, Warning, ExcludedByDefault, NeverProposed, Forbidden };

struct Finding {
  std::string id;        // of the alert, or of the regulation
  std::string category;  // "skin_sensitisation", "regulation", "controlled_substance", …
  Severity severity = Severity::Information;
  std::string name;
  std::string reason;
  std::string source;      // literature or law
  std::vector<int> atoms;  // of the molecule that was asked about, ascending; all of them where a substance
                           // matched as a whole
  bool never_proposed = false;  // a controlled precursor, whatever the severity
};

Effect effect_of(const Finding& finding);

// "information", "low", …; parse_severity throws InvalidInput for any other word.
const char* to_string(Severity severity);
Severity parse_severity(const std::string& word);
const char* to_string(Effect effect);

}  // namespace odordiff::safety

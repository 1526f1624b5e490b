// The assessor on the tables and models that are shipped, loaded once for all tests.
#pragma once

#include <algorithm>
#include <string>

#include "safety/assessor.h"

namespace odordiff::safety {

inline const SafetyAssessor& shipped() {
  static const SafetyAssessor assessor(ODORDIFF_SAFETY_DATA, ODORDIFF_MODEL_FOLDER);
  return assessor;
}

inline SafetyReport assess(const std::string& smiles) {
  return shipped().assess(chem::Molecule::parse(smiles));
}

inline bool has(const SafetyReport& report, const std::string& category, Severity at_least) {
  return std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
    return finding.category == category && finding.severity >= at_least;
  });
}

inline Verdict verdict(const SafetyReport& report, const std::string& region) {
  for (const auto& r : report.regions) {
    if (r.region == region) return r.verdict;
  }
  return Verdict::NotListed;
}

}  // namespace odordiff::safety

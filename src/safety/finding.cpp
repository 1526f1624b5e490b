#include "safety/finding.h"

#include <array>
#include <cstddef>

#include "base/error.h"

namespace odordiff::safety {
namespace {

constexpr std::array<const char*, 5> kSeverities = {"information", "low", "moderate", "high", "critical"};

}  // namespace

Effect effect_of(const Finding& finding) {
  if (finding.never_proposed) return Effect::NeverProposed;
  switch (finding.severity) {
    case Severity::Information:
      return Effect::Information;
    case Severity::Low:
    case Severity::Moderate:
      return Effect::Warning;
    case Severity::High:
      return Effect::ExcludedByDefault;
    case Severity::Critical:
      return Effect::Forbidden;
  }
  throw Internal("unknown severity");
}

const char* to_string(Severity severity) {
  return kSeverities[static_cast<std::size_t>(severity)];
}

Severity parse_severity(const std::string& word) {
  for (std::size_t i = 0; i < kSeverities.size(); ++i) {
    if (word == kSeverities[i]) return static_cast<Severity>(i);
  }
  throw InvalidInput("unknown severity " + quote_for_message(word) +
                     "; expected critical, high, moderate, low or information");
}

const char* to_string(Effect effect) {
  switch (effect) {
    case Effect::Information:
      return "information";
    case Effect::Warning:
      return "warning";
    case Effect::ExcludedByDefault:
      return "excluded by default";
    case Effect::NeverProposed:
      return "never proposed";
    case Effect::Forbidden:
      return "forbidden";
  }
  throw Internal("unknown effect");
}

}  // namespace odordiff::safety

#include "scent/character.h"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace odordiff::scent {
namespace {

constexpr float kPrimary = 0.4F, kSecondary = 0.15F;
constexpr std::size_t kMostPrimary = 3, kMostSecondary = 5;

std::string list_of(const std::vector<std::size_t>& descriptors) {
  std::string out;
  for (std::size_t i = 0; i < descriptors.size(); ++i) {
    if (i > 0) out += i + 1 == descriptors.size() ? " and " : ", ";
    out += descriptor_names()[descriptors[i]];
  }
  return out;
}

std::string hours(double value) {
  if (value >= kLongestHours) return "400 h or more";
  return "about " + std::to_string(std::max(1L, std::lround(value))) + " h";
}

}  // namespace

Character character_of(const OdorPrediction& prediction, const PhysicalEstimate& physical) {
  const OdorPrediction odor = stated(prediction);
  Character out;
  if (odor.odorous < kSmelled) {
    out.primary = most_probable(odor.probabilities, 1);
    out.line = "Probably odorless.";
    return out;
  }
  for (const std::size_t d : most_probable(odor.probabilities, kMostPrimary + kMostSecondary)) {
    const float p = odor.probabilities[d];
    if (out.secondary.empty() &&
        (out.primary.empty() || (p >= kPrimary && out.primary.size() < kMostPrimary))) {
      out.primary.push_back(d);
    } else if (p >= kSecondary && out.secondary.size() < kMostSecondary) {
      out.secondary.push_back(d);
    }
  }
  out.line = list_of(out.primary);
  out.line.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(out.line.front())));
  if (!out.secondary.empty()) {
    out.line +=
        ", with " + list_of(out.secondary) + (out.secondary.size() > 1 ? " undertones" : " as an undertone");
  }
  if (physical.outside.empty()) {
    out.line += "; " + std::string(strength_word(physical.intensity.value)) + " strength, a " +
                physical.note + " note of " + hours(physical.longevity_hours.value);
  }
  out.line += ".";
  return out;
}

std::vector<std::string> names_of(const std::vector<std::size_t>& descriptors) {
  std::vector<std::string> out;
  for (const std::size_t d : descriptors) out.emplace_back(descriptor_names()[d]);
  return out;
}

}  // namespace odordiff::scent

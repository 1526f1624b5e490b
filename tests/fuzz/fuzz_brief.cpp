// Any bytes as a brief: the encoder answers within its bounds or throws InvalidInput. The model folder comes
// from ODORDIFF_MODEL.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "scent/brief_encoder.h"

namespace {

using odordiff::scent::BriefEncoder;
using odordiff::scent::EncodedBrief;

void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

const BriefEncoder& encoder() {
  static const BriefEncoder shared = [] {
    const char* folder = std::getenv("ODORDIFF_MODEL");
    if (folder == nullptr) {
      std::fputs("set ODORDIFF_MODEL to a model folder\n", stderr);
      std::exit(2);
    }
    return BriefEncoder(folder);
  }();
  return shared;
}

void check(const EncodedBrief& read, const std::string& brief) {
  for (const float weight : read.weights) require(weight >= -1 && weight <= 1, "weights lie in [-1, 1]");
  for (const float p : read.probabilities) require(p >= 0 && p <= 1, "probabilities lie in [0, 1]");
  for (const float x : read.text) require(std::isfinite(x), "the text vector is finite");
  for (const auto& term : read.terms) {
    require(term.begin <= term.end && term.end <= brief.size(), "terms lie in the brief");
    for (const auto& [descriptor, weight] : term.descriptors) {
      require(descriptor < odordiff::scent::kDescriptors && std::isfinite(weight), "terms name descriptors");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string brief(reinterpret_cast<const char*>(data), size);
  try {
    check(encoder().encode(brief), brief);
  } catch (const odordiff::InvalidInput&) {
  }
  return 0;
}

// What makes a request acceptable, in one place for every edge.
#include <cmath>

#include "base/error.h"
#include "generate/pipeline.h"

namespace odordiff::generate {
namespace {

void check_range(const Range& range, const char* name, double least, double most) {
  if (std::isnan(range.low) || std::isnan(range.high))
    throw InvalidInput(std::string(name) + " must be numbers LOW:HIGH");
  if (range.low > range.high) {
    throw InvalidInput(std::string(name) + " range is empty: its low end " + std::to_string(range.low) +
                       " is above its high end " + std::to_string(range.high));
  }
  if (range.high < least || range.low > most) {
    throw InvalidInput(std::string(name) + " range holds no odorant: it must meet " + std::to_string(least) +
                       " to " + std::to_string(most));
  }
}

}  // namespace

void validate(const Request& request) {
  if (request.count < 1 || request.count > 1000) {
    throw InvalidInput("the number of molecules must be 1 to 1000, not " + std::to_string(request.count));
  }
  if (request.brief.empty() && !request.like && !request.keep) {
    throw InvalidInput(
        "the brief is empty: say in words how it should smell, e.g. \"fresh-cut grass after rain\"");
  }
  if (request.like && request.keep) {
    throw InvalidInput("give either a molecule to vary (like) or a fragment to keep (keep), not both");
  }
  if (request.steps_per_block < 0 || request.steps_per_block > 4) {
    throw InvalidInput("steps must be 1 to 4 (denoising steps for each block of four tokens), not " +
                       std::to_string(request.steps_per_block));
  }
  if (!(request.guidance < 0) && !(request.guidance <= 10)) throw InvalidInput("guidance must be 0 to 10");
  if (!(request.temperature < 0) && !(request.temperature >= 0.1F && request.temperature <= 2)) {
    throw InvalidInput("temperature must be 0.1 to 2");
  }
  if (!(request.budget_seconds > 0 && request.budget_seconds <= 3600)) {
    throw InvalidInput("the time budget must be above 0 and at most 3600 seconds");
  }
  if (!(request.effort >= 0.5 && request.effort <= 50)) throw InvalidInput("the effort must be 0.5 to 50");
  if (!(request.min_odorous >= 0 && request.min_odorous <= 1))
    throw InvalidInput("min_odorous must be 0 to 1");
  if (!(request.safety_threshold >= 0 && request.safety_threshold <= 1)) {
    throw InvalidInput("the safety threshold must be 0 to 1");
  }
  check_range(request.molecular_weight, "molecular weight", 30, 1000);
  check_range(request.logp, "logP", -20, 30);
  check_range(request.tpsa, "TPSA", 0, 1000);
  check_range(request.sa_score, "SA score", 1, 10);
  check_range(request.similarity, "similarity", 0, 1);
  if (!request.like && (request.similarity.low > 0 || request.similarity.high < 1)) {
    throw InvalidInput("a similarity range needs a molecule to be similar to (like)");
  }
}

}  // namespace odordiff::generate

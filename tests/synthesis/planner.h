// The planner over the shipped tables, loaded once for all tests.
#pragma once

#include "synthesis/expansion.h"
#include "synthesis/route_planner.h"

namespace odordiff::synthesis {

inline const RoutePlanner& planner() {
  static const RoutePlanner shipped(ODORDIFF_SYNTHESIS_DATA);
  return shipped;
}

}  // namespace odordiff::synthesis

// What the fuzz targets share: a promise that does not hold ends the run, and so names the input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace odordiff::fuzz {

inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

}  // namespace odordiff::fuzz

// Seeded random numbers whose stream depends on (seed, stream) alone, so that a sequence draws the same
// numbers whichever batch or thread it runs in. PCG32: M. E. O'Neill, HMC-CS-2014-0905 (2014).
#pragma once

#include <cstdint>

namespace odordiff {

class Rng {
 public:
  Rng(std::uint64_t seed, std::uint64_t stream);

  std::uint32_t next_u32();
  // Uniform in [0, 1).
  float uniform();
  // Uniform in [0, bound). REQUIRES: bound > 0.
  std::uint32_t below(std::uint32_t bound);

 private:
  std::uint64_t state_ = 0;
  std::uint64_t increment_;
};

// A good 64-bit mix (splitmix64 finaliser), for deriving seeds and hashing small keys.
std::uint64_t mix64(std::uint64_t x);

}  // namespace odordiff

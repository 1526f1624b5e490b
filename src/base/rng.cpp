#include "base/rng.h"

namespace odordiff {

std::uint64_t mix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

Rng::Rng(std::uint64_t seed, std::uint64_t stream) : increment_((mix64(stream) << 1U) | 1U) {
  next_u32();
  state_ += mix64(seed);
  next_u32();
}

std::uint32_t Rng::next_u32() {
  const std::uint64_t old = state_;
  state_ = old * 6364136223846793005ULL + increment_;
  const auto xorshifted = static_cast<std::uint32_t>(((old >> 18U) ^ old) >> 27U);
  const auto rot = static_cast<std::uint32_t>(old >> 59U);
  return (xorshifted >> rot) | (xorshifted << ((32U - rot) & 31U));
}

float Rng::uniform() {
  return static_cast<float>(next_u32() >> 8U) * 0x1.0p-24F;
}

std::uint32_t Rng::below(std::uint32_t bound) {
  return static_cast<std::uint32_t>((static_cast<std::uint64_t>(next_u32()) * bound) >> 32U);
}

}  // namespace odordiff

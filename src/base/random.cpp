#include "base/random.h"

#include <openssl/rand.h>

#include <random>

#include "base/error.h"
#include "base/rng.h"

namespace odordiff {

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) {
    throw Internal("libcrypto has no random numbers");
  }
  return out;
}

std::uint64_t random_id() {
  static thread_local Rng rng = [] {
    std::random_device device;
    const auto draw = [&] { return std::uint64_t{device()} << 32U | device(); };
    const std::uint64_t seed = draw();
    return Rng(seed, draw());
  }();
  const std::uint64_t high = rng.next_u32();
  return high << 32U | rng.next_u32();
}

}  // namespace odordiff

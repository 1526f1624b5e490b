// Random numbers that no seed repeats; for those that a seed does repeat see base/rng.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace odordiff {

// Bytes that nobody can guess, from libcrypto. Throws Internal where it has none.
std::string random_bytes(std::size_t count);

// 64 bits in some nanoseconds, for identities that two need not share but that anybody may guess.
std::uint64_t random_id();

}  // namespace odordiff

// What all who call libcrypto need: objects that free themselves, and random numbers that nobody can guess.
#pragma once

#include <openssl/rand.h>

#include <cstddef>
#include <string>

#include "base/error.h"

namespace odordiff::server {

// Deleter of std::unique_ptr: Freed<EVP_PKEY_free>.
template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* held) const {
    Free(held);
  }
};

inline std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) {
    throw Internal("libcrypto has no random numbers");
  }
  return out;
}

}  // namespace odordiff::server

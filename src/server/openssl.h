// What all who call libcrypto need: objects that free themselves.
#pragma once

namespace odordiff::server {

// Deleter of std::unique_ptr: Freed<EVP_PKEY_free>.
template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* held) const {
    Free(held);
  }
};

}  // namespace odordiff::server

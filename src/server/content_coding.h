// Content codings (RFC 9110, 8.4): which one a client takes, and the compressed bytes.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "server/http.h"

namespace odordiff::server {

enum class Coding { Identity, Gzip, Deflate, Brotli, Zstandard, Lz4 };

// "gzip", "deflate", "br", "zstd", "lz4" (not registered: only for clients that name it); empty for Identity.
std::string_view name_of(Coding coding);

// The coding that the Accept-Encoding field likes best, among equals the first of `ours`; lz4 only by name.
// Nothing where it refuses all, identity too.
std::optional<Coding> preferred_coding(std::string_view accept_encoding,
                                       std::initializer_list<Coding> ours = {Coding::Zstandard,
                                                                             Coding::Brotli, Coding::Gzip,
                                                                             Coding::Deflate, Coding::Lz4});

// The weight that the field gives to this coding, in [0, 1]; 0: it is not taken.
double quality_of(Coding coding, std::string_view accept_encoding);

// Whether compressing a kind of content pays, by how it went lately. Safe to call from many threads.
class Experience {
 public:
  // What did not pay lately is tried only now and then.
  bool is_worth_trying();
  // True where a tenth or more was won.
  bool add(std::size_t before_bytes, std::size_t after_bytes);

 private:
  std::atomic<std::uint32_t> failures_{0};  // in a row
  std::atomic<std::uint32_t> passed_by_{0};
};

// Compresses answers for as long as that works well: a kind of content that does not shrink is looked at only
// now and then. Safe to call from many threads.
class Compressor {
 public:
  static constexpr std::size_t kLeastBytes = 1024;  // below, headers and time cost more than is won

  // `body` in this coding; nothing where it should be sent as it is: short, of a media type that is
  // compressed already, or not at least a tenth smaller.
  std::optional<std::string> compressed(Coding coding, std::string_view media_type, std::string_view body);

 private:
  enum Kind { Json, Text, Svg, Binary, kKinds };
  static std::optional<Kind> kind_of(std::string_view media_type);
  std::array<Experience, kKinds> experience_;
};

// The response as Accept-Encoding takes it: compressed where that pays and nobody has done it yet.
Response coded(Compressor& compressor, std::string_view accept_encoding, Response response);

// The bytes in this coding. Throws Internal where the library fails. REQUIRES: not Identity.
std::string compress(Coding coding, std::string_view body);

}  // namespace odordiff::server

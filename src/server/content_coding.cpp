#include "server/content_coding.h"

#include <brotli/encode.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <charconv>

#include "base/error.h"

namespace odordiff::server {
namespace {

// Levels at which an answer of some kB costs well under a millisecond.
constexpr int kZlibLevel = 6, kBrotliQuality = 5, kZstandardLevel = 3;
constexpr std::uint32_t kFailuresUntilDoubt = 8;
constexpr std::uint32_t kLookAgainEvery = 64;

// "gzip;q=0.5": the name and its weight; a weight that cannot be read counts as 0.
std::pair<std::string_view, double> weighted(std::string_view item) {
  const std::size_t semicolon = item.find(';');
  if (semicolon == std::string_view::npos) return {trimmed(item), 1};
  const std::string_view parameter = trimmed(item.substr(semicolon + 1));
  double q = 0;
  if (parameter.size() > 2 && (parameter[0] == 'q' || parameter[0] == 'Q') && parameter[1] == '=') {
    std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), q);
  }
  return {trimmed(item.substr(0, semicolon)), q >= 0 && q <= 1 ? q : 0};
}

// The weight that the field gives to exactly this name.
std::optional<double> weight_of(std::string_view wanted, std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const auto [name, q] = weighted(take_item(accept_encoding));
    if (equal_ignoring_case(name, wanted)) return q;
  }
  return std::nullopt;
}

// gzip's header and trailer with 16 added to the window bits; "deflate" is the zlib format (RFC 9110,
// 8.4.1.2).
std::string zlib_compressed(std::string_view body, bool gzip) {
  z_stream stream = {};
  if (deflateInit2(&stream, kZlibLevel, Z_DEFLATED, gzip ? 15 + 16 : 15, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw Internal("zlib has no memory");
  }
  std::string out(deflateBound(&stream, body.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw Internal("zlib did not finish");
  return out;
}

std::string brotli_compressed(std::string_view body) {
  std::size_t size = BrotliEncoderMaxCompressedSize(body.size());
  std::string out(size, '\0');
  if (BrotliEncoderCompress(kBrotliQuality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, body.size(),
                            reinterpret_cast<const std::uint8_t*>(body.data()), &size,
                            reinterpret_cast<std::uint8_t*>(out.data())) == BROTLI_FALSE) {
    throw Internal("brotli did not finish");
  }
  out.resize(size);
  return out;
}

std::string zstandard_compressed(std::string_view body) {
  std::string out(ZSTD_compressBound(body.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), body.data(), body.size(), kZstandardLevel);
  if (ZSTD_isError(size) != 0) throw Internal("zstd did not finish");
  out.resize(size);
  return out;
}

std::string lz4_compressed(std::string_view body) {
  std::string out(LZ4F_compressFrameBound(body.size(), nullptr), '\0');
  const std::size_t size = LZ4F_compressFrame(out.data(), out.size(), body.data(), body.size(), nullptr);
  if (LZ4F_isError(size) != 0) throw Internal("lz4 did not finish");
  out.resize(size);
  return out;
}

}  // namespace

std::string_view name_of(Coding coding) {
  switch (coding) {
    case Coding::Gzip:
      return "gzip";
    case Coding::Deflate:
      return "deflate";
    case Coding::Brotli:
      return "br";
    case Coding::Zstandard:
      return "zstd";
    case Coding::Lz4:
      return "lz4";
    case Coding::Identity:
      break;
  }
  return "";
}

double quality_of(Coding coding, std::string_view accept_encoding) {
  auto q = weight_of(name_of(coding), accept_encoding);
  if (!q && coding == Coding::Gzip) q = weight_of("x-gzip", accept_encoding);
  if (!q && coding != Coding::Lz4) q = weight_of("*", accept_encoding);
  return q.value_or(0);
}

std::optional<Coding> preferred_coding(std::string_view accept_encoding, std::initializer_list<Coding> ours) {
  if (accept_encoding.empty()) return Coding::Identity;
  std::optional<Coding> best;
  double best_q = 0;
  for (const Coding coding : ours) {
    const double q = quality_of(coding, accept_encoding);
    if (q > best_q) {
      best = coding;
      best_q = q;
    }
  }
  // Identity is taken unless it is refused by itself or by "*;q=0"; unnamed, it comes behind the others.
  const double unnamed = weight_of("*", accept_encoding).value_or(1) <= 0 ? 0 : best ? best_q / 2 : 1;
  const double identity = weight_of("identity", accept_encoding).value_or(unnamed);
  if (!best || identity > best_q) return identity > 0 ? std::optional(Coding::Identity) : best;
  return best;
}

std::string compress(Coding coding, std::string_view body) {
  switch (coding) {
    case Coding::Gzip:
      return zlib_compressed(body, true);
    case Coding::Deflate:
      return zlib_compressed(body, false);
    case Coding::Brotli:
      return brotli_compressed(body);
    case Coding::Zstandard:
      return zstandard_compressed(body);
    case Coding::Lz4:
      return lz4_compressed(body);
    case Coding::Identity:
      break;
  }
  throw Internal("nothing to compress with");
}

bool Experience::is_worth_trying() {
  return failures_.load(std::memory_order_relaxed) < kFailuresUntilDoubt ||
         passed_by_.fetch_add(1, std::memory_order_relaxed) % kLookAgainEvery == 0;
}

bool Experience::add(std::size_t before_bytes, std::size_t after_bytes) {
  const bool paid = after_bytes < before_bytes - before_bytes / 10;
  if (paid) {
    failures_.store(0, std::memory_order_relaxed);
  } else {
    failures_.fetch_add(1, std::memory_order_relaxed);
  }
  return paid;
}

std::optional<Compressor::Kind> Compressor::kind_of(std::string_view media_type) {
  if (media_type.find("json") != std::string_view::npos) return Json;
  if (media_type.starts_with("text/")) return Text;
  if (media_type == "image/svg+xml") return Svg;
  if (media_type == "chemical/x-mdl-sdfile" || media_type == "application/msgpack") return Binary;
  return std::nullopt;
}

std::optional<std::string> Compressor::compressed(Coding coding, std::string_view media_type,
                                                  std::string_view body) {
  if (coding == Coding::Identity || body.size() < kLeastBytes) return std::nullopt;
  const auto kind = kind_of(media_type.substr(0, media_type.find(';')));
  if (!kind) return std::nullopt;
  Experience& experience = experience_[*kind];
  if (!experience.is_worth_trying()) return std::nullopt;
  std::string out = compress(coding, body);
  if (!experience.add(body.size(), out.size())) return std::nullopt;
  return out;
}

Response coded(Compressor& compressor, std::string_view accept_encoding, Response response) {
  if (!response.body || response.body->size() < Compressor::kLeastBytes) return response;
  for (const auto& [name, value] : response.headers) {
    // A strong validator speaks of the bytes that it came with.
    if (equal_ignoring_case(name, "content-encoding") || equal_ignoring_case(name, "etag")) return response;
  }
  const Coding coding = preferred_coding(accept_encoding).value_or(Coding::Identity);
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (auto bytes = compressor.compressed(coding, response.content_type, *response.body)) {
    response.body = std::make_shared<const std::string>(std::move(*bytes));
    response.headers.emplace_back("Content-Encoding", name_of(coding));
  }
  return response;
}

}  // namespace odordiff::server

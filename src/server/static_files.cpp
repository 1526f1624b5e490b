#include "server/static_files.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "server/content_coding.h"
#include "server/problem.h"

namespace odordiff::server {
namespace {

constexpr std::string_view kStudioPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
constexpr std::string_view kDocsPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; worker-src blob:; child-src blob:; base-uri 'none'; form-action "
    "'none'; frame-ancestors 'none'";

std::string_view type_of(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
      {".webmanifest", "application/manifest+json"},
      {".png", "image/png"},
  };
  for (const auto& [ending, type] : kTypes) {
    if (name.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

std::string unpacked(std::string_view gzip) {
  z_stream stream{};
  constexpr int kGzip = 16 + MAX_WBITS;
  if (inflateInit2(&stream, kGzip) != Z_OK) throw Internal("zlib does not start");
  // zlib's input is not const by an old oversight; it is only read.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  std::string out;
  std::array<char, 16384> part{};
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = static_cast<uInt>(part.size());
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(part.data(), part.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (state != Z_STREAM_END) throw Internal("a file of the studio is damaged in this program");
  return out;
}

}  // namespace

Response static_file(const Request& request, std::string_view name, PagePolicy policy) {
  const auto files = embedded_files();
  const auto file =
      std::find_if(files.begin(), files.end(), [&](const EmbeddedFile& f) { return f.name == name; });
  if (file == files.end()) throw ProblemError({404, "not-found", "the studio has no such file"});
  const bool gzip = quality_of(Coding::Gzip, request.header("accept-encoding")) > 0;
  const bool page = name.ends_with(".html");
  const std::string etag = fmt::format("\"{}{}\"", file->tag, gzip ? "-gzip" : "");
  Response out;
  out.headers = {{"ETag", etag},
                 {"Vary", "Accept-Encoding"},
                 {"Cache-Control",
                  name.starts_with("assets/") ? "public, max-age=31536000, immutable" : "public, no-cache"}};
  if (names_etag(request.header("if-none-match"), etag)) {
    out.status = 304;
    return out;
  }
  if (page) {
    out.headers.emplace_back("Content-Security-Policy",
                             policy == PagePolicy::Docs ? kDocsPolicy : kStudioPolicy);
    out.headers.emplace_back("Referrer-Policy", "no-referrer");
    out.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
    out.headers.emplace_back("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
  }
  out.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  if (gzip) out.headers.emplace_back("Content-Encoding", "gzip");
  out.content_type = type_of(name);
  out.body = std::make_shared<const std::string>(gzip ? std::string(file->gzip) : unpacked(file->gzip));
  return out;
}

}  // namespace odordiff::server

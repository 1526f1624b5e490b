// The files of the studio, as they lie in the program: compressed, with what a browser needs to keep them.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "server/http.h"

namespace odordiff::server {

// A file of web/dist. Written into the program by cmake/EmbedFiles.cmake.
struct EmbeddedFile {
  std::string_view name;  // "index.html", "assets/studio-DKd3v0Xq.js"
  std::string_view gzip;  // its bytes, compressed
  std::string_view tag;   // of these bytes: the heart of the ETag
};
std::span<const EmbeddedFile> embedded_files();

// What a page may load and run (Content-Security-Policy). Nothing comes from elsewhere in any case.
enum class PagePolicy {
  Studio,  // scripts and styles from files only
  Docs,    // the API viewers write style elements and start workers from memory
};

// The file, or a 404 problem: gzip where the client takes it (which is how it lies here), else unpacked.
// Names under assets/ carry a digest of their content, so browsers keep them for good; the others are asked
// for again, and answered 304 where nothing changed. Throws ProblemError.
Response static_file(const Request& request, std::string_view name, PagePolicy policy = PagePolicy::Studio);

}  // namespace odordiff::server

// Content codings of event streams: what was sent can be read at once, and what is remembered of a stream is
// bounded.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "server/content_coding.h"

namespace odordiff::server {

// One stream's encoder. Belongs to one thread at a time.
class StreamEncoder {
 public:
  StreamEncoder() = default;
  StreamEncoder(const StreamEncoder&) = delete;
  StreamEncoder& operator=(const StreamEncoder&) = delete;
  virtual ~StreamEncoder() = default;

  // `bytes` encoded, and all that a client needs to decode them now. `last`: nothing follows. Throws Internal
  // where the library fails.
  virtual std::string encoded(std::string_view bytes, bool last) = 0;
};

class StreamCompressor;

// How one stream is sent: compressed, or as it is.
class StreamCoding {
 public:
  StreamCoding(StreamCompressor& compressor, Coding coding);
  ~StreamCoding();
  StreamCoding(const StreamCoding&) = delete;
  StreamCoding& operator=(const StreamCoding&) = delete;

  Coding coding() const { return coding_; }
  // As StreamEncoder::encoded().
  std::string encoded(std::string bytes, bool last);

 private:
  StreamCompressor& compressor_;
  const Coding coding_;
  std::unique_ptr<StreamEncoder> encoder_;  // null: as it is
  std::size_t taken_bytes_ = 0, given_bytes_ = 0;
};

// Says at a stream's start how it will be sent. Safe to call from many threads.
class StreamCompressor {
 public:
  static constexpr int kMostAtOnce = 1'000;  // more go as they are, so that memory stays bounded

  // As Accept-Encoding likes best; among equals gzip, deflate, zstd, br, in the order of how well they do in
  // the memory that a stream may have; not lz4. As it is where streams did not shrink lately. The compressor
  // outlives what it returns.
  std::unique_ptr<StreamCoding> begin(std::string_view accept_encoding);

 private:
  friend class StreamCoding;
  std::atomic<int> at_once_{0};
  Experience experience_;
};

}  // namespace odordiff::server

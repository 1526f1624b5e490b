// Compressed event streams: a client decodes each event as it is sent.
#include "server/stream_coding.h"

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <chrono>
#include <random>
#include <semaphore>
#include <vector>

#include "running_server.h"

namespace odordiff::server {
namespace {

// A client's decoder, which is given bytes as they come.
class Decoder {
 public:
  explicit Decoder(std::string_view coding)
      : coding_(coding),
        brotli_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance),
        zstandard_(ZSTD_createDCtx(), ZSTD_freeDCtx) {
    inflateInit2(&zlib_, coding == "gzip" ? 15 + 16 : 15);
  }
  ~Decoder() { inflateEnd(&zlib_); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  std::string decoded(const std::string& bytes) {
    std::string out(1 << 20, '\0');
    const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    std::size_t room = out.size();
    if (coding_ == "br") {
      std::size_t left = bytes.size();
      const auto result = BrotliDecoderDecompressStream(brotli_.get(), &left, &in, &room, &to, nullptr);
      EXPECT_NE(result, BROTLI_DECODER_RESULT_ERROR);
      complete_ = result == BROTLI_DECODER_RESULT_SUCCESS;
    } else if (coding_ == "zstd") {
      ZSTD_inBuffer source{in, bytes.size(), 0};
      ZSTD_outBuffer target{to, out.size(), 0};
      const std::size_t wanted = ZSTD_decompressStream(zstandard_.get(), &target, &source);
      EXPECT_EQ(ZSTD_isError(wanted), 0U);
      complete_ = wanted == 0;
      room -= target.pos;
    } else {
      zlib_.next_in = const_cast<Bytef*>(in);
      zlib_.avail_in = static_cast<uInt>(bytes.size());
      zlib_.next_out = to;
      zlib_.avail_out = static_cast<uInt>(out.size());
      const int result = inflate(&zlib_, Z_SYNC_FLUSH);
      EXPECT_TRUE(result == Z_OK || result == Z_STREAM_END) << result;
      complete_ = result == Z_STREAM_END;
      room = zlib_.avail_out;
    }
    out.resize(out.size() - room);
    return out;
  }
  // Whether the coding's own end was read.
  bool is_complete() const { return complete_; }

 private:
  const std::string coding_;
  z_stream zlib_ = {};
  std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> brotli_;
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> zstandard_;
  bool complete_ = false;
};

std::string random_bytes(std::size_t size) {
  std::mt19937 random(7);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

TEST(StreamCoding, EachEventCanBeReadBeforeTheNextIsSent) {
  constexpr int kEvents = 5;
  std::string letters = random_bytes(20'000);  // beyond any buffer of an encoder
  for (char& c : letters) c = static_cast<char>('a' + (c & 15));
  std::counting_semaphore<> read(0);
  Router router;
  router.add({"GET", "/sse", [&](const Request&) {
                return Streaming{Priority::Normal, EventStream::Form::ServerSentEvents,
                                 [&](Call&, EventStream& stream) {
                                   for (int i = 0; i < kEvents; ++i) {
                                     if (!read.try_acquire_for(std::chrono::seconds(60))) break;
                                     stream.send("tick", {{"n", i}, {"letters", letters}});
                                   }
                                   return false;
                                 }};
              }});
  HttpOptions options;
  options.beat_ms = 60'000;
  RunningServer server(std::move(router), options);
  for (const std::string coding : {"gzip", "deflate", "br", "zstd"}) {
    RawClient client(server.port());
    client.send(message("GET", "/sse", {}, "Accept-Encoding: " + coding + "\r\n"));
    Answer head;
    head.head = client.read_to("\r\n\r\n");
    EXPECT_EQ(head.header("content-encoding"), coding);
    EXPECT_EQ(head.header("vary"), "Accept-Encoding");
    Decoder decoder(coding);
    EXPECT_EQ(decoder.decoded(client.chunk()), "retry: 2000\n\n");
    for (int i = 0; i < kEvents; ++i) {
      read.release();
      std::string event;
      while (!event.ends_with("\n\n")) {
        const std::string chunk = client.chunk();
        ASSERT_FALSE(chunk.empty()) << coding;
        event += decoder.decoded(chunk);
      }
      const std::string number = std::to_string(i);
      EXPECT_TRUE(event.starts_with("id: " + std::to_string(i + 1) + "\nevent: tick\ndata: {\"n\":" + number))
          << coding;
    }
    while (!decoder.is_complete()) {
      const std::string chunk = client.chunk();
      ASSERT_FALSE(chunk.empty()) << coding;
      EXPECT_EQ(decoder.decoded(chunk), "");
    }
    EXPECT_EQ(client.chunk(), "");
  }
}

TEST(StreamCoding, WhatDoesBestInLittleMemoryIsPreferred) {
  StreamCompressor compressor;
  const auto coding = [&](std::string_view accepted) { return compressor.begin(accepted)->coding(); };
  EXPECT_EQ(coding(""), Coding::Identity);
  EXPECT_EQ(coding("gzip, deflate, br, zstd"), Coding::Gzip);
  EXPECT_EQ(coding("br, zstd"), Coding::Zstandard);
  EXPECT_EQ(coding("br, zstd;q=0.5"), Coding::Brotli);
  EXPECT_EQ(coding("lz4"), Coding::Identity);
}

TEST(StreamCoding, AFewOfManyStreamsAreTriedWhereTheyDoNotShrink) {
  StreamCompressor compressor;
  const std::string hard = random_bytes(20'000), easy(20'000, 'x');
  const auto send = [&](const std::string& bytes) {
    const auto stream = compressor.begin("gzip");
    (void)stream->encoded(bytes, true);
    return stream->coding() == Coding::Gzip;
  };
  int compressed = 0;
  for (int i = 0; i < 200; ++i) compressed += send(hard) ? 1 : 0;
  EXPECT_GE(compressed, 8);
  EXPECT_LT(compressed, 20);
  int tries = 0;
  while (!send(easy)) ASSERT_LT(++tries, 100);
  EXPECT_TRUE(send(easy));
}

TEST(StreamCoding, ShortStreamsSayNothingOfHowWellItGoes) {
  StreamCompressor compressor;
  for (int i = 0; i < 100; ++i) {
    const auto stream = compressor.begin("gzip");
    EXPECT_EQ(stream->coding(), Coding::Gzip);
    (void)stream->encoded(random_bytes(100), true);
  }
}

TEST(StreamCoding, BeyondSoManyAtOnceTheyGoAsTheyAre) {
  StreamCompressor compressor;
  std::vector<std::unique_ptr<StreamCoding>> streams;
  for (int i = 0; i < StreamCompressor::kMostAtOnce; ++i) {
    streams.push_back(compressor.begin("gzip"));
    ASSERT_EQ(streams.back()->coding(), Coding::Gzip);
  }
  EXPECT_EQ(compressor.begin("gzip")->coding(), Coding::Identity);
  EXPECT_EQ(compressor.begin("gzip")->encoded("as it is", false), "as it is");
  streams.pop_back();
  EXPECT_EQ(compressor.begin("gzip")->coding(), Coding::Gzip);
}

}  // namespace
}  // namespace odordiff::server

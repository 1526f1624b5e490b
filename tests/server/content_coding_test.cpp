// Which coding a client gets, and that what it unpacks are the bytes that were meant.
#include "server/content_coding.h"

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <random>

namespace odordiff::server {
namespace {

std::string unpacked(Coding coding, const std::string& bytes, std::size_t size) {
  std::string out(size + 1, '\0');
  std::size_t got = out.size();
  const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  if (coding == Coding::Gzip || coding == Coding::Deflate) {
    z_stream stream = {};
    // 15 takes the zlib format only, 15 + 16 gzip only.
    EXPECT_EQ(inflateInit2(&stream, coding == Coding::Gzip ? 15 + 16 : 15), Z_OK);
    stream.next_in = const_cast<Bytef*>(in);
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = to;
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    got = stream.total_out;
    inflateEnd(&stream);
  } else if (coding == Coding::Brotli) {
    EXPECT_EQ(BrotliDecoderDecompress(bytes.size(), in, &got, to), BROTLI_DECODER_RESULT_SUCCESS);
  } else if (coding == Coding::Zstandard) {
    got = ZSTD_decompress(to, out.size(), in, bytes.size());
    EXPECT_EQ(ZSTD_isError(got), 0U);
  } else {
    LZ4F_dctx* context = nullptr;
    EXPECT_EQ(LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)), 0U);
    std::size_t read = bytes.size();
    EXPECT_EQ(LZ4F_decompress(context, to, &got, in, &read, nullptr), 0U);  // 0: the frame is complete
    EXPECT_EQ(read, bytes.size());
    LZ4F_freeDecompressionContext(context);
  }
  out.resize(got);
  return out;
}

std::string text(std::size_t size) {
  std::string out;
  for (int i = 0; out.size() < size; ++i) out += R"({"smiles": "CCO", "rank": )" + std::to_string(i) + "},\n";
  return out;
}

std::string noise(std::size_t size) {
  std::mt19937 random(7);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

TEST(ContentCoding, WhatIsUnpackedIsWhatWasMeant) {
  for (const auto coding : {Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstandard, Coding::Lz4}) {
    for (const std::string& body : {std::string(), text(1), text(5'000), text(300'000), noise(70'000)}) {
      EXPECT_EQ(unpacked(coding, compress(coding, body), body.size()), body) << name_of(coding);
    }
  }
}

TEST(ContentCoding, TheClientsOrderCountsAndThenOurs) {
  EXPECT_EQ(preferred_coding(""), Coding::Identity);
  EXPECT_EQ(preferred_coding("gzip"), Coding::Gzip);
  EXPECT_EQ(preferred_coding("x-gzip"), Coding::Gzip);
  EXPECT_EQ(preferred_coding("GZip, Deflate , br"), Coding::Brotli);
  EXPECT_EQ(preferred_coding("gzip, deflate, br, zstd"), Coding::Zstandard);
  EXPECT_EQ(preferred_coding("gzip;q=1.0, zstd;q=0.5"), Coding::Gzip);
  EXPECT_EQ(preferred_coding("deflate;q=0.5, identity;q=0.8"), Coding::Identity);
  EXPECT_EQ(preferred_coding("br;q=0"), Coding::Identity);
  EXPECT_EQ(preferred_coding("compress"), Coding::Identity);
  EXPECT_EQ(preferred_coding("*"), Coding::Zstandard);
  EXPECT_EQ(preferred_coding("zstd;q=0, *"), Coding::Brotli);
  EXPECT_EQ(preferred_coding("gzip;q=nonsense, deflate;q=7"), Coding::Identity);
  EXPECT_EQ(preferred_coding(", ,gzip,"), Coding::Gzip);
}

TEST(ContentCoding, Lz4OnlyForThoseWhoNameIt) {
  EXPECT_EQ(preferred_coding("lz4"), Coding::Lz4);
  EXPECT_EQ(preferred_coding("lz4;q=1, gzip;q=0.1"), Coding::Lz4);
  EXPECT_EQ(preferred_coding("zstd;q=0, br;q=0, gzip;q=0, deflate;q=0, *;q=1"), Coding::Identity);
}

TEST(ContentCoding, IdentityCanBeRefused) {
  EXPECT_EQ(preferred_coding("identity;q=0"), std::nullopt);
  EXPECT_EQ(preferred_coding("*;q=0"), std::nullopt);
  EXPECT_EQ(preferred_coding("gzip, *;q=0"), Coding::Gzip);
  EXPECT_EQ(preferred_coding("*;q=0, identity"), Coding::Identity);
}

TEST(ContentCoding, ShortAndForeignBodiesAreSentAsTheyAre) {
  Compressor compressor;
  const std::string body = text(2'000);
  EXPECT_TRUE(compressor.compressed(Coding::Gzip, "application/json", body));
  EXPECT_TRUE(compressor.compressed(Coding::Gzip, "text/csv; charset=utf-8", body));
  EXPECT_FALSE(compressor.compressed(Coding::Gzip, "application/json", body.substr(0, 1023)));
  EXPECT_FALSE(compressor.compressed(Coding::Gzip, "image/png", body));
  EXPECT_FALSE(compressor.compressed(Coding::Identity, "application/json", body));
}

TEST(ContentCoding, WhatDoesNotShrinkIsLookedAtNowAndThenOnly) {
  Compressor compressor;
  const std::string hard = noise(20'000), easy = text(20'000);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(compressor.compressed(Coding::Gzip, "text/plain", hard));
  int tries = 1;
  while (!compressor.compressed(Coding::Gzip, "text/plain", easy)) ASSERT_LT(++tries, 100);
  EXPECT_GT(tries, 1);  // it was passed by for a while
  EXPECT_TRUE(compressor.compressed(Coding::Gzip, "text/plain", easy));
  EXPECT_TRUE(compressor.compressed(Coding::Gzip, "application/json", easy));  // another kind never suffered
}

}  // namespace
}  // namespace odordiff::server

// Weights files: what is written is read back, and nothing damaged gets through.
#include "nn/safetensors.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "base/rng.h"
#include "random_values.h"

namespace odordiff::nn {
namespace {

class SafeTensorsFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              (std::string("odordiff-safetensors-") +
               testing::UnitTest::GetInstance()->current_test_info()->name() + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    file_ = folder_ / "weights.safetensors";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  template <class T>
  static TensorView view(DType dtype, std::vector<std::int64_t> shape, const std::vector<T>& values) {
    return {dtype, std::move(shape), std::as_bytes(std::span(values))};
  }

  void write(const std::string& bytes) const {
    std::ofstream(file_, std::ios::binary | std::ios::trunc) << bytes;
  }
  // A file with this header, padded as writers do, and `body` bytes after it.
  void write_header(std::string header, std::size_t body) const {
    header.resize((header.size() + 7) / 8 * 8, ' ');
    const std::uint64_t length = header.size();
    std::string bytes(sizeof length, '\0');
    std::memcpy(bytes.data(), &length, sizeof length);
    write(bytes + header + std::string(body, '\0'));
  }
  std::string read() const {
    std::ifstream in(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  std::filesystem::path folder_, file_;
};

TEST_F(SafeTensorsFile, GivesBackWhatWasWritten) {
  const auto floats = random_values(15, 1);
  const std::vector<std::int8_t> bytes = {1, -2, 3};
  const std::vector<std::int64_t> wide = {-5, 1LL << 40};
  const std::vector<std::uint64_t> natural = {7};
  write_safetensors(file_, {{"f", view(DType::F32, {3, 5}, floats)},
                            {"b", view(DType::I8, {3}, bytes)},
                            {"w", view(DType::I64, {2}, wide)},
                            {"u", view(DType::U64, {1}, natural)},
                            {"empty", view(DType::F32, {0, 4}, std::vector<float>())}});
  const SafeTensors read(file_);
  ASSERT_EQ(read.tensors().size(), 5U);
  const auto f = read.at("f", {3, 5}).f32();
  EXPECT_EQ(std::vector<float>(f.begin(), f.end()), floats);
  EXPECT_EQ(read.at("b").i8()[1], -2);
  EXPECT_EQ(read.at("w").i64()[1], 1LL << 40);
  EXPECT_EQ(read.at("u").u64()[0], 7U);
  EXPECT_EQ(read.at("f").elements(), 15);
  EXPECT_TRUE(read.at("empty").f32().empty());
  EXPECT_TRUE(read.contains("f"));
  EXPECT_FALSE(read.contains("g"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1)
      << "no temporary file is left";
}

TEST_F(SafeTensorsFile, NamesTheFileWhenATensorIsNotAsExpected) {
  const auto floats = random_values(4, 1);
  write_safetensors(file_, {{"f", view(DType::F32, {4}, floats)}});
  const SafeTensors read(file_);
  try {
    read.at("g");
    FAIL();
  } catch (const Unavailable& e) {
    EXPECT_NE(std::string(e.what()).find(file_.string()), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("\"g\""), std::string::npos) << e.what();
  }
  EXPECT_THROW(read.at("f", {2, 2}), Unavailable);
  EXPECT_THROW(read.at("f").i8(), Unavailable);
}

TEST_F(SafeTensorsFile, RefusesAMissingFileAndAFolder) {
  EXPECT_THROW(SafeTensors{folder_ / "none"}, Unavailable);
  EXPECT_THROW(SafeTensors{folder_}, Unavailable);
}

TEST_F(SafeTensorsFile, RefusesEveryTruncation) {
  const auto floats = random_values(6, 1);
  write_safetensors(file_, {{"a", view(DType::F32, {2}, std::vector(floats.begin(), floats.begin() + 2))},
                            {"b", view(DType::F32, {4}, std::vector(floats.begin() + 2, floats.end()))}});
  const std::string whole = read();
  for (std::size_t n = 0; n < whole.size(); ++n) {
    write(whole.substr(0, n));
    ASSERT_THROW(SafeTensors{file_}, Unavailable) << n << " bytes";
  }
  write(whole + '\0');
  EXPECT_THROW(SafeTensors{file_}, Unavailable);
}

TEST_F(SafeTensorsFile, RefusesHeaderLengthsBeyondTheFile) {
  for (const std::uint64_t length :
       {std::uint64_t{100}, std::uint64_t{1} << 31, ~std::uint64_t{0}, ~std::uint64_t{0} - 7}) {
    std::string bytes(sizeof length, '\0');
    std::memcpy(bytes.data(), &length, sizeof length);
    write(bytes + "{}");
    EXPECT_THROW(SafeTensors{file_}, Unavailable) << length;
  }
}

TEST_F(SafeTensorsFile, RefusesHeadersThatLie) {
  const char* headers[] = {
      "",
      "[]",
      "{",
      "{\"a\": 1}",
      R"({"a":{"dtype":"F32","shape":[2]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8.0]}})",
      R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})",
      R"({"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615]}})",
      // overlap, hole at the start, hole at the end, unaligned
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"I8","shape":[3],"data_offsets":[5,8]},)"
      R"("c":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}})",
  };
  for (const char* header : headers) {
    write_header(header, 8);
    EXPECT_THROW(SafeTensors{file_}, Unavailable) << header;
  }
  write_header(R"({"__metadata__":{"made":"here"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} )",
               8);
  EXPECT_NO_THROW(SafeTensors{file_});
}

TEST_F(SafeTensorsFile, SurvivesRandomDamage) {
  const auto floats = random_values(16, 1);
  write_safetensors(file_,
                    {{"alpha", view(DType::F32, {4, 2}, std::vector(floats.begin(), floats.begin() + 8))},
                     {"beta", view(DType::F32, {8}, std::vector(floats.begin() + 8, floats.end()))}});
  const std::string whole = read();
  Rng rng(1, 1);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = whole;
    const std::uint32_t edits = 1 + rng.below(4);
    for (std::uint32_t i = 0; i < edits; ++i) {
      bytes[rng.below(static_cast<std::uint32_t>(bytes.size()))] = static_cast<char>(rng.below(256));
    }
    write(bytes);
    try {
      const SafeTensors read(file_);
      float sum = 0;
      for (const auto& [name, tensor] : read.tensors()) {
        for (const std::byte b : tensor.data) sum += static_cast<float>(b);
      }
      EXPECT_GE(sum, 0);
    } catch (const Unavailable&) {
    }
  }
}

TEST_F(SafeTensorsFile, LeavesTheOldFileWhenWritingFails) {
  const auto floats = random_values(2, 1);
  write_safetensors(file_, {{"a", view(DType::F32, {2}, floats)}});
  EXPECT_THROW(write_safetensors(file_, {{"a", view(DType::F32, {3}, floats)}}), Internal);
  EXPECT_THROW(write_safetensors(folder_ / "no" / "where", {{"a", view(DType::F32, {2}, floats)}}),
               Unavailable);
  EXPECT_EQ(SafeTensors(file_).at("a").f32()[0], floats[0]);
}

}  // namespace
}  // namespace odordiff::nn

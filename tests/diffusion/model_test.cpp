// The network against a plain reference, its independence of the batch, and what the loader refuses.
#include "diffusion/model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "base/rng.h"
#include "naive_network.h"
#include "random_model.h"

namespace odordiff::diffusion {
namespace {

using chem::TokenId;
using chem::Tokenizer;

std::vector<float> random_condition(const ModelConfig& config, std::uint64_t seed) {
  Rng rng(seed, 3);
  std::vector<float> c(size(config.cond_inputs));
  for (float& v : c) v = 2 * rng.uniform() - 1;
  return c;
}

std::vector<TokenId> random_tokens(int n, std::uint64_t seed) {
  Rng rng(seed, 5);
  std::vector<TokenId> tokens;
  for (int i = 0; i < n; ++i) tokens.push_back(static_cast<TokenId>(2 + rng.below(20)));
  return tokens;
}

// One sequence being worked through a model step by step.
struct Worker {
  Worker(const Model& m, std::vector<TokenId> all, ConditionState state)
      : model(m),
        tokens(std::move(all)),
        condition(std::move(state)),
        memory(m.cache_floats()),
        logits(size(m.config().block) * size(m.config().vocab)) {
    cache.data = memory.data();
  }
  // A lane with `open` tokens at work after `finished` more finished ones.
  Lane lane(int finished, int open) {
    const std::span<const TokenId> all(tokens);
    Lane l;
    l.condition = &condition;
    l.cache = &cache;
    l.length = static_cast<int>(tokens.size());
    l.block_start = cache.tokens + finished;
    l.finished = all.subspan(size(cache.tokens), size(finished));
    l.tokens = all.subspan(size(l.block_start), size(open));
    l.logits = logits.data();
    return l;
  }

  const Model& model;
  std::vector<TokenId> tokens;
  ConditionState condition;
  KeyValueCache cache;
  std::vector<float> memory, logits;
};

TEST(Network, CachedBlocksGiveWhatAFullForwardGives) {
  const TemporaryFolder folder;
  for (const int heads : {1, 2, 4}) {
    write_random_model(folder.path(), {.heads = heads, .max_length = 30});
    const Model model(folder.path(), nn::Precision::F32);
    const NaiveNetwork naive(folder.path(), model.config());
    const auto c = random_condition(model.config(), 1);
    for (const int length : {1, 4, 7, 30}) {
      Worker w(model, random_tokens(length, 9), model.condition(c));
      nn::Workspace scratch;
      for (int start = 0; start < length; start += 4) {
        const int open = std::min(4, length - start);
        const auto clean = w.tokens;
        // All masked, then half filled, as the sampler does; the finished block comes with the first of them.
        for (int filled = 0; filled < open; filled += 2) {
          for (int i = filled; i < open; ++i) w.tokens[size(start + i)] = Tokenizer::kMask;
          Lane lane = w.lane(start - w.cache.tokens, open);
          model.step({&lane, 1}, scratch);
          const auto expected =
              naive.logits(c, std::span<const TokenId>(w.tokens).first(size(start + open)), length);
          const std::size_t vocab = size(model.config().vocab);
          for (std::size_t i = 0; i < size(open) * vocab; ++i) {
            ASSERT_NEAR(w.logits[i], expected[size(start) * vocab + i], 2e-4)
                << "block at " << start << " of " << length;
          }
          w.tokens = clean;
        }
      }
    }
  }
}

TEST(Network, FeedsPinnedBlocksWithoutOpenOnes) {
  const TemporaryFolder folder;
  write_random_model(folder.path(), {});
  const Model model(folder.path(), nn::Precision::F32);
  const NaiveNetwork naive(folder.path(), model.config());
  const auto c = random_condition(model.config(), 1);
  Worker w(model, random_tokens(14, 9), model.condition(c));
  nn::Workspace scratch;
  for (int block = 0; block < 2; ++block) {
    Lane feed = w.lane(4, 0);
    model.step({&feed, 1}, scratch);
    EXPECT_EQ(w.cache.tokens, 4 * (block + 1));
  }
  Lane lane = w.lane(4, 2);
  model.step({&lane, 1}, scratch);
  const auto expected = naive.logits(c, w.tokens, 14);
  const std::size_t vocab = size(model.config().vocab);
  for (std::size_t i = 0; i < 2 * vocab; ++i) ASSERT_NEAR(w.logits[i], expected[12 * vocab + i], 2e-4);
}

TEST(Network, LengthLogitsAgreeWithTheReference) {
  const TemporaryFolder folder;
  write_random_model(folder.path(), {});
  const Model model(folder.path(), nn::Precision::F32);
  const auto c = random_condition(model.config(), 1);
  const auto got = model.condition(c).length_logits;
  const auto expected = NaiveNetwork(folder.path(), model.config()).length_logits(c);
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-5);
}

TEST(Network, LowerPrecisionStaysClose) {
  const TemporaryFolder folder;
  write_random_model(folder.path(), full_size());
  std::vector<std::vector<float>> logits;
  std::vector<std::size_t> bytes;
  for (const auto precision : {nn::Precision::F32, nn::Precision::BF16, nn::Precision::I8}) {
    const Model model(folder.path(), precision);
    bytes.push_back(model.weight_bytes());
    Worker w(model, random_tokens(8, 9), model.condition(random_condition(model.config(), 1)));
    nn::Workspace scratch;
    Lane lane = w.lane(4, 4);
    model.step({&lane, 1}, scratch);
    logits.push_back(w.logits);
  }
  const auto distance = [&](std::size_t which) {
    double difference = 0;
    double norm = 0;
    for (std::size_t i = 0; i < logits[0].size(); ++i) {
      difference += std::pow(static_cast<double>(logits[which][i] - logits[0][i]), 2);
      norm += std::pow(static_cast<double>(logits[0][i]), 2);
    }
    return std::sqrt(difference / norm);
  };
  EXPECT_LT(distance(1), 0.03);
  EXPECT_LT(distance(2), 0.08);
  EXPECT_GE(static_cast<double>(bytes[0]) / static_cast<double>(bytes[1]), 1.9);
  EXPECT_GE(static_cast<double>(bytes[0]) / static_cast<double>(bytes[2]), 3.5);
}

class NetworkIn : public testing::TestWithParam<nn::Precision> {};

TEST_P(NetworkIn, GivesALaneTheSameBytesInEveryBatchAndPlace) {
  const TemporaryFolder folder;
  write_random_model(folder.path(), {});
  const Model model(folder.path(), GetParam());
  constexpr int kLanes = 33;
  const auto run = [&](int first, int n) {
    std::vector<Worker> workers;
    workers.reserve(size(n));
    for (int i = first; i < first + n; ++i) {
      const auto seed = static_cast<std::uint64_t>(i);
      workers.emplace_back(model, random_tokens(8 + i % 5, seed),
                           model.condition(random_condition(model.config(), seed)));
    }
    nn::Workspace scratch;
    std::vector<Lane> lanes;
    // Lanes at different places: fresh ones, ones with a finished block, ones that only feed.
    for (int i = 0; i < n; ++i) {
      const int kind = (first + i) % 3;
      lanes.push_back(kind == 0 ? workers[size(i)].lane(0, 4) : workers[size(i)].lane(4, kind == 1 ? 4 : 0));
    }
    model.step(lanes, scratch);
    std::vector<std::vector<float>> results;
    for (Worker& w : workers) {
      results.push_back(w.logits);
      results.push_back(w.memory);
    }
    return results;
  };
  const auto all = run(0, kLanes);
  for (const auto& [first, n] : {std::pair{0, 1}, {5, 1}, {7, 2}, {3, 9}, {16, 17}, {32, 1}}) {
    const auto some = run(first, n);
    for (std::size_t i = 0; i < some.size(); ++i) {
      ASSERT_EQ(std::memcmp(some[i].data(), all[2 * size(first) + i].data(), some[i].size() * sizeof(float)),
                0)
          << "lane " << first << " + " << i / 2;
    }
  }
}

TEST_P(NetworkIn, GivesTheLogitsAskedForAsWhenAllAre) {
  const TemporaryFolder folder;
  write_random_model(folder.path(), {});
  const Model model(folder.path(), GetParam());
  const std::size_t vocab = size(model.config().vocab);
  const auto run = [&](int first_wanted, int wanted) {
    std::vector<Worker> workers;
    workers.reserve(3);
    std::vector<Lane> lanes;
    for (std::uint64_t i = 0; i < 3; ++i) {
      workers.emplace_back(model, random_tokens(11, i), model.condition(random_condition(model.config(), i)));
      std::fill(workers.back().logits.begin(), workers.back().logits.end(), 42.0F);
      lanes.push_back(workers.back().lane(4, i == 1 ? 3 : 4));
      lanes.back().first_wanted = first_wanted;
      lanes.back().wanted = wanted;
    }
    nn::Workspace scratch;
    model.step(lanes, scratch);
    return workers;
  };
  const auto all = run(0, Lane::kAllTokens);
  for (int first = 0; first <= 3; ++first) {
    for (const int wanted : {0, 1, 2, 4}) {
      const auto some = run(first, wanted);
      for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(some[i].memory, all[i].memory);
        const int open = i == 1 ? 3 : 4;
        for (int t = 0; t < open; ++t) {
          const bool asked = t >= first && t < first + wanted;
          for (std::size_t v = 0; v < vocab; ++v) {
            const std::size_t at = size(t) * vocab + v;
            ASSERT_EQ(some[i].logits[at], asked ? all[i].logits[at] : 42.0F)
                << first << " " << wanted << " " << t;
          }
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EachPrecision, NetworkIn,
                         testing::Values(nn::Precision::F32, nn::Precision::BF16, nn::Precision::I8),
                         [](const auto& test) { return std::string(nn::to_string(test.param)); });

// --- Loading

class ModelFolder : public testing::Test {
 protected:
  void SetUp() override { write_random_model(folder_.path(), {}); }

  std::string text(const char* name) const {
    std::ifstream in(folder_.path() / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  void put(const char* name, const std::string& bytes) const {
    std::ofstream(folder_.path() / name, std::ios::binary | std::ios::trunc) << bytes;
  }
  void replace(const std::string& from, const std::string& to) const {
    std::string config = text("config.json");
    const auto at = config.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    put("config.json", config.replace(at, from.size(), to));
  }
  std::string error() const {
    try {
      Model(folder_.path(), nn::Precision::F32);
    } catch (const Unavailable& e) {
      return e.what();
    }
    return "no error";
  }

  TemporaryFolder folder_;
};

TEST_F(ModelFolder, Loads) {
  const Model model(folder_.path(), nn::Precision::F32);
  EXPECT_EQ(model.config().name, "random");
  EXPECT_EQ(model.config().vocab, 74);
  EXPECT_EQ(model.config().descriptors.size(), 3U);
  EXPECT_EQ(model.precision(), nn::Precision::F32);
  EXPECT_THROW(model.condition(std::vector<float>(3)), InvalidInput);
}

TEST_F(ModelFolder, RefusesAMissingFile) {
  std::filesystem::remove(folder_.path() / "diffusion.safetensors");
  EXPECT_NE(error().find("diffusion.safetensors"), std::string::npos) << error();
  std::filesystem::remove(folder_.path() / "config.json");
  EXPECT_NE(error().find("config.json"), std::string::npos) << error();
}

TEST_F(ModelFolder, RefusesADamagedWeightsFile) {
  std::string weights = text("diffusion.safetensors");
  weights[weights.size() / 2] = static_cast<char>(weights[weights.size() / 2] ^ 1);
  put("diffusion.safetensors", weights);
  EXPECT_NE(error().find("SHA-256"), std::string::npos) << error();
}

TEST_F(ModelFolder, RefusesConfigsThatDoNotFit) {
  const std::string good = text("config.json");
  const std::pair<const char*, const char*> edits[] = {{"odordiff-model/2", "odordiff-model/9"},
                                                       {"\"<mask>\"", "\"<hole>\""},
                                                       {"\"width\": 32", "\"width\": 33"},
                                                       {"\"width\": 32", "\"width\": -32"},
                                                       {"\"width\": 32", "\"width\": \"x\""},
                                                       {"\"layers\": 2", "\"layers\": 3"},
                                                       {"\"ffn\": 48", "\"ffn\": 56"},
                                                       {"\"heads\": 2", "\"heads\": 8"},
                                                       {"\"cond_inputs\": 12", "\"cond_inputs\": 13"},
                                                       {"\"sha256\"", "\"sha512\""},
                                                       {"\"temperature\"", "\"temprature\""},
                                                       {"\"min_length\": 1", "\"min_length\": 0"},
                                                       {"\"bytes\": ", "\"bytes\": 1"},
                                                       {"{", "["}};
  for (const auto& [from, to] : edits) {
    put("config.json", good);
    replace(from, to);
    EXPECT_NE(error().find(folder_.path().string()), std::string::npos)
        << from << " -> " << to << ": " << error();
  }
}

}  // namespace
}  // namespace odordiff::diffusion

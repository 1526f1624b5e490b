// Bad requests are refused with a reason that names the field.
#include "diffusion/request.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/error.h"

namespace odordiff::diffusion {
namespace {

ModelConfig config() {
  ModelConfig c;
  c.block = 4;
  c.max_length = 64;
  c.cond_inputs = 12;
  c.vocab = 74;
  return c;
}

SampleRequest good() {
  SampleRequest r;
  r.condition.assign(12, 0.5F);
  return r;
}

TEST(Request, IsAcceptedWhenSound) {
  EXPECT_NO_THROW(validate(good(), config()));
  SampleRequest r = good();
  r.guidance = 2;
  r.unconditional.assign(12, 0.0F);
  r.prefixes = {chem::Tokenizer::encode("CC(=O"), {}};
  r.length_weights.assign(65, 1.0F);
  EXPECT_NO_THROW(validate(r, config()));
}

TEST(Request, IsRefusedWithAReason) {
  const std::pair<std::function<void(SampleRequest&)>, const char*> bad[] = {
      {[](auto& r) { r.condition.pop_back(); }, "condition must have 12"},
      {[](auto& r) { r.condition[3] = NAN; }, "not finite"},
      {[](auto& r) { r.guidance = 1; }, "unconditional"},
      {[](auto& r) { r.guidance = NAN; }, "guidance"},
      {[](auto& r) { r.guidance = 1e9F; }, "guidance"},
      {[](auto& r) { r.count = 0; }, "count"},
      {[](auto& r) { r.count = 1025; }, "count"},
      {[](auto& r) { r.temperature = 0; }, "temperature"},
      {[](auto& r) { r.temperature = INFINITY; }, "temperature"},
      {[](auto& r) { r.steps_per_block = 5; }, "steps_per_block"},
      {[](auto& r) { r.steps_per_block = 0; }, "steps_per_block"},
      {[](auto& r) { r.min_length = 0; }, "min_length"},
      {[](auto& r) { r.min_length = 40, r.max_length = 30; }, "min_length"},
      {[](auto& r) { r.max_length = 65; }, "max_length"},
      {[](auto& r) { r.length_weights.assign(64, 1.0F); }, "length_weights"},
      {[](auto& r) { r.length_weights.assign(65, 0.0F); }, "length_weights"},
      {[](auto& r) { r.length_weights.assign(65, -1.0F); }, "length_weights"},
      {[](auto& r) { r.prefixes = {chem::Tokenizer::encode("C1CC)")}; }, "pinned start 1"},
      {[](auto& r) {
         r.prefixes = {{2}, {2, chem::Tokenizer::kMask}};
       },
       "pinned start 2"},
      {[](auto& r) { r.prefixes = {{200}}; }, "pinned start 1"},
      {[](auto& r) {
         r.max_length = 3, r.prefixes = {{2, 2, 2}};
       },
       "no room"},
  };
  for (const auto& [spoil, reason] : bad) {
    SampleRequest r = good();
    spoil(r);
    try {
      validate(r, config());
      ADD_FAILURE() << "accepted: " << reason;
    } catch (const InvalidInput& e) {
      EXPECT_NE(std::string(e.what()).find(reason), std::string::npos) << e.what();
      EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos);
    }
  }
}

TEST(Request, PinnedStartsTakeTurnsByIndex) {
  SampleRequest r = good();
  r.prefixes = {{2}, {3}, {4}};
  r.first_index = 7;
  EXPECT_EQ(prefix_of(r, 0)[0], 3);
  EXPECT_EQ(prefix_of(r, 1)[0], 4);
  EXPECT_EQ(prefix_of(r, 2)[0], 2);
}

}  // namespace
}  // namespace odordiff::diffusion

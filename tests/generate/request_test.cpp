// Bad requests are refused with one line that says what would be right.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/error.h"
#include "generate/pipeline.h"

namespace odordiff::generate {
namespace {

Request good() {
  Request request;
  request.brief = "rose";
  return request;
}

void expect_refused(const std::function<void(Request&)>& spoil, const std::string& hint) {
  Request request = good();
  spoil(request);
  try {
    validate(request);
    FAIL() << "accepted, expected a refusal about " << hint;
  } catch (const InvalidInput& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find(hint), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(Request, AGoodOneIsAccepted) {
  EXPECT_NO_THROW(validate(good()));
}

TEST(Request, EachBadFieldIsNamed) {
  expect_refused([](Request& r) { r.count = 0; }, "1 to 1000");
  expect_refused([](Request& r) { r.count = 100000; }, "1 to 1000");
  expect_refused([](Request& r) { r.brief.clear(); }, "brief is empty");
  expect_refused([](Request& r) { r.steps_per_block = 9; }, "1 to 4");
  expect_refused([](Request& r) { r.guidance = 11; }, "0 to 10");
  expect_refused([](Request& r) { r.guidance = std::nanf(""); }, "0 to 10");
  expect_refused([](Request& r) { r.temperature = 0; }, "0.1 to 2");
  expect_refused([](Request& r) { r.temperature = std::nanf(""); }, "0.1 to 2");
  expect_refused([](Request& r) { r.budget_seconds = 0; }, "budget");
  expect_refused([](Request& r) { r.min_odorous = 2; }, "0 to 1");
  expect_refused([](Request& r) { r.molecular_weight = {300, 150}; }, "molecular weight");
  expect_refused([](Request& r) { r.logp = {std::nan(""), 3}; }, "logP");
  expect_refused([](Request& r) { r.sa_score = {11, 12}; }, "SA score");
  expect_refused([](Request& r) { r.similarity = {0.5, 1}; }, "like");
  expect_refused(
      [](Request& r) {
        r.like = "CCO";
        r.keep = "CCO";
      },
      "not both");
}

}  // namespace
}  // namespace odordiff::generate

// What is read from clients: JSON with the place of its faults, fields with all of theirs.
#include <gtest/gtest.h>

#include "api/errors.h"
#include "api/fields.h"
#include "api/json.h"
#include "api/requests.h"

namespace odordiff::api {
namespace {

// "malformed: why", "invalid: why", or empty for an object that is read.
std::string fault_of(const std::string& text) {
  try {
    (void)parse_object(text);
  } catch (const MalformedJson& error) {
    return std::string("malformed: ") + error.what();
  } catch (const InvalidFields& error) {
    return std::string("invalid: ") + error.what();
  }
  return {};
}

std::string kind_of(const std::string& text) {
  const std::string fault = fault_of(text);
  return fault.substr(0, fault.find(':'));
}

std::vector<FieldError> errors_of(const std::string& body) {
  try {
    (void)read_generate(parse_object(body));
  } catch (const InvalidFields& error) {
    return error.errors();
  }
  return {};
}

TEST(Json, FaultsAreNamedWithTheirPlace) {
  const std::string comma = fault_of("{\n  \"a\": 1,\n}");
  EXPECT_NE(comma.find("line 3, column 1"), std::string::npos) << comma;
  for (const char* bad : {"", "{", "{\"a\":}", "{'a':1}", "{\"a\":1} x", "{\"a\":01}", "{\"a\":NaN}", "nul",
                          "{\"a\":\"\t\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\xc3\"}",
                          "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\\ud800\"}", "{\"a\":1e999}", "\xef\xbb{}"}) {
    EXPECT_EQ(kind_of(bad), "malformed") << bad;
  }
}

TEST(Json, DoubledMembersDepthAndOtherTypesAreRefused) {
  EXPECT_EQ(kind_of("{\"a\":1,\"a\":2}"), "malformed");
  EXPECT_EQ(fault_of("{\"a\":{\"b\":1},\"b\":2}"), "");
  EXPECT_EQ(kind_of("{\"a\":" + std::string(100'000, '[')), "malformed");
  EXPECT_EQ(fault_of("{\"a\":" + std::string(15, '[') + std::string(15, ']') + "}"), "");
  EXPECT_EQ(kind_of("[1]"), "invalid");
  EXPECT_EQ(kind_of("\"text\""), "invalid");
}

TEST(Fields, EveryFaultIsNamedAtOnceWithWhatWouldBeRight) {
  const auto errors = errors_of(
      R"({"brief": 5, "count": 0, "seed": -1, "allow_known": "yes", "logp": [1, 2], "temperature": 9, "colour": "red"})");
  ASSERT_EQ(errors.size(), 7U);
  const std::pair<const char*, const char*> expected[] = {
      {"/brief", "must be a text of at most 1000 characters, not \"5\""},
      {"/count", "must be a whole number from 1 to 100, not \"0\""},
      {"/seed", "must be a whole number from 0 to 18446744073709551615, not \"-1\""},
      {"/temperature", "must be a number from 0.1 to 2, not \"9\""},
      {"/allow_known", "must be true or false, not \"yes\""},
      {"/logp", "must be an object with \"min\", \"max\" or both, not a list"},
      {"/colour", "is not known; known are "},
  };
  for (const auto& [pointer, detail] : expected) {
    EXPECT_TRUE(std::any_of(errors.begin(), errors.end(), [&](const FieldError& e) {
      return e.pointer == pointer && e.detail.starts_with(detail);
    })) << pointer;
  }
}

TEST(Fields, NumbersMayBeWrittenInAnyJsonWay) {
  EXPECT_EQ(read_generate(parse_object(R"({"brief": "rose", "count": 5.0})")).count, 5);
  EXPECT_EQ(read_generate(parse_object(R"({"brief": "rose", "count": 1e1})")).count, 10);
  EXPECT_EQ(errors_of(R"({"brief": "rose", "count": 5.5})").size(), 1U);
  EXPECT_EQ(errors_of(R"({"brief": "rose", "count": 1e300})").size(), 1U);
  EXPECT_EQ(errors_of(R"({"brief": "rose", "count": true})").size(), 1U);
  EXPECT_EQ(read_generate(parse_object(R"({"brief": "rose", "seed": 18446744073709551615})")).seed,
            UINT64_MAX);
}

TEST(Fields, ABriefMayBeLeftOutOnlyBesideAMolecule) {
  EXPECT_EQ(errors_of("{}").front().pointer, "/brief");
  EXPECT_EQ(errors_of(R"({"brief": "  "})").front().pointer, "/brief");
  EXPECT_EQ(errors_of(R"({"brief": null})").front().pointer, "/brief");
  EXPECT_TRUE(errors_of(R"({"like": "CCO"})").empty());
  EXPECT_EQ(errors_of(R"({"like": "CCO", "keep": "CC"})").front().pointer, "/keep");
  EXPECT_EQ(errors_of(R"({"brief": "rose", "similarity": {"min": 0.4}})").front().pointer, "/similarity");
  EXPECT_EQ(errors_of(R"({"brief": "rose", "logp": {"min": 3, "max": 1}})").front().pointer, "/logp");
}

TEST(Fields, TextIsCountedInCharacters) {
  std::string umlauts;
  for (int i = 0; i < 1000; ++i) umlauts += "ä";
  EXPECT_TRUE(errors_of(R"({"brief": ")" + umlauts + "\"}").empty());
  EXPECT_EQ(errors_of(R"({"brief": ")" + umlauts + "x\"}").size(), 1U);
}

TEST(Json, LargeBodiesAreReadInOnePass) {
  std::string list = "{\"a\":[";
  for (int i = 0; i < 300'000; ++i) list += "{},";
  EXPECT_EQ(parse_object(list + "{}]}")["a"].size(), 300'001U);
  std::string members = "{";
  for (int i = 0; i < 40'000; ++i) members += "\"m" + std::to_string(i) + "\":1,";
  EXPECT_THROW((void)parse_object(members + "\"z\":1}"), MalformedJson);
}

}  // namespace
}  // namespace odordiff::api

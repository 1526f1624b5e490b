// What is read from clients: JSON with the place of its faults, fields with all of theirs, headers and paths.
#include <gtest/gtest.h>

#include "server/fields.h"
#include "server/generate_input.h"
#include "server/http.h"
#include "server/json_body.h"
#include "server/problem.h"

namespace odordiff::server {
namespace {

Problem problem_of_json(const std::string& text) {
  try {
    (void)parse_object(text);
  } catch (const ProblemError& error) {
    return error.problem();
  }
  return {0, {}, {}};
}

std::vector<FieldError> errors_of(const std::string& body) {
  try {
    (void)read_generate(parse_object(body));
  } catch (const ProblemError& error) {
    EXPECT_EQ(error.problem().status, 422);
    return error.problem().errors;
  }
  return {};
}

TEST(Json, FaultsAreNamedWithTheirPlace) {
  const Problem comma = problem_of_json("{\n  \"a\": 1,\n}");
  EXPECT_EQ(comma.status, 400);
  EXPECT_NE(comma.detail.find("line 3, column 1"), std::string::npos) << comma.detail;
  for (const char* bad : {"", "{", "{\"a\":}", "{'a':1}", "{\"a\":1} x", "{\"a\":01}", "{\"a\":NaN}", "nul",
                          "{\"a\":\"\t\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\xc3\"}",
                          "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\\ud800\"}", "{\"a\":1e999}", "\xef\xbb{}"}) {
    EXPECT_EQ(problem_of_json(bad).status, 400) << bad;
    EXPECT_EQ(problem_of_json(bad).kind, "malformed-json") << bad;
  }
}

TEST(Json, DoubledMembersDepthAndOtherTypesAreRefused) {
  EXPECT_EQ(problem_of_json("{\"a\":1,\"a\":2}").status, 400);
  EXPECT_EQ(problem_of_json("{\"a\":{\"b\":1},\"b\":2}").status, 0);
  EXPECT_EQ(problem_of_json("{\"a\":" + std::string(100'000, '[')).status, 400);
  EXPECT_EQ(problem_of_json("{\"a\":" + std::string(15, '[') + std::string(15, ']') + "}").status, 0);
  EXPECT_EQ(problem_of_json("[1]").status, 422);
  EXPECT_EQ(problem_of_json("\"text\"").status, 422);
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

TEST(Headers, AcceptIsUnderstood) {
  const auto with = [](const char* accept) {
    Request request;
    request.headers = {{"ACCEPT", accept}};
    return request;
  };
  EXPECT_TRUE(accepts(Request{}, "application/json"));
  EXPECT_TRUE(accepts(with("*/*"), "application/json"));
  EXPECT_TRUE(accepts(with("text/html, application/*;q=0.5"), "application/json"));
  EXPECT_FALSE(accepts(with("text/html"), "application/json"));
  EXPECT_FALSE(accepts(with("application/json;q=0, */*"), "application/json"));
  EXPECT_FALSE(accepts(with("*/*"), "text/event-stream", true));
  EXPECT_TRUE(accepts(with("Text/Event-Stream"), "text/event-stream", true));
}

TEST(Headers, AnAnswersHeadIsWhole) {
  Response response = text_response(200, "text/plain", "x");
  response.headers = {{"ETag", "\"1\""}};
  Request request;
  request.id = "id";
  request.answer_headers = {{"RateLimit", "r=1"}};
  const std::string head = response_head(response, 1, request, true, false);
  EXPECT_NE(head.find("\r\nX-Request-ID: id\r\n"), std::string::npos);
  EXPECT_NE(head.find("\r\nRateLimit: r=1\r\n"), std::string::npos);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\nDate: "));
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
  EXPECT_NE(head.find("\r\nContent-Length: 1\r\n"), std::string::npos);
  EXPECT_EQ(head.find("Connection"), std::string::npos);
}

TEST(Headers, WhatIsSaidToSomebodyInParticularIsNotForSharedCaches) {
  Response response;
  response.headers = {{"Cache-Control", "public, max-age=60"}};
  Request request;
  const auto head = [&] { return response_head(response, 0, request, true, false); };
  EXPECT_NE(head().find("Cache-Control: public, max-age=60\r\n"), std::string::npos);
  request.subject = "key:ada";
  EXPECT_NE(head().find("Cache-Control: private, max-age=60\r\n"), std::string::npos);
}

TEST(Json, LargeBodiesAreReadInOnePass) {
  std::string list = "{\"a\":[";
  for (int i = 0; i < 300'000; ++i) list += "{},";
  EXPECT_EQ(parse_object(list + "{}]}")["a"].size(), 300'001U);
  std::string members = "{";
  for (int i = 0; i < 40'000; ++i) members += "\"m" + std::to_string(i) + "\":1,";
  EXPECT_THROW((void)parse_object(members + "\"z\":1}"), ProblemError);
}

}  // namespace
}  // namespace odordiff::server

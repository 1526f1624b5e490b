// What is read from clients' headers, and what answers' heads hold.
#include <gtest/gtest.h>

#include "server/http.h"

namespace odordiff::server {
namespace {

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

}  // namespace
}  // namespace odordiff::server

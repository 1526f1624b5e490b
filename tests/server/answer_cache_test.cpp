// Answers from memory over the wire: how long they stand, what is remembered, and in which bytes they come.
#include "server/answer_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/error.h"
#include "running_server.h"

namespace odordiff::server {
namespace {

// A server whose one route answers from the cache; the clock is the test's.
struct Cached {
  explicit Cached(AnswerCache::Make make) {
    Router router;
    router.add({"GET", "/answer", [this, make](const Request& request) -> Outcome {
                  if (auto known = cache->known(request)) return *std::move(known);
                  ++read;
                  return cache->answer(request, "key", Priority::Normal, make);
                }});
    server = std::make_unique<RunningServer>(std::move(router));
    cache::Options options;
    options.life = {.fresh_ms = 10'000, .stale_ms = 60'000};
    options.negative_ms = 5'000;
    options.now_ms = [this] { return now_ms.load(); };
    cache = std::make_unique<AnswerCache>(options, server->workers(), registry,
                                          model::Identity{"small", "1", "fp32", "cpu-fma", "made-up"});
  }
  Answer ask(std::string_view headers = {}) const { return server->ask("GET", "/answer", {}, headers); }

  std::atomic<std::int64_t> now_ms{1'000};
  std::atomic<int> read{0};  // requests that had to be looked into
  observe::Registry registry;
  std::unique_ptr<AnswerCache> cache;
  std::unique_ptr<RunningServer> server;  // ends first: its workers use the cache
};

TEST(AnswerCache, AStaleAnswerIsServedAtOnceAndMadeAnewBehindIt) {
  std::atomic<int> made{0};
  Cached cached([&](const std::atomic<bool>&) { return AnswerCache::Made{std::to_string(++made), {}}; });
  EXPECT_EQ(cached.ask().body, "1");
  EXPECT_EQ(cached.ask().body, "1");
  cached.now_ms += 20'000;
  const Answer stale = cached.ask();
  EXPECT_EQ(stale.body, "1");
  EXPECT_EQ(stale.header("cache-control"), "no-store");  // no cache in between shall make it older still
  while (cached.ask().body == "1") std::this_thread::yield();
  EXPECT_EQ(cached.ask().body, "2");
  EXPECT_EQ(made, 2);
  cached.now_ms += 100'000;  // too old to be served at all
  EXPECT_EQ(cached.ask().body, "3");
}

TEST(AnswerCache, WhatMayBeKeptElsewhereIsNamedByKeysAndGoesWithThem) {
  std::atomic<int> made{0};
  Cached cached([&](const std::atomic<bool>&) { return AnswerCache::Made{std::to_string(++made), {}}; });
  for (int i = 0; i < 2; ++i) {  // who waited and who found it may keep the same
    const auto answer = cached.ask();
    EXPECT_EQ(answer.header("surrogate-key"), "small made-up");
    EXPECT_EQ(answer.header("cache-tag"), "small,made-up");
    EXPECT_TRUE(answer.header("cache-control").starts_with("public, max-age=")) << answer.head;
  }
  EXPECT_EQ(cached.cache->purge_tag("other"), 0U);
  EXPECT_EQ(cached.ask().body, "1");
  EXPECT_EQ(cached.cache->purge_tag("made-up"), 1U);
  EXPECT_EQ(cached.ask().body, "2");
  EXPECT_EQ(cached.cache->purge_all(), 1U);
  EXPECT_EQ(cached.ask().body, "3");
}

TEST(AnswerCache, ARequestOfTheSameBytesIsNotReadAgainWhileItsAnswerIsFresh) {
  Cached cached([](const std::atomic<bool>&) { return AnswerCache::Made{"answer", {}}; });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(cached.ask().body, "answer");
  EXPECT_EQ(cached.read, 2);  // one made it, one found it
  EXPECT_EQ(cached.ask("Accept: text/csv\r\n").body, "answer");
  EXPECT_EQ(cached.read, 3);  // another form might have been meant
  cached.now_ms += 20'000;
  EXPECT_EQ(cached.ask().body, "answer");
  EXPECT_EQ(cached.read, 4);
}

TEST(AnswerCache, ARefusalIsRememberedForAWhile) {
  std::atomic<int> made{0};
  Cached cached([&](const std::atomic<bool>&) -> AnswerCache::Made {
    ++made;
    throw InvalidInput("no molecule can be both");
  });
  for (int i = 0; i < 3; ++i) {
    const Answer refused = cached.ask();
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.header("content-type"), "application/problem+json");
    EXPECT_NE(refused.body.find("no molecule can be both"), std::string::npos);
    EXPECT_EQ(refused.header("etag"), "");
  }
  EXPECT_EQ(made, 1);
  cached.now_ms += 6'000;
  EXPECT_EQ(cached.ask().status, 422);
  EXPECT_EQ(made, 2);
}

TEST(AnswerCache, AFaultIsNotRemembered) {
  std::atomic<int> made{0};
  Cached cached([&](const std::atomic<bool>&) -> AnswerCache::Made {
    if (++made == 1) throw Unavailable("the disk is gone");
    return {"good", {}};
  });
  EXPECT_EQ(cached.ask().status, 503);
  EXPECT_EQ(cached.ask().body, "good");
}

TEST(AnswerCache, EachCodingHasItsBytesAndItsValidator) {
  std::string body(5'000, 'a');
  std::atomic<int> made{0};
  Cached cached([&](const std::atomic<bool>&) {
    ++made;
    return AnswerCache::Made{body, {}, true, "text/plain"};
  });
  const Answer plain = cached.ask();
  const Answer gzip = cached.ask("Accept-Encoding: gzip\r\n");
  const Answer zstd = cached.ask("Accept-Encoding: gzip, zstd\r\n");
  EXPECT_EQ(plain.body, body);
  EXPECT_EQ(plain.header("content-encoding"), "");
  EXPECT_EQ(gzip.header("content-encoding"), "gzip");
  EXPECT_EQ(zstd.header("content-encoding"), "zstd");
  EXPECT_LT(gzip.body.size(), 200U);
  EXPECT_NE(gzip.header("etag"), plain.header("etag"));
  EXPECT_NE(gzip.header("etag"), zstd.header("etag"));
  for (const auto& answer : {plain, gzip, zstd}) {
    EXPECT_EQ(answer.header("vary"), "Accept, Accept-Encoding");
    EXPECT_EQ(answer.header("content-type"), "text/plain");
  }
  const std::string again = "Accept-Encoding: gzip\r\nIf-None-Match: " + gzip.header("etag") + "\r\n";
  EXPECT_EQ(cached.ask(again).status, 304);
  EXPECT_EQ(cached.ask("If-None-Match: " + gzip.header("etag") + "\r\n").status, 200);
  EXPECT_EQ(cached.ask("Accept-Encoding: gzip\r\n").body, gzip.body);
  EXPECT_EQ(made, 1);
}

}  // namespace
}  // namespace odordiff::server

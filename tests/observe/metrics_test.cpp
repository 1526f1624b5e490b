// Metrics count right under many threads, and the page is what Prometheus reads.
#include "observe/metrics.h"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <thread>

namespace odordiff::observe {
namespace {

constexpr std::array kBounds = {1.0, 2.0, 4.0};

TEST(Metrics, ASeriesIsTheSameWhoeverAsksForIt) {
  Registry registry;
  registry.counter("hits_total", "Hits.", {{"route", "/a"}}).add(2);
  registry.counter("hits_total", "Hits.", {{"route", "/a"}}).add();
  EXPECT_EQ(registry.counter("hits_total", "Hits.", {{"route", "/a"}}).value(), 3U);
  EXPECT_EQ(registry.counter("hits_total", "Hits.", {{"route", "/b"}}).value(), 0U);
}

TEST(Metrics, ThePageIsExpositionFormat) {
  Registry registry;
  registry.counter("hits_total", "Hits \\ of\nall.", {{"path", "a\"b\\c\nd"}}).add(7);
  registry.gauge("depth", "Depth.").set(1.5);
  auto& times = registry.histogram("time_seconds", "Times.", kBounds, {{"route", "/"}});
  for (const double x : {0.5, 1.0, 3.0, 9.0}) times.observe(x);
  registry.gauge_from("asked", "Asked.", [] { return 42.0; });
  EXPECT_EQ(registry.text(),
            "# HELP asked Asked.\n# TYPE asked gauge\nasked 42\n"
            "# HELP depth Depth.\n# TYPE depth gauge\ndepth 1.5\n"
            "# HELP hits_total Hits \\\\ of\\nall.\n# TYPE hits_total counter\n"
            "hits_total{path=\"a\\\"b\\\\c\\nd\"} 7\n"
            "# HELP time_seconds Times.\n# TYPE time_seconds histogram\n"
            "time_seconds_bucket{route=\"/\",le=\"1\"} 2\n"
            "time_seconds_bucket{route=\"/\",le=\"2\"} 2\n"
            "time_seconds_bucket{route=\"/\",le=\"4\"} 3\n"
            "time_seconds_bucket{route=\"/\",le=\"+Inf\"} 4\n"
            "time_seconds_sum{route=\"/\"} 13.5\ntime_seconds_count{route=\"/\"} 4\n");
}

TEST(Metrics, DeclaringAMetricTwiceAndDifferentlyIsAnError) {
  Registry registry;
  registry.counter("a_total", "A.", {{"x", "1"}});
  EXPECT_THROW(registry.gauge("a_total", "A.", {{"x", "1"}}), std::invalid_argument);
  EXPECT_THROW(registry.counter("a_total", "B.", {{"x", "1"}}), std::invalid_argument);
  EXPECT_THROW(registry.counter("a_total", "A.", {{"y", "1"}}), std::invalid_argument);
  EXPECT_THROW(registry.counter("1a", "A."), std::invalid_argument);
  EXPECT_THROW(registry.counter("b_total", "A.", {{"le", "1"}}), std::invalid_argument);
  EXPECT_THROW(Histogram(std::array{2.0, 1.0}), std::invalid_argument);
}

TEST(Metrics, QuantilesAreInterpolatedWithinTheirBucket) {
  Histogram histogram(kBounds);
  EXPECT_EQ(histogram.quantile(0.5), 0);
  for (int i = 0; i < 100; ++i) histogram.observe(1.5);
  EXPECT_NEAR(histogram.quantile(0.5), 1.5, 1e-9);
  EXPECT_NEAR(histogram.quantile(0.99), 1.99, 1e-9);
  for (int i = 0; i < 900; ++i) histogram.observe(100);
  EXPECT_EQ(histogram.quantile(0.99), 4);  // all that can be said
}

TEST(Metrics, NoUpdateIsLostBetweenThreads) {
  Registry registry;
  auto& counter = registry.counter("n_total", "N.");
  auto& gauge = registry.gauge("g", "G.");
  auto& histogram = registry.histogram("h", "H.", kBounds);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) {
        counter.add();
        gauge.add(1);
        histogram.observe(i % 5);
        if (i % 1000 == 0) (void)registry.text();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(counter.value(), 20000U);
  EXPECT_EQ(gauge.value(), 20000);
  EXPECT_EQ(histogram.snapshot().count, 20000U);
  EXPECT_EQ(histogram.snapshot().sum, 40000);
}

}  // namespace
}  // namespace odordiff::observe

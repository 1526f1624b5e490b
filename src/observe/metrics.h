// What the program counts about itself, in Prometheus' terms: counters, gauges and histograms with labels,
// and the text page that a Prometheus server reads.
//
// Updates are lock-free; making a series and writing the page take a mutex. Whoever counts often asks for its
// series once and keeps the reference, which lives as long as the registry.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace odordiff::observe {

// Name and value, in the order of the page.
using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double delta);
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

class Histogram {
 public:
  // `bounds`: upper bounds of the buckets, rising; a last one without bound is added.
  explicit Histogram(std::span<const double> bounds);
  void observe(double value);

  struct Snapshot {
    std::vector<std::uint64_t> cumulative;  // one for each bound, then all
    double sum = 0;
    std::uint64_t count = 0;
    // The value under which the share `q` of observations lies, interpolated within its bucket; 0 without
    // any.
    double quantile(double q, std::span<const double> bounds) const;
  };
  Snapshot snapshot() const;
  double quantile(double q) const { return snapshot().quantile(q, bounds_); }
  std::span<const double> bounds() const { return bounds_; }

 private:
  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> buckets_;
  std::atomic<double> sum_{0};
};

// From 1 ms to 60 s: what a request may take.
std::span<const double> seconds_buckets();

class Registry {
 public:
  Registry() = default;
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // The series of this name and labels, made on first use. REQUIRES: one kind, one help text and one set of
  // label names for all series of a name; names as Prometheus has them. Throws std::invalid_argument
  // otherwise.
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, std::span<const double> bounds,
                       const Labels& labels = {});

  // A gauge or counter that is read only when somebody asks: `read` is called by text(), on its thread.
  void gauge_from(std::string_view name, std::string_view help, std::function<double()> read);
  void counter_from(std::string_view name, std::string_view help, std::function<double()> read);

  // The exposition format 0.0.4, families by name.
  std::string text() const;

 private:
  enum class Kind { Counter, Gauge, Histogram };
  struct Series {
    Labels labels;
    std::unique_ptr<Counter> counter;
    std::unique_ptr<Gauge> gauge;
    std::unique_ptr<Histogram> histogram;
    std::function<double()> read;
  };
  struct Family {
    Kind kind = Kind::Counter;
    std::string help;
    std::map<std::string, Series> series;  // by the text of their labels
  };

  Series& series(std::string_view name, std::string_view help, Kind kind, const Labels& labels);

  mutable std::mutex mutex_;
  std::map<std::string, Family, std::less<>> families_;
};

}  // namespace odordiff::observe

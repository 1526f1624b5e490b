#include "observe/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace odordiff::observe {
namespace {

bool is_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
  return out;
}

// a="b",c="d"
std::string labels_text(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    out += fmt::format("{}{}=\"{}\"", out.empty() ? "" : ",", name, escaped(value, true));
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

std::string braced(const std::string& labels) {
  return labels.empty() ? labels : "{" + labels + "}";
}

void write_histogram(std::string& out, const std::string& name, const std::string& labels,
                     const Histogram& histogram) {
  const auto now = histogram.snapshot();
  const std::string before = labels.empty() ? labels : labels + ",";
  for (std::size_t i = 0; i < now.cumulative.size(); ++i) {
    const std::string bound = i < histogram.bounds().size() ? number(histogram.bounds()[i]) : "+Inf";
    out += fmt::format("{}_bucket{{{}le=\"{}\"}} {}\n", name, before, bound, now.cumulative[i]);
  }
  out += fmt::format("{0}_sum{1} {2}\n{0}_count{1} {3}\n", name, braced(labels), number(now.sum), now.count);
}

void add_to(std::atomic<double>& target, double delta) {
  double seen = target.load(std::memory_order_relaxed);
  while (!target.compare_exchange_weak(seen, seen + delta, std::memory_order_relaxed)) {
  }
}

}  // namespace

void Gauge::add(double delta) {
  add_to(value_, delta);
}

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()),
      buckets_(std::make_unique<std::atomic<std::uint64_t>[]>(bounds.size() + 1)) {
  if (!std::is_sorted(bounds_.begin(), bounds_.end(), std::less_equal<>())) {
    throw std::invalid_argument("the bounds of a histogram must rise");
  }
}

void Histogram::observe(double value) {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  buckets_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  add_to(sum_, value);
}

Histogram::Snapshot Histogram::snapshot() const {
  Snapshot out;
  for (std::size_t i = 0; i <= bounds_.size(); ++i) {
    out.count += buckets_[i].load(std::memory_order_relaxed);
    out.cumulative.push_back(out.count);
  }
  out.sum = sum_.load(std::memory_order_relaxed);
  return out;
}

double Histogram::Snapshot::quantile(double q, std::span<const double> bounds) const {
  if (count == 0 || bounds.empty()) return 0;
  const double rank = q * static_cast<double>(count);
  const auto reached = std::find_if(cumulative.begin(), cumulative.end(),
                                    [&](std::uint64_t n) { return static_cast<double>(n) >= rank; });
  const auto bucket = static_cast<std::size_t>(reached - cumulative.begin());
  if (bucket >= bounds.size()) return bounds.back();
  const double low = bucket == 0 ? 0 : bounds[bucket - 1];
  const double below = bucket == 0 ? 0 : static_cast<double>(cumulative[bucket - 1]);
  const double inside = static_cast<double>(cumulative[bucket]) - below;
  return inside == 0 ? bounds[bucket] : low + (bounds[bucket] - low) * (rank - below) / inside;
}

std::span<const double> seconds_buckets() {
  static constexpr std::array bounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                        0.5,   1.0,    2.5,   5.0,  10.0,  30.0, 60.0};
  return bounds;
}

Registry::Series& Registry::series(std::string_view name, std::string_view help, Kind kind,
                                   const Labels& labels) {
  const std::string given(name);
  if (!is_name(name)) throw std::invalid_argument("no name of a metric: " + given);
  for (const auto& label : labels) {
    if (!is_name(label.first) || label.first == "le") throw std::invalid_argument("no label: " + label.first);
  }
  auto [family, made] = families_.try_emplace(given);
  if (made) {
    family->second.kind = kind;
    family->second.help = help;
  }
  if (family->second.kind != kind || family->second.help != help) {
    throw std::invalid_argument("metric " + given + " is declared twice and differently");
  }
  if (!family->second.series.empty()) {
    const Labels& others = family->second.series.begin()->second.labels;
    if (!std::equal(labels.begin(), labels.end(), others.begin(), others.end(),
                    [](const auto& a, const auto& b) { return a.first == b.first; })) {
      throw std::invalid_argument("the series of " + given + " must have the same labels");
    }
  }
  Series& found = family->second.series[labels_text(labels)];
  found.labels = labels;
  return found;
}

Counter& Registry::counter(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Series& found = series(name, help, Kind::Counter, labels);
  if (!found.counter) found.counter = std::make_unique<Counter>();
  return *found.counter;
}

Gauge& Registry::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Series& found = series(name, help, Kind::Gauge, labels);
  if (!found.gauge) found.gauge = std::make_unique<Gauge>();
  return *found.gauge;
}

Histogram& Registry::histogram(std::string_view name, std::string_view help, std::span<const double> bounds,
                               const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Series& found = series(name, help, Kind::Histogram, labels);
  if (!found.histogram) found.histogram = std::make_unique<Histogram>(bounds);
  return *found.histogram;
}

void Registry::gauge_from(std::string_view name, std::string_view help, std::function<double()> read) {
  const std::lock_guard lock(mutex_);
  series(name, help, Kind::Gauge, {}).read = std::move(read);
}

void Registry::counter_from(std::string_view name, std::string_view help, std::function<double()> read) {
  const std::lock_guard lock(mutex_);
  series(name, help, Kind::Counter, {}).read = std::move(read);
}

std::string Registry::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    const char* kind = family.kind == Kind::Counter ? "counter"
                       : family.kind == Kind::Gauge ? "gauge"
                                                    : "histogram";
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, escaped(family.help, false), name, kind);
    for (const auto& [labels, series] : family.series) {
      if (series.counter) out += fmt::format("{}{} {}\n", name, braced(labels), series.counter->value());
      if (series.gauge) out += fmt::format("{}{} {}\n", name, braced(labels), number(series.gauge->value()));
      if (series.read) out += fmt::format("{}{} {}\n", name, braced(labels), number(series.read()));
      if (series.histogram) write_histogram(out, name, labels, *series.histogram);
    }
  }
  return out;
}

}  // namespace odordiff::observe

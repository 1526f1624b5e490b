// Spans of traces (OpenTelemetry): what a request spent its time on, recorded where it happens and taken by
// whoever sends them on.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace odordiff::observe {

using SpanValue = std::variant<std::string, std::int64_t, double>;

struct Span {
  using Time = std::chrono::system_clock::time_point;
  enum class Kind { Internal = 1, Server = 2 };  // as OTLP numbers them

  std::string trace_id, span_id, parent_id;  // hexadecimal, of 32, 16 and 16 digits; no parent: empty
  std::string name;
  Kind kind = Kind::Internal;
  Time start, end;
  std::vector<std::pair<std::string, SpanValue>> attributes = {};
  bool failed = false;
};

// Safe from many threads. Spans beyond `most_waiting` are dropped, and counted.
class Tracer {
 public:
  explicit Tracer(std::size_t most_waiting = 8192) : most_waiting_(most_waiting) {}

  void record(Span span);
  std::vector<Span> take(std::size_t most);
  std::uint64_t dropped() const;

 private:
  const std::size_t most_waiting_;
  mutable std::mutex mutex_;
  std::vector<Span> waiting_;
  std::uint64_t dropped_ = 0;
};

// Where the spans of a piece of work belong: below `span_id` of that trace. No tracer: nobody records them.
struct TracePlace {
  Tracer* tracer = nullptr;
  std::string trace_id, span_id;
};

// 16 hexadecimal digits.
std::string new_span_id();

// A span below `place`, which has a tracer; the caller adds what it knows and records it.
Span span_below(const TracePlace& place, std::string name, Span::Time start, Span::Time end);

// Makes `place` the one that work on this thread belongs to, while it lives.
class TraceScope {
 public:
  explicit TraceScope(TracePlace place);
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

  static const TracePlace& current();

 private:
  TracePlace before_;
};

// The body of POST /v1/traces in OTLP's JSON form (opentelemetry-proto 1.x, ExportTraceServiceRequest): the
// spans of the service `odordiff` in this version.
std::string otlp_json(const std::vector<Span>& spans, const std::string& version);

}  // namespace odordiff::observe

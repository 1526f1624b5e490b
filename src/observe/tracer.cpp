#include "observe/tracer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "observe/trace_context.h"

namespace odordiff::observe {
namespace {

using Json = nlohmann::ordered_json;

TracePlace& place_of_thread() {
  static thread_local TracePlace place;
  return place;
}

// 64-bit integers are texts in protobuf's JSON.
std::string nanoseconds(Span::Time time) {
  return std::to_string(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

Json attribute(const std::string& key, const SpanValue& value) {
  struct Typed {
    Json operator()(const std::string& text) const { return {{"stringValue", text}}; }
    Json operator()(std::int64_t number) const { return {{"intValue", std::to_string(number)}}; }
    Json operator()(double number) const { return {{"doubleValue", number}}; }
  };
  return {{"key", key}, {"value", std::visit(Typed{}, value)}};
}

Json span_json(const Span& span) {
  Json out = {{"traceId", span.trace_id}, {"spanId", span.span_id}};
  if (!span.parent_id.empty()) out["parentSpanId"] = span.parent_id;
  out["name"] = span.name;
  out["kind"] = static_cast<int>(span.kind);
  out["startTimeUnixNano"] = nanoseconds(span.start);
  out["endTimeUnixNano"] = nanoseconds(span.end);
  out["attributes"] = Json::array();
  for (const auto& [key, value] : span.attributes) out["attributes"].push_back(attribute(key, value));
  if (span.failed) out["status"] = {{"code", 2}};  // STATUS_CODE_ERROR
  return out;
}

}  // namespace

void Tracer::record(Span span) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() < most_waiting_) {
    waiting_.push_back(std::move(span));
  } else {
    ++dropped_;
  }
}

std::vector<Span> Tracer::take(std::size_t most) {
  const std::lock_guard lock(mutex_);
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(most, waiting_.size()));
  std::vector<Span> out(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return out;
}

std::uint64_t Tracer::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

std::string new_span_id() {
  return next_trace("").span_id;
}

Span span_below(const TracePlace& place, std::string name, Span::Time start, Span::Time end) {
  Span out;
  out.trace_id = place.trace_id;
  out.span_id = new_span_id();
  out.parent_id = place.span_id;
  out.name = std::move(name);
  out.start = start;
  out.end = end;
  return out;
}

TraceScope::TraceScope(TracePlace place) : before_(std::move(place)) {
  std::swap(before_, place_of_thread());
}

TraceScope::~TraceScope() {
  std::swap(before_, place_of_thread());
}

const TracePlace& TraceScope::current() {
  return place_of_thread();
}

std::string otlp_json(const std::vector<Span>& spans, const std::string& version) {
  Json list = Json::array();
  for (const auto& span : spans) list.push_back(span_json(span));
  const Json resource = {
      {"attributes", {attribute("service.name", "odordiff"), attribute("service.version", version)}}};
  const Json scope = {{"scope", {{"name", "odordiff"}, {"version", version}}}, {"spans", std::move(list)}};
  const Json out = {{"resourceSpans", {{{"resource", resource}, {"scopeSpans", {scope}}}}}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace odordiff::observe

// W3C Trace Context: the trace that a request belongs to, taken over from the caller or begun here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace odordiff::observe {

struct TraceContext {
  std::string trace_id;  // 32 hexadecimal digits
  std::string span_id;   // 16: of the caller, or of our part
  bool sampled = false;
};

// What the header `traceparent` says; nothing where it is not valid, or is none.
std::optional<TraceContext> parse_traceparent(std::string_view header);

// Our part of the caller's trace, or of a new one, of which this share (0-1) are sampled.
TraceContext next_trace(std::string_view header, double share = 0);

// As a header's value: "00-TRACE-SPAN-01".
std::string traceparent(const TraceContext& trace);

}  // namespace odordiff::observe

#include "observe/trace_context.h"

#include <cstdint>
#include <utility>

#include "base/hex.h"
#include "base/random.h"

namespace odordiff::observe {
namespace {

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}
bool is_id(std::string_view text) {
  return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

// Never 0, which stands for no identity.
std::uint64_t new_id() {
  return random_id() | 1U;
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view header) {
  // version 2, trace 32, span 16, flags 2, with dashes between; later versions may go on behind another dash.
  constexpr std::size_t kLength = 55;
  if (header.size() < kLength || header[2] != '-' || header[35] != '-' || header[52] != '-')
    return std::nullopt;
  const std::string_view version = header.substr(0, 2), trace = header.substr(3, 32),
                         span = header.substr(36, 16), flags = header.substr(53, 2);
  if (!is_hex(version) || version == "ff" || !is_id(trace) || !is_id(span) || !is_hex(flags))
    return std::nullopt;
  if (version == "00" ? header.size() != kLength : header.size() > kLength && header[kLength] != '-')
    return std::nullopt;
  const int low = flags[1] <= '9' ? flags[1] - '0' : flags[1] - 'a' + 10;
  return TraceContext{std::string(trace), std::string(span), (low & 1) != 0};
}

TraceContext next_trace(std::string_view header, double share) {
  auto trace = parse_traceparent(header);
  if (!trace) {
    const std::uint64_t first = new_id();
    trace.emplace();
    trace->trace_id.reserve(32);
    append_hex(trace->trace_id, first);
    append_hex(trace->trace_id, new_id());
    trace->sampled = share > 0 && static_cast<double>(first) < share * 0x1p64;
  }
  trace->span_id.clear();
  append_hex(trace->span_id, new_id());
  return std::move(*trace);
}

std::string traceparent(const TraceContext& trace) {
  std::string out = "00-";
  out.reserve(55);
  out.append(trace.trace_id).append("-").append(trace.span_id).append(trace.sampled ? "-01" : "-00");
  return out;
}

}  // namespace odordiff::observe

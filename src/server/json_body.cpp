#include "server/json_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "server/problem.h"

namespace odordiff::server {
namespace {

// The parser's message without its own prefix, "[json.exception.parse_error.101] parse error at line 1,
// column 2: ".
std::string reason(const std::string& what) {
  const std::size_t place = what.find("column ");
  const std::size_t colon = what.find(": ", place == std::string::npos ? 0 : place);
  std::string out = colon == std::string::npos ? what : what.substr(colon + 2);
  // What was read last may be long, and is the client's own.
  const std::size_t last_read = out.find("; last read");
  return last_read == std::string::npos ? out : out.substr(0, last_read);
}

[[noreturn]] void refuse(const std::string& text, std::size_t byte, const std::string& why) {
  const std::size_t end = std::min(byte == 0 ? 0 : byte - 1, text.size());
  const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
  const std::size_t line_start = end == 0 ? std::string::npos : text.rfind('\n', end - 1);
  const std::size_t column = line_start == std::string::npos ? end + 1 : end - line_start;
  throw ProblemError(
      {400, "malformed-json",
       fmt::format("the body is not valid JSON at line {}, column {}: {}", lines + 1, column, why)});
}

}  // namespace

Json parse_object(const std::string& text) {
  if (text.empty()) throw ProblemError({400, "malformed-json", "the body is empty; send a JSON object"});
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > kMaxJsonDepth) {
      throw ProblemError(
          {400, "malformed-json", fmt::format("the body is nested deeper than {} levels", kMaxJsonDepth)});
    }
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second) {
      throw ProblemError(
          {400, "malformed-json",
           "the body names the member " + quote_for_message(value.get<std::string>()) + " twice"});
    }
    return true;
  };
  Json json;
  try {
    json = Json::parse(text, watch);
  } catch (const Json::parse_error& error) {
    refuse(text, error.byte, reason(error.what()));
  } catch (const Json::exception&) {
    throw ProblemError({400, "malformed-json", "the body holds a number beyond what can be computed with"});
  }
  if (!json.is_object()) throw ProblemError({422, "invalid-fields", "the body must be a JSON object"});
  return json;
}

}  // namespace odordiff::server

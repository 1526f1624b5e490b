// Reads the JSON that clients send, strictly: what is unclear, doubled or absurdly deep is refused, with the
// place. Writes what they are sent.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace odordiff::api {

using Json = nlohmann::ordered_json;

inline constexpr int kMaxJsonDepth = 16;

// The object that `text` holds. Throws MalformedJson that names line and column of what is no JSON,
// InvalidFields for a value that is no object.
Json parse_object(const std::string& text);

// On one line, without its end; broken UTF-8 is replaced.
inline std::string compact(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace odordiff::api

#include "server/query.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/fields.h"
#include "base/numbers.h"

namespace odordiff::server {

Query::Query(const std::string& query) {
  std::string spaced = query;  // as forms write spaces
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  std::string_view rest = spaced;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const auto name = percent_decoded(pair.substr(0, equals));
    const auto value = percent_decoded(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
    if (!name || !value) throw ProblemError({400, "bad-target", "the query is wrongly percent-encoded"});
    if (!given_.emplace(*name, *value).second) {
      throw ProblemError({400, "bad-target", "the query has " + quote_for_message(*name, 40) + " twice"});
    }
  }
}

const std::string* Query::find(const std::string& name) {
  known_.push_back(name);
  const auto found = given_.find(name);
  return found == given_.end() ? nullptr : &found->second;
}

int Query::whole(const std::string& name, int low, int high, int standard) {
  const std::string* text = find(name);
  if (text == nullptr) return standard;
  const auto value = number_in<int>(*text);
  if (value && *value >= low && *value <= high) return *value;
  errors_.push_back({"?" + name, fmt::format("must be a whole number from {} to {}, not {}", low, high,
                                             quote_for_message(*text, 40))});
  return standard;
}

std::string Query::digits(const std::string& name) {
  const std::string* text = find(name);
  if (text == nullptr || is_cursor(*text)) return text == nullptr ? std::string() : *text;
  errors_.push_back(
      {"?" + name, "must be what an earlier answer gave as \"next\", not " + quote_for_message(*text, 40)});
  return {};
}

std::string Query::text(const std::string& name, std::size_t most_bytes) {
  const std::string* text = find(name);
  if (text == nullptr) return {};
  if (text->empty()) wrong(name, "is empty; leave it out, or say what it should be");
  if (text->size() <= most_bytes) return *text;
  wrong(name, fmt::format("has {} bytes; at most {} are taken", text->size(), most_bytes));
  return {};
}

void Query::wrong(const std::string& name, std::string detail) {
  errors_.push_back({"?" + name, std::move(detail)});
}

void Query::done() {
  for (const auto& [name, value] : given_) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    wrong(quote_for_message(name, 40),
          known_.empty() ? std::string("is not known; there are no parameters here")
                         : fmt::format("is not known; known are {}", fmt::join(known_, ", ")));
  }
  if (errors_.empty()) return;
  throw api::InvalidFields(errors_.front().pointer + " " + errors_.front().detail, errors_);
}

bool is_cursor(std::string_view text) {
  return !text.empty() && text.size() <= 18 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string last_event_id(const Request& request) {
  const std::string id(request.header("last-event-id"));
  if (id.empty() || is_cursor(id)) return id;
  throw ProblemError({400, "invalid-header", "Last-Event-ID must be an id of this stream's events"});
}

}  // namespace odordiff::server

#include "server/query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "server/fields.h"

namespace odordiff::server {
namespace {

std::string decoded(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  auto out = percent_decoded(spaced);
  if (!out) throw ProblemError({400, "bad-target", "the query is wrongly percent-encoded"});
  return *std::move(out);
}

}  // namespace

Query::Query(const Request& request) {
  std::string_view left = request.query;
  while (!left.empty()) {
    const std::size_t end = left.find('&');
    const std::string_view part = left.substr(0, end);
    left = end == std::string_view::npos ? std::string_view() : left.substr(end + 1);
    if (part.empty()) continue;
    const std::size_t sign = part.find('=');
    parameters_.emplace_back(decoded(part.substr(0, sign)),
                             sign == std::string_view::npos ? std::string() : decoded(part.substr(sign + 1)));
  }
}

const std::string* Query::find(const std::string& name) {
  known_.push_back(name);
  const auto named = [&](const auto& p) { return p.first == name; };
  const auto it = std::find_if(parameters_.begin(), parameters_.end(), named);
  if (it == parameters_.end()) return nullptr;
  if (std::count_if(parameters_.begin(), parameters_.end(), named) > 1) wrong(name, "is given twice");
  return it->second.empty() ? nullptr : &it->second;
}

std::string Query::text(const std::string& name, std::size_t most_bytes, std::string standard) {
  const std::string* found = find(name);
  if (found == nullptr) return standard;
  if (found->size() > most_bytes) {
    wrong(name, fmt::format("is longer than {} bytes", most_bytes));
    return standard;
  }
  return *found;
}

int Query::whole(const std::string& name, int low, int high, int standard) {
  const std::string* found = find(name);
  if (found == nullptr) return standard;
  int value = 0;
  const char* end = found->data() + found->size();
  const auto [at, error] = std::from_chars(found->data(), end, value);
  if (error == std::errc{} && at == end && value >= low && value <= high) return value;
  wrong(name, fmt::format("must be a whole number from {} to {}, not {}", low, high, shown(Json(*found))));
  return standard;
}

std::string Query::digits(const std::string& name) {
  const std::string* found = find(name);
  if (found == nullptr || is_cursor(*found)) return found == nullptr ? std::string() : *found;
  wrong(name, "must be what an earlier answer gave as \"next\", not " + shown(Json(*found)));
  return {};
}

void Query::wrong(const std::string& name, std::string detail) {
  errors_.push_back({"?" + name, std::move(detail)});
}

void Query::done() {
  for (const auto& [name, value] : parameters_) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    wrong(shown(Json(name)), known_.empty()
                                 ? std::string("is not known; this takes no parameters")
                                 : fmt::format("is not known; known are {}", fmt::join(known_, ", ")));
  }
  if (errors_.empty()) return;
  std::string detail = errors_.front().pointer + " " + errors_.front().detail;
  if (errors_.size() > 1) detail += fmt::format(" (and {} more)", errors_.size() - 1);
  throw ProblemError({422, "invalid-query", detail, errors_});
}

bool is_cursor(std::string_view text) {
  return !text.empty() && text.size() <= 18 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace odordiff::server

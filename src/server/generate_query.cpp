#include "server/generate_query.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/answer_json.h"
#include "api/requests.h"

namespace odordiff::server {
namespace {

constexpr std::size_t kMostParameterBytes = 4 * api::kMostBriefChars;
constexpr std::size_t kMostFieldsBytes = 1'000;

// A number or a truth value as JSON has it, else the text: whoever reads it as a member says what is wrong.
Json literal(const std::string& text) {
  Json value = Json::parse(text, nullptr, false);
  return value.is_number() || value.is_boolean() ? value : Json(text);
}

// The names of a molecule's members, in their order.
const std::vector<std::string>& molecule_members() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out = {"rank"};
    const Json molecule = api::candidate_json({});
    for (const auto& member : molecule.items()) out.push_back(member.key());
    return out;
  }();
  return names;
}

}  // namespace

generate::Request read_generate_query(Query& query) {
  Json body = Json::object();
  for (const char* name : {"brief", "like", "keep"}) {
    const std::string text = query.text(name, kMostParameterBytes);
    if (!text.empty()) body[name] = text;
  }
  for (const char* name : {"count", "seed", "steps", "guidance", "temperature", "effort", "allow_known",
                           "budget_seconds", "min_odorous", "safety_threshold"}) {
    const std::string text = query.text(name, kMostParameterBytes);
    if (!text.empty()) body[name] = literal(text);
  }
  for (const char* name : {"molecular_weight", "logp", "tpsa", "sa_score", "similarity"}) {
    const std::string text = query.text(name, kMostParameterBytes);
    if (text.empty()) continue;
    const std::size_t colon = text.find(':');
    const std::string low = text.substr(0, colon), high = colon < text.size() ? text.substr(colon + 1) : "";
    Json range = Json::object();
    if (!low.empty()) range["min"] = literal(low);
    if (!high.empty()) range["max"] = literal(high);
    const bool good =
        colon < text.size() && !range.empty() &&
        std::all_of(range.begin(), range.end(), [](const Json& side) { return side.is_number(); });
    if (good) {
      body[name] = std::move(range);
    } else {
      query.wrong(name, "must be LOW:HIGH, two numbers of which one may be left out, not " +
                            quote_for_message(text, 40));
    }
  }
  query.done();
  try {
    return api::read_generate(body);
  } catch (const api::InvalidFields& error) {
    auto errors = error.errors();
    for (auto& wrong : errors) {
      if (wrong.pointer.starts_with('/')) wrong.pointer.front() = '?';
    }
    std::string detail = error.what();
    if (detail.starts_with('/')) detail.front() = '?';
    throw api::InvalidFields(detail, std::move(errors));
  }
}

MemberChoice::MemberChoice(Query& query) : text_(query.text("fields", kMostFieldsBytes)) {
  std::string_view rest = text_;
  while (!rest.empty()) {
    const std::string name(rest.substr(0, rest.find(',')));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    const auto& known = molecule_members();
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      query.wrong("fields", fmt::format("names {}, which no molecule has; known are {}",
                                        quote_for_message(name, 40), fmt::join(known, ", ")));
      return;
    }
    names_.push_back(name);
  }
}

Json MemberChoice::of(const Json& molecule) const {
  if (is_all()) return molecule;
  Json out = Json::object();
  for (const auto& [name, value] : molecule.items()) {
    if (std::find(names_.begin(), names_.end(), name) != names_.end()) out[name] = value;
  }
  return out;
}

}  // namespace odordiff::server

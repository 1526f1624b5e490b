#include "api/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "api/errors.h"

namespace odordiff::api {
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
  throw MalformedJson(
      fmt::format("the body is not valid JSON at line {}, column {}: {}", lines + 1, column, why));
}

// Looks at a text before it is made into a value: how deep it goes, whether a member is there twice, how many
// members an object has. In one pass, whatever its size.
class Inspector final : public nlohmann::json_sax<Json> {
 public:
  explicit Inspector(const std::string& text) : text_(text) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override {
    keys_.emplace_back();
    return enter();
  }
  bool end_object() override {
    keys_.pop_back();
    --depth_;
    return true;
  }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool key(string_t& name) override {
    auto& keys = keys_.back();
    if (!keys.insert(name).second) fail("the body names the member " + quote_for_message(name) + " twice");
    if (keys.size() > kMostMembers)
      fail(fmt::format("the body has an object of more than {} members", kMostMembers));
    return true;
  }
  bool parse_error(std::size_t byte, const std::string&, const nlohmann::detail::exception& error) override {
    if (dynamic_cast<const Json::parse_error*>(&error) != nullptr) refuse(text_, byte, reason(error.what()));
    fail("the body holds a number beyond what can be computed with");
  }

 private:
  // Members are looked for one by one, so there are few.
  static constexpr std::size_t kMostMembers = 500;

  [[noreturn]] static void fail(const std::string& detail) { throw MalformedJson(detail); }
  bool enter() {
    if (++depth_ > kMaxJsonDepth)
      fail(fmt::format("the body is nested deeper than {} levels", kMaxJsonDepth));
    return true;
  }

  const std::string& text_;
  std::vector<std::set<std::string>> keys_;
  int depth_ = 0;
};

}  // namespace

Json parse_object(const std::string& text) {
  if (text.empty()) throw MalformedJson("the body is empty; send a JSON object");
  Inspector inspector(text);
  (void)Json::sax_parse(text, &inspector);
  Json json = Json::parse(text);
  if (!json.is_object()) throw InvalidFields("the body must be a JSON object");
  return json;
}

}  // namespace odordiff::api

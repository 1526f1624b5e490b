#include "server/config/setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/numbers.h"

namespace odordiff::server {
namespace {

std::optional<bool> truth_in(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (text == "true" || text == "1" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "0" || text == "no" || text == "off") return false;
  return std::nullopt;
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    const std::size_t first = text.find_first_not_of(' ', from);
    if (first < comma) out.push_back(text.substr(first, text.find_last_not_of(' ', comma - 1) - first + 1));
    from = comma + 1;
  }
  return out;
}

// A basic string of TOML.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

[[noreturn]] void refuse(const Setting& setting, const std::string& given) {
  throw InvalidInput(setting.secret
                         ? fmt::format("takes {}", expected(setting))
                         : fmt::format("takes {}, not {}", expected(setting), quote_for_message(given)));
}

void check_text(const Setting& setting, const std::string& text) {
  if (!setting.choices.empty() &&
      std::find(setting.choices.begin(), setting.choices.end(), text) == setting.choices.end()) {
    refuse(setting, text);
  }
  if (!setting.fault) return;
  const std::string fault = setting.fault(text);
  if (fault.empty()) return;
  throw InvalidInput(
      fmt::format("{} {}", setting.secret ? "what was given" : quote_for_message(text), fault));
}

}  // namespace

Value value_of(const Setting& setting, const ServeConfig& config) {
  return std::visit([&](auto member) { return Value(config.*member); }, setting.member);
}

void put(const Setting& setting, const Value& value, ServeConfig& config) {
  std::visit(
      [&](auto member) {
        auto& target = config.*member;
        target = std::get<std::remove_reference_t<decltype(target)>>(value);
      },
      setting.member);
}

std::string expected(const Setting& setting) {
  if (std::holds_alternative<bool ServeConfig::*>(setting.member)) return "true or false";
  if (std::holds_alternative<int ServeConfig::*>(setting.member)) {
    return fmt::format("a whole number from {:.0f} to {:.0f}", setting.low, setting.high);
  }
  if (std::holds_alternative<double ServeConfig::*>(setting.member)) {
    return fmt::format("a number from {} to {}", setting.low, setting.high);
  }
  if (std::holds_alternative<std::string ServeConfig::*>(setting.member)) {
    return setting.choices.empty() ? std::string("a text")
                                   : fmt::format("{}", fmt::join(setting.choices, ", "));
  }
  return "a list of texts";
}

Value parse_text(const Setting& setting, const std::string& text) {
  const Value value = std::visit(
      [&](auto member) -> Value {
        using T = std::remove_cvref_t<decltype(std::declval<ServeConfig>().*member)>;
        if constexpr (std::is_same_v<T, bool>) {
          const auto truth = truth_in(text);
          if (!truth) refuse(setting, text);
          return *truth;
        } else if constexpr (std::is_arithmetic_v<T>) {
          const auto number = number_in<T>(text);
          if (!number) refuse(setting, text);
          return *number;
        } else if constexpr (std::is_same_v<T, std::string>) {
          return text;
        } else {
          return split_list(text);
        }
      },
      setting.member);
  check_value(setting, value);
  return value;
}

void check_value(const Setting& setting, const Value& value) {
  const auto check_bounds = [&](double number) {
    if (!(number >= setting.low && number <= setting.high)) refuse(setting, fmt::format("{}", number));
  };
  if (const auto* whole = std::get_if<int>(&value)) check_bounds(*whole);
  if (const auto* number = std::get_if<double>(&value)) check_bounds(*number);
  if (const auto* text = std::get_if<std::string>(&value)) check_text(setting, *text);
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    for (const auto& item : *list) check_text(setting, item);
  }
}

std::string toml_text(const Value& value) {
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (const auto* whole = std::get_if<int>(&value)) return fmt::format("{}", *whole);
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{:g}", *number);
  if (const auto* text = std::get_if<std::string>(&value)) return quoted(*text);
  std::vector<std::string> items;
  for (const auto& item : std::get<std::vector<std::string>>(value)) items.push_back(quoted(item));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string shown_value(const Setting& setting, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return setting.secret && text != nullptr && !text->empty() ? "********" : toml_text(value);
}

std::string standard_text(const Setting& setting) {
  if (!setting.standard.empty()) return setting.standard;
  const Value value = value_of(setting, ServeConfig{});
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* list = std::get_if<std::vector<std::string>>(&value); list != nullptr && list->empty())
    return "";
  return toml_text(value);
}

}  // namespace odordiff::server

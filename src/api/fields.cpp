#include "api/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace odordiff::api {
namespace {

constexpr std::size_t kMostErrors = 50;  // that are told

std::size_t count_chars(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

// "/a~1b" (RFC 6901)
std::string pointer(const std::string& name) {
  std::string out = "/";
  for (const char c : name) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

}  // namespace

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

std::string shown(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  return quote_for_message(value.is_string() ? value.get<std::string>() : value.dump(), 40);
}

const Json* Fields::find(const std::string& name) {
  known_.push_back(name);
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

bool Fields::has(const std::string& name) const {
  const auto found = object_.find(name);
  return found != object_.end() && !found->is_null();
}

void Fields::wrong(const std::string& name, std::string detail) {
  errors_.push_back({pointer(name), std::move(detail)});
}

bool Fields::is_wrong(const std::string& name) const {
  return std::any_of(errors_.begin(), errors_.end(),
                     [&](const auto& error) { return error.pointer == pointer(name); });
}

std::string Fields::required_text(const std::string& name, std::size_t most_chars) {
  if (!has(name)) {
    known_.push_back(name);
    wrong(name, fmt::format("is missing: a text of 1 to {} characters", most_chars));
    return {};
  }
  std::string out = text(name, most_chars);
  if (find(name)->is_string() && is_blank(out)) wrong(name, "must not be empty");
  return out;
}

std::string Fields::text(const std::string& name, std::size_t most_chars, std::string standard) {
  const Json* value = find(name);
  if (value == nullptr) return standard;
  if (!value->is_string() || count_chars(value->get_ref<const std::string&>()) > most_chars) {
    wrong(name, fmt::format("must be a text of at most {} characters, not {}", most_chars, shown(*value)));
    return standard;
  }
  return value->get<std::string>();
}

std::string Fields::choice(const std::string& name, const std::vector<std::string>& choices,
                           std::string standard) {
  const Json* value = find(name);
  if (value == nullptr) return standard;
  if (!value->is_string() ||
      std::find(choices.begin(), choices.end(), value->get<std::string>()) == choices.end()) {
    wrong(name, fmt::format("must be one of {}, not {}", fmt::join(choices, ", "), shown(*value)));
    return standard;
  }
  return value->get<std::string>();
}

std::vector<std::string> Fields::required_texts(const std::string& name, std::size_t most_items,
                                                std::size_t most_chars) {
  const Json* value = find(name);
  if (value == nullptr || !value->is_array() || value->empty() || value->size() > most_items) {
    wrong(name, fmt::format("must be a list of 1 to {} texts{}", most_items,
                            value == nullptr    ? ""
                            : value->is_array() ? fmt::format(", not of {}", value->size())
                                                : ", not " + shown(*value)));
    return {};
  }
  std::vector<std::string> out;
  for (std::size_t i = 0; i < value->size(); ++i) {
    const Json& item = (*value)[i];
    if (!item.is_string() || is_blank(item.get_ref<const std::string&>()) ||
        count_chars(item.get_ref<const std::string&>()) > most_chars) {
      errors_.push_back(
          {fmt::format("{}/{}", pointer(name), i),
           fmt::format("must be a text of 1 to {} characters, not {}", most_chars, shown(item))});
    } else {
      out.push_back(item.get<std::string>());
    }
  }
  return out;
}

int Fields::whole(const std::string& name, int low, int high, int standard) {
  const Json* value = find(name);
  if (value == nullptr) return standard;
  const double number = value->is_number() ? value->get<double>() : NAN;  // 5.0 is a whole number in JSON
  if (!(number >= low && number <= high) || number != std::floor(number)) {
    wrong(name, fmt::format("must be a whole number from {} to {}, not {}", low, high, shown(*value)));
    return standard;
  }
  return static_cast<int>(number);
}

std::uint64_t Fields::seed(const std::string& name) {
  const Json* value = find(name);
  if (value == nullptr) return 0;
  if (value->is_number_unsigned()) return value->get<std::uint64_t>();
  constexpr double kMostExact = 9'007'199'254'740'992;  // 2^53: beyond it a double skips whole numbers
  const double number = value->is_number() ? value->get<double>() : NAN;  // 5.0 is a whole number in JSON
  if (!(number >= 0 && number <= kMostExact) || number != std::floor(number)) {
    wrong(name, fmt::format("must be a whole number from 0 to {}, not {}", UINT64_MAX, shown(*value)));
    return 0;
  }
  return static_cast<std::uint64_t>(number);
}

double Fields::number(const std::string& name, double low, double high, double standard) {
  const Json* value = find(name);
  if (value == nullptr) return standard;
  const double number = value->is_number() ? value->get<double>() : NAN;
  if (!(number >= low && number <= high)) {
    wrong(name, fmt::format("must be a number from {:g} to {:g}, not {}", low, high, shown(*value)));
    return standard;
  }
  return number;
}

bool Fields::flag(const std::string& name, bool standard) {
  const Json* value = find(name);
  if (value == nullptr) return standard;
  if (!value->is_boolean()) {
    wrong(name, fmt::format("must be true or false, not {}", shown(*value)));
    return standard;
  }
  return value->get<bool>();
}

generate::Range Fields::range(const std::string& name, generate::Range standard) {
  const Json* value = find(name);
  if (value == nullptr) return standard;
  const auto side_is_good = [](const Json& side) { return side.is_number() || side.is_null(); };
  bool good = value->is_object() && !value->empty();
  if (good) {
    for (const auto& [key, side] : value->items())
      good = good && (key == "min" || key == "max") && side_is_good(side);
  }
  if (!good) {
    wrong(name, fmt::format("must be an object with \"min\", \"max\" or both, not {}", shown(*value)));
    return standard;
  }
  generate::Range out;
  if (value->contains("min") && value->at("min").is_number()) out.low = value->at("min").get<double>();
  if (value->contains("max") && value->at("max").is_number()) out.high = value->at("max").get<double>();
  if (out.low > out.high) wrong(name, "its \"min\" is above its \"max\"");
  return out;
}

void Fields::done() {
  for (const auto& [name, value] : object_.items()) {
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
      std::vector<std::string> names = known_;
      std::sort(names.begin(), names.end());
      names.erase(std::unique(names.begin(), names.end()), names.end());
      wrong(name, fmt::format("is not known; known are {}", fmt::join(names, ", ")));
    }
  }
  if (errors_.empty()) return;
  std::string detail = errors_.front().pointer + " " + errors_.front().detail;
  if (errors_.size() > 1) detail += fmt::format(" (and {} more)", errors_.size() - 1);
  if (errors_.size() > kMostErrors) errors_.resize(kMostErrors);
  throw InvalidFields(detail, errors_);
}

}  // namespace odordiff::api

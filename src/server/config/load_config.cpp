#include "server/config/load_config.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/closest.h"
#include "server/config/toml_file.h"

namespace odordiff::server {
namespace {

// How a value of the wrong type looks in a message.
std::string shown(const toml::node& node) {
  if (const auto text = node.value<std::string>(); node.is_string()) return quote_for_message(*text);
  if (node.is_table()) return "a table";
  if (node.is_array()) return "a list";
  if (const auto truth = node.value_exact<bool>()) return *truth ? "true" : "false";
  if (const auto whole = node.value_exact<std::int64_t>()) return fmt::format("{}", *whole);
  if (const auto number = node.value_exact<double>()) return fmt::format("{:g}", *number);
  return "a date or time";
}

// Reads the file's tables into `loaded` and complains of all that is wrong.
class FileReader {
 public:
  FileReader(const std::string& file, LoadedConfig& loaded) : file_(file), loaded_(loaded) {}

  // Returns the faults.
  std::vector<std::string> read() {
    read_table(file_.root(), "");
    return file_.faults();
  }

 private:
  void read_table(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string path = prefix + std::string(key.str());
      if (const Setting* setting = find(path)) {
        read_value(*setting, node);
      } else if (node.is_table() && is_section(path)) {
        read_table(*node.as_table(), path + ".");
      } else {
        complain_of_unknown(path, node);
      }
    }
  }

  static const Setting* find(const std::string& path) {
    for (const auto& setting : serve_settings()) {
      if (setting.path == path) return &setting;
    }
    return nullptr;
  }
  static bool is_section(const std::string& path) {
    for (const auto& setting : serve_settings()) {
      if (setting.path.starts_with(path + ".")) return true;
    }
    return false;
  }

  void complain_of_unknown(const std::string& path, const toml::node& node) {
    std::vector<std::string> names;
    for (const auto& setting : serve_settings()) {
      names.push_back(setting.path);
      names.push_back(setting.path.substr(0, setting.path.rfind('.')));
    }
    const std::string near = closest(path, names);
    file_.complain(node, fmt::format("unknown key {}; {}", quote_for_message(path),
                                     near.empty() ? std::string("'odordiff config example' lists all")
                                                  : fmt::format("did you mean {}?", near)));
  }

  void read_value(const Setting& setting, const toml::node& node) {
    const auto value = std::visit(
        [&](auto member) {
          using T = std::remove_cvref_t<decltype(std::declval<ServeConfig>().*member)>;
          return value_in<T>(node);
        },
        setting.member);
    if (!value) {
      file_.complain(node, fmt::format("{} takes {}, not {}", setting.path, expected(setting),
                                       setting.secret ? "that" : shown(node)));
      return;
    }
    try {
      check_value(setting, *value);
      put(setting, *value, loaded_.config);
      loaded_.given[setting.path] = {Origin::File, file_.place(node)};
    } catch (const InvalidInput& error) {
      file_.complain(node, fmt::format("{} {}", setting.path, error.what()));
    }
  }

  template <typename T>
  static std::optional<Value> value_in(const toml::node& node) {
    if constexpr (std::is_same_v<T, int>) {
      const auto whole = node.value_exact<std::int64_t>();
      // What no int can hold is out of every bound.
      if (!whole || *whole < INT32_MIN || *whole > INT32_MAX) return std::nullopt;
      return Value(static_cast<int>(*whole));
    } else if constexpr (std::is_same_v<T, double>) {
      if (!node.is_number()) return std::nullopt;
      return Value(*node.value<double>());
    } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
      if (!node.is_array()) return std::nullopt;
      std::vector<std::string> out;
      for (const auto& item : *node.as_array()) {
        const auto text = item.value_exact<std::string>();
        if (!text) return std::nullopt;
        out.push_back(*text);
      }
      return Value(std::move(out));
    } else {
      const auto value = node.value_exact<T>();
      if (!value) return std::nullopt;
      return Value(*value);
    }
  }

  TomlFile file_;
  LoadedConfig& loaded_;
};

}  // namespace

const char* to_string(Origin origin) {
  switch (origin) {
    case Origin::Standard:
      return "default";
    case Origin::File:
      return "file";
    case Origin::Environment:
      return "environment";
    case Origin::Flag:
      return "flag";
  }
  return "unknown";
}

Given LoadedConfig::origin_of(const Setting& setting) const {
  const auto found = given.find(setting.path);
  return found == given.end() ? Given{} : found->second;
}

LoadedConfig load_config(const Sources& sources) {
  LoadedConfig loaded;
  std::vector<std::string> faults;
  if (!sources.file.empty()) faults = FileReader(sources.file, loaded).read();
  const auto take = [&](const Setting& setting, const std::string& text, Given given) {
    try {
      put(setting, parse_text(setting, text), loaded.config);
      loaded.given[setting.path] = std::move(given);
    } catch (const InvalidInput& error) {
      const char* hint =
          given.origin == Origin::Environment && text.starts_with("tcp://")
              ? "; Kubernetes sets it so for a service of that name: set it in the pod, or give "
                "the pod enableServiceLinks: false"
              : "";
      faults.push_back(fmt::format("{} {}{}", given.where, error.what(), hint));
    }
  };
  for (const auto& setting : serve_settings()) {
    if (sources.environment) {
      const auto text = sources.environment(setting.environment);
      if (text && !text->empty()) take(setting, *text, {Origin::Environment, setting.environment});
    }
    const auto flag = sources.flags.find(setting.flag);
    if (flag != sources.flags.end()) take(setting, flag->second, {Origin::Flag, setting.flag});
  }
  if (!faults.empty()) throw ConfigError(std::move(faults));
  return loaded;
}

std::optional<std::string> process_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

ServeConfig reloaded(const ServeConfig& running, const ServeConfig& fresh,
                     std::vector<std::string>* restart) {
  ServeConfig out = fresh;
  for (const auto& setting : serve_settings()) {
    if (setting.reloads) continue;
    const Value now = value_of(setting, running);
    if (restart != nullptr && value_of(setting, fresh) != now) restart->push_back(setting.path);
    put(setting, now, out);
  }
  return out;
}

}  // namespace odordiff::server

#include "server/config/describe_config.h"

#include <fmt/format.h>

namespace odordiff::server {
namespace {

Json json_of(const Setting& setting, const Value& value) {
  if (setting.secret) return "********";
  // A standard value that depends on others is told in words.
  if (!setting.standard.empty() && value == value_of(setting, ServeConfig{})) return setting.standard;
  return std::visit([](const auto& held) { return Json(held); }, value);
}

}  // namespace

std::string example_config() {
  std::string out =
      "# Configuration of `odordiff serve --config FILE`. Environment variables are stronger than this file, "
      "flags\n# stronger than both. What is commented out shows the default. Settings marked \"reloads\" "
      "change when the\n# process gets SIGHUP; the others with the next start.\n";
  std::string section;
  for (const auto& setting : serve_settings()) {
    const std::size_t dot = setting.path.rfind('.');
    if (setting.path.substr(0, dot) != section) {
      section = setting.path.substr(0, dot);
      out += fmt::format("\n[{}]\n", section);
    }
    std::vector<std::string> notes;
    if (setting.kind.empty()) notes.push_back(expected(setting));
    notes.push_back(fmt::format("{}, {}", setting.environment, setting.flag));
    if (setting.reloads) notes.emplace_back("reloads");
    if (!setting.standard.empty()) notes.push_back(fmt::format("default: {}", setting.standard));
    out += fmt::format("# {}\n#   {}\n", setting.help, fmt::join(notes, "; "));
    out +=
        fmt::format("#{} = {}\n", setting.path.substr(dot + 1),
                    setting.example.empty() ? toml_text(value_of(setting, ServeConfig{})) : setting.example);
  }
  return out;
}

Json config_json(const LoadedConfig& loaded, const std::string& file) {
  Json settings = Json::array();
  for (const auto& setting : serve_settings()) {
    const Given given = loaded.origin_of(setting);
    settings.push_back({{"path", setting.path},
                        {"value", json_of(setting, value_of(setting, loaded.config))},
                        {"from", to_string(given.origin)},
                        {"where", given.where.empty() ? Json(nullptr) : Json(given.where)},
                        {"default", json_of(setting, value_of(setting, ServeConfig{}))},
                        {"environment", setting.environment},
                        {"flag", setting.flag},
                        {"reloads", setting.reloads}});
  }
  return {{"file", file.empty() ? Json(nullptr) : Json(file)}, {"settings", settings}};
}

}  // namespace odordiff::server

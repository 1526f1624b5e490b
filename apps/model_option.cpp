#include "model_option.h"

#include "model/folder.h"
#include "nn/cpu.h"

namespace odordiff::apps {
namespace fs = std::filesystem;

void add_model_option(CLI::App& app, std::string& target) {
  app.add_option("--model", target, "Model folder; default: ODORDIFF_MODEL, else the installed model")
      ->type_name("FOLDER");
}

fs::path installed_models() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return program.parent_path().parent_path() / "share" / "odordiff" / "models";
}

fs::path find_model(const std::string& option) {
  return model::find_folder(option, installed_models());
}

model::Config open_model(const std::string& option) {
  auto config = model::read_config(find_model(option));
  model::require_whole(config);
  return config;
}

model::Identity identity_of(const model::Config& config) {
  return model::identify(config, "fp32", nn::backend_name(nn::cpu_path()));
}

}  // namespace odordiff::apps

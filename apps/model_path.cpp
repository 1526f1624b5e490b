#include "model_path.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "base/helpers.h"
#include "base/sha256.h"

namespace odordiff::apps {
namespace fs = std::filesystem;
namespace {

constexpr const char* kDefaultName = "odordiff2";
constexpr const char* kAdvice = "give --model FOLDER or set ODORDIFF_MODEL";

bool is_model(const fs::path& folder) {
  std::error_code error;
  return fs::is_regular_file(folder / "config.json", error);
}

std::string shown(const fs::path& path) {
  return quote_for_message(path.string(), 300);
}

std::string read_bytes(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  std::ifstream in(file, std::ios::binary);
  std::string bytes(error ? 0 : size, '\0');
  if (error || !in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    throw Unavailable(fmt::format("cannot read the model file {}", shown(file)));
  }
  return bytes;
}

std::string sha256_of(const std::string& bytes) {
  return sha256_hex(std::as_bytes(std::span(bytes)));
}

ModelFile::State check(const fs::path& file, std::uintmax_t bytes, const std::string& sha256) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return ModelFile::State::Missing;
  if (fs::file_size(file, error) != bytes || sha256_of(read_bytes(file)) != sha256)
    return ModelFile::State::Damaged;
  return ModelFile::State::Good;
}

}  // namespace

void add_model_option(CLI::App& app, std::string& target) {
  app.add_option("--model", target, "Model folder; default: ODORDIFF_MODEL, else the installed model")
      ->type_name("FOLDER");
}

std::vector<fs::path> model_places() {
  std::vector<fs::path> places;
  std::error_code error;
  const fs::path exe = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    const fs::path prefix = exe.parent_path().parent_path();
    places.push_back(prefix / "share" / "odordiff" / "models" / kDefaultName);
  }
  places.push_back(fs::path(ODORDIFF_SOURCE_MODELS) / kDefaultName);
  return places;
}

fs::path find_model(const std::string& option) {
  if (!option.empty()) {
    if (is_model(option)) return option;
    throw Unavailable(fmt::format("no model in {} (no config.json there); {}", shown(option), kAdvice));
  }
  const char* variable = std::getenv("ODORDIFF_MODEL");
  if (variable != nullptr && *variable != '\0') {
    if (is_model(variable)) return variable;
    throw Unavailable(fmt::format("no model in {} (no config.json there), which ODORDIFF_MODEL names; {}",
                                  shown(variable), kAdvice));
  }
  const auto places = model_places();
  std::vector<std::string> looked;
  for (const auto& place : places) {
    if (is_model(place)) return place;
    looked.push_back(shown(place));
  }
  throw Unavailable(fmt::format("no model found; looked in {}; {}", fmt::join(looked, ", "), kAdvice));
}

ModelInfo inspect_model(const fs::path& folder, bool verify) {
  ModelInfo info;
  info.folder = folder;
  std::vector<std::string> sums;
  try {
    const auto config = nlohmann::json::parse(read_bytes(folder / "config.json"));
    info.name = config.at("name").get<std::string>();
    for (const auto& [name, entry] : config.at("files").items()) {
      if (fs::path(name).is_absolute() || name.find("..") != std::string::npos) {
        throw Unavailable(
            fmt::format("the model configuration in {} names a file outside it", shown(folder)));
      }
      info.files.push_back({name, entry.at("bytes").get<std::uintmax_t>(), ModelFile::State::Unchecked});
      sums.push_back(entry.at("sha256").get<std::string>());
    }
  } catch (const nlohmann::json::exception&) {
    throw Unavailable(fmt::format("{} is damaged or not a model configuration; install the model again",
                                  shown(folder / "config.json")));
  }
  if (verify) {
    Helpers helpers(static_cast<int>(std::thread::hardware_concurrency()));
    helpers.for_each(info.files.size(), [&](std::size_t i) {
      ModelFile& file = info.files[i];
      file.state = check(folder / file.name, file.expected_bytes, sums[i]);
    });
  }
  return info;
}

void require_whole_model(const fs::path& folder) {
  for (const auto& file : inspect_model(folder, true).files) {
    if (file.state == ModelFile::State::Missing) {
      throw Unavailable(
          fmt::format("the model file {} is missing; install the model again", shown(folder / file.name)));
    }
    if (file.state == ModelFile::State::Damaged) {
      throw Unavailable(fmt::format("the model file {} is damaged (wrong checksum); install the model again",
                                    shown(folder / file.name)));
    }
  }
}

std::string model_fingerprint(const fs::path& folder) {
  return sha256_of(read_bytes(folder / "config.json"));
}

}  // namespace odordiff::apps

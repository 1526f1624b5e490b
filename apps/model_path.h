// Finds the model folder, and tells a whole model from a damaged one.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace odordiff::apps {

// `--model FOLDER`, for every command that loads a model.
void add_model_option(CLI::App& app, std::string& target);

// The folder named by `option`, else by ODORDIFF_MODEL, else models/odordiff2 of the installation or of the
// source tree. Throws Unavailable that lists where it looked.
std::filesystem::path find_model(const std::string& option);

// The folders that find_model("") would try, in order.
std::vector<std::filesystem::path> model_places();

// What `config.json` says about a file of the model, and what is there.
struct ModelFile {
  std::string name;
  std::uintmax_t expected_bytes = 0;
  enum class State { Good, Missing, Damaged, Unchecked } state = State::Unchecked;
};

struct ModelInfo {
  std::filesystem::path folder;
  std::string name;
  std::vector<ModelFile> files;
};

// Reads `folder`/config.json; with `verify`, every file is read and its SHA-256 compared. Throws Unavailable
// when the configuration cannot be read.
ModelInfo inspect_model(const std::filesystem::path& folder, bool verify);

// Throws Unavailable naming the first missing or damaged file.
void require_whole_model(const std::filesystem::path& folder);

// SHA-256 of config.json, which holds the checksums of all other files: the identity of a model.
std::string model_fingerprint(const std::filesystem::path& folder);

}  // namespace odordiff::apps

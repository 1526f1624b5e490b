// Where models lie, and whether one is whole.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/config.h"

namespace odordiff::model {

// The folder that `option` names, or the installed model of that name; without it what ODORDIFF_MODEL names
// likewise; else the model "odordiff2". `installed` is the folder of the models that came with the program,
// behind it the source tree is looked at. Throws Unavailable that says where it looked.
std::filesystem::path find_folder(const std::string& option, const std::filesystem::path& installed);

// All models there are in these places, the one that find_folder() gives first.
std::vector<std::filesystem::path> installed_folders(const std::string& option,
                                                     const std::filesystem::path& installed);

enum class FileState { Good, Missing, Damaged };

struct CheckedFile {
  std::string name;
  std::uint64_t expected_bytes = 0;
  FileState state = FileState::Good;
};

// Reads every file that `config` names and compares its size and SHA-256; in the order of names.
std::vector<CheckedFile> check_files(const Config& config);

// Throws Unavailable that names the first missing or damaged file.
void require_whole(const Config& config);

}  // namespace odordiff::model

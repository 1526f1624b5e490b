// Where the files that the engine needs beside a model folder are found.
#pragma once

#include <filesystem>
#include <string>

namespace odordiff::model {

// The fragment table of the SA score: share/odordiff/sa_scores.bin of the installation that `model_folder`
// belongs to, else the one of the build tree. Throws Unavailable, naming both places, when neither exists.
std::filesystem::path sa_table_path(const std::filesystem::path& model_folder);

// The folder `name` of tables that specialists edit (data/safety, data/synthesis): share/odordiff/data/NAME
// of the installation that `model_folder` belongs to, else the source tree's. Throws Unavailable, naming both
// places.
std::filesystem::path data_path(const std::filesystem::path& model_folder, const std::string& name);

}  // namespace odordiff::model

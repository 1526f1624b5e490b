#include "model/folder.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <span>
#include <thread>

#include "base/error.h"
#include "base/helpers.h"
#include "base/sha256.h"

namespace odordiff::model {
namespace fs = std::filesystem;
namespace {

constexpr const char* kDefaultName = "odordiff2";
// Without one of these something that the model is used for does not work.
constexpr const char* kNeeded[] = {"brief.safetensors",
                                   "diffusion.safetensors",
                                   "known.safetensors",
                                   "lexicon.tsv",
                                   "odor_ranker.safetensors",
                                   "physical.safetensors",
                                   "safety_known.safetensors",
                                   "tox21.safetensors",
                                   "words.txt"};

bool is_model(const fs::path& folder) {
  std::error_code error;
  return fs::is_regular_file(folder / "config.json", error);
}

std::string shown(const fs::path& path) {
  return quote_for_message(path.string(), 300);
}

// Where a model that is called so is looked for.
std::vector<fs::path> places(const std::string& name, const fs::path& installed) {
  return {installed / name, fs::path(ODORDIFF_SOURCE_MODELS) / name};
}

FileState state_of(const fs::path& file, const File& expected) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return FileState::Missing;
  if (fs::file_size(file, error) != expected.bytes || error) return FileState::Damaged;
  std::ifstream in(file, std::ios::binary);
  std::string bytes(expected.bytes, '\0');
  if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    throw Unavailable(fmt::format("cannot read the model file {}", shown(file)));
  }
  return sha256_hex(bytes) == expected.sha256 ? FileState::Good : FileState::Damaged;
}

}  // namespace

fs::path find_folder(const std::string& option, const fs::path& installed) {
  const char* variable = std::getenv("ODORDIFF_MODEL");
  const bool by_variable = option.empty() && variable != nullptr && *variable != '\0';
  const std::string given = by_variable ? variable : option;
  std::vector<fs::path> looked;
  if (!given.empty()) looked.emplace_back(given);
  for (auto& place : places(given.empty() ? kDefaultName : given, installed)) {
    if (std::find(looked.begin(), looked.end(), place) == looked.end()) looked.push_back(std::move(place));
  }
  std::vector<std::string> names;
  for (const auto& folder : looked) {
    if (is_model(folder)) return folder;
    names.push_back(shown(folder));
  }
  throw Unavailable(fmt::format(
      "no model{} (no config.json in {}); give a model's folder, or set ODORDIFF_MODEL",
      given.empty()
          ? " found"
          : " " + quote_for_message(given, 300) + (by_variable ? ", which ODORDIFF_MODEL names" : ""),
      fmt::join(names, ", ")));
}

std::vector<fs::path> installed_folders(const std::string& option, const fs::path& installed) {
  std::vector<fs::path> found;
  std::set<fs::path> seen;
  const auto add = [&](const fs::path& folder) {
    std::error_code error;
    if (is_model(folder) && seen.insert(fs::weakly_canonical(folder, error)).second) found.push_back(folder);
  };
  add(find_folder(option, installed));
  for (const auto& parent : {installed, fs::path(ODORDIFF_SOURCE_MODELS)}) {
    std::error_code error;
    std::set<fs::path> children;
    for (const auto& entry : fs::directory_iterator(parent, error)) children.insert(entry.path());
    for (const auto& child : children) add(child);
  }
  return found;
}

std::vector<CheckedFile> check_files(const Config& config) {
  std::vector<CheckedFile> out;
  for (const auto& [name, file] : config.files) out.push_back({name, file.bytes});
  Helpers helpers(static_cast<int>(std::thread::hardware_concurrency()));
  helpers.for_each(out.size(), [&](std::size_t i) {
    out[i].state = state_of(config.folder / out[i].name, config.files.at(out[i].name));
  });
  return out;
}

void require_whole(const Config& config) {
  for (const char* name : kNeeded) {
    if (config.files.contains(name)) continue;
    throw Unavailable(fmt::format("{} does not name {}; install the model again",
                                  shown(config.folder / "config.json"), name));
  }
  for (const auto& file : check_files(config)) {
    if (file.state == FileState::Good) continue;
    throw Unavailable(fmt::format("the model file {} is {}; install the model again",
                                  shown(config.folder / file.name),
                                  file.state == FileState::Missing ? "missing" : "damaged (wrong checksum)"));
  }
}

}  // namespace odordiff::model

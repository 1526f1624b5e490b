// A copy of what an installation holds of models and tables, to be changed by a test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

namespace odordiff::model {

namespace fs = std::filesystem;

inline std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void put(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

// The model's large files are links to the tree's; config.json and the tables are copies.
class Installation {
 public:
  Installation()
      : root_(fs::temp_directory_path() / ("odordiff-model-" + std::to_string(::getpid()) + "-" + number())) {
    const fs::path shipped = fs::path(ODORDIFF_MODELS) / "odordiff2";
    fs::create_directories(model());
    for (const auto& entry : fs::directory_iterator(shipped)) {
      fs::create_symlink(entry.path(), model() / entry.path().filename());
    }
    own("config.json");
    fs::create_directories(data());
    for (const char* table : {"safety", "synthesis"})
      fs::copy(fs::path(ODORDIFF_DATA) / table, data() / table);
    put(root_ / "sa_scores.bin", "scores");
  }
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;
  ~Installation() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  fs::path models() const { return root_ / "models"; }
  fs::path model() const { return models() / "odordiff2"; }
  fs::path data() const { return root_ / "data"; }
  fs::path sa_scores() const { return root_ / "sa_scores.bin"; }

  // A copy in the place of the link.
  void own(const std::string& name) const {
    const std::string text = text_of(model() / name);
    fs::remove(model() / name);
    put(model() / name, text);
  }
  void change_config(const std::function<void(nlohmann::ordered_json&)>& change) const {
    auto json = nlohmann::ordered_json::parse(text_of(model() / "config.json"));
    change(json);
    put(model() / "config.json", json.dump());
  }

 private:
  static std::string number() {
    static std::atomic<int> made{0};
    return std::to_string(++made);
  }

  const fs::path root_;
};

// The message of the Unavailable that `call` throws; empty when it throws none.
template <typename Call>
std::string fault_of(Call&& call) {
  try {
    call();
  } catch (const Unavailable& error) {
    return error.what();
  }
  return {};
}

}  // namespace odordiff::model

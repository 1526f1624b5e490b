// A folder of its own for each test, gone afterwards; and a clock that stands until it is moved.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "jobs/job.h"

namespace odordiff::jobs {

class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "odordiff-jobs-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw Internal("no temporary folder");
    folder_ = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(folder_); }
  std::filesystem::path operator/(const char* name) const { return folder_ / name; }

 private:
  std::filesystem::path folder_;
};

struct HandClock {
  std::shared_ptr<std::atomic<std::int64_t>> now =
      std::make_shared<std::atomic<std::int64_t>>(1'700'000'000'000);
  std::function<std::int64_t()> reader() const {
    return [now = now] { return now->load(); };
  }
  void advance(std::int64_t ms) const { *now += ms; }
};

inline std::string numbered(std::string_view stem, std::int64_t number) {
  std::string name(stem);
  name += std::to_string(number);
  return name;
}

inline Submission job_of(int prompts, std::string owner = "me") {
  Submission submission;
  submission.owner = std::move(owner);
  for (int i = 0; i < prompts; ++i) submission.prompts.push_back(numbered("prompt ", i));
  return submission;
}

}  // namespace odordiff::jobs

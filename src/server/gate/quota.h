// How much of the servers one caller may use.
#pragma once

#include <array>
#include <optional>

namespace odordiff::server {

// 0: no limit.
struct Quota {
  int requests_per_minute = 0;
  int samples_per_hour = 0;  // molecules drawn
  int open_jobs = 0;         // that have not ended
  int streams = 0;           // answers read as they are made, at a time
};

// What stands in a key's entry; what is left out is as for everybody.
struct OwnQuota {
  std::optional<int> requests_per_minute = {}, samples_per_hour = {}, open_jobs = {}, streams = {};
  bool operator==(const OwnQuota&) const = default;

  Quota over(const Quota& usual) const {
    return {requests_per_minute.value_or(usual.requests_per_minute),
            samples_per_hour.value_or(usual.samples_per_hour), open_jobs.value_or(usual.open_jobs),
            streams.value_or(usual.streams)};
  }

  // By the names that the file of keys has.
  struct Member {
    const char* name;
    std::optional<int> OwnQuota::*value;
    int most;
  };
  static constexpr int kMostSamples = 1'000'000'000, kMost = 1'000'000;
  static std::array<Member, 4> members() {
    return {{{"rate_limit", &OwnQuota::requests_per_minute, kMost},
             {"sample_limit", &OwnQuota::samples_per_hour, kMostSamples},
             {"job_limit", &OwnQuota::open_jobs, kMost},
             {"stream_limit", &OwnQuota::streams, kMost}}};
  }
};

// Of a caller's share in the work on jobs: twice the weight, twice the prompts.
inline constexpr int kMostWeight = 100;

}  // namespace odordiff::server

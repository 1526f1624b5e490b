// What a fleet on one machine consists of, and how each of its programs is told about the others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "fleet/local/child.h"

namespace odordiff::fleet {

struct LocalFleetOptions {
  int api = 2;                     // processes of `odordiff serve`
  int workers = 1;                 // Celery workers; 0: the API processes do the work of jobs themselves
  int worker_processes = 1;        // of each worker
  std::uint16_t port = 8000;       // of HAProxy; 0: any that is free
  std::filesystem::path folder;    // configurations, data, logs
  std::string program;             // `odordiff`
  std::string python = "python3";  // has the package odordiff with its extra `celery`
};

inline constexpr const char* kMasterName = "odordiff";  // by which sentinels know the primary
inline constexpr int kRedisServers = 3, kSentinels = 3;

// A port's listening socket, which outlives the program that serves it: connections wait while it is started
// again.
class Listener {
 public:
  explicit Listener(int fd) : fd_(fd) {}
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

struct Member {
  enum class Kind { Redis, Sentinel, Api, Worker, Proxy };
  std::string name;  // "api-1"
  Kind kind = Kind::Api;
  std::uint16_t port = 0;  // 0: listens nowhere
  Child::Command command;
  std::shared_ptr<const Listener> listener = {};  // null: it opens its port itself
};
const char* name_of(Member::Kind kind);

// REQUIRES: missing_programs() is empty. In the order in which they are to be started. Makes the folder, with
// a configuration file for each that takes one, and picks ports that are free now. Throws Unavailable.
std::vector<Member> plan_local_fleet(const LocalFleetOptions& options);

// The names of the programs that the fleet needs and PATH does not have.
std::vector<std::string> missing_programs(const LocalFleetOptions& options);

// "redis+sentinel://127.0.0.1:26379,127.0.0.1:26380/odordiff/0", as a fleet of these members is reached.
std::string sentinel_url(const std::vector<Member>& members);

}  // namespace odordiff::fleet

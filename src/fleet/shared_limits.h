// Limits that hold for all servers of a fleet together, in Redis: what each has charged its callers, and what
// each holds for them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "fleet/behind.h"
#include "fleet/redis/client.h"

namespace odordiff::fleet {

// Nobody waits for it: answers come later, on the client's thread, and not at all where Redis is away.
// Callers' names are stored as digests, for minutes.
class SharedLimits {
 public:
  explicit SharedLimits(std::shared_ptr<redis::Client> client, std::string prefix = "odordiff:limits:");

  // Adds what a caller was charged, in seconds of its window. `known`: how many seconds all servers have
  // charged that caller and are not over yet, this one's among them; `failed`: that was not to be had.
  void spend(const std::string& caller, double seconds, std::function<void(double owed_s)> known,
             std::function<void()> failed);

  // This server holds so many of something. `known`: how many the others hold. To be said again within 5 s.
  void hold(const std::string& what, int count, std::function<void(int elsewhere)> known);

  // This server lives; to be said each second.
  void beat();

  // By what a limit is to be divided: 1 while Redis answers; else the number of servers that there were.
  int share() const { return away_.load() ? servers_.load() : 1; }
  int servers() const { return servers_.load(); }  // that there were, while Redis answered
  bool is_away() const { return away_.load(); }

  // Until nothing more is called of what was given so far.
  void wait() { behind_.wait(); }

 private:
  std::string key(const std::string& kind, const std::string& of) const;

  const std::string prefix_;
  const std::string server_;  // this one's name among the others
  std::atomic<bool> away_{false};
  std::atomic<int> servers_{1};
  Behind behind_;  // last, since it waits for the others' users
};

}  // namespace odordiff::fleet

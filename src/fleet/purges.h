// What was purged, on all machines: for each tag the time of its last purge, kept in Redis and told by
// messages. An answer that was begun before its tag's last purge does not count. A thousand tags are kept;
// one more purges everything instead, which stands for all of them.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "fleet/behind.h"
#include "fleet/redis/client.h"
#include "fleet/stored_entry.h"

namespace odordiff::fleet {

// Stands for all tags.
inline constexpr const char* kEverything = "*";

class Purges {
 public:
  // Called on the thread of the Redis client or of who purges or asks: they must not block.
  struct Told {
    std::function<void(const std::string& tag)> tag;
    std::function<void()> all;  // also after a gap in which a purge may have been missed
  };

  // `behind` must have ended its calls before this goes.
  Purges(std::shared_ptr<redis::Client> client, Behind& behind, const std::string& prefix,
         std::chrono::milliseconds call_timeout);

  // Until what it returns is let go. Before that purges are minded, and nobody is told.
  [[nodiscard]] std::shared_ptr<void> tell(Told told);

  // Everywhere; never throws. While Redis is away it is remembered, and made up for when it is back.
  void purge(const std::string& tag);

  const std::string& channel() const { return channel_; }
  void on_message(std::string_view payload);
  void on_gap();
  // Reads from Redis what is newer there, and writes what it has not heard of.
  void sync();
  // The same at once, where it was never read. Throws what the client throws.
  void need();
  // Whether there are purges that Redis has not heard of.
  bool owes() const;

  Generations now() const;
  // Whether what carries these generations still counts. Where they are newer than what is known here, a
  // purge has been missed, and is minded now.
  bool hold(const Generations& generations);

  std::uint64_t heard() const { return heard_; }

 private:
  void set_told(Told told);
  void owe(const std::string& tag);
  // "GENERATION TAG"; false: it is no such text.
  bool mind(std::string_view said);
  void take(const redis::Reply& all);
  std::int64_t newest_of(const std::string& tag) const;
  void raise(const std::string& tag, std::int64_t generation);

  const std::shared_ptr<redis::Client> client_;
  Behind& behind_;
  const std::string key_, channel_;
  const std::chrono::milliseconds call_timeout_;
  std::atomic<std::uint64_t> heard_{0};

  mutable std::mutex mutex_;  // guards these three
  Generations generations_;
  bool known_ = false;             // whether they were ever read
  std::set<std::string> unheard_;  // tags whose purge Redis has not heard of yet

  std::mutex telling_;  // held while one of these is called
  Told told_;
};

}  // namespace odordiff::fleet

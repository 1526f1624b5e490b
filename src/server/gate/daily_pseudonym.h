// Addresses as names that hold for a day: enough to see that two requests came from one place, and worthless
// afterwards.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace odordiff::server {

// The salt is random, lives in memory only, and is replaced with the day (UTC) and the process. Safe from
// many threads.
class DailyPseudonym {
 public:
  // 16 hexadecimal digits for `text`, at this moment.
  std::string of(std::string_view text, std::int64_t unix_s);

 private:
  std::mutex mutex_;
  std::int64_t day_ = -1;  // guarded by mutex_
  std::string salt_;       // likewise
};

}  // namespace odordiff::server

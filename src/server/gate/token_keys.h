// The keys that tokens are checked with: where they come from, and how a new state of them is taken up.
#pragma once

#include <unistd.h>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "observe/log.h"
#include "observe/metrics.h"
#include "server/gate/verify_keys.h"

namespace odordiff::server {

struct KeySource {
  enum class Kind { PublicFile, SecretFile, Url };
  Kind kind = Kind::PublicFile;
  std::string where;  // path of the file, or the HTTPS URL of a JWK set
  bool operator==(const KeySource&) const = default;
};

// Who is told of keys that were read again, or could not be.
struct KeyWatch {
  KeyWatch(observe::Registry& registry, observe::Logger& log);
  observe::Logger& logger;
  observe::Counter& taken;
  observe::Counter& refused;
  observe::Gauge& outdated;
};

// What is wrong with a new state leaves the keys in place that were good before, is logged once for each
// state, and counted. Safe from many threads.
class TokenKeys {
 public:
  using Keys = std::vector<VerifyKey>;

  // Reads a file at once: throws InvalidInput or Unavailable, naming it, where it holds no good keys. A URL
  // is asked by a thread of its own, and until it answers there are no keys. `watch` may be null for whoever
  // only checks a configuration: then no URL is asked.
  TokenKeys(KeySource source, std::shared_ptr<const KeyWatch> watch);
  ~TokenKeys();
  TokenKeys(const TokenKeys&) = delete;
  TokenKeys& operator=(const TokenKeys&) = delete;

  const KeySource& source() const { return source_; }

  // The keys, after a look at the file if the last one is some seconds old. `hurried`: a token names a key
  // that is not among them, so look sooner. Null: there are none yet. Never waits for the network.
  std::shared_ptr<const Keys> get(std::int64_t now_s, bool hurried);

  // Looks at the file now; throws as the constructor does, and the old keys stay. A URL is asked soon.
  void refresh();

 private:
  // What tells one state of the file from another.
  struct Stamp {
    std::int64_t modified_ns = 0, changed_ns = 0, bytes = -1;
    std::uint64_t inode = 0, device = 0;
    bool operator==(const Stamp&) const = default;
  };
  // A descriptor that is closed with its owner.
  class File {
   public:
    explicit File(int fd = -1) : fd_(fd) {}
    File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    File& operator=(File&& other) noexcept {
      std::swap(fd_, other.fd_);
      return *this;
    }
    ~File() {
      if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }

   private:
    int fd_;
  };
  struct Opened {
    File descriptor;
    Stamp stamp;
  };
  Opened open_file() const;
  Keys read_keys(const Opened& file);
  // Takes a new state up; `always`: also reads one that was read before. Throws as the constructor does.
  void look(bool always);
  void take(Keys fresh, bool is_first);
  void refuse(const std::string& why);
  // Asks the URL; returns in how many seconds to ask again.
  int ask();
  void take_answer(const std::string& text);
  void ask_on();  // the thread's work

  const KeySource source_;
  const std::shared_ptr<const KeyWatch> watch_;
  std::mutex mutex_;
  std::shared_ptr<const Keys> keys_;    // guarded by mutex_, as what follows
  std::optional<KeyForm> form_;         // of the file, which never changes
  Stamp stamp_;                         // of the state that was taken
  bool refused_ = false;                // what came after it
  std::optional<Stamp> refused_stamp_;  // of that; nothing: there was no file
  std::string last_answer_;             // of the URL: the good one that came last
  std::string last_fault_;              // what came after it instead; empty: nothing
  std::int64_t looked_s_ = 0;
  int failures_ = 0;  // of the URL, in a row
  bool wanted_ = false, ended_ = false;
  std::condition_variable changed_;
  std::thread asker_;  // last: it uses all of the above
};

}  // namespace odordiff::server

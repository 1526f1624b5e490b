// The half-done output of a batch, so that a killed run can go on where it stopped.
//
// OUTPUT.partial holds one line for each finished item, in input order. OUTPUT.partial.meta says of which
// input and settings. Lines are written whole, one write() each, so a kill loses nothing that was appended;
// fsync at least each 32 lines or 200 ms bounds what a power cut can lose. A last line that is torn is cut
// off on the next start.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "answer_json.h"

namespace odordiff::apps {

class BatchJournal {
 public:
  // Opens or goes on with the journal of `output`. `identity` is an object that is equal for equal input and
  // settings; `ids` are the ids of the items, in order. `on_kept` hears every line that was already there.
  // Throws InvalidInput when a journal of another identity is there and `restart` is not set, and Unavailable
  // when another process writes it or it cannot be written.
  BatchJournal(const std::string& output, const Json& identity, const std::vector<Json>& ids, bool restart,
               const std::function<void(const Json&)>& on_kept);
  ~BatchJournal();
  BatchJournal(const BatchJournal&) = delete;
  BatchJournal& operator=(const BatchJournal&) = delete;

  // Lines that are there, kept ones included: the index of the next item.
  std::size_t finished() const { return finished_; }

  // Writes the next line. REQUIRES: it ends with its only newline.
  void append(const std::string& line);
  // Syncs when the last sync is 200 ms ago; to be called now and then while waiting.
  void sync_when_due();
  void sync();
  // Gives the output its final name. REQUIRES: every item is finished; nothing is called after.
  void finish();

  static constexpr std::size_t kSyncLines = 32;
  static constexpr std::chrono::milliseconds kSyncInterval{200};

 private:
  void lock();
  void take_up(const Json& identity, const std::vector<Json>& ids, bool restart,
               const std::function<void(const Json&)>& on_kept);
  void check_identity(const Json& identity) const;
  void keep_whole_lines(const std::vector<Json>& ids, const std::function<void(const Json&)>& on_kept);
  void start_anew(const Json& identity);

  std::string name_;  // for messages
  std::filesystem::path output_, partial_, meta_;
  int fd_ = -1;
  std::size_t finished_ = 0;
  std::size_t unsynced_ = 0;
  std::chrono::steady_clock::time_point synced_at_;
};

}  // namespace odordiff::apps

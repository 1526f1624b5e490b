// The words of the jobs floor: what is handed in, and what can be asked about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace odordiff::jobs {

// The disk, or the limit set for the database, is full. Nothing of the call was kept, nothing accepted before
// is lost.
class StorageFull : public Unavailable {
 public:
  using Unavailable::Unavailable;
};

// The idempotency key was used before, for something else.
class Conflict : public InvalidInput {
 public:
  using InvalidInput::InvalidInput;
};

// The owner has as many unfinished jobs as may be.
class TooManyOpen : public Overloaded {
 public:
  using Overloaded::Overloaded;
};

struct Submission {
  std::vector<std::string> prompts;              // JSON, one a unit of work; 1 to Store::Options::max_prompts
  int priority = 5;                              // 0-10, 10 first
  std::string owner;                             // who may see it; the store only keeps it
  std::string context;                           // the caller's own notes, returned with the status
  std::optional<std::string> idempotency_key;    // one owner's; 1-255 bytes
  std::optional<std::int64_t> expires_after_ms;  // what is not done by then is given up
  std::optional<std::string> webhook = {};       // who is told when it has ended; the store only keeps it
  std::optional<int> most_open = {};             // of the owner's jobs, with this one
};

struct Accepted {
  std::string id;
  bool created = true;      // false: the same was accepted before under this idempotency key
  std::int64_t number = 0;  // in order of acceptance, for the runner
  std::optional<std::int64_t> expires_ms;
};

enum class State { Queued, Running, Finished, Cancelled, Expired };

// "queued", "running", "finished", "cancelled", "expired".
const char* name_of(State state);
inline bool has_ended(State state) {
  return state != State::Queued && state != State::Running;
}

// Telling somebody that a job has ended, as far as it has come.
struct WebhookStatus {
  std::string url;
  int attempts = 0;
  bool delivered = false;
  bool given_up = false;
};

// Times are milliseconds since 1970.
struct Status {
  std::string id;
  std::string owner;
  std::string context;
  State state = State::Queued;
  int priority = 0;
  int total = 0;
  int done = 0;    // with `failed`
  int failed = 0;  // prompts whose work threw; the job goes on
  std::int64_t accepted_ms = 0;
  std::optional<std::int64_t> started_ms;  // first result in work
  std::optional<std::int64_t> ended_ms;
  std::optional<std::int64_t> expires_ms;
  std::optional<std::int64_t> deleted_ms;  // when it will be forgotten, once it has ended
  std::optional<WebhookStatus> webhook = {};
};

struct Result {
  int index = 0;       // of the prompt
  std::string prompt;  // as it was handed in
  bool failed = false;
  std::string body;        // what the work returned, or the error's message
  std::string error_kind;  // "" or "invalid_input", "overloaded", "unavailable", "cancelled", "internal"
  std::int64_t finished_ms = 0;
  std::string cursor;  // results() after this one: for resuming a stream
};

// Results in the order in which they were finished, so that a cursor never skips one that comes later.
struct ResultPage {
  std::vector<Result> results;
  std::string next;       // cursor of the page after; equal to what was given when there is nothing new yet
  bool complete = false;  // the job has ended and nothing comes after this page
};

struct JobPage {
  std::vector<Status> jobs;         // newest first
  std::optional<std::string> next;  // empty: that was all
};

}  // namespace odordiff::jobs

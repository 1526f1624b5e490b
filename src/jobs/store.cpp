#include "jobs/store.h"

#include <charconv>
#include <chrono>
#include <cstddef>
#include <limits>
#include <utility>

#include "base/hex.h"
#include "base/links.h"
#include "base/random.h"
#include "base/sha256.h"
#include "jobs/schema.h"
#include "jobs/status_row.h"

namespace odordiff::jobs {
namespace {

using namespace schema;

constexpr std::int64_t kLongestLifeMs = 3650 * 86'400'000LL;

// 128 random bits, or 120 behind the instance: nobody guesses another's job.
std::string new_id(int instance) {
  std::string bytes = random_bytes(16);
  if (instance > 0) bytes[0] = static_cast<char>(instance);
  return hex_of(bytes);
}

// Of all that makes two submissions the same. Lengths stand before texts, so that no two run into each other.
std::string digest_of(const Submission& submission) {
  std::string all = std::to_string(submission.priority);
  const auto add = [&](std::string_view text) {
    all += ';';
    all += std::to_string(text.size());
    all += ':';
    all += text;
  };
  add(submission.context);
  if (submission.webhook.has_value()) add(*submission.webhook);
  add(submission.expires_after_ms.has_value() ? std::to_string(*submission.expires_after_ms) : "");
  for (const auto& prompt : submission.prompts) add(prompt);
  return sha256_hex(all);
}

void check(const Submission& submission, int max_prompts) {
  if (submission.prompts.empty()) throw InvalidInput("a job needs at least one prompt");
  if (submission.prompts.size() > static_cast<std::size_t>(max_prompts)) {
    throw InvalidInput("a job holds at most " + std::to_string(max_prompts) + " prompts, not " +
                       std::to_string(submission.prompts.size()));
  }
  if (submission.priority < 0 || submission.priority > 10) {
    throw InvalidInput("priority is 0 to 10, not " + std::to_string(submission.priority));
  }
  if (submission.expires_after_ms.has_value() &&
      (*submission.expires_after_ms <= 0 || *submission.expires_after_ms > kLongestLifeMs)) {
    throw InvalidInput("a job expires after 1 ms to ten years, not " +
                       std::to_string(*submission.expires_after_ms) + " ms");
  }
  if (submission.idempotency_key.has_value() &&
      (submission.idempotency_key->empty() || submission.idempotency_key->size() > 255)) {
    throw InvalidInput("an idempotency key has 1 to 255 bytes, not " +
                       std::to_string(submission.idempotency_key->size()));
  }
}

// The number in a cursor; `empty` for none.
std::int64_t number_of(std::string_view cursor, std::int64_t empty) {
  if (cursor.empty()) return empty;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), number);
  if (error != std::errc() || end != cursor.data() + cursor.size() || number < 0) {
    throw InvalidInput("no such cursor: " + quote_for_message(std::string(cursor)));
  }
  return number;
}

std::filesystem::path beside(std::filesystem::path path, const char* ending) {
  return path += ending;
}

}  // namespace

const char* name_of(State state) {
  switch (state) {
    case State::Queued:
      return "queued";
    case State::Running:
      return "running";
    case State::Finished:
      return "finished";
    case State::Cancelled:
      return "cancelled";
    case State::Expired:
      break;
  }
  return "expired";
}

Store::Store(Options options)
    : options_(std::move(options)),
      // Two names of one database must not be two locks.
      lock_(beside(behind_links(options_.path), ".lock")),
      writer_(options_.path, Database::Mode::ReadWrite) {
  if (!options_.now_ms) {
    options_.now_ms = [] {
      const auto now = std::chrono::system_clock::now().time_since_epoch();
      return std::int64_t{std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
    };
  }
  require_whole();
  create_schema();
  reader_.emplace(options_.path, Database::Mode::ReadOnly);
}

void Store::require_whole() {
  std::error_code none;
  if (std::filesystem::hard_link_count(options_.path, none) > 1 && !none) {
    throw Unavailable("the database of jobs " + options_.path.string() +
                      " has several names (hard links), and two servers could open it; leave it one");
  }
  std::string found;
  try {
    Statement check(writer_, "PRAGMA quick_check(1)");
    if (check.step()) found = check.text(0);
  } catch (const Error& error) {
    found = error.what();
  }
  if (found == "ok") return;
  throw Unavailable("the database of jobs " + options_.path.string() + " is damaged (" + found +
                    "); move it away, or put a copy back that is whole");
}

void Store::create_schema() {
  writer_.run(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON");
  if (options_.max_bytes > 0) {
    const std::int64_t pages = options_.max_bytes / writer_.pragma("PRAGMA page_size");
    writer_.run(("PRAGMA max_page_count=" + std::to_string(pages > 1 ? pages : 1)).c_str());
  }
  const std::int64_t version = writer_.pragma("PRAGMA user_version");
  if (version == kVersion) return;
  if (version != 0 && version != 1) {
    throw Unavailable(options_.path.string() + " was written by another version of this program (schema " +
                      std::to_string(version) + ", not " + std::to_string(kVersion) + ")");
  }
  Transaction transaction(writer_);
  if (version == 0) writer_.run(kSchema);
  writer_.run(kWebhooks);
  writer_.run(("PRAGMA user_version=" + std::to_string(kVersion)).c_str());
  transaction.commit();
}

std::optional<Accepted> Store::accepted_before(const Submission& submission, const std::string& digest) {
  if (!submission.idempotency_key.has_value()) return std::nullopt;
  Statement row(writer_,
                "SELECT id, digest, number, expires_ms FROM jobs WHERE owner = ? AND idempotency_key = ?");
  if (!row.bind(submission.owner, submission.idempotency_key).step()) return std::nullopt;
  if (row.text(1) != digest) {
    throw Conflict("the idempotency key " + quote_for_message(*submission.idempotency_key) +
                   " was used before for another job");
  }
  return Accepted{
      .id = row.text(0), .created = false, .number = row.integer(2), .expires_ms = row.maybe_integer(3)};
}

int Store::open_jobs_of(const std::string& owner) {
  Statement row(writer_, "SELECT count(*) FROM jobs WHERE state = 0 AND owner = ?");
  row.bind(owner);
  row.step();
  return static_cast<int>(row.integer(0));
}

Accepted Store::submit(const Submission& submission) {
  check(submission, options_.max_prompts);
  const std::string digest = digest_of(submission);
  const std::int64_t now = now_ms();
  const std::lock_guard lock(write_mutex_);
  Transaction transaction(writer_);
  if (auto before = accepted_before(submission, digest)) return *before;
  if (writer_.pragma("SELECT count(*) FROM jobs WHERE state = 0") >= options_.max_open_jobs) {
    throw Overloaded("there are " + std::to_string(options_.max_open_jobs) + " unfinished jobs already");
  }
  if (submission.most_open && open_jobs_of(submission.owner) >= *submission.most_open) {
    throw TooManyOpen(
        "you have as many unfinished jobs as may be at a time; wait for one to end, or cancel one");
  }
  std::optional<std::int64_t> expires_ms;
  if (submission.expires_after_ms.has_value()) expires_ms = now + *submission.expires_after_ms;
  Accepted accepted{.id = new_id(options_.instance), .created = true, .number = 0, .expires_ms = expires_ms};
  Statement(writer_,
            "INSERT INTO jobs (id, owner, context, priority, total, accepted_ms, expires_ms, "
            "idempotency_key, digest) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(accepted.id, submission.owner, submission.context, submission.priority,
            static_cast<std::int64_t>(submission.prompts.size()), now, expires_ms, submission.idempotency_key,
            digest)
      .run();
  accepted.number = writer_.last_rowid();
  Statement insert(writer_, "INSERT INTO prompts (job, position, prompt) VALUES (?, ?, ?)");
  int position = 0;
  for (const auto& prompt : submission.prompts) insert.bind(accepted.number, position++, prompt).run();
  if (submission.webhook.has_value()) {
    Statement(writer_, "INSERT INTO webhooks (job, url) VALUES (?, ?)")
        .bind(accepted.number, *submission.webhook)
        .run();
  }
  transaction.commit();
  return accepted;
}

std::optional<Status> Store::status(std::string_view id) {
  const std::lock_guard lock(read_mutex_);
  Statement row(*reader_, select_status("WHERE id = ?").c_str());
  if (!row.bind(id).step()) return std::nullopt;
  return read_status(row, options_.retain_ms);
}

std::optional<ResultPage> Store::results(std::string_view id, std::string_view cursor, int limit) {
  std::int64_t after = number_of(cursor, 0);
  const std::lock_guard lock(read_mutex_);
  // The state is read before the results: a job that ends in between is complete on the next page.
  Statement job(*reader_, "SELECT number, state FROM jobs WHERE id = ?");
  if (!job.bind(id).step()) return std::nullopt;
  const bool ended = job.small(1) != kOpen;
  ResultPage page;
  Statement row(*reader_,
                "SELECT number, position, failed, body, error_kind, finished_ms, prompt FROM results "
                "JOIN prompts USING (job, position) WHERE job = ? AND number > ? ORDER BY number LIMIT ?");
  row.bind(job.integer(0), after, std::int64_t{limit} + 1);
  bool more = false;
  while (row.step()) {
    if (page.results.size() == static_cast<std::size_t>(limit)) {
      more = true;
      break;
    }
    after = row.integer(0);
    page.results.push_back({.index = row.small(1),
                            .prompt = row.text(6),
                            .failed = row.small(2) != 0,
                            .body = row.text(3),
                            .error_kind = row.text(4),
                            .finished_ms = row.integer(5),
                            .cursor = std::to_string(after)});
  }
  page.next = std::to_string(after);
  page.complete = ended && !more;
  return page;
}

std::vector<std::string> Store::prompts(std::string_view id) {
  const std::lock_guard lock(read_mutex_);
  Statement row(*reader_,
                "SELECT prompt FROM prompts JOIN jobs ON job = number WHERE id = ? ORDER BY position");
  row.bind(id);
  std::vector<std::string> out;
  while (row.step()) out.push_back(row.text(0));
  return out;
}

JobPage Store::read_page(Statement& row, int limit) const {
  JobPage page;
  std::int64_t last = 0;
  while (row.step()) {
    if (page.jobs.size() == static_cast<std::size_t>(limit)) {
      page.next = std::to_string(last);
      break;
    }
    last = row.integer(12);
    page.jobs.push_back(read_status(row, options_.retain_ms));
  }
  return page;
}

JobPage Store::list(std::string_view owner, std::string_view cursor, int limit) {
  const std::int64_t before = number_of(cursor, std::numeric_limits<std::int64_t>::max());
  const std::lock_guard lock(read_mutex_);
  Statement row(*reader_,
                select_status("WHERE owner = ? AND number < ? ORDER BY number DESC LIMIT ?").c_str());
  row.bind(owner, before, std::int64_t{limit} + 1);
  return read_page(row, limit);
}

JobPage Store::list_all(bool open_only, std::string_view cursor, int limit) {
  const std::int64_t before = number_of(cursor, std::numeric_limits<std::int64_t>::max());
  const std::lock_guard lock(read_mutex_);
  Statement row(*reader_,
                select_status(open_only ? "WHERE state = 0 AND number < ? ORDER BY number DESC LIMIT ?"
                                        : "WHERE number < ? ORDER BY number DESC LIMIT ?")
                    .c_str());
  row.bind(before, std::int64_t{limit} + 1);
  return read_page(row, limit);
}

std::optional<Status> Store::cancel(std::string_view id) {
  {
    const std::lock_guard lock(write_mutex_);
    Transaction transaction(writer_);
    Statement(writer_, "UPDATE jobs SET state = ?, ended_ms = ? WHERE id = ? AND state = 0")
        .bind(kCancelled, now_ms(), id)
        .run();
    transaction.commit();
  }
  return status(id);
}

}  // namespace odordiff::jobs

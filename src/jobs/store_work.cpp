// The runner's side of the store: what there is to do, what was done, and what has had its time.
#include <string>

#include "jobs/schema.h"
#include "jobs/store.h"

namespace odordiff::jobs {
namespace {

using namespace schema;

constexpr const char* kOpenColumns = "number, id, owner, priority, total, done, failed, expires_ms";

std::string select_open(const char* rest) {
  std::string sql = "SELECT ";
  sql += kOpenColumns;
  sql += " FROM jobs WHERE state = 0 ";
  return sql += rest;
}

std::vector<std::int64_t> numbers(Statement& rows) {
  std::vector<std::int64_t> out;
  while (rows.step()) out.push_back(rows.integer(0));
  return out;
}

}  // namespace

OpenJob Store::read_open_job(Statement& row) {
  OpenJob job{.number = row.integer(0),
              .id = row.text(1),
              .owner = row.text(2),
              .priority = row.small(3),
              .total = row.small(4),
              .done = row.small(5),
              .failed = row.small(6),
              .expires_ms = row.maybe_integer(7),
              .unfinished = {}};
  Statement positions(
      writer_,
      "SELECT position FROM prompts WHERE job = ?1 AND NOT EXISTS "
      "(SELECT 1 FROM results WHERE results.job = ?1 AND results.position = prompts.position) "
      "ORDER BY position");
  positions.bind(job.number);
  while (positions.step()) job.unfinished.push_back(positions.small(0));
  return job;
}

std::vector<OpenJob> Store::open_jobs() {
  const std::lock_guard lock(write_mutex_);
  Statement row(writer_, select_open("ORDER BY number").c_str());
  std::vector<OpenJob> jobs;
  while (row.step()) jobs.push_back(read_open_job(row));
  return jobs;
}

std::optional<OpenJob> Store::open_job(std::string_view id) {
  const std::lock_guard lock(write_mutex_);
  Statement row(writer_, select_open("AND id = ?").c_str());
  if (!row.bind(id).step()) return std::nullopt;
  return read_open_job(row);
}

std::optional<std::string> Store::prompt(std::int64_t job, int index) {
  const std::lock_guard lock(read_mutex_);
  Statement row(*reader_, "SELECT prompt FROM prompts WHERE job = ? AND position = ?");
  if (!row.bind(job, index).step()) return std::nullopt;
  return row.text(0);
}

bool Store::mark_started(std::int64_t job) {
  const std::lock_guard lock(write_mutex_);
  Transaction transaction(writer_);
  Statement(writer_, "UPDATE jobs SET started_ms = coalesce(started_ms, ?) WHERE number = ? AND state = 0")
      .bind(now_ms(), job)
      .run();
  const bool open = writer_.changes() == 1;
  transaction.commit();
  return open;
}

std::vector<Written> Store::finish(std::span<const Finished> finished) {
  const std::int64_t now = now_ms();
  std::vector<Written> written;
  written.reserve(finished.size());
  const std::lock_guard lock(write_mutex_);
  Transaction transaction(writer_);
  // A job that was cancelled or forgotten while its prompt was at work takes no more results.
  Statement insert(
      writer_,
      "INSERT INTO results (job, position, failed, body, error_kind, finished_ms) "
      "SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM jobs WHERE number = ?1 AND state = 0) "
      "ON CONFLICT (job, position) DO NOTHING");
  Statement count(
      writer_,
      "UPDATE jobs SET done = done + 1, failed = failed + ?2, started_ms = coalesce(started_ms, ?3), "
      "state = CASE WHEN done + 1 = total THEN ?4 ELSE state END, "
      "ended_ms = CASE WHEN done + 1 = total THEN ?3 ELSE ended_ms END "
      "WHERE number = ?1 RETURNING state");
  for (const auto& one : finished) {
    insert.bind(one.job, one.index, one.failed ? 1 : 0, one.body, one.error_kind, now).run();
    if (writer_.changes() == 0) {
      written.push_back({});
      continue;
    }
    count.bind(one.job, one.failed ? 1 : 0, now, kFinished).step();
    written.push_back({.kept = true, .job_ended = count.small(0) == kFinished});
    count.step();
  }
  transaction.commit();
  return written;
}

std::vector<std::int64_t> Store::expire_due() {
  const std::int64_t now = now_ms();
  const std::lock_guard lock(write_mutex_);
  {
    Statement due(writer_, "SELECT 1 FROM jobs WHERE state = 0 AND expires_ms <= ? LIMIT 1");
    if (!due.bind(now).step()) return {};  // the usual case, without a commit
  }
  Transaction transaction(writer_);
  std::vector<std::int64_t> expired;
  {
    Statement rows(
        writer_,
        "UPDATE jobs SET state = ?1, ended_ms = ?2 WHERE state = 0 AND expires_ms <= ?2 RETURNING number");
    rows.bind(kExpired, now);
    expired = numbers(rows);
  }
  transaction.commit();
  return expired;
}

std::size_t Store::delete_old() {
  const std::lock_guard lock(write_mutex_);
  const std::int64_t before = now_ms() - options_.retain_ms;
  {
    Statement due(writer_, "SELECT 1 FROM jobs WHERE state <> 0 AND ended_ms <= ? LIMIT 1");
    if (!due.bind(before).step()) return 0;
  }
  Transaction transaction(writer_);
  Statement(writer_, "DELETE FROM jobs WHERE state <> 0 AND ended_ms <= ?").bind(before).run();
  const std::int64_t count = writer_.changes();
  transaction.commit();
  return static_cast<std::size_t>(count);
}

std::vector<std::int64_t> Store::erase_owner(std::string_view owner) {
  const std::lock_guard lock(write_mutex_);
  Transaction transaction(writer_);
  std::vector<std::int64_t> open;
  {
    Statement rows(writer_, "SELECT number FROM jobs WHERE owner = ? AND state = 0");
    rows.bind(owner);
    open = numbers(rows);
  }
  Statement(writer_, "DELETE FROM jobs WHERE owner = ?").bind(owner).run();
  transaction.commit();
  try {
    // Until it is checkpointed the write-ahead log still holds what was erased, and a reader would hold that
    // up.
    const std::lock_guard no_reader(read_mutex_);
    writer_.pragma("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (const Error&) {
    // It is erased all the same; its last traces go with a later checkpoint.
  }
  return open;
}

}  // namespace odordiff::jobs

// How a job's status is read out of the database. Private to the store.
#pragma once

#include <cstdint>
#include <string>

#include "jobs/job.h"
#include "jobs/schema.h"
#include "jobs/sqlite.h"

namespace odordiff::jobs {

inline std::string select_status(const char* rest) {
  std::string sql =
      "SELECT id, owner, context, state, priority, total, done, failed, accepted_ms, started_ms, ended_ms, "
      "expires_ms, number, url, attempts, delivered, next_ms FROM jobs LEFT JOIN webhooks ON job = number ";
  return sql += rest;
}

inline Status read_status(const Statement& row, std::int64_t retain_ms) {
  Status status;
  status.id = row.text(0);
  status.owner = row.text(1);
  status.context = row.text(2);
  status.priority = row.small(4);
  status.total = row.small(5);
  status.done = row.small(6);
  status.failed = row.small(7);
  status.accepted_ms = row.integer(8);
  status.started_ms = row.maybe_integer(9);
  status.ended_ms = row.maybe_integer(10);
  status.expires_ms = row.maybe_integer(11);
  switch (row.small(3)) {
    case schema::kFinished:
      status.state = State::Finished;
      break;
    case schema::kCancelled:
      status.state = State::Cancelled;
      break;
    case schema::kExpired:
      status.state = State::Expired;
      break;
    default:
      status.state = status.started_ms.has_value() ? State::Running : State::Queued;
  }
  if (status.ended_ms.has_value()) status.deleted_ms = *status.ended_ms + retain_ms;
  if (row.maybe_integer(14).has_value()) {
    const bool delivered = row.small(15) != 0;
    status.webhook = WebhookStatus{.url = row.text(13),
                                   .attempts = row.small(14),
                                   .delivered = delivered,
                                   .given_up = !delivered && !row.maybe_integer(16).has_value()};
  }
  return status;
}

}  // namespace odordiff::jobs

// The tables of the job database, and what stands in jobs.state. Private to the store.
#pragma once

#include <cstdint>

namespace odordiff::jobs::schema {

inline constexpr std::int64_t kVersion = 2;

// What a job ended as; whether an open one is queued or running follows from started_ms.
inline constexpr int kOpen = 0, kFinished = 1, kCancelled = 2, kExpired = 3;

// results.number grows with each result and is never given twice: it is the cursor.
inline constexpr const char* kSchema = R"sql(
CREATE TABLE jobs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  owner TEXT NOT NULL,
  context TEXT NOT NULL,
  priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 10),
  state INTEGER NOT NULL DEFAULT 0,
  total INTEGER NOT NULL,
  done INTEGER NOT NULL DEFAULT 0 CHECK (done <= total),
  failed INTEGER NOT NULL DEFAULT 0 CHECK (failed <= done),
  accepted_ms INTEGER NOT NULL,
  started_ms INTEGER,
  ended_ms INTEGER,
  expires_ms INTEGER,
  idempotency_key TEXT,
  digest TEXT NOT NULL,
  UNIQUE (owner, idempotency_key)
);
CREATE INDEX jobs_open ON jobs (number) WHERE state = 0;
CREATE INDEX jobs_ended ON jobs (ended_ms) WHERE state <> 0;
CREATE TABLE prompts (
  job INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  prompt TEXT NOT NULL,
  PRIMARY KEY (job, position)
) WITHOUT ROWID;
CREATE TABLE results (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  job INTEGER NOT NULL,
  position INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  body TEXT NOT NULL,
  error_kind TEXT NOT NULL,
  finished_ms INTEGER NOT NULL,
  UNIQUE (job, position),
  FOREIGN KEY (job, position) REFERENCES prompts (job, position) ON DELETE CASCADE
);
)sql";

// Since version 2. `next_ms`: when to tell it next, once the job has ended; null: delivered or given up.
inline constexpr const char* kWebhooks = R"sql(
CREATE TABLE webhooks (
  job INTEGER PRIMARY KEY REFERENCES jobs (number) ON DELETE CASCADE,
  url TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  delivered INTEGER NOT NULL DEFAULT 0,
  next_ms INTEGER DEFAULT 0
);
CREATE INDEX webhooks_next ON webhooks (next_ms) WHERE next_ms IS NOT NULL;
)sql";

}  // namespace odordiff::jobs::schema

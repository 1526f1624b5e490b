// Jobs and their results as JSON: the clean form and the one that earlier clients know.
#pragma once

#include <optional>
#include <string>

#include "jobs/job.h"
#include "jobs/progress.h"
#include "server/problem.h"

namespace odordiff::server {

// `progress`: of an open job, for its rate and the time left.
Json job_json(const jobs::Status& status, const std::optional<jobs::Progress>& progress);
Json legacy_job_json(const jobs::Status& status);

// {"status", "done", "total", "failed", "rate_per_second", "remaining_seconds"}
Json job_progress_json(const jobs::Progress& progress);

// These are text, since answers are kept as text.
// {"index", "finished_at", "failed", "answer"}, or "brief" and "error" in the place of "answer".
std::string result_text(const std::string& job, const jobs::Result& result);
// The answer in the form of POST /generate, or as it was asked for through /v1/batches.
std::string legacy_result_text(const std::string& job, const jobs::Result& result);

}  // namespace odordiff::server

// What clients hand in as jobs: each prompt is kept as a request of its own (api/job_prompt.h).
#pragma once

#include "generate/pipeline.h"
#include "jobs/job.h"
#include "server/http.h"

namespace odordiff::server {

inline constexpr int kUsualPriority = 5;  // of 0 to 10, 10 first

inline constexpr std::size_t kMostBriefs = 1'000;

struct JobInput {
  jobs::Submission submission;
  generate::Request each;  // of its prompts, as far as they are the same
};

// The bodies of POST /generate/batch and of POST /v1/batches, with their headers. Throws ProblemError,
// api::InvalidFields.
JobInput read_legacy_batch(const Request& http);
JobInput read_batch(const Request& http);

}  // namespace odordiff::server

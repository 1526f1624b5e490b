// What clients hand in as jobs, and what of it is kept: each prompt as a request of its own, in the words of
// the API, so that a later version of the program reads it as it would read a client.
#pragma once

#include "generate/pipeline.h"
#include "jobs/job.h"
#include "server/http.h"
#include "server/json_body.h"

namespace odordiff::server {

inline constexpr int kUsualPriority = 5;  // of 0 to 10, 10 first

inline constexpr std::size_t kMostBriefs = 1'000;

// The bodies of POST /generate/batch and of POST /v1/batches, with their headers. Throws ProblemError.
jobs::Submission read_legacy_batch(const Request& http);
jobs::Submission read_batch(const Request& http);

// A request with the members of POST /generate, as a prompt is kept.
std::string legacy_job_prompt(const Json& request);

// One prompt of a job, as it was kept.
struct JobPrompt {
  bool legacy = false;
  generate::Request request;
};
// Throws InvalidInput where this version takes such a request no more.
JobPrompt read_job_prompt(const std::string& kept);

}  // namespace odordiff::server

// A request on its way through the scheduler: checked, its conditions computed, its samples filled in one by
// one.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <vector>

#include "diffusion/model.h"
#include "diffusion/scheduler.h"

namespace odordiff::diffusion {

// Throws InvalidInput with a one-line reason.
void validate(const SampleRequest& request, const ModelConfig& config);

// The pinned start of the request's k-th sequence.
std::span<const chem::TokenId> prefix_of(const SampleRequest& request, int k);

struct Job {
  // REQUIRES: a validated request, which outlives the job.
  Job(const SampleRequest& r, const std::atomic<bool>* cancel_flag, const Model& model);

  const SampleRequest& request;
  const std::atomic<bool>* cancel;
  bool guided;
  ConditionState conditional, unconditional;
  std::vector<Sample> results;  // with room for their tokens, so that the step loop allocates nothing

  bool can_wait = false;  // base/urgency.h

  // Under the scheduler's mutex.
  int started = 0, finished = 0;
  bool done = false, cancelled = false;
  std::exception_ptr error;
  std::condition_variable wake;
};

}  // namespace odordiff::diffusion

// One brief's answer as a stream of events: each molecule as soon as it is ready.
#pragma once

#include <functional>

#include "server/service.h"

namespace odordiff::server {

// {"done", "total", "seconds", "rate_per_second", "remaining_seconds"}; what cannot be said yet is null.
Json pace_json(int done, int total, Clock::time_point began);

// Sends progress and a `molecule` each: its rank in the answer and what `molecule_json` says; not in order.
// The caller sends what comes before and behind.
generate::Answer stream_molecules(const Service& service, const generate::Request& request,
                                  const std::function<Json(const generate::Candidate&)>& molecule_json,
                                  Call& call, EventStream& stream);

// Whether the same request will give the same answer: the clock decides where its time was spent.
bool is_repeatable(const generate::Answer& answer);

}  // namespace odordiff::server

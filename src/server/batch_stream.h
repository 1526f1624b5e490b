// Answers to several prompts as a stream of events: over HTTP and over WebSocket.
#pragma once

#include <string>
#include <vector>

#include "api/requests.h"
#include "server/service.h"

namespace odordiff::server {

struct Batch {
  std::vector<std::string> prompts;
  api::LegacyOptions options;
  EventStream::Form form = EventStream::Form::ServerSentEvents;
  std::size_t chunk = 1;  // results in one event
  std::string id;         // of the request
  std::size_t first = 0;  // prompts before it were answered already
};

// The body of POST /generate/batch/streaming, and a message to /ws/generate/batch. Throws ProblemError.
Batch read_batch_stream(const Json& body);

// `results` with those of each chunk in the order of the prompts, then `done`. The id of `results` is the
// number of prompts that are answered with it: who resumes from there misses none.
Streaming stream_batch(const Service& service, const Batch& batch);

}  // namespace odordiff::server

// What Python can ask of the engine: JSON in, JSON out, in the words of the API over HTTP (docs/server.md),
// so that a request means the same wherever it is made.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "call.h"
#include "generate/pipeline.h"

namespace odordiff::python {

// generate, design, describe, assess, understand, nearest: bodies and answers of POST /v1/…
// check: a body of generate, that it has no faults; answers {}.
// judge, routes: of GET /v1/molecules/{smiles} and its /routes, with the path's and the query's parts in the
// body. answer_prompt: a job's prompt as api/job_prompt.h keeps it; the text that a job keeps as its
// result.
std::vector<std::string> operation_names();

// Throws InvalidInput for an unknown name, api::InvalidFields or api::MalformedJson for a body with faults,
// and as Pipeline does. `emit` is told of generate alone.
std::string answer(const generate::Pipeline& pipeline, const std::string& operation, const std::string& body,
                   const std::atomic<bool>& cancel, const Emit& emit);

// An <svg> element. Throws InvalidInput where the molecule cannot be read.
std::string draw(const std::string& smiles, int width_px, int height_px);

}  // namespace odordiff::python

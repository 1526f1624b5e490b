// What can be asked of the product, beside generating: each operation reads a body, says what is wrong with
// it, and gives the answer's JSON. HTTP, Python and Celery workers are thin edges over these functions
// (docs/server.md has bodies and answers).
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "api/json.h"
#include "generate/pipeline.h"

namespace odordiff::api {

// A request that was found good: makes its answer, on any thread, as often as it is called. Throws as
// Pipeline does, and InvalidFields for a molecule that cannot be read or may not be handled.
using Operation = std::function<Json(const generate::Pipeline& pipeline, const std::atomic<bool>* cancel)>;

// Each throws InvalidFields that names every member that is missing, wrong or unknown.
Operation describe(const Json& body);       // POST /v1/describe
Operation assess(const Json& body);         // POST /v1/assess
Operation assess_one(const Json& body);     // POST /assess/safety
Operation understand(const Json& body);     // POST /v1/understand
Operation nearest(const Json& body);        // POST /v1/nearest
Operation design(const Json& body);         // POST /v1/design
Operation legacy_design(const Json& body);  // POST /design/fragrance
Operation judge(const Json& body);          // {"smiles"}: GET /v1/molecules/{smiles}
Operation routes(const Json& body);  // {"smiles", "max_steps", "count"}: GET /v1/molecules/{smiles}/routes

// The last two for a molecule that was read already; `given`: as it was written.
Json judgement_of(const generate::Pipeline& pipeline, const chem::Molecule& mol);
Json routes_of(const generate::Pipeline& pipeline, const std::string& given, const chem::Molecule& mol,
               const synthesis::RouteOptions& options);
// Of the time that an answer's routes may take.
inline constexpr int kRoutesBudget_ms = 8'000;

// `json` with the member `model`: what made it.
Json made_by(const generate::Pipeline& pipeline, Json json);

}  // namespace odordiff::api

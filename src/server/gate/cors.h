// Cross-origin requests of browsers (the Fetch standard's CORS): which pages of other sites may read answers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/http.h"

namespace odordiff::server {

// What is wrong with `origin` as an entry of the list; empty: nothing. Right are "*" and scheme, host and
// port alone: "https://studio.example.com".
std::string origin_fault(const std::string& origin);

// Adds to request.answer_headers what the browser needs to know, and answers preflight requests. Throws
// ProblemError 403 for a WebSocket from a page of a site that is not listed, for browsers leave that check to
// the server.
std::optional<Response> apply_cors(Request& request, const std::vector<std::string>& origins);

}  // namespace odordiff::server

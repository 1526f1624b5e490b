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

// Whether a page of another site makes the request: its Origin is neither this server by the name that it was
// asked by, nor one of `hosts`, nor listed in `origins`; or the browser says that it is a foreign page's
// picture, script or the like (Sec-Fetch-Site), which has no Origin. Following a link is no such request.
bool is_foreign(const Request& request, const std::vector<std::string>& origins,
                const std::vector<std::string>& hosts);

// Adds to request.answer_headers what the browser needs to know, and answers preflight requests.
std::optional<Response> apply_cors(Request& request, const std::vector<std::string>& origins);

}  // namespace odordiff::server

// On whose behalf a request is made.
#pragma once

#include <string>

#include "server/http.h"

namespace odordiff::server {

// Owner of the jobs that the request hands in, and may see.
inline std::string subject_of(const Request& request) {
  return request.subject.empty() ? "anonymous" : request.subject;
}

}  // namespace odordiff::server

// What stands between a request that was read and its handler: who asks, whether they may, and the record of
// it.
#pragma once

#include <memory>
#include <optional>

#include "server/http.h"

namespace odordiff::server {

struct Route;

class Gatekeeper {
 public:
  virtual ~Gatekeeper() = default;

  // Before the handler: puts who asks, the trace and what every answer's head shall say into `request`, whose
  // `address` is the peer's. Returns an answer where the request ends here; throws ProblemError 401, 403 or
  // 429. `route`: null where the request found none. Called by many threads.
  virtual std::optional<Response> admit(Request& request, const Route* route) = 0;

  // Before an answer that is read while it is made; what this returns, which may be null, is held until it is
  // over. Throws ProblemError 429.
  virtual std::shared_ptr<void> begin_stream(const Request& request) = 0;

  // After the answer, on the same thread.
  virtual void answered(const Request& request, const Route* route, int status) = 0;
};

}  // namespace odordiff::server

// Problem documents (RFC 9457), and the one place where what went wrong becomes an HTTP answer.
#pragma once

#include <exception>
#include <string>
#include <vector>

#include "api/errors.h"
#include "base/error.h"
#include "server/call.h"
#include "server/http.h"
#include "server/json.h"

namespace odordiff::server {

struct Problem {
  int status = 500;
  std::string kind;    // "invalid-fields": the end of the problem's type
  std::string detail;  // one sentence
  std::vector<api::FieldError> errors = {};
  Headers headers = {};  // of the answer: Allow, Retry-After
  bool close = false;
  std::string cause = {};  // of a fault of ours: type and what(), for the log and never for the client
};

// Carries a problem out of a handler.
class ProblemError : public Error {
 public:
  explicit ProblemError(Problem problem) : Error(problem.detail), problem_(std::move(problem)) {}
  const Problem& problem() const { return problem_; }

 private:
  Problem problem_;
};

// Overloaded with its word on when to come back.
Problem overloaded(std::string detail, int retry_after_s);

// The problem that an exception means. What a broken promise of our own says stays out of it.
Problem problem_of(const std::exception_ptr& thrown);

// Why `call` was ended. REQUIRES: it was.
Problem ended_problem(const Call& call);
// What went wrong in `call`; an ended one says why.
Problem problem_in(const Call& call, const std::exception_ptr& thrown);

// {"type", "title", "status", "detail", "instance", "request_id", "errors"}, on one line.
std::string problem_text(const Problem& problem, const Request& request);
Response problem_response(const Problem& problem, const Request& request);

}  // namespace odordiff::server

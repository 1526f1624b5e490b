#include "server/problem.h"

#include <boost/core/demangle.hpp>
#include <new>
#include <nlohmann/json.hpp>
#include <typeinfo>

namespace odordiff::server {

Problem overloaded(std::string detail, int retry_after_s) {
  return {503, "overloaded", std::move(detail), {}, {{"Retry-After", std::to_string(retry_after_s)}}};
}

static Problem internal_problem(std::string cause) {
  constexpr std::size_t kMostCause = 300;
  if (cause.size() > kMostCause) cause.resize(kMostCause);
  return {.status = 500,
          .kind = "internal",
          .detail = "something went wrong on our side; please report it with the request_id",
          .cause = std::move(cause)};
}

Problem problem_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const ProblemError& error) {
    return error.problem();
  } catch (const api::MalformedJson& error) {
    return {400, "malformed-json", error.what()};
  } catch (const api::InvalidFields& error) {
    return {422, "invalid-fields", error.what(), error.errors()};
  } catch (const InvalidInput& error) {
    return {422, "invalid-input", error.what()};
  } catch (const Overloaded& error) {
    return overloaded(error.what(), 1);
  } catch (const Unavailable& error) {
    return {503, "unavailable", error.what(), {}, {{"Retry-After", "5"}}};
  } catch (const Cancelled&) {
    return {503, "cancelled", "the request was cancelled before its answer was ready"};
  } catch (const std::bad_alloc&) {
    return overloaded("out of memory; ask for fewer molecules", 5);
  } catch (const std::exception& error) {
    return internal_problem(boost::core::demangle(typeid(error).name()) + ": " + error.what());
  } catch (...) {
    return internal_problem("something that is no exception");
  }
}

Problem ended_problem(const Call& call) {
  switch (call.ending()) {
    case Ending::Deadline:
      return {504, "deadline",
              "the answer was not ready within the request's time; ask for less or allow more"};
    case Ending::Shutdown:
      return overloaded("the server is shutting down; send the request again", 1);
    case Ending::ClientLeft:
      return {499, "client-left", "the sending side was closed before the answer was ready; keep it open", {},
              {},  true};
    case Ending::None:
      break;
  }
  return {500, "internal", "the request was ended without a reason"};
}

Problem problem_in(const Call& call, const std::exception_ptr& thrown) {
  if (call.ending() != Ending::None) return ended_problem(call);
  return problem_of(thrown);
}

std::string problem_text(const Problem& problem, const Request& request) {
  Json json;
  json["type"] = "urn:odordiff:problem:" + problem.kind;
  json["title"] = reason_phrase(problem.status);
  json["status"] = problem.status;
  json["detail"] = problem.detail;
  if (!request.path.empty()) json["instance"] = request.path;
  json["request_id"] = request.id;
  if (!problem.errors.empty()) {
    json["errors"] = Json::array();
    for (const auto& error : problem.errors) {
      json["errors"].push_back({{"pointer", error.pointer}, {"detail", error.detail}});
    }
  }
  return compact(json) + "\n";
}

Response problem_response(const Problem& problem, const Request& request) {
  Response out = text_response(problem.status, "application/problem+json", problem_text(problem, request));
  out.headers = problem.headers;
  out.headers.emplace_back("Cache-Control", "no-store");
  out.close = problem.close;
  out.cause = problem.cause;
  return out;
}

}  // namespace odordiff::server

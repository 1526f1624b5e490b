#include "server/gate/front_gate.h"

#include <fmt/format.h>

#include <ctime>

#include "observe/trace_context.h"
#include "server/gate/cors.h"
#include "server/gate/route_access.h"
#include "server/problem.h"

namespace odordiff::server {
namespace {

constexpr const char* kRefused = "odordiff_http_refused_total";
constexpr const char* kRefusedHelp = "Requests that were refused at the gate, by reason.";

// The key or token that the request carries; empty without one.
std::string_view credential(const Request& request) {
  constexpr std::string_view kScheme = "bearer ";
  const std::string_view authorization = request.header("authorization");
  if (authorization.empty()) return request.header("x-api-key");
  if (!equal_ignoring_case(authorization.substr(0, kScheme.size()), kScheme))
    throw TokenError("send Authorization: Bearer, with an API key or a token behind it");
  const std::size_t from = authorization.find_first_not_of(' ', kScheme.size());
  return from == std::string_view::npos ? std::string_view() : authorization.substr(from);
}

// Nothing where the request carries no credential. Throws TokenError for one that is not good.
std::optional<Identity> identify(const Request& request, const GatePolicy& policy) {
  const std::string_view given = credential(request);
  if (given.empty()) return std::nullopt;
  if (given.starts_with(kApiKeyPrefix) || policy.tokens == nullptr) {
    auto identity = policy.keys.find(given);
    if (!identity) throw TokenError("this API key is not known here");
    return identity;
  }
  return policy.tokens->verify(given, std::time(nullptr));
}

Problem unauthenticated(const std::string& detail, bool wrong_credential) {
  std::string challenge = "Bearer realm=\"odordiff\"";
  if (wrong_credential) challenge += ", error=\"invalid_token\"";
  return {401, "unauthenticated", detail, {}, {{"WWW-Authenticate", challenge}}};
}

Problem forbidden(Role least, const Request& request) {
  return {403, "forbidden",
          fmt::format("this takes the role {}; {} has {}", to_string(least),
                      quote_for_message(request.subject), to_string(request.role))};
}

// The trace that the request belongs to, carried on in the answer.
void take_trace(Request& request, double share) {
  const std::string_view header = request.header("traceparent");
  const auto callers = observe::parse_traceparent(header);
  const auto trace = observe::next_trace(header, share);
  request.trace_id = trace.trace_id;
  request.span_id = trace.span_id;
  request.parent_span_id = callers ? callers->span_id : std::string();
  request.sampled = trace.sampled;
  request.answer_headers.emplace_back("traceparent", observe::traceparent(trace));
}

}  // namespace

FrontGate::FrontGate(const Router& router, GatePolicy policy, AuditLog* audit, observe::Registry& registry)
    : policy_(std::make_shared<const GatePolicy>(std::move(policy))),
      audit_(audit),
      refused_unknown_(registry.counter(kRefused, kRefusedHelp, {{"reason", "unauthenticated"}})),
      refused_role_(registry.counter(kRefused, kRefusedHelp, {{"reason", "role"}})),
      refused_rate_(registry.counter(kRefused, kRefusedHelp, {{"reason", "rate"}})) {
  for (const auto& route : router.routes()) {
    least_roles_.emplace(route.get(), least_role(route->method, route->pattern));
  }
}

void FrontGate::set_policy(GatePolicy policy) {
  auto fresh = std::make_shared<const GatePolicy>(std::move(policy));
  const std::lock_guard lock(mutex_);
  policy_.swap(fresh);
}

std::shared_ptr<const GatePolicy> FrontGate::policy() const {
  const std::lock_guard lock(mutex_);
  return policy_;
}

Role FrontGate::least_role_of(const Route* route, const GatePolicy& policy) const {
  if (policy.metrics_open && route->pattern == "/metrics") return Role::None;
  const auto found = least_roles_.find(route);
  return found == least_roles_.end() ? Role::Admin : found->second;
}

std::optional<Response> FrontGate::admit(Request& request, const Route* route) {
  const auto held = policy();
  take_trace(request, held->trace_share);
  const auto address = client_address(request, request.address, held->trusted_proxies);
  request.address = address ? address->site() : "unknown";
  if (auto preflight = apply_cors(request, held->cors_origins)) return preflight;

  const Role least = route == nullptr ? Role::None : least_role_of(route, *held);
  const bool exempt = route != nullptr && least == Role::None;
  std::optional<Identity> identity;
  std::string fault;
  if (!held->is_open() && !exempt) {
    try {
      identity = identify(request, *held);
    } catch (const TokenError& error) {
      fault = error.what();
    }
  }
  if (identity) {
    request.subject = identity->subject;
    request.role = identity->role;
  } else if (held->is_open()) {
    request.subject = "anonymous";
    request.role = Role::Admin;
  }
  if (!exempt) charge(request, identity, *held);
  if (!fault.empty() || (request.role == Role::None && least != Role::None)) {
    refused_unknown_.add();
    const bool wrong = !fault.empty();
    throw ProblemError(unauthenticated(
        wrong ? fault : "send an API key or a token: Authorization: Bearer, or X-API-Key", wrong));
  }
  if (request.role < least) {
    refused_role_.add();
    throw ProblemError(forbidden(least, request));
  }
  return std::nullopt;
}

// Who is known has a limit of their own, wherever they ask from; all others share that of their address.
void FrontGate::charge(Request& request, const std::optional<Identity>& identity, const GatePolicy& policy) {
  int rate = policy.requests_per_minute;
  if (identity) rate = identity->requests_per_minute.value_or(rate);
  if (rate <= 0) return;
  const std::string caller = identity ? identity->subject : "address:" + request.address;
  const auto verdict = limiter_.charge(caller, rate);
  request.answer_headers.emplace_back("RateLimit-Policy", fmt::format("\"default\";q={};w=60", rate));
  request.answer_headers.emplace_back(
      "RateLimit", fmt::format("\"default\";r={};t={}", verdict.remaining, verdict.reset_s));
  if (verdict.allowed) return;
  refused_rate_.add();
  throw ProblemError(
      {429,
       "rate-limited",
       fmt::format("more than {} requests a minute; come back in {} s", rate, verdict.retry_after_s),
       {},
       {{"Retry-After", std::to_string(verdict.retry_after_s)}}});
}

void FrontGate::answered(const Request& request, const Route* route, int status) {
  if (audit_ == nullptr) return;
  if (route != nullptr && least_role_of(route, *policy()) == Role::None) return;  // health and the like
  audit_->record(request, route == nullptr ? std::string_view("none") : std::string_view(route->pattern),
                 status);
}

}  // namespace odordiff::server

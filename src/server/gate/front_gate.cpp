#include "server/gate/front_gate.h"

#include <fmt/format.h>

#include <ctime>
#include <exception>

#include "observe/trace_context.h"
#include "server/gate/client_address.h"
#include "server/gate/cors.h"
#include "server/gate/known_host.h"
#include "server/gate/route_access.h"
#include "server/problem.h"

namespace odordiff::server {
namespace {

constexpr const char* kRefused = "odordiff_http_refused_total";
constexpr int kFilesOfAPage = 10;
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

FrontGate::FrontGate(const Router& router, GatePolicy policy, AuditLog* audit, Usage& usage,
                     observe::Registry& registry)
    : policy_(std::make_shared<const GatePolicy>(std::move(policy))),
      usage_(usage),
      audit_(audit),
      refused_host_(registry.counter(kRefused, kRefusedHelp, {{"reason", "host"}})),
      refused_foreign_(registry.counter(kRefused, kRefusedHelp, {{"reason", "origin"}})),
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
  const Role least = route == nullptr ? Role::None : least_role_of(route, *held);
  const bool is_open_route = route != nullptr && least == Role::None;
  if (!is_open_route) require_known_host(request, *held);
  if (auto preflight = apply_cors(request, held->cors_origins)) return preflight;
  if (is_open_route) {
    if (!is_probe(route->pattern)) charge_open_route(request, *held);
    return std::nullopt;
  }
  if (is_foreign(request, held->cors_origins, held->hosts)) {
    refused_foreign_.add();
    throw ProblemError(
        {403, "foreign-origin", "pages of other sites may not ask here, unless cors.origins lists them"});
  }
  authenticate(request, least, *held);
  return std::nullopt;
}

// Who has no credential gives none away to a page that lies about its name; a server that asks for none has
// nothing but this.
void FrontGate::require_known_host(const Request& request, const GatePolicy& policy) {
  if (policy.hosts.empty() && !policy.is_open()) return;
  if (!request.has_header("host")) return;  // HTTP/1.0, which no browser speaks
  const std::string_view named = request.header("host");
  const std::string_view host = host_without_port(named);
  if (is_loopback_host(host) || is_listed_host(host, policy.hosts)) return;
  const auto asked = Address::parse(host), ours = Address::parse(request.local_address);
  if (asked && ours && asked->text() == ours->text()) return;
  refused_host_.add();
  throw ProblemError(
      {421, "unknown-host",
       fmt::format(
           "this server is not asked by the name {}; if it is one of its names, list it in server.hosts "
           "(--hosts)",
           quote_for_message(std::string(named)))});
}

void FrontGate::authenticate(Request& request, Role least, const GatePolicy& policy) {
  std::optional<Identity> identity;
  std::string fault;
  std::exception_ptr unavailable;
  if (policy.is_open()) {
    request.subject = "anonymous";
    request.role = Role::Admin;
  } else {
    try {
      identity = identify(request, policy);
    } catch (const TokenError& error) {
      fault = error.what();
    } catch (const Unavailable&) {
      unavailable = std::current_exception();
    }
  }
  if (identity) {
    request.subject = identity->subject;
    request.role = identity->role;
  }
  charge(request, identity, policy);
  if (unavailable) std::rethrow_exception(unavailable);
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
}

// Who is known has a limit of their own, wherever they ask from; all others share that of their address.
void FrontGate::charge(Request& request, const std::optional<Identity>& identity, const GatePolicy& policy) {
  request.caller = identity ? identity->subject : "address:" + request.address;
  request.quota = identity ? identity->quota.over(policy.quota) : policy.quota;
  charge(request, request.caller, request.quota.requests_per_minute);
}

// A page is some files, so there are more of them a minute than of other requests.
void FrontGate::charge_open_route(Request& request, const GatePolicy& policy) {
  charge(request, "pages:" + request.address, policy.quota.requests_per_minute * kFilesOfAPage);
}

void FrontGate::charge(Request& request, const std::string& caller, int rate) {
  if (rate <= 0) return;
  const auto verdict = usage_.ask(caller, rate);
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

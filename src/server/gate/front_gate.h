// The gate of `odordiff serve`: authentication, roles, rate limits, cross-origin rules, traces, audit.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "observe/metrics.h"
#include "server/gate/audit_log.h"
#include "server/gate/gate_policy.h"
#include "server/gate/usage.h"
#include "server/gatekeeper.h"
#include "server/router.h"

namespace odordiff::server {

class FrontGate final : public Gatekeeper {
 public:
  // The references must outlive the gate; `router` has no new routes from now on. `audit` may be null.
  FrontGate(const Router& router, GatePolicy policy, AuditLog* audit, Usage& usage,
            observe::Registry& registry);

  // From now on; safe beside admit().
  void set_policy(GatePolicy policy);
  std::shared_ptr<const GatePolicy> policy() const;

  std::optional<Response> admit(Request& request, const Route* route) override;
  std::shared_ptr<void> begin_stream(const Request& request) override { return usage_.begin_stream(request); }
  void answered(const Request& request, const Route* route, int status) override;

 private:
  Role least_role_of(const Route* route, const GatePolicy& policy) const;
  // These throw ProblemError where the request ends.
  void require_known_host(const Request& request, const GatePolicy& policy);
  void authenticate(Request& request, Role least, const GatePolicy& policy);
  void charge(Request& request, const std::optional<Identity>& identity, const GatePolicy& policy);
  void charge_open_route(Request& request, const GatePolicy& policy);
  void charge(Request& request, const std::string& caller, int rate);

  std::map<const Route*, Role> least_roles_;
  mutable std::mutex mutex_;
  std::shared_ptr<const GatePolicy> policy_;  // guarded by mutex_
  Usage& usage_;
  AuditLog* const audit_;
  observe::Counter& refused_host_;
  observe::Counter& refused_foreign_;
  observe::Counter& refused_unknown_;
  observe::Counter& refused_role_;
  observe::Counter& refused_rate_;
};

}  // namespace odordiff::server

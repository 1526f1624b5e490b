// The keys of a running server, for its administrators.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/gate/gate_policy.h"

namespace odordiff::server {

class KeyAdmin {
 public:
  using Policy = std::function<std::shared_ptr<const GatePolicy>()>;

  // `policy` gives the one in force; `reload` reads the configuration's files again, and throws where the
  // result cannot be taken. Both are called from any thread.
  KeyAdmin(std::string file, Policy policy, std::function<void()> reload);

  // Those in force.
  std::vector<ApiKeys::Listed> list() const;

  // Takes the key out of the file, and out of force before it returns. Throws ProblemError 404 for a name
  // that is not there, 409 for the last key of an administrator or a file that is wrong, and as revoke_key()
  // (keys_file.h).
  void revoke(const std::string& name);

 private:
  void take_out(const std::string& name) const;

  const std::string file_;
  const Policy policy_;
  const std::function<void()> reload_;
  std::mutex revoking_;  // one at a time, with its reload
};

}  // namespace odordiff::server

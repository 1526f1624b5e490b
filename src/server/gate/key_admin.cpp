#include "server/gate/key_admin.h"

#include <algorithm>
#include <utility>

#include "server/gate/keys_file.h"
#include "server/problem.h"

namespace odordiff::server {

KeyAdmin::KeyAdmin(std::string file, Policy policy, std::function<void()> reload)
    : file_(std::move(file)), policy_(std::move(policy)), reload_(std::move(reload)) {}

std::vector<ApiKeys::Listed> KeyAdmin::list() const {
  return policy_()->keys.list();
}

void KeyAdmin::revoke(const std::string& name) const {
  const auto keys = list();
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const auto& key) { return key.name == name; });
  if (found == keys.end()) throw ProblemError({404, "not-found", "there is no key of that name"});
  const auto admins =
      std::count_if(keys.begin(), keys.end(), [](const auto& key) { return key.role == Role::Admin; });
  if (found->role == Role::Admin && admins == 1) {
    throw ProblemError(
        {409, "last-admin", "this is the last key of an administrator; make another one first"});
  }
  revoke_key(file_, name);
  reload_();
}

}  // namespace odordiff::server

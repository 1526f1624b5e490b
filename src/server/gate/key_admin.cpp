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

void KeyAdmin::revoke(const std::string& name) {
  const std::lock_guard lock(revoking_);
  try {
    take_out(name);
  } catch (const InvalidInput& error) {  // the request is right, the file is not
    throw ProblemError({409, "keys-file", error.what()});
  }
  reload_();
}

void KeyAdmin::take_out(const std::string& name) const {
  // The file may have been changed since it was last read.
  const auto keys = ApiKeys::read(file_).list();
  const auto is_admin = [](const auto& key) { return key.role == Role::Admin; };
  if (std::none_of(keys.begin(), keys.end(), [&](const auto& key) { return key.name == name; })) {
    throw ProblemError({404, "not-found", "there is no key of that name in the file of keys"});
  }
  revoke_key(file_, name, [&](const std::vector<ApiKeys::Listed>& left) {
    if (left.empty()) throw ProblemError({409, "last-key", "this is the last key; make another one first"});
    if (std::none_of(left.begin(), left.end(), is_admin) && std::any_of(keys.begin(), keys.end(), is_admin)) {
      throw ProblemError(
          {409, "last-admin", "this is the last key of an administrator; make another one first"});
    }
  });
}

}  // namespace odordiff::server

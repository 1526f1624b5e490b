// Who asks, and what they may do.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/gate/quota.h"

namespace odordiff::server {

// Each may what those before it may. None: nobody proved who they are.
enum class Role { None, Viewer, Chemist, Admin };

const char* to_string(Role role);
// Of "viewer", "chemist", "admin"; nothing for another word.
std::optional<Role> role_named(std::string_view name);

struct Identity {
  std::string subject;  // "key:NAME" or "jwt:SUB"
  Role role = Role::None;
  OwnQuota quota = {};
};

}  // namespace odordiff::server

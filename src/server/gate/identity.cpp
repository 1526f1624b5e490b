#include "server/gate/identity.h"

namespace odordiff::server {

const char* to_string(Role role) {
  switch (role) {
    case Role::None:
      return "none";
    case Role::Viewer:
      return "viewer";
    case Role::Chemist:
      return "chemist";
    case Role::Admin:
      return "admin";
  }
  return "unknown";
}

std::optional<Role> role_named(std::string_view name) {
  for (const Role role : {Role::Viewer, Role::Chemist, Role::Admin}) {
    if (name == to_string(role)) return role;
  }
  return std::nullopt;
}

}  // namespace odordiff::server

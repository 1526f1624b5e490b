// Which role each route asks for: the one table.
#pragma once

#include <string_view>

#include "server/gate/identity.h"

namespace odordiff::server {

// The least role that may use the route. None: open to all, and free of rate limits. What is not in the table
// is for admins, and a test complains of it.
Role least_role(std::string_view method, std::string_view pattern);
bool is_in_role_table(std::string_view method, std::string_view pattern);

}  // namespace odordiff::server

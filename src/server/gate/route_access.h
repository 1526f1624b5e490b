// Which role each route asks for: the one table.
#pragma once

#include <string_view>

#include "server/gate/identity.h"

namespace odordiff::server {

// The least role that may use the route. None: open to all; such a route answers what is at hand, computes
// nothing and tells nothing of what others did. What is not in the table is for admins, and a test complains
// of it.
Role least_role(std::string_view method, std::string_view pattern);
// Whether the route answers probes of balancers, which no limit holds back.
bool is_probe(std::string_view pattern);
bool is_in_role_table(std::string_view method, std::string_view pattern);

}  // namespace odordiff::server

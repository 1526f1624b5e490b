// JSON under the name by which the server's files call it.
#pragma once

#include "api/json.h"

namespace odordiff::server {

using api::compact;
using api::Json;

}  // namespace odordiff::server

// The broker's URL as Celery writes it, for our client.
#pragma once

#include <string>

#include "fleet/redis/options.h"

namespace odordiff::fleet {

// redis://…, rediss://…?ssl_ca_certs=FILE, sentinel://host:port;sentinel://host:port/database with
// `master_name`, or the client's own URLs (fleet/redis/options.h). Throws InvalidInput, also for brokers that
// are no Redis.
redis::Options parse_broker_url(const std::string& url, const std::string& master_name);

}  // namespace odordiff::fleet

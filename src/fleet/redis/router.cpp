#include "fleet/redis/router.h"

#include "fleet/redis/cluster.h"
#include "fleet/redis/single.h"

namespace odordiff::fleet::redis {

std::shared_ptr<Router> make_router(Core& core) {
  if (core.options.mode == Mode::Cluster) return std::make_shared<Cluster>(core);
  return std::make_shared<Single>(core);
}

Connection::Greeting data_greeting(const Options& options) {
  Connection::Greeting greeting;
  greeting.user = options.user;
  greeting.password = options.password;
  greeting.database = options.database;
  greeting.primary = options.mode == Mode::Sentinel;
  greeting.health_interval = options.health_interval;
  return greeting;
}

}  // namespace odordiff::fleet::redis

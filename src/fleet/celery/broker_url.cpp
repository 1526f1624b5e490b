#include "fleet/celery/broker_url.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace odordiff::fleet {
namespace {

// Celery's names of TLS parameters, and ours.
constexpr std::array kParameters = {std::pair{"ssl_ca_certs=", "ca="}, std::pair{"ssl_certfile=", "cert="},
                                    std::pair{"ssl_keyfile=", "key="}};
constexpr std::string_view kSentinel = "sentinel://";

std::string translated(std::string query) {
  std::string out;
  while (!query.empty()) {
    std::string item = query.substr(0, query.find('&'));
    query.erase(0, item.size() + 1);
    if (item == "ssl_cert_reqs=required" || item == "ssl_cert_reqs=CERT_REQUIRED")
      continue;  // always so here
    for (const auto& [theirs, ours] : kParameters) {
      if (item.starts_with(theirs)) item.replace(0, std::string_view(theirs).size(), ours);
    }
    out += (out.empty() ? "?" : "&") + item;
  }
  return out;
}

}  // namespace

redis::Options parse_broker_url(const std::string& url, const std::string& master_name) {
  if (url.starts_with("amqp")) {
    throw InvalidInput(
        "the server hands work over by Redis; RabbitMQ serves Celery's own senders and workers");
  }
  if (!url.starts_with(kSentinel)) {
    const std::size_t mark = url.find('?');
    if (mark == std::string::npos) return redis::parse_url(url);
    return redis::parse_url(url.substr(0, mark) + translated(url.substr(mark + 1)));
  }
  std::string hosts, database = "0", credentials;
  std::string_view rest = url;
  while (!rest.empty()) {
    std::string_view one = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    if (!one.starts_with(kSentinel)) {
      throw InvalidInput("sentinels are written sentinel://host:port, joined by semicolons");
    }
    one.remove_prefix(kSentinel.size());
    if (const std::size_t slash = one.find('/'); slash != std::string_view::npos) {
      if (slash + 1 < one.size()) database = one.substr(slash + 1);
      one = one.substr(0, slash);
    }
    if (const std::size_t at = one.rfind('@'); at != std::string_view::npos) {
      credentials = one.substr(0, at + 1);
      one.remove_prefix(at + 1);
    }
    hosts += (hosts.empty() ? "" : ",") + std::string(one);
  }
  return redis::parse_url("redis+sentinel://" + credentials + hosts + "/" + master_name + "/" + database);
}

}  // namespace odordiff::fleet

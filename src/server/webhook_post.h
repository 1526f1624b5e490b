// One POST to a URL of a stranger's choice, over http or https, with its time and its addresses bounded.
#pragma once

#include <utility>  // Boost 1.74's awaitable.hpp forgets it

#include <boost/asio/awaitable.hpp>
#include <string>

#include "server/http.h"

namespace odordiff::server {

struct WebhookPost {
  std::string method = "POST";
  std::string url;
  std::string body;  // JSON
  Headers headers = {};
  bool allow_private = false;
  int timeout_ms = 10'000;  // for all of it
};

struct WebhookReply {
  int status = 0;     // 0: there was no answer
  std::string error;  // why
};

// Throws nothing. Certificates are checked against the system's authorities and the URL's host.
boost::asio::awaitable<WebhookReply> post_webhook(const WebhookPost& post);
// The same for a thread that has nothing else to do.
WebhookReply post_and_wait(const WebhookPost& post);

// Whether the URL's host is itself an address that is not public.
bool names_private_address(const std::string& url);

}  // namespace odordiff::server

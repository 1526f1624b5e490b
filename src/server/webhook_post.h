// One request to a URL, by default a POST of a stranger's choice, over http or https, with its time and its
// addresses bounded.
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
  int timeout_ms = 10'000;           // for all of it
  std::size_t most_reply_bytes = 0;  // 0: the answer's body is of no interest; a longer one is an error
};

struct WebhookReply {
  int status = 0;                   // 0: there was no answer
  std::string error;                // why
  std::string body, cache_control;  // where the body was asked for
};

// Throws nothing. Certificates are checked against the system's authorities and the URL's host.
boost::asio::awaitable<WebhookReply> post_webhook(const WebhookPost& post);
// The same for a thread that has nothing else to do.
WebhookReply post_and_wait(const WebhookPost& post);

// Whether the URL's host is itself an address that is not public.
bool names_private_address(const std::string& url);

}  // namespace odordiff::server

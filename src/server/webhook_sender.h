// Tells others that their jobs have ended: a signed POST for each, repeated until it is taken. What is due
// follows from the store, so that a restart forgets none.
#pragma once

#include <memory>
#include <string>

#include "jobs/store.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace odordiff::server {

// The message is that of the Standard Webhooks specification: headers `webhook-id` (the job's id, the same in
// every attempt), `webhook-timestamp` (seconds since 1970) and `webhook-signature`: "v1," and base64 of
// HMAC-SHA256, with the secret's bytes as key, over id "." timestamp "." body. Any 2xx takes it; 410 refuses
// it for good; redirects are not followed.
//
// An attempt goes to an address that the URL's host has at that moment, and only to a public one unless
// Options allow others: so nobody reaches a machine of ours through us by a name of theirs.
class WebhookSender {
 public:
  struct Options {
    std::string secret;          // not empty
    bool allow_private = false;  // also loopback and private addresses
    int attempts = 8;            // then it is given up
    int attempt_timeout_ms = 10'000;
    int first_retry_ms =
        5'000;  // four times as long after each further one, at most an hour; jittered by half
  };

  // The references outlive it.
  WebhookSender(const Options& options, jobs::Store& store, observe::Registry& registry,
                observe::Logger& logger);
  ~WebhookSender();  // as stop()

  void start();
  void look();  // something may be due; from any thread
  void stop();  // breaks attempts off; they count as not made

  // False for a URL that names a forbidden address; of names that is known only when they are looked up.
  bool may_send_to(const std::string& url) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The value of `webhook-signature`.
std::string webhook_signature(const std::string& secret, const std::string& id, const std::string& timestamp,
                              const std::string& body);

}  // namespace odordiff::server

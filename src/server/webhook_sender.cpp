#include "server/webhook_sender.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/base64.h"
#include "base/error.h"
#include "base/sha256.h"
#include "server/job_json.h"
#include "server/webhook_post.h"
#include "server/webhook_url.h"

namespace odordiff::server {
namespace {

namespace asio = boost::asio;

// Attempts at once, and of these to one receiver and of one owner's jobs, so that silent ones hold nobody
// else's back.
constexpr int kAtOnce = 32, kToOneReceiver = 2, kOfOneOwner = 8;
constexpr std::chrono::seconds kDueLook{1};
constexpr double kLongestPause_ms = 3'600'000;

}  // namespace

std::string webhook_signature(const std::string& secret, const std::string& id, const std::string& timestamp,
                              const std::string& body) {
  const std::string text = id + "." + timestamp + "." + body;
  return "v1," + base64_encoded(hmac_sha256(secret, text));
}

struct WebhookSender::Impl {
  Impl(const Options& given, jobs::Store& jobs, observe::Registry& registry, observe::Logger& log)
      : options(given),
        store(jobs),
        logger(log),
        delivered(registry.counter(kName, kHelp, {{"outcome", "delivered"}})),
        failed(registry.counter(kName, kHelp, {{"outcome", "failed"}})),
        timer(io),
        random(std::random_device{}()) {}

  // Looks each second, since what was not taken is due again by the clock.
  asio::awaitable<void> serve() {
    boost::system::error_code ignored;
    while (true) {
      begin_due();
      timer.expires_after(kDueLook);
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

  void begin_due() {
    const int room = kAtOnce - static_cast<int>(at_work.size());
    if (room <= 0) return;
    try {
      const auto takes = [&](const jobs::Status& job) {
        if (at_work.contains(job.id)) return false;
        if (count_of(receivers, receiver_of(job)) == kToOneReceiver ||
            count_of(owners, job.owner) == kOfOneOwner)
          return false;
        ++receivers[receiver_of(job)], ++owners[job.owner];
        return at_work.insert(job.id).second;
      };
      for (auto& job : store.due_webhooks(room, takes))
        asio::co_spawn(io, deliver(std::move(job)), asio::detached);
    } catch (const Error& error) {
      logger.log(observe::Level::Warning, "webhooks wait", {{"reason", error.what()}});
    }
  }

  asio::awaitable<void> deliver(jobs::Status job) {
    const std::string timestamp = std::to_string(std::time(nullptr));
    const Json message = {{"type", std::string("job.") + jobs::name_of(job.state)},
                          {"timestamp", timestamp},
                          {"data", job_json(job, {})}};
    WebhookPost post;
    post.url = job.webhook->url;
    post.body = compact(message);
    post.headers = {{"webhook-id", job.id},
                    {"webhook-timestamp", timestamp},
                    {"webhook-signature", webhook_signature(options.secret, job.id, timestamp, post.body)}};
    post.allow_private = options.allow_private;
    post.timeout_ms = options.attempt_timeout_ms;
    const WebhookReply reply = co_await post_webhook(post);
    note(job, reply);
    at_work.erase(job.id);
    take_one(receivers, receiver_of(job));
    take_one(owners, job.owner);
    timer.cancel();
  }

  using Counts = std::map<std::string, int>;
  static int count_of(const Counts& counts, const std::string& of) {
    const auto found = counts.find(of);
    return found == counts.end() ? 0 : found->second;
  }
  static void take_one(Counts& counts, const std::string& of) {
    const auto found = counts.find(of);
    if (--found->second == 0) counts.erase(found);
  }

  static std::string receiver_of(const jobs::Status& job) {
    const auto url = parse_webhook_url(job.webhook->url);
    return url ? url->host + ":" + std::to_string(url->port) : job.webhook->url;
  }

  void note(const jobs::Status& job, const WebhookReply& reply) {
    const bool taken = reply.status >= 200 && reply.status < 300;
    const int attempt = job.webhook->attempts + 1;
    std::optional<std::int64_t> next_ms;
    if (!taken && attempt < options.attempts && reply.status != 410)
      next_ms = store.now_ms() + pause_ms(attempt);
    (taken ? delivered : failed).add();
    if (!taken) {
      logger.log(observe::Level::Warning, next_ms ? "a webhook was not taken" : "a webhook was given up",
                 {{"job", job.id}, {"attempt", attempt}, {"status", reply.status}, {"reason", reply.error}});
    }
    try {
      store.note_webhook(job.id, taken, next_ms);
    } catch (const Error& error) {  // it is told once more
      logger.log(observe::Level::Warning, "a webhook's outcome was not kept", {{"reason", error.what()}});
    }
  }

  std::int64_t pause_ms(int attempt) {
    const double full = std::min(kLongestPause_ms, options.first_retry_ms * std::pow(4.0, attempt - 1));
    return std::llround(full * std::uniform_real_distribution<double>(0.5, 1.0)(random));
  }

  static constexpr const char* kName = "odordiff_webhooks_total";
  static constexpr const char* kHelp = "Attempts to tell that a job has ended.";

  const Options options;
  jobs::Store& store;
  observe::Logger& logger;
  observe::Counter& delivered;
  observe::Counter& failed;
  asio::io_context io;
  asio::steady_timer timer;
  std::mt19937_64 random;
  std::set<std::string> at_work;  // jobs' ids
  Counts receivers, owners;       // with attempts under way: receivers by host and port, owners of jobs
  std::thread thread;
};

WebhookSender::WebhookSender(const Options& options, jobs::Store& store, observe::Registry& registry,
                             observe::Logger& logger)
    : impl_(std::make_unique<Impl>(options, store, registry, logger)) {}

WebhookSender::~WebhookSender() {
  stop();
}

void WebhookSender::start() {
  asio::co_spawn(impl_->io, impl_->serve(), asio::detached);
  impl_->thread = std::thread([this] { impl_->io.run(); });
}

void WebhookSender::look() {
  asio::post(impl_->io, [this] { impl_->timer.cancel(); });
}

void WebhookSender::stop() {
  impl_->io.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

bool WebhookSender::may_send_to(const std::string& url) const {
  return impl_->options.allow_private || !names_private_address(url);
}

}  // namespace odordiff::server

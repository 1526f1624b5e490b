#include "server/trace_exporter.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "server/webhook_post.h"

namespace odordiff::server {
namespace {

constexpr std::size_t kMostAtOnce = 512;
constexpr int kAttempts = 3;

}  // namespace

struct TraceExporter::Impl {
  Impl(Options given, observe::Tracer& spans, observe::Registry& registry, observe::Logger& log)
      : options(std::move(given)),
        tracer(spans),
        logger(log),
        sent(registry.counter("odordiff_trace_spans_total", "Spans by what became of them.",
                              {{"fate", "sent"}})),
        lost(registry.counter("odordiff_trace_spans_total", "Spans by what became of them.",
                              {{"fate", "dropped"}})),
        thread([this] { work(); }) {}

  void work() {
    bool last = false;
    while (!last) {
      {
        std::unique_lock lock(mutex);
        ending.wait_for(lock, std::chrono::milliseconds(options.every_ms), [&] { return ended; });
        last = ended;
      }
      const auto now = tracer.dropped();
      lost.add(now - std::exchange(dropped, now));
      for (auto spans = tracer.take(kMostAtOnce); !spans.empty(); spans = tracer.take(kMostAtOnce)) {
        if (deliver(spans, last ? 1 : kAttempts)) continue;
        const std::lock_guard lock(mutex);
        if (ended) return;  // nobody waits for a collector that is away
      }
    }
  }

  bool deliver(const std::vector<observe::Span>& spans, int attempts) {
    WebhookPost post{.url = options.endpoint + (options.endpoint.ends_with('/') ? "v1/traces" : "/v1/traces"),
                     .body = observe::otlp_json(spans, options.version),
                     .allow_private = true,
                     .timeout_ms = options.timeout_ms};
    WebhookReply reply;
    for (int attempt = 0; attempt < attempts && reply.status / 100 != 2; ++attempt) {
      reply = post_and_wait(post);
    }
    const bool taken = reply.status / 100 == 2;
    (taken ? sent : lost).add(spans.size());
    if (taken == std::exchange(working, taken)) return taken;  // said once, not for each batch
    if (taken) {
      logger.log(observe::Level::Info, "traces are taken again");
    } else {
      logger.log(observe::Level::Warning, "traces are not taken",
                 {{"status", reply.status}, {"reason", reply.error}});
    }
    return taken;
  }

  const Options options;
  observe::Tracer& tracer;
  observe::Logger& logger;
  observe::Counter& sent;
  observe::Counter& lost;
  std::uint64_t dropped = 0;
  bool working = true;
  std::mutex mutex;
  std::condition_variable ending;
  bool ended = false;  // guarded by mutex
  std::thread thread;  // last: it uses all of the above
};

TraceExporter::TraceExporter(Options options, observe::Tracer& tracer, observe::Registry& registry,
                             observe::Logger& logger)
    : impl_(std::make_unique<Impl>(std::move(options), tracer, registry, logger)) {}

TraceExporter::~TraceExporter() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->ended = true;
  }
  impl_->ending.notify_all();
  impl_->thread.join();
}

}  // namespace odordiff::server

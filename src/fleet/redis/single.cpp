#include "fleet/redis/single.h"

namespace odordiff::fleet::redis {
namespace {

// Between a refusal and the next try; a failover takes longer than that.
constexpr std::chrono::milliseconds kBeforeRetry{50};

// Connections that fail in a row, before another sentinel is asked: the one in use may be behind the times.
constexpr int kTriesBeforeDoubt = 3;

}  // namespace

void Single::start() {
  const auto weak = weak_from_this();
  if (core_.options.mode == Mode::Sentinel) {
    sentinels_ = std::make_shared<Sentinels>(core_, [weak](const Address& address) {
      const auto self = weak.lock();
      if (!self || self->primary_ == address) return;
      self->is_at(address);
      self->node_->relocate("the sentinels say that " + address.text() + " is the primary now");
    });
  }
  Node::Events events;
  events.redirected = [weak](const BatchPtr& batch, const std::vector<Reply>& replies) {
    const auto self = weak.lock();
    return self && self->redirected(batch, replies);
  };
  events.lost = [weak] {
    const auto self = weak.lock();
    if (!self || !self->sentinels_ || ++self->fruitless_ < kTriesBeforeDoubt) return;
    self->fruitless_ = 0;
    self->sentinels_->doubt();
  };
  node_ = std::make_shared<Node>(
      core_, data_greeting(core_.options),
      [weak](Located located) {
        if (const auto self = weak.lock()) self->locate(-1, std::move(located));
      },
      std::move(events));
  if (sentinels_) sentinels_->start();
  node_->start();
}

void Single::stop(const std::exception_ptr& why) {
  if (sentinels_) sentinels_->stop(why);
  if (node_) node_->stop(why);
}

void Single::is_at(const Address& address) {
  if (primary_ == address) return;
  const bool first = primary_.host.empty();
  fruitless_ = 0;
  primary_ = address;
  if (first) return;
  ++core_.failovers;
  if (core_.metrics.failovers != nullptr) core_.metrics.failovers->add();
  core_.log(observe::Level::Warning, "another Redis server is the primary", address.text());
  if (moved) moved();
}

void Single::locate(int /*slot*/, Located located) {
  if (!sentinels_) {
    is_at(core_.options.addresses.front());
    return located(nullptr, primary_);
  }
  sentinels_->locate([weak = weak_from_this(), located = std::move(located)](const std::exception_ptr& error,
                                                                             const Address& address) {
    const auto self = weak.lock();
    if (self && !error) self->is_at(address);
    located(error, address);
  });
}

// A primary that was deposed refuses writes; they were not carried out, so they go to its successor.
bool Single::redirected(const BatchPtr& batch, const std::vector<Reply>& replies) {
  if (!sentinels_ || Batch::refusal(replies, "READONLY") == nullptr) return false;
  core_.after(kBeforeRetry, [weak = weak_from_this(), batch] {
    if (const auto self = weak.lock()) self->node_->submit(batch);
  });
  node_->relocate("Redis at " + server() + " is no longer the primary");
  return true;
}

}  // namespace odordiff::fleet::redis

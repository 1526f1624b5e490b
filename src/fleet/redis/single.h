// One server takes all: the one that was named, or the primary that the sentinels name.
#pragma once

#include "fleet/redis/router.h"
#include "fleet/redis/sentinels.h"

namespace odordiff::fleet::redis {

class Single : public Router, public std::enable_shared_from_this<Single> {
 public:
  explicit Single(Core& core) : core_(core) {}

  void start() override;
  void stop(const std::exception_ptr& why) override;
  void submit(const BatchPtr& batch) override { node_->submit(batch); }
  void locate(int slot, Located located) override;
  bool ready() const override { return node_ && node_->ready(); }
  BreakerState breaker() const override { return node_ ? node_->breaker() : BreakerState::Closed; }
  std::string server() const override { return primary_.host.empty() ? "" : primary_.text(); }

 private:
  bool redirected(const BatchPtr& batch, const std::vector<Reply>& replies);
  void is_at(const Address& address);

  Core& core_;
  std::shared_ptr<Sentinels> sentinels_;  // null without
  std::shared_ptr<Node> node_;
  Address primary_{"", 0};
  int fruitless_ = 0;  // connections that failed where the sentinels sent us
};

}  // namespace odordiff::fleet::redis

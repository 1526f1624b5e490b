// A cluster: each slot of keys has its server. The map of slots is read from any of them and read again when
// a server says that it is outdated.
#pragma once

#include <array>
#include <map>

#include "fleet/redis/key_slot.h"
#include "fleet/redis/router.h"

namespace odordiff::fleet::redis {

class Cluster : public Router, public std::enable_shared_from_this<Cluster> {
 public:
  explicit Cluster(Core& core) : core_(core) {}

  void start() override;
  void stop(const std::exception_ptr& why) override;
  void submit(const BatchPtr& batch) override;
  void locate(int slot, Located located) override;
  bool ready() const override;
  BreakerState breaker() const override;
  std::string server() const override;

 private:
  struct Member {
    Address address;
    std::shared_ptr<Node> node;
  };

  Member& member(const Address& address);
  Member* owner(int slot);
  bool redirected(const Address& from, const BatchPtr& batch, const std::vector<Reply>& replies);
  void follow(const Address& from, const BatchPtr& batch, const std::string& text, bool asking);
  void submit_later(const BatchPtr& batch);
  void refresh_soon();
  void refresh();
  bool take_map(const Address& from, const Reply& slots);

  Core& core_;
  std::map<std::string, Member> members_;          // by "host:port"
  std::array<Member*, kSlots> owners_{};           // null: nobody's
  std::vector<std::string> owning_;                // members with slots
  std::vector<BatchPtr> waiting_;                  // for the first map
  std::vector<std::pair<int, Located>> locating_;  // likewise
  std::size_t turn_ = 0;                           // whom to ask for the map, and for what has no slot
  int failures_ = 0;                               // to read the map, in a row
  bool mapped_ = false, reading_ = false, due_ = false, stopped_ = false;
};

}  // namespace odordiff::fleet::redis

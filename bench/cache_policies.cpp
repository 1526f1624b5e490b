#include "cache_policies.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <list>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/rng.h"
#include "cache/tiny_lfu.h"

namespace odordiff::bench {
namespace {

class Lru : public Policy {
 public:
  explicit Lru(std::size_t capacity) : capacity_(capacity) {}
  bool ask(std::uint64_t key) override {
    if (const auto at = where_.find(key); at != where_.end()) {
      order_.splice(order_.begin(), order_, at->second);
      return true;
    }
    if (where_.size() == capacity_) {
      where_.erase(order_.back());
      order_.pop_back();
    }
    order_.push_front(key);
    where_[key] = order_.begin();
    return false;
  }

 private:
  std::size_t capacity_;
  std::list<std::uint64_t> order_;
  std::unordered_map<std::uint64_t, std::list<std::uint64_t>::iterator> where_;
};

class Sieve : public Policy {
 public:
  explicit Sieve(std::size_t capacity) : capacity_(capacity) {}
  bool ask(std::uint64_t key) override {
    if (const auto at = where_.find(key); at != where_.end()) {
      at->second->visited = true;
      return true;
    }
    if (where_.size() == capacity_) evict();
    order_.push_front({key, false});
    where_[key] = order_.begin();
    return false;
  }

 private:
  struct Item {
    std::uint64_t key;
    bool visited;
  };
  // The hand walks from old to new and clears marks; whoever has none goes, and nobody moves.
  void evict() {
    auto at = hand_valid_ ? hand_ : std::prev(order_.end());
    while (at->visited) {
      at->visited = false;
      at = at == order_.begin() ? std::prev(order_.end()) : std::prev(at);
    }
    hand_valid_ = at != order_.begin();
    if (hand_valid_) hand_ = std::prev(at);
    where_.erase(at->key);
    order_.erase(at);
  }
  std::size_t capacity_;
  std::list<Item> order_;
  std::list<Item>::iterator hand_;
  bool hand_valid_ = false;
  std::unordered_map<std::uint64_t, std::list<Item>::iterator> where_;
};

class S3Fifo : public Policy {
 public:
  explicit S3Fifo(std::size_t capacity)
      : capacity_(capacity), small_capacity_(std::max<std::size_t>(1, capacity / 10)) {}
  bool ask(std::uint64_t key) override {
    if (const auto at = count_.find(key); at != count_.end()) {
      at->second = std::min(3, at->second + 1);
      return true;
    }
    while (count_.size() >= capacity_) evict();
    count_[key] = 0;
    (ghosts_.contains(key) ? main_ : small_).push_front(key);
    return false;
  }

 private:
  void evict() {
    if (small_.size() < small_capacity_ && !main_.empty()) {
      evict_main();
      return;
    }
    while (!small_.empty()) {
      const std::uint64_t key = small_.back();
      small_.pop_back();
      if (count_[key] > 1) {
        count_[key] = 0;
        main_.push_front(key);
        continue;
      }
      count_.erase(key);
      remember(key);
      return;
    }
    evict_main();
  }
  void evict_main() {
    while (true) {
      const std::uint64_t key = main_.back();
      main_.pop_back();
      if (count_[key] == 0) {
        count_.erase(key);
        return;
      }
      --count_[key];
      main_.push_front(key);
    }
  }
  void remember(std::uint64_t key) {
    if (!ghosts_.insert(key).second) return;
    ghost_order_.push_front(key);
    if (ghost_order_.size() <= capacity_ - small_capacity_) return;
    ghosts_.erase(ghost_order_.back());
    ghost_order_.pop_back();
  }
  std::size_t capacity_, small_capacity_;
  std::deque<std::uint64_t> small_, main_, ghost_order_;
  std::unordered_map<std::uint64_t, int> count_;
  std::unordered_set<std::uint64_t> ghosts_;
};

class Shipped : public Policy {
 public:
  Shipped(std::size_t capacity, std::size_t window_percent)
      : capacity_(capacity), order_(capacity, window_percent) {}
  bool ask(std::uint64_t key) override {
    order_.asked(mix64(key));
    if (const auto at = nodes_.find(key); at != nodes_.end()) {
      order_.hit(*at->second);
      return true;
    }
    auto node = std::make_unique<Node>();
    node->hash = mix64(key);
    node->key = key;
    order_.add(*node);
    nodes_.emplace(key, std::move(node));
    if (nodes_.size() > capacity_) {
      auto* victim = static_cast<Node*>(order_.victim());
      order_.remove(*victim);
      nodes_.erase(victim->key);
    }
    return false;
  }

 private:
  struct Node : cache::TinyLfu::Node {
    std::uint64_t key = 0;
  };
  std::size_t capacity_;
  cache::TinyLfu order_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Node>> nodes_;
};

}  // namespace

std::unique_ptr<Policy> make_lru(std::size_t capacity) {
  return std::make_unique<Lru>(capacity);
}
std::unique_ptr<Policy> make_sieve(std::size_t capacity) {
  return std::make_unique<Sieve>(capacity);
}
std::unique_ptr<Policy> make_s3_fifo(std::size_t capacity) {
  return std::make_unique<S3Fifo>(capacity);
}
std::unique_ptr<Policy> make_tiny_lfu(std::size_t capacity, std::size_t window_percent) {
  return std::make_unique<Shipped>(capacity, window_percent);
}

std::size_t belady_hits(const std::vector<std::uint64_t>& trace, std::size_t capacity) {
  constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();
  std::vector<std::size_t> next(trace.size(), kNever);
  std::unordered_map<std::uint64_t, std::size_t> last;
  for (std::size_t i = trace.size(); i-- > 0;) {
    if (const auto at = last.find(trace[i]); at != last.end()) next[i] = at->second;
    last[trace[i]] = i;
  }
  std::set<std::pair<std::size_t, std::uint64_t>> kept;  // by next use
  std::unordered_map<std::uint64_t, std::size_t> next_of;
  std::size_t hits = 0;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const std::uint64_t key = trace[i];
    if (const auto at = next_of.find(key); at != next_of.end()) {
      ++hits;
      kept.erase({at->second, key});
      next_of.erase(at);
    }
    if (next[i] == kNever) continue;
    kept.insert({next[i], key});
    next_of[key] = next[i];
    if (kept.size() <= capacity) continue;
    const auto latest = std::prev(kept.end());
    next_of.erase(latest->second);
    kept.erase(latest);
  }
  return hits;
}

}  // namespace odordiff::bench

// Which entries stay: W-TinyLFU (G. Einziger, R. Friedman, B. Manes, ACM TOS 13:4, 2017). A small window
// takes what is new; what leaves it stays only when it was asked for more often than what would have to go.
// docs/state.md has the measurements that chose it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace odordiff::cache {

// How often a hash was seen of late: four rows of small counters, the least of which is the estimate. All
// counters are halved after ten times the capacity, so that old fame fades.
class FrequencySketch {
 public:
  explicit FrequencySketch(std::size_t capacity);

  void count(std::uint64_t hash);
  int estimate(std::uint64_t hash) const;  // 0-15

 private:
  std::size_t slot(std::uint64_t hash, unsigned row) const;

  std::vector<std::uint8_t> counters_;  // [4, width]
  std::size_t mask_;
  std::size_t counted_ = 0;
  std::size_t halve_after_;
};

// Orders linked nodes; owns none. Not safe for many threads: its shard's mutex guards it.
class TinyLfu {
 public:
  enum class Segment : std::uint8_t { Window, Probation, Protected };

  // What an object inherits to stand in the order. REQUIRES: stays where it is while it is in the order.
  struct Node {
    std::uint64_t hash = 0;
    Node* newer = nullptr;
    Node* older = nullptr;
    Segment segment = Segment::Window;
  };

  explicit TinyLfu(std::size_t capacity_items);

  // A key was asked for, whether it is here or not.
  void asked(std::uint64_t hash) { sketch_.count(hash); }
  void hit(Node& node);
  void add(Node& node);
  void remove(Node& node);
  // Whom to evict next, null when the order is empty. The node stays until it is removed.
  Node* victim();

  std::size_t size() const { return window_.size + probation_.size + protected_.size; }

 private:
  struct List {
    Node* newest = nullptr;
    Node* oldest = nullptr;
    std::size_t size = 0;
    void push(Node& node);
    void unlink(Node& node);
  };
  List& list(Segment segment);
  void move(Node& node, Segment to);

  FrequencySketch sketch_;
  std::size_t window_capacity_;
  std::size_t protected_capacity_;
  List window_, probation_, protected_;
  Node* candidate_ = nullptr;  // the node that left the window last, until its right to stay is settled
};

}  // namespace odordiff::cache

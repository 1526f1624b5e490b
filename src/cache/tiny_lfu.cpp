#include "cache/tiny_lfu.h"

#include <algorithm>
#include <bit>

#include "base/rng.h"

namespace odordiff::cache {
namespace {

constexpr unsigned kRows = 4;
constexpr std::uint8_t kMost = 15;

// The paper's shares: one in a hundred for the window, four fifths of the rest protected.
std::size_t window_share(std::size_t capacity) {
  return std::max<std::size_t>(1, capacity / 100);
}

}  // namespace

FrequencySketch::FrequencySketch(std::size_t capacity)
    : mask_(std::bit_ceil(std::max<std::size_t>(16, capacity * 4)) - 1),
      halve_after_(std::max<std::size_t>(16, capacity * 10)) {
  counters_.resize(kRows * (mask_ + 1));
}

std::size_t FrequencySketch::slot(std::uint64_t hash, unsigned row) const {
  return row * (mask_ + 1) + (mix64(hash + row) & mask_);
}

void FrequencySketch::count(std::uint64_t hash) {
  for (unsigned row = 0; row < kRows; ++row) {
    auto& counter = counters_[slot(hash, row)];
    if (counter < kMost) ++counter;
  }
  if (++counted_ < halve_after_) return;
  for (auto& counter : counters_) counter = static_cast<std::uint8_t>(counter >> 1U);
  counted_ = 0;
}

int FrequencySketch::estimate(std::uint64_t hash) const {
  std::uint8_t least = kMost;
  for (unsigned row = 0; row < kRows; ++row) least = std::min(least, counters_[slot(hash, row)]);
  return least;
}

void TinyLfu::List::push(Node& node) {
  node.newer = nullptr;
  node.older = newest;
  (newest != nullptr ? newest->newer : oldest) = &node;
  newest = &node;
  ++size;
}

void TinyLfu::List::unlink(Node& node) {
  (node.newer != nullptr ? node.newer->older : newest) = node.older;
  (node.older != nullptr ? node.older->newer : oldest) = node.newer;
  node.newer = node.older = nullptr;
  --size;
}

TinyLfu::TinyLfu(std::size_t capacity_items)
    : sketch_(capacity_items),
      window_capacity_(window_share(capacity_items)),
      protected_capacity_((capacity_items - std::min(capacity_items, window_capacity_)) * 4 / 5) {}

TinyLfu::List& TinyLfu::list(Segment segment) {
  switch (segment) {
    case Segment::Window:
      return window_;
    case Segment::Probation:
      return probation_;
    case Segment::Protected:
      break;
  }
  return protected_;
}

void TinyLfu::move(Node& node, Segment to) {
  list(node.segment).unlink(node);
  node.segment = to;
  list(to).push(node);
}

void TinyLfu::add(Node& node) {
  node.segment = Segment::Window;
  window_.push(node);
  candidate_ = nullptr;
  while (window_.size > window_capacity_) {
    candidate_ = window_.oldest;
    move(*candidate_, Segment::Probation);
  }
}

void TinyLfu::remove(Node& node) {
  list(node.segment).unlink(node);
  if (candidate_ == &node) candidate_ = nullptr;
}

void TinyLfu::hit(Node& node) {
  if (candidate_ == &node) candidate_ = nullptr;
  if (node.segment == Segment::Window) {
    move(node, Segment::Window);
    return;
  }
  move(node, Segment::Protected);
  while (protected_.size > protected_capacity_) move(*protected_.oldest, Segment::Probation);
}

TinyLfu::Node* TinyLfu::victim() {
  Node* resident = probation_.oldest;
  if (resident == nullptr || resident == candidate_) resident = protected_.oldest;
  if (resident == nullptr) resident = candidate_ != nullptr ? candidate_ : window_.oldest;
  if (candidate_ == nullptr || candidate_ == resident) return resident;
  // A tie goes to the resident, or a scan of new keys would wash everything out.
  return sketch_.estimate(candidate_->hash) <= sketch_.estimate(resident->hash) ? candidate_ : resident;
}

}  // namespace odordiff::cache

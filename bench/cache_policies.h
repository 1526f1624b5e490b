// The policies that cache_bench compares the shipped one with. Keys stand for entries of equal size; each
// policy is told of a request and says whether it was a hit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace odordiff::bench {

class Policy {
 public:
  virtual ~Policy() = default;
  virtual bool ask(std::uint64_t key) = 0;
};

std::unique_ptr<Policy> make_lru(std::size_t capacity);
// Y. Zhang et al., "SIEVE is simpler than LRU", NSDI 2024.
std::unique_ptr<Policy> make_sieve(std::size_t capacity);
// J. Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023.
std::unique_ptr<Policy> make_s3_fifo(std::size_t capacity);
// src/cache/tiny_lfu.h by itself, unsharded, with a window of that share.
std::unique_ptr<Policy> make_tiny_lfu(std::size_t capacity, std::size_t window_percent);

// The optimum, which knows the future: evicts what is asked for last, and does not even take what comes after
// that. L. A. Belady, IBM Systems Journal 5:2, 1966. Number of hits.
std::size_t belady_hits(const std::vector<std::uint64_t>& trace, std::size_t capacity);

}  // namespace odordiff::bench

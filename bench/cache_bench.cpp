// How good the cache's choice of what stays is, beside its rivals and the optimum, and how long a hit takes.
// Usage: cache_bench [TRACE...]; a trace is a text file with one key a line.
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <latch>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "base/rng.h"
#include "cache/cache.h"
#include "cache_policies.h"

namespace odordiff::bench {
namespace {

using Trace = std::vector<std::uint64_t>;

// Ranks 0 to n-1 with probability proportional to 1 / (rank + 1)^exponent.
class Zipf {
 public:
  Zipf(std::size_t n, double exponent) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      sum += std::pow(static_cast<double>(i + 1), -exponent);
      upto_.push_back(sum);
    }
  }
  std::size_t draw(Rng& rng) const {
    const double u = (rng.next_u32() + 0.5) * 0x1.0p-32 * upto_.back();
    return static_cast<std::size_t>(std::lower_bound(upto_.begin(), upto_.end(), u) - upto_.begin());
  }

 private:
  std::vector<double> upto_;
};

Trace zipf_trace(std::size_t requests, std::size_t keys, double exponent) {
  Rng rng(1, 0);
  const Zipf zipf(keys, exponent);
  Trace trace;
  for (std::size_t i = 0; i < requests; ++i) trace.push_back(zipf.draw(rng));
  return trace;
}

// A day at a service: popular briefs that change (after each 20,000 requests 200 of the 1,000 most popular
// are others), one request in ten a reload of one of the last 50, one in seven a brief that nobody will write
// again, and now and then a batch that goes once through 2,000 others.
Trace shifting_trace(std::size_t requests) {
  Rng rng(2, 0);
  const std::size_t keys = 20'000;
  const Zipf zipf(keys, 0.9);
  std::vector<std::uint64_t> key_of(keys);
  std::uint64_t fresh = 0;
  for (auto& key : key_of) key = fresh++;
  Trace trace;
  std::size_t shift_at = 20'000;
  std::size_t batch_at = 50'000;
  while (trace.size() < requests) {
    if (trace.size() >= shift_at) {
      shift_at += 20'000;
      for (int i = 0; i < 200; ++i) key_of[rng.below(1000)] = fresh++;
    }
    if (trace.size() >= batch_at) {
      batch_at += 50'000;
      for (int i = 0; i < 2000; ++i) trace.push_back(fresh++);
    }
    const std::uint32_t kind = rng.below(70);
    if (kind < 7 && trace.size() > 50) {
      trace.push_back(trace[trace.size() - 1 - rng.below(50)]);
    } else if (kind < 17) {
      trace.push_back(fresh++);
    } else {
      trace.push_back(key_of[zipf.draw(rng)]);
    }
  }
  return trace;
}

Trace read_trace(const char* path) {
  Trace trace;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) trace.push_back(std::hash<std::string>{}(line));
  }
  return trace;
}

// The whole cache, shards and all, used as the server uses it.
double cache_ratio(const Trace& trace, std::size_t capacity, std::size_t shards) {
  cache::Options options;
  options.max_items = capacity;
  options.shards = shards;
  cache::Cache cache(options);
  for (const std::uint64_t key : trace) {
    const std::string name = std::to_string(key);
    if (auto found = cache.look_up(name); found.lead.has_value()) found.lead->publish({});
  }
  return static_cast<double>(cache.stats().hits) / static_cast<double>(trace.size());
}

void compare(const char* name, const Trace& trace) {
  Trace distinct = trace;
  std::ranges::sort(distinct);
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::printf("\n%s: %zu requests, %zu keys; hits in %%\n", name, trace.size(), distinct.size());
  std::printf("capacity     LRU   SIEVE  S3FIFO  WTLFU1  WTLFU5 WTLFU10  Belady   cache cache/4\n");
  const auto all = static_cast<double>(trace.size());
  const std::vector<std::function<std::unique_ptr<Policy>(std::size_t)>> makers{
      make_lru,
      make_sieve,
      make_s3_fifo,
      [](std::size_t capacity) { return make_tiny_lfu(capacity, 1); },
      [](std::size_t capacity) { return make_tiny_lfu(capacity, 5); },
      [](std::size_t capacity) { return make_tiny_lfu(capacity, 10); }};
  for (const std::size_t capacity : {std::size_t{250}, std::size_t{1000}, std::size_t{4000}}) {
    std::printf("%8zu", capacity);
    for (const auto& make : makers) {
      const auto policy = make(capacity);
      std::size_t hits = 0;
      for (const std::uint64_t key : trace) hits += policy->ask(key) ? 1 : 0;
      std::printf(" %7.2f", 100.0 * static_cast<double>(hits) / all);
    }
    std::printf(" %7.2f %7.2f %7.2f\n", 100.0 * static_cast<double>(belady_hits(trace, capacity)) / all,
                100 * cache_ratio(trace, capacity, 1), 100 * cache_ratio(trace, capacity, 4));
    std::fflush(stdout);
  }
}

// What one writes first: one mutex, a list in order of use, a map into it.
class PlainLru {
 public:
  void put(const std::string& key, cache::EntryPtr entry) {
    order_.emplace_front(key, std::move(entry));
    where_[key] = order_.begin();
  }
  cache::EntryPtr find(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto at = where_.find(key);
    if (at == where_.end()) return nullptr;
    order_.splice(order_.begin(), order_, at->second);
    return at->second->second;
  }

 private:
  using Order = std::list<std::pair<std::string, cache::EntryPtr>>;
  std::mutex mutex_;
  Order order_;
  std::unordered_map<std::string, Order::iterator> where_;
};

cache::Entry answer_of_2_kb() {
  cache::Entry entry;
  for (const char* form : {"json", "json;gzip"}) {
    entry.forms.push_back(std::make_shared<const cache::Form>(
        cache::Form{form, "\"0123456789abcdef0123456789abcdef\"", "Content-Type: application/json\r\n",
                    std::string(2000, 'x')}));
  }
  entry.tags = {"model:odordiff2"};
  return entry;
}

// Times each lookup by itself, clock included, in `threads` threads at once.
void time_hits(const char* name, unsigned threads, const std::vector<std::string>& keys,
               const std::function<bool(const std::string&)>& find) {
  constexpr std::size_t kLookups = 1'000'000;
  std::vector<std::vector<std::uint32_t>> times(threads);
  std::latch all_here(static_cast<std::ptrdiff_t>(threads));
  std::vector<std::jthread> crew;
  std::atomic<std::size_t> missed{0};
  const auto began = std::chrono::steady_clock::now();
  for (unsigned t = 0; t < threads; ++t) {
    crew.emplace_back([&, t] {
      const Zipf zipf(keys.size(), 0.9);
      Rng rng(3, t);
      std::vector<std::uint32_t> ranks(kLookups);
      for (auto& rank : ranks) rank = static_cast<std::uint32_t>(zipf.draw(rng));
      times[t].resize(kLookups);
      all_here.arrive_and_wait();
      std::size_t none = 0;
      for (std::size_t i = 0; i < kLookups; ++i) {
        const auto start = std::chrono::steady_clock::now();
        none += find(keys[ranks[i]]) ? 0 : 1;
        const auto took = std::chrono::steady_clock::now() - start;
        times[t][i] =
            static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(took).count());
      }
      missed += none;
    });
  }
  crew.clear();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::vector<std::uint32_t> all;
  for (const auto& own : times) all.insert(all.end(), own.begin(), own.end());
  const auto quantile = [&](double q) {
    const auto at = all.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(all.size() - 1));
    std::nth_element(all.begin(), at, all.end());
    return 1e-3 * *at;
  };
  const double p50 = quantile(0.5);
  const double p99 = quantile(0.99);
  const double p999 = quantile(0.999);
  std::printf("%-22s %7u %8.3f %8.3f %8.3f %10.2f %7zu\n", name, threads, p50, p99, p999,
              1e-6 * static_cast<double>(all.size()) / seconds, missed.load());
}

void time_all_hits() {
  cache::Cache cache;
  PlainLru plain;
  std::vector<std::string> keys;
  const std::size_t heap_before = mallinfo2().uordblks + mallinfo2().hblkhd;
  for (int i = 0; i < 1000; ++i) {
    // As long as a digest with its prefix.
    std::string key = "v1/generate/";
    for (int d = 0; d < 4; ++d) {
      char hex[17];
      std::snprintf(hex, sizeof hex, "%016llx",
                    static_cast<unsigned long long>(mix64(static_cast<std::uint64_t>(4 * i + d))));
      key += hex;
    }
    cache.put(key, answer_of_2_kb());
    keys.push_back(std::move(key));
  }
  const std::size_t heap = mallinfo2().uordblks + mallinfo2().hblkhd - heap_before;
  std::size_t of_keys = keys.capacity() * sizeof(std::string);
  for (const auto& key : keys) of_keys += cache::heap_bytes(key);
  const std::size_t accounted = cache.stats().bytes;
  std::printf("\n%zu entries of 2 x 2 kB: %zu bytes by account, %zu on the heap (%+.2f %%)\n",
              cache.stats().items, accounted, heap - of_keys,
              100.0 * (static_cast<double>(accounted) / static_cast<double>(heap - of_keys) - 1));

  // Of a shard's items the hash may have put a few too many in one; those that stayed are looked up.
  std::erase_if(keys, [&](const std::string& key) { return cache.peek(key).entry == nullptr; });
  for (const auto& key : keys) plain.put(key, cache.peek(key).entry);
  std::printf("\nlookup of a hit, us     threads      p50      p99    p99.9  million/s  missed\n");
  for (const unsigned threads : {1U, 2U}) {
    for (int run = 0; run < 3; ++run) {
      time_hits("Cache::look_up", threads, keys, [&](const std::string& key) {
        return cache.look_up(key).entry->form("json;gzip") != nullptr;
      });
      time_hits("one mutex, plain LRU", threads, keys,
                [&](const std::string& key) { return plain.find(key)->form("json;gzip") != nullptr; });
    }
  }
}

}  // namespace
}  // namespace odordiff::bench

int main(int argc, char** argv) {
  using namespace odordiff::bench;
  compare("Zipf 0.9", zipf_trace(1'000'000, 100'000, 0.9));
  compare("Zipf 0.7", zipf_trace(1'000'000, 100'000, 0.7));
  compare("shifting", shifting_trace(1'000'000));
  for (int i = 1; i < argc; ++i) compare(argv[i], read_trace(argv[i]));
  time_all_hits();
}

// The step loop allocates nothing once it is warm. Counts what the threads of this process allocate, the
// calling thread's own apart.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "diffusion/scheduler.h"
#include "random_model.h"

namespace {

std::atomic<long> allocations{0};
thread_local bool counted = true;

void* allocate(std::size_t size, std::size_t alignment) {
  if (counted) ++allocations;
  void* p = alignment <= alignof(std::max_align_t)
                ? std::malloc(size)
                : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

}  // namespace

// Where only one of a pair is inlined, the compiler takes it for a mismatch of malloc and delete.
[[gnu::noinline]] void* operator new(std::size_t size) {
  return allocate(size, 0);
}
[[gnu::noinline]] void* operator new[](std::size_t size) {
  return allocate(size, 0);
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t a) {
  return allocate(size, static_cast<std::size_t>(a));
}
[[gnu::noinline]] void* operator new[](std::size_t size, std::align_val_t a) {
  return allocate(size, static_cast<std::size_t>(a));
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  if (counted) ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  if (counted) ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* p) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete[](void* p) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete[](void* p, std::size_t) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete[](void* p, std::align_val_t) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete[](void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}

namespace odordiff::diffusion {
namespace {

TEST(StepLoop, AllocatesNothingOnceWarm) {
  const TemporaryFolder folder;
  write_random_model(folder.path(), {});
  for (const auto precision : {nn::Precision::F32, nn::Precision::BF16, nn::Precision::I8}) {
    const auto model = std::make_shared<const Model>(folder.path(), precision);
    for (const int threads : {1, 2}) {
      Scheduler scheduler(model, {.threads = threads, .max_sequences = 32});
      SampleRequest r;
      r.condition.assign(12, 0.3F);
      r.unconditional.assign(12, 0.0F);
      r.guidance = 1;
      r.count = 40;
      r.prefixes = {{}, chem::Tokenizer::encode("CCCCCCCCC")};
      counted = false;
      for (int warm = 0; warm < 6; ++warm) scheduler.sample(r);
      const long before = allocations;
      const auto steps = scheduler.stats().steps;
      scheduler.sample(r);
      const long made = allocations - before;
      EXPECT_GT(scheduler.stats().steps, steps + 10);
      counted = true;
      EXPECT_EQ(made, 0) << nn::to_string(precision) << " on " << threads << " threads";
    }
  }
}

TEST(StepLoop, TheCounterCounts) {
  const long before = allocations;
  int* volatile kept = new int(1);  // or the compiler leaves both out
  delete kept;
  EXPECT_EQ(allocations, before + 1);
}

}  // namespace
}  // namespace odordiff::diffusion

// One thread's scratch memory.
#include <array>
#include <cstdlib>
#include <memory>
#include <new>

#include "base/error.h"
#include "nn/kernels.h"

namespace odordiff::nn {
namespace {

struct Free {
  void operator()(void* p) const { std::free(p); }
};

}  // namespace

struct Workspace::Impl {
  struct Slot {
    std::unique_ptr<void, Free> memory;
    std::size_t bytes = 0;
  };
  std::array<Slot, 8> slots;
};

Workspace::Workspace() : impl_(std::make_unique<Impl>()) {}
Workspace::~Workspace() = default;
Workspace::Workspace(Workspace&&) noexcept = default;
Workspace& Workspace::operator=(Workspace&&) noexcept = default;

void* Workspace::get(int slot, std::size_t bytes) {
  if (slot < 0 || slot >= static_cast<int>(impl_->slots.size()))
    throw Internal("workspace slot out of range");
  Impl::Slot& s = impl_->slots[static_cast<std::size_t>(slot)];
  if (bytes > s.bytes || s.memory == nullptr) {
    // A quarter more than asked, so that batches that grow little by little do not reallocate each time.
    const std::size_t wanted = (bytes + bytes / 4 + 64) & ~std::size_t{63};
    s.memory.reset();
    s.bytes = 0;
    s.memory.reset(std::aligned_alloc(64, wanted));
    if (s.memory == nullptr) throw std::bad_alloc();
    s.bytes = wanted;
  }
  return s.memory.get();
}

}  // namespace odordiff::nn

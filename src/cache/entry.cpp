#include "cache/entry.h"

namespace odordiff::cache {
namespace {

// The two counters and the pointer to a function table that stand before an object made by make_shared.
constexpr std::size_t kSharedHeader = 16;

}  // namespace

std::size_t heap_bytes(const std::string& text) {
  static const std::size_t inside = std::string().capacity();
  return text.capacity() <= inside ? 0 : allocated_bytes(text.capacity() + 1);
}

const Form* Entry::form(std::string_view name) const {
  for (const auto& form : forms) {
    if (form->name == name) return form.get();
  }
  return nullptr;
}

std::size_t Entry::bytes() const {
  std::size_t sum = allocated_bytes(sizeof(Entry) + kSharedHeader) + heap_bytes(origin);
  if (forms.capacity() > 0) sum += allocated_bytes(forms.capacity() * sizeof(FormPtr));
  for (const auto& form : forms) {
    sum += allocated_bytes(sizeof(Form) + kSharedHeader) + heap_bytes(form->name) + heap_bytes(form->etag) +
           heap_bytes(form->head) + heap_bytes(form->body);
  }
  if (tags.capacity() > 0) sum += allocated_bytes(tags.capacity() * sizeof(std::string));
  for (const auto& tag : tags) sum += heap_bytes(tag);
  return sum;
}

}  // namespace odordiff::cache

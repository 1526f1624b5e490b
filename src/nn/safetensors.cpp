#include "nn/safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/replacement.h"

namespace odordiff::nn {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

// The limit of the reference implementation.
constexpr std::uint64_t kLargestHeader = 100'000'000;

struct TypeName {
  DType type;
  const char* name;
  std::size_t size;
};
constexpr TypeName kTypes[] = {{DType::F32, "F32", 4}, {DType::BF16, "BF16", 2}, {DType::I8, "I8", 1},
                               {DType::U8, "U8", 1},   {DType::I32, "I32", 4},   {DType::I64, "I64", 8},
                               {DType::U64, "U64", 8}};

const TypeName& type_of(DType type) {
  for (const TypeName& t : kTypes) {
    if (t.type == type) return t;
  }
  throw Internal("unknown tensor type");
}

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw Unavailable(file.string() + ": " + what);
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// Elements of a shape times the size of one; false past 64 bits.
bool byte_size(const std::vector<std::int64_t>& shape, std::size_t element, std::uint64_t& bytes) {
  bytes = element;
  for (const std::int64_t n : shape) {
    if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(n), &bytes)) return false;
  }
  return true;
}

std::uint64_t unsigned_of(const nlohmann::json& value) {
  if (!value.is_number_unsigned()) throw std::invalid_argument("a number is not a natural one");
  return value.get<std::uint64_t>();
}

TensorView read_entry(const nlohmann::json& entry, std::span<const std::byte> body) {
  TensorView view;
  const std::string& dtype = entry.at("dtype").get_ref<const std::string&>();
  const auto* type =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeName& t) { return dtype == t.name; });
  if (type == std::end(kTypes)) throw std::invalid_argument("unknown dtype " + quote_for_message(dtype));
  view.dtype = type->type;
  for (const auto& n : entry.at("shape").get_ref<const nlohmann::json::array_t&>()) {
    const std::uint64_t size = unsigned_of(n);
    if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      throw std::invalid_argument("a dimension is too large");
    }
    view.shape.push_back(static_cast<std::int64_t>(size));
  }
  const auto& offsets = entry.at("data_offsets").get_ref<const nlohmann::json::array_t&>();
  if (offsets.size() != 2) throw std::invalid_argument("data_offsets is not a pair");
  const std::uint64_t begin = unsigned_of(offsets[0]);
  const std::uint64_t end = unsigned_of(offsets[1]);
  if (begin > end || end > body.size()) throw std::invalid_argument("its data lie outside the file");
  std::uint64_t bytes = 0;
  if (!byte_size(view.shape, type->size, bytes) || bytes != end - begin) {
    throw std::invalid_argument("its shape does not fit its data");
  }
  view.data = body.subspan(begin, end - begin);
  if (bytes > 0 && reinterpret_cast<std::uintptr_t>(view.data.data()) % type->size != 0) {
    throw std::invalid_argument("its data are not aligned");
  }
  return view;
}

// The format allows neither overlaps nor holes.
void check_cover(const std::map<std::string, TensorView>& tensors, std::span<const std::byte> body,
                 const std::filesystem::path& file) {
  std::vector<std::span<const std::byte>> parts;
  parts.reserve(tensors.size());
  for (const auto& [name, view] : tensors) {
    if (!view.data.empty()) parts.push_back(view.data);
  }
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.data() < b.data(); });
  const std::byte* at = body.data();
  for (const auto& part : parts) {
    if (part.data() != at) fail(file, "tensors overlap or leave a hole");
    at = part.data() + part.size();
  }
  if (at != body.data() + body.size()) fail(file, "bytes after the last tensor");
}

template <class T>
std::span<const T> typed(const TensorView& view, DType type) {
  if (view.dtype != type) {
    throw Unavailable(std::string("a tensor is ") + type_of(view.dtype).name + " where " +
                      type_of(type).name + " is needed");
  }
  return {reinterpret_cast<const T*>(view.data.data()), view.data.size() / sizeof(T)};
}

}  // namespace

std::int64_t TensorView::elements() const {
  return static_cast<std::int64_t>(data.size() / type_of(dtype).size);
}
std::span<const float> TensorView::f32() const {
  return typed<float>(*this, DType::F32);
}
std::span<const std::uint16_t> TensorView::bf16() const {
  return typed<std::uint16_t>(*this, DType::BF16);
}
std::span<const std::int8_t> TensorView::i8() const {
  return typed<std::int8_t>(*this, DType::I8);
}
std::span<const std::int64_t> TensorView::i64() const {
  return typed<std::int64_t>(*this, DType::I64);
}
std::span<const std::uint64_t> TensorView::u64() const {
  return typed<std::uint64_t>(*this, DType::U64);
}

struct SafeTensors::Map {
  Map() = default;
  Map(const Map&) = delete;
  Map& operator=(const Map&) = delete;
  ~Map() {
    if (address != nullptr) ::munmap(address, bytes);
  }

  std::filesystem::path file;
  void* address = nullptr;
  std::size_t bytes = 0;
  std::map<std::string, TensorView> tensors;
};

SafeTensors::SafeTensors(const std::filesystem::path& file) : map_(std::make_unique<Map>()) {
  map_->file = file;
  const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (fd.get() < 0 || ::fstat(fd.get(), &info) != 0) {
    fail(file, std::string("cannot open: ") + std::strerror(errno));
  }
  if (!S_ISREG(info.st_mode)) fail(file, "not a regular file");
  const auto bytes = static_cast<std::size_t>(info.st_size);
  if (bytes < sizeof(std::uint64_t)) fail(file, "too short for a safetensors file");
  void* address = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd.get(), 0);
  if (address == MAP_FAILED) fail(file, std::string("cannot map: ") + std::strerror(errno));
  map_->address = address;
  map_->bytes = bytes;

  const std::span<const std::byte> all(static_cast<const std::byte*>(address), bytes);
  std::uint64_t header = 0;
  std::memcpy(&header, all.data(), sizeof header);
  if (header > kLargestHeader || header > bytes - sizeof header)
    fail(file, "its header is longer than the file");
  const auto text = all.subspan(sizeof header, header);
  const auto body = all.subspan(sizeof header + header);
  const char* begin = reinterpret_cast<const char*>(text.data());
  const auto json = nlohmann::json::parse(begin, begin + text.size(), nullptr, false);
  if (!json.is_object()) fail(file, "its header is not a JSON object");
  for (const auto& [name, entry] : json.items()) {
    if (name == "__metadata__") continue;
    try {
      map_->tensors.emplace(name, read_entry(entry, body));
    } catch (const nlohmann::json::exception&) {
      fail(file,
           "the header's entry " + quote_for_message(name) + " lacks a field or has one of a wrong kind");
    } catch (const std::invalid_argument& e) {
      fail(file, "tensor " + quote_for_message(name) + ": " + e.what());
    }
  }
  check_cover(map_->tensors, body, file);
}

SafeTensors::~SafeTensors() = default;
SafeTensors::SafeTensors(SafeTensors&&) noexcept = default;
SafeTensors& SafeTensors::operator=(SafeTensors&&) noexcept = default;

bool SafeTensors::contains(const std::string& name) const {
  return map_->tensors.count(name) != 0;
}

const TensorView& SafeTensors::at(const std::string& name) const {
  const auto found = map_->tensors.find(name);
  if (found == map_->tensors.end()) fail(map_->file, "no tensor " + quote_for_message(name));
  return found->second;
}

const TensorView& SafeTensors::at(const std::string& name, const std::vector<std::int64_t>& shape) const {
  const TensorView& view = at(name);
  if (view.shape != shape)
    fail(map_->file, "tensor " + quote_for_message(name) + " has another shape than expected");
  return view;
}

const std::map<std::string, TensorView>& SafeTensors::tensors() const {
  return map_->tensors;
}
const std::filesystem::path& SafeTensors::path() const {
  return map_->file;
}
std::span<const std::byte> SafeTensors::bytes() const {
  return {static_cast<const std::byte*>(map_->address), map_->bytes};
}

void write_safetensors(const std::filesystem::path& file, const std::map<std::string, TensorView>& tensors) {
  // Wide types first: the format has no padding, so this keeps every tensor aligned.
  std::vector<std::pair<std::string, const TensorView*>> order;
  for (const auto& [name, view] : tensors) order.emplace_back(name, &view);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return type_of(a.second->dtype).size > type_of(b.second->dtype).size;
  });
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  std::size_t at = 0;
  for (const auto& [name, view] : order) {
    std::uint64_t bytes = 0;
    if (!byte_size(view->shape, type_of(view->dtype).size, bytes) || bytes != view->data.size()) {
      throw Internal("tensor " + name + ": its shape does not fit its data");
    }
    json[name] = {{"dtype", type_of(view->dtype).name},
                  {"shape", view->shape},
                  {"data_offsets", {at, at + view->data.size()}}};
    at += view->data.size();
  }
  std::string header = json.dump();
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = header.size();

  Replacement out(file);
  out.write({reinterpret_cast<const char*>(&length), sizeof length});
  out.write(header);
  for (const auto& [name, view] : order)
    out.write({reinterpret_cast<const char*>(view->data.data()), view->data.size()});
  out.commit();
}

}  // namespace odordiff::nn

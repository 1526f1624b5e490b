// Reads rdkit-data's pickled fragment scores and keeps them as a flat file that loads in milliseconds.
#include "chem/sa_table.h"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/replacement.h"

namespace odordiff::chem {
namespace {

static_assert(std::endian::native == std::endian::little, "the table is written as it stands in memory");

constexpr std::string_view kMagic = "ODSAFRG1";
constexpr std::size_t kMaxPickleBytes = std::size_t{256} << 20;

struct Header {
  char magic[8];
  std::uint32_t fragments;
  std::uint32_t levels;
  std::uint32_t crc;
  std::uint32_t zero;
};
static_assert(sizeof(Header) == 24);

Unavailable broken(const std::filesystem::path& file, const std::string& why) {
  return Unavailable("fragment table " + file.string() + " is not usable: " + why);
}

std::string gunzip(const std::filesystem::path& file) {
  gzFile in = gzopen(file.c_str(), "rb");
  if (in == nullptr) throw broken(file, "cannot open it (install rdkit-data, or name its fpscores.pkl.gz)");
  std::string out;
  std::vector<char> block(1 << 16);
  int got = 0;
  while ((got = gzread(in, block.data(), static_cast<unsigned>(block.size()))) > 0 &&
         out.size() <= kMaxPickleBytes) {
    out.append(block.data(), static_cast<std::size_t>(got));
  }
  const int closed = gzclose_r(in);  // Z_BUF_ERROR when the stream was cut short
  if (got < 0 || closed != Z_OK) throw broken(file, "truncated or corrupt");
  if (out.size() > kMaxPickleBytes) throw broken(file, "too large");
  return out;
}

// The opcodes of pickle's protocol 0 (CPython's pickletools) that a list of lists of numbers is written with.
class PickleReader {
 public:
  PickleReader(const std::filesystem::path& file, std::string_view text) : file_(file), text_(text) {}

  // Calls entry(score, id) for each fragment, in order.
  template <typename Entry>
  void read(Entry entry) {
    open_list();
    while (peek() != '.') {
      open_list();
      const auto score = number<double>('F');
      if (!std::isfinite(score)) fail();
      expect('a');
      while (peek() == 'I') {
        entry(score, number<std::uint32_t>('I'));
        expect('a');
      }
      expect('a');  // the inner list to the outer one
    }
  }

 private:
  void open_list() {
    expect('(');
    expect('l');
    number<std::uint32_t>('p');
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void expect(char opcode) {
    if (peek() != opcode) fail();
    ++at_;
  }

  template <typename T>
  T number(char opcode) {
    expect(opcode);
    const auto end = text_.find('\n', at_);
    if (end == std::string_view::npos) fail();
    T value{};
    const auto parsed = std::from_chars(text_.data() + at_, text_.data() + end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != text_.data() + end) fail();
    at_ = end + 1;
    return value;
  }

  [[noreturn]] void fail() const { throw broken(file_, "unexpected content at byte " + std::to_string(at_)); }

  const std::filesystem::path& file_;
  std::string_view text_;
  std::size_t at_ = 0;
};

template <typename T>
void append_bytes(std::string& out, const std::vector<T>& values) {
  out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

template <typename T>
std::string_view take_bytes(std::string_view bytes, std::vector<T>& values) {
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return bytes.substr(values.size() * sizeof(T));
}

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

double SaTable::find(std::uint32_t id, double otherwise) const {
  const auto it = std::lower_bound(ids.begin(), ids.end(), id);
  if (it == ids.end() || *it != id) return otherwise;
  return scores[level_of[static_cast<std::size_t>(it - ids.begin())]];
}

SaTable SaTable::from_pickle(const std::filesystem::path& pickle_gz) {
  struct Entry {
    std::uint32_t id;
    std::uint32_t level;
  };
  const std::string text = gunzip(pickle_gz);
  SaTable table;
  std::vector<Entry> entries;
  PickleReader(pickle_gz, text).read([&](double score, std::uint32_t id) {
    if (table.scores.empty() || table.scores.back() != score) table.scores.push_back(score);
    entries.push_back({id, static_cast<std::uint32_t>(table.scores.size() - 1)});
  });
  if (entries.empty()) throw broken(pickle_gz, "it has no fragments");
  if (table.scores.size() > std::size_t{std::numeric_limits<std::uint16_t>::max()} + 1 ||
      entries.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw broken(pickle_gz, "more scores than the flat table can hold");
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.id < b.id; });
  for (std::size_t i = 0; i < entries.size(); ++i) {
    // The last mention of a fragment counts.
    if (i + 1 < entries.size() && entries[i + 1].id == entries[i].id) continue;
    table.ids.push_back(entries[i].id);
    table.level_of.push_back(static_cast<std::uint16_t>(entries[i].level));
  }
  return table;
}

SaTable SaTable::load(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw broken(file, "cannot open it");
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  Header header{};
  if (bytes.size() < sizeof(header)) throw broken(file, "too short");
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (std::string_view(header.magic, sizeof(header.magic)) != kMagic)
    throw broken(file, "not a fragment table");

  std::string_view rest = std::string_view(bytes).substr(sizeof(header));
  const std::size_t expected =
      header.levels * sizeof(double) + header.fragments * (sizeof(std::uint32_t) + sizeof(std::uint16_t));
  if (rest.size() != expected) throw broken(file, "wrong length");
  if (checksum(rest) != header.crc) throw broken(file, "wrong checksum");
  SaTable table;
  table.scores.resize(header.levels);
  table.ids.resize(header.fragments);
  table.level_of.resize(header.fragments);
  rest = take_bytes(rest, table.scores);
  rest = take_bytes(rest, table.ids);
  take_bytes(rest, table.level_of);
  const auto out_of_range = [&](std::uint16_t level) { return level >= header.levels; };
  if (std::any_of(table.level_of.begin(), table.level_of.end(), out_of_range))
    throw broken(file, "wrong score index");
  return table;
}

void SaTable::save(const std::filesystem::path& file) const {
  std::string payload;
  append_bytes(payload, scores);
  append_bytes(payload, ids);
  append_bytes(payload, level_of);
  Header header{};
  kMagic.copy(header.magic, sizeof(header.magic));
  header.fragments = static_cast<std::uint32_t>(ids.size());
  header.levels = static_cast<std::uint32_t>(scores.size());
  header.crc = checksum(payload);

  Replacement out(file);
  out.write({reinterpret_cast<const char*>(&header), sizeof(header)});
  out.write(payload);
  out.commit();
}

}  // namespace odordiff::chem

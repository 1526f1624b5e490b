#include "fleet/stored_entry.h"

#include <zstd.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/sha256.h"

namespace odordiff::fleet {
namespace {

using Json = nlohmann::json;

// 16 bytes of checksum as hexadecimal digits, the kind, then MessagePack or its Zstandard frame.
constexpr std::size_t kSumDigits = 32;
constexpr char kPlain = 'M', kZstd = 'Z';
constexpr std::size_t kPackFrom = 1024;
constexpr int kLevel = 3;
constexpr std::size_t kMostBytes = std::size_t{128} << 20U;  // unpacked

std::string checksum(std::string_view digest, std::string_view kind_and_payload) {
  std::string all(digest);
  all += '\n';
  all += kind_and_payload;
  return sha256_hex(all).substr(0, kSumDigits);
}

std::string packed(const std::string& raw) {
  std::string out(ZSTD_compressBound(raw.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), raw.data(), raw.size(), kLevel);
  if (ZSTD_isError(size) != 0) throw Internal(std::string("Zstandard: ") + ZSTD_getErrorName(size));
  out.resize(size);
  return out;
}

std::optional<std::string> unpacked(std::string_view bytes) {
  const auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > kMostBytes)
    return std::nullopt;
  std::string out(static_cast<std::size_t>(size), '\0');
  if (ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size()) != out.size()) return std::nullopt;
  return out;
}

// Any bytes, and in MessagePack as such.
Json binary(const std::string& text) {
  return Json::binary({text.begin(), text.end()});
}

std::string text_of(const Json& value) {
  const auto& bytes = value.get_binary();
  return {bytes.begin(), bytes.end()};
}

Json to_json(const StoredEntry& stored) {
  const cache::Entry& entry = *stored.entry;
  Json forms = Json::array();
  for (const auto& form : entry.forms) {
    forms.push_back({binary(form->name), binary(form->etag), binary(form->head), binary(form->body)});
  }
  Json tags = Json::array();
  for (const auto& tag : entry.tags) tags.push_back(binary(tag));
  Json generations = Json::array();
  for (const auto& [tag, count] : stored.generations) generations.push_back({binary(tag), count});
  return {forms,
          tags,
          binary(entry.origin),
          entry.status,
          entry.negative,
          stored.life.fresh_ms,
          stored.life.stale_ms,
          generations};
}

StoredEntry from_json(const Json& json) {
  cache::Entry entry;
  for (const auto& form : json.at(0)) {
    entry.forms.push_back(std::make_shared<const cache::Form>(
        cache::Form{text_of(form.at(0)), text_of(form.at(1)), text_of(form.at(2)), text_of(form.at(3))}));
  }
  for (const auto& tag : json.at(1)) entry.tags.push_back(text_of(tag));
  entry.origin = text_of(json.at(2));
  entry.status = json.at(3).get<int>();
  entry.negative = json.at(4).get<bool>();
  StoredEntry out;
  out.life = {.fresh_ms = json.at(5).get<std::int64_t>(), .stale_ms = json.at(6).get<std::int64_t>()};
  for (const auto& generation : json.at(7)) {
    out.generations[text_of(generation.at(0))] = generation.at(1).get<std::int64_t>();
  }
  out.entry = std::make_shared<const cache::Entry>(std::move(entry));
  return out;
}

}  // namespace

PackedEntry pack_entry(const StoredEntry& stored, std::string_view digest) {
  std::string raw;
  Json::to_msgpack(to_json(stored), nlohmann::detail::output_adapter<char>(raw));
  std::string payload(1, raw.size() > kPackFrom ? kZstd : kPlain);
  payload += raw.size() > kPackFrom ? packed(raw) : raw;
  return {checksum(digest, payload) + payload, raw.size()};
}

std::optional<StoredEntry> unpack_entry(std::string_view bytes, std::string_view digest) {
  if (bytes.size() < kSumDigits + 1) return std::nullopt;
  const std::string_view payload = bytes.substr(kSumDigits);
  if (checksum(digest, payload) != bytes.substr(0, kSumDigits)) return std::nullopt;
  std::string_view raw = payload.substr(1);
  std::optional<std::string> held;
  if (payload.front() == kZstd) {
    held = unpacked(raw);
    if (!held) return std::nullopt;
    raw = *held;
  } else if (payload.front() != kPlain) {
    return std::nullopt;
  }
  try {
    StoredEntry out = from_json(Json::from_msgpack(raw));
    if (out.entry->forms.empty()) return std::nullopt;
    return out;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace odordiff::fleet

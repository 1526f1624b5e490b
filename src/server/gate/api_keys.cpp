#include "server/gate/api_keys.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <set>

#include "base/base64.h"
#include "base/error.h"
#include "base/random.h"
#include "base/sha256.h"
#include "server/config/toml_file.h"
#include "server/http.h"

namespace odordiff::server {
namespace {

const OwnQuota::Member* limit_named(std::string_view name) {
  static const auto members = OwnQuota::members();
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.name == name; });
  return found == members.end() ? nullptr : &*found;
}

bool is_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

ApiKeys ApiKeys::read(const std::string& file) {
  TomlFile toml(file);
  return read_from(toml);
}

ApiKeys ApiKeys::parse(const std::string& file, const std::string& text) {
  TomlFile toml(file, text);
  return read_from(toml);
}

ApiKeys ApiKeys::read_from(TomlFile& toml) {
  ApiKeys out;
  std::set<std::string> names, digests;
  for (const auto& [key, node] : toml.root()) {
    if (key.str() != "key" || !node.is_array_of_tables()) {
      toml.complain(node, fmt::format("{} is not known here; a file of keys holds [[key]] tables",
                                      quote_for_message(std::string(key.str()))));
      continue;
    }
    for (const auto& entry : *node.as_array()) {
      const toml::table& table = *entry.as_table();
      Key made;
      for (const auto& [member, value] : table) {
        const auto text = value.value_exact<std::string>();
        if (member == "name") {
          if (!text || !is_key_name(*text)) {
            toml.complain(value, "name takes 1 to 64 letters, digits, \"-\", \"_\", \".\"");
          } else if (!names.insert(*text).second) {
            toml.complain(value, fmt::format("the name {} is there twice", quote_for_message(*text)));
          } else {
            made.name = *text;
            made.identity.subject = fmt::format("key:{}", *text);
          }
        } else if (member == "role") {
          const auto role = text ? role_named(*text) : std::nullopt;
          if (!role) toml.complain(value, "role takes viewer, chemist or admin");
          made.identity.role = role.value_or(Role::None);
        } else if (member == "sha256") {
          if (!text || !is_digest(*text)) {
            toml.complain(value,
                          "sha256 takes 64 lower-case hexadecimal digits; 'odordiff keys new' prints them");
          } else if (!digests.insert(*text).second) {
            toml.complain(value, "the same key is there twice");
          } else {
            made.sha256 = *text;
          }
        } else if (member == "weight") {
          const auto weight = value.value_exact<std::int64_t>();
          if (!weight || *weight < 1 || *weight > kMostWeight)
            toml.complain(value, fmt::format("weight takes a whole number from 1 to {}", kMostWeight));
          made.weight = static_cast<int>(weight.value_or(1));
        } else if (const auto* limit = limit_named(member.str())) {
          const auto most = value.value_exact<std::int64_t>();
          if (!most || *most < 0 || *most > limit->most) {
            toml.complain(value, fmt::format("{} takes a whole number from 0 to {}; 0: no limit", limit->name,
                                             limit->most));
          } else {
            made.identity.quota.*limit->value = static_cast<int>(*most);
          }
        } else {
          toml.complain(value, fmt::format("unknown member {}; a key has name, role, sha256, rate_limit, "
                                           "sample_limit, job_limit, stream_limit, weight",
                                           quote_for_message(std::string(member.str()))));
        }
      }
      for (const char* needed : {"name", "role", "sha256"}) {
        if (!table.contains(needed)) toml.complain(entry, fmt::format("{} is missing", needed));
      }
      out.keys_.push_back(std::move(made));
    }
  }
  toml.throw_faults();
  return out;
}

std::optional<Identity> ApiKeys::find(std::string_view key) const {
  const std::string given = sha256_hex(key);
  const Key* found = nullptr;
  for (const auto& candidate : keys_) {
    if (CRYPTO_memcmp(candidate.sha256.data(), given.data(), given.size()) == 0) found = &candidate;
  }
  if (found == nullptr) return std::nullopt;
  return found->identity;
}

std::vector<ApiKeys::Listed> ApiKeys::list() const {
  std::vector<Listed> out;
  for (const auto& key : keys_) {
    out.push_back({key.name, key.sha256, key.identity.role, key.identity.quota, key.weight});
  }
  return out;
}

int ApiKeys::weight_of(std::string_view subject) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(),
                                  [&](const Key& key) { return key.identity.subject == subject; });
  return found == keys_.end() ? 1 : found->weight;
}

std::string new_api_key() {
  return std::string(kApiKeyPrefix) + base64url_encoded(random_bytes(32));
}

std::string api_key_entry(const std::string& key, const ApiKeys::Listed& of) {
  std::string out = fmt::format("[[key]]\nname = \"{}\"\nrole = \"{}\"\nsha256 = \"{}\"\n", of.name,
                                to_string(of.role), sha256_hex(key));
  for (const auto& limit : OwnQuota::members()) {
    if (const auto most = of.quota.*limit.value) out += fmt::format("{} = {}\n", limit.name, *most);
  }
  if (of.weight != 1) out += fmt::format("weight = {}\n", of.weight);
  return out;
}

bool is_key_name(std::string_view name) {
  return is_request_id(name);  // the same letters, and as many
}

}  // namespace odordiff::server

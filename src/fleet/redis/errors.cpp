#include "fleet/redis/errors.h"

#include <string_view>

namespace odordiff::fleet::redis {
namespace {

struct Advice {
  std::string_view code, words;
};

constexpr Advice kAdvice[] = {
    {"WRONGPASS", "the user or the password is wrong; check them in the Redis URL"},
    {"NOAUTH", "it wants a password; put user and password into the Redis URL"},
    {"NOPERM",
     "its ACL does not allow this user the command, the key or the channel; extend the user's rules"},
    {"LOADING", "it is still reading its data from disk; try again soon"},
    {"BUSY", "a script has been running for too long there; try again, or end it with SCRIPT KILL"},
    {"READONLY", "it is a replica, which takes no writes; name the primary, or the sentinels"},
    {"OOM", "its memory is full; raise maxmemory, or set maxmemory-policy allkeys-lru"},
    {"MISCONF", "it cannot write its snapshot and takes no writes until it can; look at its disk"},
    {"MASTERDOWN", "it has lost its primary; try again soon"},
    {"CLUSTERDOWN", "the cluster does not cover all slots at the moment; try again soon"},
    {"MOVED", "it is part of a cluster; the URL begins with redis+cluster:// then"},
    {"NOREPLICAS", "too few replicas are connected for a write; try again soon"},
};

}  // namespace

std::string error_code(const std::string& text) {
  return text.substr(0, text.find(' '));
}

void throw_refused(const std::string& text) {
  const std::string code = error_code(text);
  const std::string shown = quote_for_message(text, 200);
  if (code == "CROSSSLOT") {
    throw InvalidInput(
        "the keys of one command lie in different slots of the cluster; give them one hash tag, as in "
        "{tag}a and {tag}b: " +
        shown);
  }
  for (const auto& advice : kAdvice) {
    if (code == advice.code)
      throw Refused(code, "Redis refused: " + std::string(advice.words) + " (" + shown + ")");
  }
  throw Refused(code, "Redis refused: " + shown);
}

}  // namespace odordiff::fleet::redis

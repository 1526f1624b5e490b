// What can go wrong with Redis. All are Unavailable, but for what the caller did wrong (InvalidInput) and for
// too much at once (Overloaded).
#pragma once

#include <string>
#include <utility>

#include "base/error.h"

namespace odordiff::fleet::redis {

// The other side does not speak RESP3.
class ProtocolError : public Unavailable {
 public:
  using Unavailable::Unavailable;
};

// The connection ended, or time did, after the command was sent: nobody knows whether it was carried out.
class UnknownFate : public Unavailable {
 public:
  using Unavailable::Unavailable;
};

// The server answered with an error; nothing was carried out.
class Refused : public Unavailable {
 public:
  Refused(std::string code, const std::string& message) : Unavailable(message), code_(std::move(code)) {}
  // The first word of the server's answer: "WRONGTYPE", "OOM", "NOSCRIPT".
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

// The first word of an error's text.
std::string error_code(const std::string& text);
// Throws what the server's error means, with what would be right: InvalidInput for CROSSSLOT, else Refused.
[[noreturn]] void throw_refused(const std::string& text);

}  // namespace odordiff::fleet::redis

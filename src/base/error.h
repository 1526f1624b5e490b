// The few kinds of error that the product has. The edges (command line, HTTP, Python) turn each kind
// into an exit code, a problem document or an exception in one place; nothing else is thrown on purpose.
#pragma once

#include <stdexcept>
#include <string>

namespace odordiff {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The caller gave something wrong. The message says what was wrong and what would be right, in one line.
class InvalidInput : public Error {
 public:
  using Error::Error;
};

// Too much is asked at once; the same call may succeed later.
class Overloaded : public Error {
 public:
  using Error::Error;
};

// Something that the call needs (a file, a server, disk space) is not there or not usable.
class Unavailable : public Error {
 public:
  using Error::Error;
};

// The call was cancelled by its caller.
class Cancelled : public Error {
 public:
  using Error::Error;
};

// A broken promise of our own.
class Internal : public Error {
 public:
  using Error::Error;
};

// `text` cut to `max_bytes` and with control characters and broken UTF-8 made visible, for use in messages.
std::string quote_for_message(const std::string& text, std::size_t max_bytes = 60);

}  // namespace odordiff

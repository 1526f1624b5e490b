// Takes the parameters of a target's query one by one, with their bounds, as api::Fields does for bodies.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "server/problem.h"

namespace odordiff::server {

inline constexpr int kUsualPage = 20, kLargestPage = 100;  // items of a list that is given in pages

class Query {
 public:
  // Throws ProblemError 400 for a parameter that is given twice or wrongly encoded.
  explicit Query(const std::string& query);

  // `standard` where it is absent; what is wrong is remembered, and done() throws it.
  int whole(const std::string& name, int low, int high, int standard);
  // Decimal digits, as cursors are; empty where it is absent.
  std::string digits(const std::string& name);
  // Of at most `most_bytes`; empty where it is absent.
  std::string text(const std::string& name, std::size_t most_bytes);
  // Remembers that the parameter is wrong: `detail` says what would be right.
  void wrong(const std::string& name, std::string detail);

  // Throws api::InvalidFields with every complaint, also of parameters that nobody asked for.
  void done();

 private:
  const std::string* find(const std::string& name);

  std::map<std::string, std::string> given_;
  std::vector<std::string> known_;
  std::vector<api::FieldError> errors_;
};

// Whether `text` is a number that a cursor may be: 1 to 18 decimal digits.
bool is_cursor(std::string_view text);

// The cursor in the header Last-Event-ID; empty without one. Throws ProblemError 400 for anything else.
std::string last_event_id(const Request& request);

}  // namespace odordiff::server

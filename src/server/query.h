// The part of a target behind the question mark, name by name, with complaints of all that are wrong at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http.h"
#include "server/problem.h"

namespace odordiff::server {

// Each getter returns the parameter, or `standard` where it is absent or empty; what is wrong is remembered,
// and done() throws it.
class Query {
 public:
  // Throws ProblemError 400 where the percent-encoding is broken.
  explicit Query(const Request& request);

  std::string text(const std::string& name, std::size_t most_bytes, std::string standard = {});
  int whole(const std::string& name, int low, int high, int standard);
  // Decimal digits, as cursors are.
  std::string digits(const std::string& name);
  void wrong(const std::string& name, std::string detail);

  // Throws ProblemError 422 with every complaint, also of parameters that nobody asked for.
  void done();

 private:
  const std::string* find(const std::string& name);

  std::vector<std::pair<std::string, std::string>> parameters_;
  std::vector<std::string> known_;
  std::vector<FieldError> errors_;
};

// Whether `text` is a number that a cursor may be: 1 to 18 decimal digits.
bool is_cursor(std::string_view text);

}  // namespace odordiff::server

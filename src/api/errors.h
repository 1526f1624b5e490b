// What is wrong with a request, so that each edge can say it in its own way: HTTP as a problem document,
// Python as an exception, the command line as a sentence.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace odordiff::api {

// What is wrong with one member of a request.
struct FieldError {
  std::string pointer;  // JSON Pointer into the body, "/num_molecules"; of other parts "?limit" or
                        // "X-Request-Timeout"
  std::string detail;   // what would be right, and what was given
};

// A body that cannot be read as JSON.
class MalformedJson : public InvalidInput {
 public:
  using InvalidInput::InvalidInput;
};

// Members that are missing, wrong or unknown; all of them.
class InvalidFields : public InvalidInput {
 public:
  explicit InvalidFields(const std::string& what, std::vector<FieldError> errors = {})
      : InvalidInput(what), errors_(std::move(errors)) {}
  const std::vector<FieldError>& errors() const { return errors_; }

 private:
  std::vector<FieldError> errors_;
};

// One member that is wrong: its pointer and what would be right.
inline InvalidFields invalid_field(const std::string& pointer, const std::string& detail) {
  return InvalidFields(pointer + " " + detail, {{pointer, detail}});
}

}  // namespace odordiff::api

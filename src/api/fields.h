// Takes the members of a JSON object one by one, with their bounds, and complains of all that are wrong at
// once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/errors.h"
#include "api/json.h"
#include "generate/pipeline.h"

namespace odordiff::api {

// Each getter returns the member, or `standard` where it is absent or null; what is wrong is remembered, and
// done() throws it. Characters are counted as Unicode code points.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {}

  std::string required_text(const std::string& name, std::size_t most_chars);
  std::string text(const std::string& name, std::size_t most_chars, std::string standard = {});
  std::string choice(const std::string& name, const std::vector<std::string>& choices, std::string standard);
  std::vector<std::string> required_texts(const std::string& name, std::size_t most_items,
                                          std::size_t most_chars);
  int whole(const std::string& name, int low, int high, int standard);
  std::uint64_t seed(const std::string& name);
  double number(const std::string& name, double low, double high, double standard);
  bool flag(const std::string& name, bool standard);
  // {"min": 100, "max": 250}, either may be left out.
  generate::Range range(const std::string& name, generate::Range standard);
  bool has(const std::string& name) const;
  void wrong(const std::string& name, std::string detail);
  bool is_wrong(const std::string& name) const;

  // Throws InvalidFields with every complaint, also of members that nobody asked for.
  void done();

 private:
  const Json* find(const std::string& name);

  const Json& object_;
  std::vector<std::string> known_;
  std::vector<FieldError> errors_;
};

// Whether nothing but white space stands in `text`.
bool is_blank(const std::string& text);
// How a value looks in a message: short, and never with control characters.
std::string shown(const Json& value);

}  // namespace odordiff::api

// What exactly produced an answer. Two processes of one identity give the same answer to the same request;
// what is kept or handed over is looked up under the identity, so that none ever serves another's answers.
#pragma once

#include <string>
#include <string_view>

#include "model/config.h"

namespace odordiff::model {

struct Identity {
  std::string name, version;  // of the model, from its config.json
  std::string precision;      // "fp32", "bf16" or "int8"
  std::string backend;        // what computes: "cpu-fma", "cpu-baseline"
  // 32 hexadecimal digits of a SHA-256 over all of the above and over every file that can change an answer:
  // the model's, the tables of safety and synthesis, the fragment table; and over the program's version and
  // kAnswerVersion.
  std::string digest;

  bool operator==(const Identity&) const = default;
};

// Goes up with every change to the program that changes an answer to some request, or its form.
inline constexpr int kAnswerVersion = 1;

// The program's own version, such as "0.1.0".
std::string_view program_version();

// Throws Unavailable where a table cannot be read. `answer_version` is another one in tests alone.
Identity identify(const Config& config, std::string_view precision, std::string_view backend,
                  int answer_version = kAnswerVersion);

}  // namespace odordiff::model

// Everything that is wrong with a configuration, at once.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace odordiff::server {

// Unknown keys, wrong types, values out of bounds; each fault names its place and what would be right.
class ConfigError : public InvalidInput {
 public:
  explicit ConfigError(std::vector<std::string> faults)
      : InvalidInput(joined(faults)), faults_(std::move(faults)) {}
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  static std::string joined(const std::vector<std::string>& faults) {
    std::string out;
    for (const auto& fault : faults) out.append(out.empty() ? "" : "; ").append(fault);
    return out;
  }

  std::vector<std::string> faults_;
};

}  // namespace odordiff::server

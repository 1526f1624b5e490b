// Which known word somebody meant who wrote another one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace odordiff {

// The name closest to `word` (Levenshtein distance) when it is close enough to be a slip; else empty.
std::string closest(std::string_view word, const std::vector<std::string>& names);

}  // namespace odordiff

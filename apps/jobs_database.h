// Where `odordiff serve` keeps jobs.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace odordiff::apps {

// The file that `option` names; empty: odordiff/jobs.db under $XDG_STATE_HOME or ~/.local/state, whose folder
// is made, for its owner alone. Nothing for "none". Throws Unavailable.
std::optional<std::filesystem::path> jobs_database(const std::string& option);

}  // namespace odordiff::apps

#include "jobs_database.h"

#include <cstdlib>
#include <system_error>

#include "base/error.h"

namespace odordiff::apps {
namespace {

namespace fs = std::filesystem;

fs::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? fs::path() : fs::path(value);
}

fs::path state_folder() {
  const fs::path state = from_environment("XDG_STATE_HOME");
  if (state.is_absolute())
    return state / "odordiff";  // relative ones are to be ignored, by its specification
  const fs::path home = from_environment("HOME");
  if (home.is_absolute()) return home / ".local" / "state" / "odordiff";
  throw Unavailable("there is no home folder to keep jobs in; give --jobs-db FILE, or --jobs-db none");
}

}  // namespace

std::optional<fs::path> jobs_database(const std::string& option) {
  if (option == "none") return std::nullopt;
  if (!option.empty()) return fs::path(option);
  const fs::path folder = state_folder();
  std::error_code error;
  if (fs::create_directories(folder, error)) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) {
    throw Unavailable("cannot keep jobs in " + folder.string() + ": " + error.message() +
                      "; give --jobs-db FILE, or --jobs-db none");
  }
  return folder / "jobs.db";
}

}  // namespace odordiff::apps

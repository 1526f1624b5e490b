#include "base/links.h"

#include <system_error>
#include <utility>

namespace odordiff {

std::filesystem::path behind_links(std::filesystem::path path) {
  namespace fs = std::filesystem;
  constexpr int kMostLinks = 40;  // as many as the system follows
  std::error_code error;
  for (int i = 0; i < kMostLinks && fs::is_symlink(path, error); ++i) {
    path = path.parent_path() / fs::read_symlink(path, error);
  }
  const auto folder = fs::canonical(path.has_parent_path() ? path.parent_path() : fs::path("."), error);
  return error ? std::move(path) : folder / path.filename();
}

}  // namespace odordiff

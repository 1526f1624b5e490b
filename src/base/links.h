// Where a path leads, whether or not there is a file yet.
#pragma once

#include <filesystem>

namespace odordiff {

// `path` with every symbolic link in it followed, also a last one that leads to no file: two names of one
// file give one path. As it is where its folder cannot be found.
std::filesystem::path behind_links(std::filesystem::path path);

}  // namespace odordiff

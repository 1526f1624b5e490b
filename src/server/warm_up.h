// Asks the server's own routes for what its users will ask for, before they do: a list of common briefs, and
// what was asked most when the last process ended.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "observe/log.h"
#include "server/router.h"

namespace odordiff::server {

struct WarmUpRequest {
  std::string path;
  std::string body;  // JSON
};

// The list in `file`, on each line {"path": "/v1/generate", "body": {…}}; blank lines count for nothing.
// Throws InvalidInput with the line's number where one is something else, Unavailable where the file cannot
// be read.
std::vector<WarmUpRequest> read_warm_up(const std::filesystem::path& file);

// Writes AnswerCache::hottest() as such a list, readable for its owner only: it holds users' briefs. Throws
// Unavailable.
void write_warm_up(const std::filesystem::path& file, const std::vector<std::string>& hottest);

// Asks for all of it, one after another, so that users hardly notice; returns at once. Ends early when the
// workers stop. What is refused is counted in the log's line at the end. The references must outlive the
// workers.
void warm_up(std::vector<WarmUpRequest> list, const Router& router, observe::Logger& logger);

}  // namespace odordiff::server

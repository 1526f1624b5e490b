// Options as the commands declare them: each checks its value at once and says in one line what would be
// right.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "generate/pipeline.h"

namespace odordiff::apps {

// A value out of a fixed list.
CLI::Option* add_choice(CLI::App& app, const std::string& names, std::string& target,
                        const std::vector<std::string>& choices, const std::string& description);

// A whole number from `low` to `high`.
CLI::Option* add_whole(CLI::App& app, const std::string& names, int& target, int low, int high,
                       const std::string& description);
CLI::Option* add_seed(CLI::App& app, std::uint64_t& target, const std::string& description);

// A finite number from `low` to `high`.
CLI::Option* add_number(CLI::App& app, const std::string& names, double& target, double low, double high,
                        const std::string& description);
CLI::Option* add_number(CLI::App& app, const std::string& names, float& target, double low, double high,
                        const std::string& description);

// LOW:HIGH, either side may be left out.
CLI::Option* add_range(CLI::App& app, const std::string& names, generate::Range& target,
                       const std::string& description);
// Throws InvalidInput that names `option`.
generate::Range parse_range(const std::string& option, const std::string& text);
std::string to_string(const generate::Range& range);

// What generation takes, for `generate` and `batch`. `request.brief` is left alone.
struct RequestOptions {
  generate::Request request;
  std::string precision = "fp32";
  int threads = 0;
  std::string model;
  std::string like, keep;

  // The request without a brief. Throws InvalidInput when a SMILES does not parse or options contradict each
  // other.
  generate::Request make_request() const;
  // With a model whose files match their checksums. Throws Unavailable.
  generate::PipelineOptions pipeline_options() const;
};
void add_request_options(CLI::App& app, RequestOptions& options);

// `[…]` as a whole argument is a list to CLI11, but an atom to a chemist. protect_arguments() marks such
// arguments and restore_arguments() makes every option of the tree take the mark off again.
std::vector<std::string> protect_arguments(int argc, const char* const* argv);
void restore_arguments(CLI::App& root);
std::string without_mark(std::string text);

}  // namespace odordiff::apps

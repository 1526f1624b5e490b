// The lines of a batch: plain briefs, or JSON objects with `brief` and, when wanted, `id`, `n`, `seed`,
// `like`, `keep`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "answer_json.h"
#include "generate/pipeline.h"

namespace odordiff::apps {

struct BatchItem {
  Json id;  // as given; else the line's number, from 1
  generate::Request request;
  std::string error;  // why the line is no request; else empty
};

// One item a line, in order; a line that is no request carries its error. `defaults` gives what a line leaves
// out.
std::vector<BatchItem> read_batch(const std::string& text, const generate::Request& defaults);

// The seed of a line that names none: differs from line to line, follows `seed`, and fits a double exactly,
// so that every JSON reader gets it back unchanged.
std::uint64_t line_seed(std::uint64_t seed, std::size_t line);

}  // namespace odordiff::apps

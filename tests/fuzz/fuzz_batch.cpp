// Any bytes as the input of `odordiff batch`: each line is a request within its bounds or carries its error,
// and what was read can be written as JSON lines and reads the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "batch_input.h"
#include "require.h"
#include "scent/brief_text.h"
#include "text_io.h"

namespace {

using namespace odordiff::apps;
using odordiff::fuzz::require;

bool is_utf8(const std::string& text) {
  return odordiff::scent::count_characters(text).has_value();
}

bool is_plain(const std::string& text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) return false;
  }
  return is_utf8(text);
}

Json written(const BatchItem& item) {
  Json line = {
      {"id", item.id}, {"brief", item.request.brief}, {"n", item.request.count}, {"seed", item.request.seed}};
  if (item.request.like) line["like"] = *item.request.like;
  if (item.request.keep) line["keep"] = *item.request.keep;
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  odordiff::generate::Request defaults;
  defaults.count = 3;
  defaults.seed = 7;
  const std::vector<BatchItem> items = read_batch(text, defaults);
  require(items.size() == split_lines(text).size(), "there is one item a line");
  for (const auto& item : items) {
    require(item.id.is_string() || item.id.is_number(), "ids are texts or numbers");
    require(!item.id.dump().empty(), "ids can be written");
    require(is_plain(item.error), "errors are one line of text");
    if (!item.error.empty()) continue;
    require(item.request.count >= 1 && item.request.count <= 1000, "counts are bounded");
    require(
        !item.request.brief.empty() || item.request.like || item.request.keep || text.find('{') != text.npos,
        "a plain line has a brief");
    if (!is_utf8(item.request.brief)) continue;  // a plain line; the encoder refuses it
    const auto again = read_batch(written(item).dump() + "\n", {});
    require(again.size() == 1 && again[0].error.empty(), "what was read can be written");
    require(written(again[0]) == written(item), "what is written reads the same");
  }
  return 0;
}

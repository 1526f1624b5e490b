#include "batch_input.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/rng.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

// Sets `item` from the members of `line`. Throws InvalidInput at the first that is wrong.
void read_members(const Json& line, BatchItem& item) {
  auto& request = item.request;
  const auto text = [](const std::string& key, const Json& value) {
    if (!value.is_string()) throw InvalidInput(fmt::format("\"{}\" must be a string", key));
    return value.get<std::string>();
  };
  const auto id = line.find("id");
  if (id != line.end()) {
    if (!id->is_string() && !id->is_number()) throw InvalidInput("\"id\" must be a string or a number");
    item.id = *id;
  }
  bool has_brief = false;
  for (const auto& [key, value] : line.items()) {
    if (key == "id") continue;
    if (key == "brief") {
      has_brief = true;
      request.brief = text(key, value);
    } else if (key == "n") {
      if (!value.is_number_integer() || value < 1 || value > 1000) {
        throw InvalidInput("\"n\" must be a whole number from 1 to 1000");
      }
      request.count = value.get<int>();
    } else if (key == "seed") {
      if (!value.is_number_unsigned()) throw InvalidInput("\"seed\" must be a whole number from 0 on");
      request.seed = value.get<std::uint64_t>();
    } else if (key == "like") {
      request.like = text(key, value);
    } else if (key == "keep") {
      request.keep = text(key, value);
    } else {
      throw InvalidInput(fmt::format("unknown member {}; a line may have id, brief, n, seed, like and keep",
                                     quote_for_message(key)));
    }
  }
  if (!has_brief && !request.like && !request.keep) throw InvalidInput("the line has no \"brief\"");
}

BatchItem read_line(const std::string& line, std::size_t number, const generate::Request& defaults) {
  BatchItem item{number, defaults, {}};
  item.request.seed = line_seed(defaults.seed, number);
  const std::string_view text = trim(line);
  if (!text.starts_with('{')) {
    item.request.brief = std::string(text);
    if (text.empty()) item.error = "the brief is blank; write one brief a line";
    return item;
  }
  try {
    read_members(Json::parse(text), item);
  } catch (const Json::parse_error& error) {
    item.error = fmt::format(
        "not a JSON object (error at byte {}); write {{\"id\": 1, \"brief\": \"fresh-cut grass\"}}",
        error.byte);
  } catch (const Json::exception&) {
    item.error = "the line holds a number beyond what can be computed with, such as 1e400";
  } catch (const InvalidInput& error) {
    item.error = error.what();
  }
  return item;
}

}  // namespace

std::uint64_t line_seed(std::uint64_t seed, std::size_t line) {
  return mix64(seed + mix64(line)) >> 11U;
}

std::vector<BatchItem> read_batch(const std::string& text, const generate::Request& defaults) {
  std::vector<BatchItem> items;
  for (const auto& line : split_lines(text)) items.push_back(read_line(line, items.size() + 1, defaults));
  return items;
}

}  // namespace odordiff::apps

#include "model/config.h"

#include <fmt/format.h>

#include <fstream>
#include <initializer_list>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/error.h"
#include "base/sha256.h"

namespace odordiff::model {
namespace {

using Json = nlohmann::json;

constexpr const char* kFormat = "odordiff-model/2";

// One object of the file: hands out its members and knows those that nobody asked for.
class Object {
 public:
  Object(const Json& json, std::string name, std::initializer_list<std::string_view> known)
      : json_(json), name_(std::move(name)) {
    if (!json.is_object()) throw std::invalid_argument(shown("") + "must be an object");
    for (const auto& [key, unused] : json.items()) {
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        throw std::invalid_argument(fmt::format("{}unknown member {}; known are {}", shown(""),
                                                quote_for_message(key), fmt::join(known, ", ")));
      }
    }
  }

  bool has(const char* key) const { return json_.contains(key); }
  const Json& at(const char* key) const {
    if (!has(key)) throw std::invalid_argument(shown(key) + "is missing");
    return json_.at(key);
  }
  std::string text(const char* key) const {
    if (!at(key).is_string() || at(key).get_ref<const std::string&>().empty()) {
      throw std::invalid_argument(shown(key) + "must be a text");
    }
    return at(key).get<std::string>();
  }
  bool flag(const char* key) const {
    if (!at(key).is_boolean()) throw std::invalid_argument(shown(key) + "must be true or false");
    return at(key).get<bool>();
  }
  double number(const char* key, double least, double most) const {
    const bool fits = at(key).is_number() && at(key).get<double>() >= least && at(key).get<double>() <= most;
    if (!fits)
      throw std::invalid_argument(fmt::format("{}must be a number from {} to {}", shown(key), least, most));
    return at(key).get<double>();
  }
  int integer(const char* key, int least, int most) const {
    if (!at(key).is_number_integer()) throw std::invalid_argument(shown(key) + "must be a whole number");
    return static_cast<int>(number(key, least, most));
  }
  std::vector<std::string> texts(const char* key) const {
    const Json& list = at(key);
    const bool fits =
        list.is_array() && std::all_of(list.begin(), list.end(), [](const Json& v) { return v.is_string(); });
    if (!fits) throw std::invalid_argument(shown(key) + "must be a list of texts");
    return list.get<std::vector<std::string>>();
  }

 private:
  std::string shown(const std::string& key) const {
    const std::string path = name_.empty() || key.empty() ? name_ + key : name_ + "." + key;
    return path.empty() ? path : path + ": ";
  }

  const Json& json_;
  const std::string name_;
};

NetworkSizes network_of(const Json& json) {
  const Object sizes(
      json, "diffusion",
      {"width", "layers", "heads", "ffn", "block", "max_length", "cond_inputs", "cond_hidden", "text_width"});
  NetworkSizes out;
  out.width = sizes.integer("width", 1, 8192);
  out.layers = sizes.integer("layers", 1, 256);
  out.heads = sizes.integer("heads", 1, 256);
  out.ffn = sizes.integer("ffn", 1, 65536);
  out.block = sizes.integer("block", 1, 64);
  out.max_length = sizes.integer("max_length", 1, 1024);
  out.cond_inputs = sizes.integer("cond_inputs", 1, 65536);
  out.cond_hidden = sizes.integer("cond_hidden", 1, 65536);
  out.text_width = sizes.integer("text_width", 1, 65536);
  return out;
}

Sampling sampling_of(const Json& json, const NetworkSizes& network) {
  const Object sampling(
      json, "sampling",
      {"temperature", "guidance", "steps_per_block", "min_length", "max_length", "text_condition"});
  Sampling out;
  out.temperature = static_cast<float>(sampling.number("temperature", 0.1, 2));
  out.guidance = static_cast<float>(sampling.number("guidance", 0, 10));
  out.steps_per_block = sampling.integer("steps_per_block", 1, 4);
  out.max_length = sampling.integer("max_length", 1, network.max_length);
  out.min_length = sampling.integer("min_length", 1, out.max_length);
  out.text_condition = sampling.flag("text_condition");
  return out;
}

Retrieval retrieval_of(const Json& json) {
  const Object retrieval(json, "retrieval",
                         {"share", "samples", "starts", "keep_low", "keep_high", "quality_weight"});
  Retrieval out;
  out.share = retrieval.number("share", 0, 1);
  out.samples = retrieval.number("samples", 1, 4);
  out.starts = retrieval.integer("starts", 1, 64);
  out.keep_low = retrieval.number("keep_low", 0.01, 0.99);
  out.keep_high = retrieval.number("keep_high", out.keep_low, 0.99);
  out.quality_weight = retrieval.number("quality_weight", 0, 1);
  return out;
}

std::map<std::string, File> files_of(const Json& json) {
  if (!json.is_object()) throw std::invalid_argument("files: must be an object");
  std::map<std::string, File> out;
  for (const auto& [name, entry] : json.items()) {
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) {
      throw std::invalid_argument("files: " + quote_for_message(name) + " names a file outside the folder");
    }
    const Object file(entry, "files." + name, {"sha256", "bytes"});
    const bool counted = file.at("bytes").is_number_unsigned();
    if (!counted) throw std::invalid_argument("files." + name + ".bytes: must be a whole number from 0");
    out[name] = {file.text("sha256"), file.at("bytes").get<std::uint64_t>()};
  }
  return out;
}

void read_members(const Json& json, Config& out) {
  // Of another format the members are others, too.
  if (!json.is_object() || !json.contains("format"))
    throw std::invalid_argument("this is no model configuration");
  if (json.at("format") != kFormat) {
    throw std::invalid_argument(
        fmt::format("the model is of format {}, this program reads {}", json.at("format").dump(), kFormat));
  }
  const Object root(json, "",
                    {"format", "name", "version", "vocabulary", "descriptors", "diffusion", "sampling",
                     "retrieval", "files"});
  out.name = root.text("name");
  out.version = root.text("version");
  out.vocabulary = root.texts("vocabulary");
  out.descriptors = root.texts("descriptors");
  out.network = network_of(root.at("diffusion"));
  out.sampling = sampling_of(root.at("sampling"), out.network);
  if (root.has("retrieval")) out.retrieval = retrieval_of(root.at("retrieval"));
  out.files = files_of(root.at("files"));
}

}  // namespace

Config read_config(const std::filesystem::path& folder) {
  const auto file = folder / "config.json";
  const auto fail = [&](const std::string& what) {
    throw Unavailable(quote_for_message(file.string(), 300) + ": " + what + "; install the model again");
  };
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in && text.empty()) fail("cannot be read");
  Config out;
  out.folder = folder;
  out.sha256 = sha256_hex(text);
  try {
    read_members(Json::parse(text), out);
  } catch (const Json::exception&) {
    fail("is damaged, or no model configuration");
  } catch (const std::invalid_argument& error) {
    fail(error.what());
  }
  return out;
}

}  // namespace odordiff::model

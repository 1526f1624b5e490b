#include "diffusion/config.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace odordiff::diffusion {
namespace {

using nlohmann::json;

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw Unavailable(file.string() + ": " + what);
}

int size_field(const json& sizes, const char* name, int most) {
  const auto value = sizes.at(name).get<std::int64_t>();
  if (value < 1 || value > most) {
    throw std::invalid_argument(std::string(name) + " must be 1 to " + std::to_string(most));
  }
  return static_cast<int>(value);
}

ModelFiles read_fields(const json& root, const std::filesystem::path& folder) {
  if (root.at("format").get<std::string>() != "odordiff-model/1") {
    throw std::invalid_argument("format is not odordiff-model/1");
  }
  ModelFiles files;
  ModelConfig& c = files.config;
  c.name = root.at("name").get<std::string>();
  c.descriptors = root.at("descriptors").get<std::vector<std::string>>();
  const auto vocabulary = root.at("vocabulary").get<std::vector<std::string>>();
  const auto& ours = chem::Tokenizer::vocabulary();
  if (!std::equal(vocabulary.begin(), vocabulary.end(), ours.begin(), ours.end())) {
    throw std::invalid_argument("the model was made for another vocabulary");
  }
  c.vocab = static_cast<int>(vocabulary.size());

  const json& sizes = root.at("diffusion");
  c.width = size_field(sizes, "width", 8192);
  c.layers = size_field(sizes, "layers", 256);
  c.heads = size_field(sizes, "heads", 256);
  c.ffn = size_field(sizes, "ffn", 65536);
  c.block = size_field(sizes, "block", 64);
  c.max_length = size_field(sizes, "max_length", 1024);
  c.cond_inputs = size_field(sizes, "cond_inputs", 65536);
  c.cond_hidden = size_field(sizes, "cond_hidden", 65536);
  c.text_width = size_field(sizes, "text_width", 65536);
  if (c.width % c.heads != 0 || (c.width / c.heads) % 8 != 0) {
    throw std::invalid_argument("width must be heads times a multiple of 8");
  }
  // has_text, unconditional and three domains follow descriptors and text.
  if (static_cast<std::size_t>(c.cond_inputs) !=
      c.descriptors.size() + static_cast<std::size_t>(c.text_width) + 5) {
    throw std::invalid_argument("cond_inputs must be descriptors + text_width + 5");
  }

  const json& weights = root.at("files").at("diffusion.safetensors");
  files.weights = folder / "diffusion.safetensors";
  files.weights_sha256 = weights.at("sha256").get<std::string>();
  files.weights_bytes = weights.at("bytes").get<std::uint64_t>();
  return files;
}

}  // namespace

ModelFiles read_config(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "config.json";
  std::ifstream in(file, std::ios::binary);
  if (!in) fail(file, "cannot open");
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  try {
    return read_fields(json::parse(text), folder);
  } catch (const json::exception& e) {
    fail(file, e.what());
  } catch (const std::invalid_argument& e) {
    fail(file, e.what());
  }
}

}  // namespace odordiff::diffusion

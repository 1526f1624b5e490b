#include "diffusion/config.h"

#include <algorithm>

#include "base/error.h"
#include "model/config.h"

namespace odordiff::diffusion {

ModelFiles read_config(const std::filesystem::path& folder) {
  const model::Config read = model::read_config(folder);
  const auto fail = [&](const std::string& what) {
    throw Unavailable((folder / "config.json").string() + ": " + what);
  };
  const auto& ours = chem::Tokenizer::vocabulary();
  if (!std::equal(read.vocabulary.begin(), read.vocabulary.end(), ours.begin(), ours.end())) {
    fail("the model was made for another vocabulary");
  }
  const auto& sizes = read.network;
  if (sizes.width % sizes.heads != 0 || (sizes.width / sizes.heads) % 8 != 0) {
    fail("diffusion.width must be heads times a multiple of 8");
  }
  // has_text, unconditional and three domains follow descriptors and text.
  if (static_cast<std::size_t>(sizes.cond_inputs) !=
      read.descriptors.size() + static_cast<std::size_t>(sizes.text_width) + 5) {
    fail("diffusion.cond_inputs must be descriptors + text_width + 5");
  }
  const auto weights = read.files.find("diffusion.safetensors");
  if (weights == read.files.end()) fail("files.diffusion.safetensors is missing");
  ModelFiles files;
  static_cast<model::NetworkSizes&>(files.config) = sizes;
  files.config.name = read.name;
  files.config.vocab = static_cast<int>(ours.size());
  files.config.descriptors = read.descriptors;
  files.weights = folder / "diffusion.safetensors";
  files.weights_sha256 = weights->second.sha256;
  files.weights_bytes = weights->second.bytes;
  return files;
}

}  // namespace odordiff::diffusion

// Reads and checks the config.json of a model folder (docs/model-format.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "diffusion/model.h"

namespace odordiff::diffusion {

struct ModelFiles {
  ModelConfig config;
  std::filesystem::path weights;  // diffusion.safetensors
  std::string weights_sha256;
  std::uint64_t weights_bytes = 0;
};

// Throws Unavailable, naming the file and what is wrong with it.
ModelFiles read_config(const std::filesystem::path& folder);

}  // namespace odordiff::diffusion

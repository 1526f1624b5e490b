// What config.json (model/config.h) says of the network, checked against what this program can run.
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

// Writes a model folder with random weights, so that tests and benchmarks run the real loader on any size.
#pragma once

#include <filesystem>
#include <string>

#include "diffusion/model.h"

namespace odordiff::diffusion {

struct RandomModelSizes {
  int width = 32, layers = 2, heads = 2, ffn = 48, block = 4, max_length = 64;
  int descriptors = 3, text_width = 4, cond_hidden = 24;
  // Factor on the output layer: 0 gives flat logits, large ones peaked logits.
  float sharpness = 4.0F;
};

// The generator's own sizes.
inline RandomModelSizes full_size() {
  return {.width = 192,
          .layers = 6,
          .heads = 6,
          .ffn = 768,
          .descriptors = 138,
          .text_width = 64,
          .cond_hidden = 256};
}

void write_random_model(const std::filesystem::path& folder, const RandomModelSizes& sizes,
                        std::uint64_t seed = 1);

// A folder for one test, gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace odordiff::diffusion

// The pipeline with the shipped model, loaded once a process.
#pragma once

#include "generate/pipeline.h"

namespace odordiff::generate {

inline const Pipeline& pipeline() {
  static const Pipeline shipped({.model_folder = ODORDIFF_MODEL_FOLDER, .threads = 2});
  return shipped;
}

}  // namespace odordiff::generate

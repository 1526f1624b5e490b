// A forest of extremely randomised trees that gives the probability of one class: inference. Trained by
// train/random_forest.h (Geurts, Ernst & Wehenkel, Mach. Learn. 63 (2006) 3).
#pragma once

#include <span>
#include <string>

#include "nn/safetensors.h"

namespace odordiff::scent {

class Forest {
 public:
  // Tensors of `file`, which must outlive the forest: `name`.roots [trees]; `name`.feature [nodes], -1 in a
  // leaf; `name`.value [nodes], the threshold, or in a leaf the share of the class; `name`.left [nodes], of
  // the child for values at most the threshold; the other child follows it. Throws Unavailable when they do
  // not fit each other or `features`.
  Forest(const nn::SafeTensors& file, const std::string& name, std::size_t features);

  // Mean share over the trees, [0, 1], and the standard error of that mean over trees.
  struct Vote {
    double share = 0, error = 0;
  };
  Vote vote(std::span<const float> features) const;

 private:
  std::span<const float> roots_, feature_, value_, left_;
};

}  // namespace odordiff::scent

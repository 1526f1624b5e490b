#include "scent/forest.h"

#include <cmath>

#include "base/error.h"

namespace odordiff::scent {

Forest::Forest(const nn::SafeTensors& file, const std::string& name, std::size_t features)
    : roots_(file.at(name + ".roots").f32()), feature_(file.at(name + ".feature").f32()) {
  const auto nodes = static_cast<std::int64_t>(feature_.size());
  value_ = file.at(name + ".value", {nodes}).f32();
  left_ = file.at(name + ".left", {nodes}).f32();
  bool good = !roots_.empty();
  for (const float root : roots_) good = good && root >= 0 && root < static_cast<float>(nodes);
  for (std::size_t i = 0; i < feature_.size(); ++i) {
    if (feature_[i] < 0) continue;
    // Children come after their parent, so that every walk ends.
    good = good && feature_[i] < static_cast<float>(features) && left_[i] > static_cast<float>(i) &&
           left_[i] + 1 < static_cast<float>(nodes);
  }
  if (!good) throw Unavailable(file.path().string() + ": the trees of " + name + " are damaged");
}

Forest::Vote Forest::vote(std::span<const float> features) const {
  double sum = 0;
  double squares = 0;
  for (const float root : roots_) {
    auto at = static_cast<std::size_t>(root);
    while (feature_[at] >= 0) {
      const float x = features[static_cast<std::size_t>(feature_[at])];
      at = static_cast<std::size_t>(left_[at]) + (x <= value_[at] ? 0U : 1U);
    }
    const auto share = static_cast<double>(value_[at]);
    sum += share;
    squares += share * share;
  }
  const auto n = static_cast<double>(roots_.size());
  const double mean = sum / n;
  return {mean, std::sqrt(std::max(0.0, squares / n - mean * mean) / n)};
}

}  // namespace odordiff::scent

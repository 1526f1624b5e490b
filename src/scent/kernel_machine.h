// Gaussian-process regression on measured molecules: how a value of a new molecule follows from those of the
// molecules that it resembles, and how sure that is.
//
// The covariance of two molecules is the sum of three terms, each with its amplitude.
//
// 1. A linear kernel on group counts divided by size (heavy atoms^0.6587 + 1.6902): the form of Nannoolal's
// group contribution to a boiling point (Fluid Phase Equilib. 226 (2004) 45), its contributions learned.
//
// 2. The min-max kernel on group counts (Ralaivola et al., Neural Netw. 18 (2005) 1093), for what groups do
// together.
//
// 3. A rational quadratic kernel on standardised descriptors (Rasmussen & Williams, Gaussian Processes for
// Machine Learning, MIT Press 2006, eq. 4.19 with alpha = 1).
//
// A target's value is centre + k* . weights. Its variance is that of an approximation with inducing molecules
// (Titsias, AISTATS 2009): scale * (k** - km* Q km*), plus noise; intervals are the variance's root times a
// factor that makes them hold 90 % of left-out molecules. Fitted by train/train_physical.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nn/safetensors.h"
#include "scent/physical_features.h"

namespace odordiff::scent {

// The molecules that others are compared with, as features; no structures. Immutable after construction.
class KernelReferences {
 public:
  // From molecules (training): standardises the dense features over them.
  explicit KernelReferences(std::span<const PhysicalFeatures> molecules, std::array<float, 3> amplitudes);
  // From the tensors that tensors() gave. Throws Unavailable for other shapes.
  explicit KernelReferences(const nn::SafeTensors& file);

  std::size_t size() const { return group_total_.size(); }
  // Covariances with all references, [size()]; where `by_descriptors` [size()] is not empty, also their last
  // term alone.
  void row(const PhysicalFeatures& mol, std::span<float> out, std::span<float> by_descriptors = {}) const;
  // Covariance of a molecule with itself.
  float self(const PhysicalFeatures& mol) const;
  // Views into this object, for write_safetensors.
  std::map<std::string, nn::TensorView> tensors() const;

 private:
  std::vector<float> standardised(const PhysicalFeatures& mol) const;

  std::vector<float> amplitudes_;                // linear, min-max, rational quadratic
  std::vector<float> shift_, scale_;             // [kPhysicalDense]
  std::vector<float> dense_;                     // [kPhysicalDense, size()], standardised
  std::vector<float> group_total_, group_size_;  // [size()]
  // For each bin its references and counts: posting_start_ [kPhysicalBins + 1], whole numbers held as floats
  // (< 2^24).
  std::vector<float> posting_start_, posting_reference_, posting_count_;
};

// Sum of products of two vectors of the same length.
double dot(std::span<const float> a, std::span<const float> b);

struct KernelEstimate {
  double value = 0;
  double half_width = 0;  // of the 90 % interval
  double novelty =
      0;  // variance of the molecule over its variance without any data, [0, 1]: 1 is like nothing measured
};

// One property learned on the references.
class KernelTarget {
 public:
  // Tensors named `name`.weights [references], .inducing [m], .variance [m, m] and .scalars {centre, scale,
  // noise, factor}.
  KernelTarget(const nn::SafeTensors& file, const std::string& name, std::size_t references);

  // `row` and `self` as KernelReferences gives them.
  KernelEstimate estimate(std::span<const float> row, float self) const;
  // half_width of a molecule that no measurement says anything about.
  double widest(float self) const;

 private:
  std::span<const float> weights_, variance_;
  std::vector<std::size_t> inducing_;
  double centre_, scale_, noise_, factor_;
};

}  // namespace odordiff::scent

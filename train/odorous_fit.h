// Fits the odorous half of scent/physical_model.h: trees, a Gaussian process of 1 and 0, and the curve that
// calibrates what they say together.
#pragma once

#include <array>
#include <vector>

#include "gaussian_process.h"
#include "physical_data.h"
#include "random_forest.h"
#include "scent/kernel_machine.h"

namespace odordiff::train {

// On which molecules people agreed, weighed by where that comes from.
GrownForest grow_odorous(const std::vector<const PhysicalRow*>& rows);

// The Gaussian process: its inducing molecules among the references (every odorless one, and odorous ones
// evenly spread), and the covariances of all judged molecules with them.
class OdorousKernel {
 public:
  OdorousKernel(const scent::KernelReferences& references, const std::vector<const PhysicalRow*>& referred,
                std::vector<const PhysicalRow*> judged);

  // Weights of the inducing molecules when fold `left_out` is not looked at; kFolds: all are.
  std::vector<double> weights(std::size_t left_out) const;
  // What they say of the judged molecule `row`.
  double value(std::size_t row, const std::vector<double>& weights) const;

  const std::vector<std::size_t>& inducing() const { return inducing_; }  // positions among the references
  const std::vector<const PhysicalRow*>& rows() const { return rows_; }   // judged molecules

 private:
  std::vector<std::size_t> inducing_;
  std::vector<const PhysicalRow*> rows_;
  Matrix cross_{0, 0}, among_{0, 0};  // [rows, inducing], [inducing, inducing]
};

// Prints how well left-out molecules are told apart; returns slope and offset of the calibration curve of all
// of them.
std::array<double, 2> cross_validate_odorous(const OdorousKernel& kernel);

}  // namespace odordiff::train

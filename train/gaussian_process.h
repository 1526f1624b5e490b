// Fits one target of scent/kernel_machine.h: robust Gaussian-process regression on a covariance matrix that
// is given.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace odordiff::train {

// Row-major, symmetric where it is a covariance.
struct Matrix {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;
  Matrix(std::size_t r, std::size_t c) : rows(r), columns(c), values(r * c) {}
  double* row(std::size_t i) { return values.data() + i * columns; }
  const double* row(std::size_t i) const { return values.data() + i * columns; }
  double& operator()(std::size_t i, std::size_t j) { return values[i * columns + j]; }
  double operator()(std::size_t i, std::size_t j) const { return values[i * columns + j]; }
};

// Inverse of a symmetric positive definite matrix by Cholesky. Throws Internal when it is not.
Matrix inverse(const Matrix& a);

struct GaussianOptions {
  double scale = 1;  // variance of the function for a covariance of 1
  double noise = 1;  // variance of a good measurement
  int robust_rounds =
      3;  // of reweighting for Student-t noise with 4 degrees of freedom (Lange et al., JASA 84 (1989) 881)
};

// What KernelTarget holds, over the molecules that were fitted.
struct GaussianFit {
  double centre = 0;
  std::vector<double> weights;        // [fitted]
  std::vector<std::size_t> inducing;  // positions among the fitted
  Matrix variance{0, 0};              // [inducing, inducing], in units of the covariance
};

// `covariance` [n, n] of the molecules with values `y` [n].
GaussianFit fit(const Matrix& covariance, const std::vector<double>& y, const GaussianOptions& options);

struct GaussianPrediction {
  double value = 0, deviation = 0;
};
// `row` [n]: covariances with the fitted molecules; `self`: with itself.
GaussianPrediction predict(const GaussianFit& fit, const std::vector<double>& row, double self,
                           const GaussianOptions& options);

// Weights [m] of an approximation through m inducing molecules (subset of regressors; Rasmussen & Williams,
// eq. 8.14), for many molecules with values `y` [n] about 0 and weights `trust` [n]. `cross` [n, m] and
// `among` [m, m] are covariances, `noise` is in their unit.
std::vector<double> fit_inducing(const Matrix& cross, const Matrix& among, const std::vector<double>& y,
                                 const std::vector<double>& trust, double noise);

}  // namespace odordiff::train

#include "gaussian_process.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"

namespace odordiff::train {
namespace {

constexpr std::size_t kInducing = 256;
constexpr double kJitter = 1e-6;
constexpr double kFreedom = 4;

double dot(const double* a, const double* b, std::size_t n) {
  std::array<double, 8> sums{};
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (std::size_t k = 0; k < 8; ++k) sums[k] += a[i + k] * b[i + k];
  }
  double out = 0;
  for (const double s : sums) out += s;
  for (; i < n; ++i) out += a[i] * b[i];
  return out;
}

void add_scaled(double* y, double factor, const double* x, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] += factor * x[i];
}

// Molecules that explain the others best: pivoted incomplete Cholesky (Fine & Scheinberg, JMLR 2 (2001) 243).
std::vector<std::size_t> choose_inducing(const Matrix& k) {
  const std::size_t n = k.rows;
  std::vector<double> left(n);
  for (std::size_t i = 0; i < n; ++i) left[i] = k(i, i);
  std::vector<std::vector<double>> columns;
  std::vector<std::size_t> chosen;
  while (chosen.size() < std::min(kInducing, n)) {
    const auto pivot = static_cast<std::size_t>(std::max_element(left.begin(), left.end()) - left.begin());
    if (left[pivot] < 1e-4) break;
    std::vector<double> column(k.row(pivot), k.row(pivot) + n);
    for (const auto& c : columns) add_scaled(column.data(), -c[pivot], c.data(), n);
    const double root = std::sqrt(left[pivot]);
    for (std::size_t i = 0; i < n; ++i) {
      column[i] /= root;
      left[i] -= column[i] * column[i];
    }
    left[pivot] = 0;
    chosen.push_back(pivot);
    columns.push_back(std::move(column));
  }
  return chosen;
}

double median(std::vector<double> v) {
  const auto middle = v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2);
  std::nth_element(v.begin(), middle, v.end());
  return *middle;
}

}  // namespace

Matrix inverse(const Matrix& a) {
  const std::size_t n = a.rows;
  Matrix l(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) l(i, j) = (a(i, j) - dot(l.row(i), l.row(j), j)) / l(j, j);
    const double d = a(i, i) - dot(l.row(i), l.row(i), i);
    if (!(d > 0)) throw Internal("covariance matrix is not positive definite");
    l(i, i) = std::sqrt(d);
  }
  // y = l^-1, row by row; then a^-1 = y' y.
  Matrix y(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    y(i, i) = 1;
    for (std::size_t k = 0; k < i; ++k) add_scaled(y.row(i), -l(i, k), y.row(k), k + 1);
    for (std::size_t j = 0; j <= i; ++j) y(i, j) /= l(i, i);
  }
  Matrix out(n, n);
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i <= k; ++i) add_scaled(out.row(i), y(k, i), y.row(k), k + 1);
  }
  return out;
}

GaussianFit fit(const Matrix& covariance, const std::vector<double>& y, const GaussianOptions& options) {
  const std::size_t n = y.size();
  GaussianFit out;
  out.centre = median(y);
  std::vector<double> centred(n);
  for (std::size_t i = 0; i < n; ++i) centred[i] = y[i] - out.centre;
  const double ratio = options.noise / options.scale;
  std::vector<double> trust(n, 1.0);
  std::vector<double> alpha(n);
  for (int round = 0; round <= options.robust_rounds; ++round) {
    Matrix a = covariance;
    for (std::size_t i = 0; i < n; ++i) a(i, i) += ratio / trust[i] + kJitter;
    const Matrix inverted = inverse(a);
    for (std::size_t i = 0; i < n; ++i) alpha[i] = dot(inverted.row(i), centred.data(), n);
    if (round == options.robust_rounds) break;
    for (std::size_t i = 0; i < n; ++i) {
      const double left_out = alpha[i] / inverted(i, i);  // residual of i predicted from all others
      trust[i] = (kFreedom + 1) / (kFreedom + left_out * left_out / options.noise);
    }
  }
  out.weights = alpha;

  out.inducing = choose_inducing(covariance);
  const std::size_t m = out.inducing.size();
  Matrix among(m, m);
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < m; ++j) among(i, j) = covariance(out.inducing[i], out.inducing[j]);
    among(i, i) += kJitter;
  }
  Matrix informed = among;
  for (std::size_t k = 0; k < n; ++k) {
    std::vector<double> column(m);
    for (std::size_t i = 0; i < m; ++i) column[i] = covariance(k, out.inducing[i]);
    for (std::size_t i = 0; i < m; ++i)
      add_scaled(informed.row(i), column[i] * trust[k] / ratio, column.data(), m);
  }
  out.variance = inverse(among);
  const Matrix known = inverse(informed);
  for (std::size_t i = 0; i < m * m; ++i) out.variance.values[i] -= known.values[i];
  return out;
}

GaussianPrediction predict(const GaussianFit& fit, const std::vector<double>& row, double self,
                           const GaussianOptions& options) {
  GaussianPrediction out;
  out.value = fit.centre + dot(row.data(), fit.weights.data(), row.size());
  const std::size_t m = fit.inducing.size();
  std::vector<double> k(m);
  for (std::size_t i = 0; i < m; ++i) k[i] = row[fit.inducing[i]];
  double explained = 0;
  for (std::size_t i = 0; i < m; ++i) explained += k[i] * dot(fit.variance.row(i), k.data(), m);
  out.deviation = std::sqrt(options.scale * std::clamp(self - explained, 0.0, self) + options.noise);
  return out;
}

std::vector<double> fit_inducing(const Matrix& cross, const Matrix& among, const std::vector<double>& y,
                                 const std::vector<double>& trust, double noise) {
  const std::size_t m = among.rows;
  Matrix a = among;
  std::vector<double> b(m, 0.0);
  for (std::size_t i = 0; i < m; ++i) a(i, i) += kJitter;
  for (std::size_t k = 0; k < y.size(); ++k) {
    const double* row = cross.row(k);
    const double weight = trust[k] / noise;
    for (std::size_t i = 0; i < m; ++i) add_scaled(a.row(i), row[i] * weight, row, m);
    add_scaled(b.data(), weight * y[k], row, m);
  }
  const Matrix inverted = inverse(a);
  std::vector<double> out(m);
  for (std::size_t i = 0; i < m; ++i) out[i] = dot(inverted.row(i), b.data(), m);
  return out;
}

}  // namespace odordiff::train

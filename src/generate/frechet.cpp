#include "generate/frechet.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace odordiff::generate {
namespace {

using Rows = std::vector<std::vector<double>>;

constexpr int kMostSweeps = 30;

struct Normal {
  std::vector<double> mean;
  Rows covariance;
};

Normal normal_of(const Rows& rows) {
  const std::size_t n = rows.front().size();
  const auto count = static_cast<double>(rows.size());
  Normal out{std::vector<double>(n, 0), Rows(n, std::vector<double>(n, 0))};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < n; ++i) out.mean[i] += row[i] / count;
  }
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        out.covariance[i][j] += (row[i] - out.mean[i]) * (row[j] - out.mean[j]) / (count - 1);
      }
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) out.covariance[j][i] = out.covariance[i][j];
  }
  return out;
}

// Turns symmetric `m` diagonal by Jacobi's rotations (Golub & Van Loan, Matrix Computations, 8.5); columns of
// the result are eigenvectors, m[i][i] their values.
Rows diagonalise(Rows& m) {
  const std::size_t n = m.size();
  Rows vectors(n, std::vector<double>(n, 0));
  double whole = 0;
  for (std::size_t i = 0; i < n; ++i) {
    vectors[i][i] = 1;
    for (std::size_t j = 0; j < n; ++j) whole += m[i][j] * m[i][j];
  }
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    double off = 0;
    for (std::size_t p = 0; p < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) off += m[p][q] * m[p][q];
    }
    if (off <= 1e-22 * whole) break;
    for (std::size_t p = 0; p < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) {
        if (m[p][q] == 0) continue;
        const double theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
        const double t = (theta >= 0 ? 1 : -1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1), s = t * c;
        for (std::size_t k = 0; k < n; ++k) {
          const double a = m[k][p], b = m[k][q];
          m[k][p] = c * a - s * b;
          m[k][q] = s * a + c * b;
        }
        for (std::size_t k = 0; k < n; ++k) {
          const double a = m[p][k], b = m[q][k];
          m[p][k] = c * a - s * b;
          m[q][k] = s * a + c * b;
        }
        for (std::size_t k = 0; k < n; ++k) {
          const double a = vectors[k][p], b = vectors[k][q];
          vectors[k][p] = c * a - s * b;
          vectors[k][q] = s * a + c * b;
        }
      }
    }
  }
  return vectors;
}

Rows product(const Rows& a, const Rows& b) {
  const std::size_t n = a.size();
  Rows out(n, std::vector<double>(n, 0));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t j = 0; j < n; ++j) out[i][j] += a[i][k] * b[k][j];
    }
  }
  return out;
}

Rows square_root(Rows m) {
  const Rows vectors = diagonalise(m);
  const std::size_t n = m.size();
  Rows out(n, std::vector<double>(n, 0));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t k = 0; k < n; ++k) {
        out[i][j] += vectors[i][k] * std::sqrt(std::max(m[k][k], 0.0)) * vectors[j][k];
      }
    }
  }
  return out;
}

}  // namespace

double frechet_distance(const Rows& a, const Rows& b) {
  if (a.size() < 2 || b.size() < 2) return std::nan("");
  const Normal x = normal_of(a), y = normal_of(b);
  const Rows root = square_root(x.covariance);
  Rows middle = product(product(root, y.covariance), root);  // has the eigenvalues of A B, and is symmetric
  (void)diagonalise(middle);
  double distance = 0;
  for (std::size_t i = 0; i < x.mean.size(); ++i) {
    const double step = x.mean[i] - y.mean[i];
    distance +=
        step * step + x.covariance[i][i] + y.covariance[i][i] - 2 * std::sqrt(std::max(middle[i][i], 0.0));
  }
  return std::max(distance, 0.0);
}

}  // namespace odordiff::generate

// Fits src/scent/volatility.h to the measured boiling points and vapour pressures of odor_class.csv, training part, by
// ridge regression, and prints the error on the validation part.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/split.h"
#include "chem/molecule.h"
#include "nn/safetensors.h"
#include "scent/odor_tables.h"
#include "scent/volatility.h"

namespace {

using namespace odordiff;
using Matrix = std::vector<std::vector<double>>;

struct Row {
  std::vector<double> x;
  std::optional<double> boiling_point, log_pressure;
  bool validation = false;
};

// Solves A w = b for symmetric positive definite A by Gaussian elimination with partial pivoting.
std::vector<double> solve(Matrix a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i) {
      if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
    }
    std::swap(a[k], a[pivot]);
    std::swap(b[k], b[pivot]);
    for (std::size_t i = k + 1; i < n; ++i) {
      const double f = a[i][k] / a[k][k];
      for (std::size_t j = k; j < n; ++j) a[i][j] -= f * a[k][j];
      b[i] -= f * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= a[k][j] * b[j];
    b[k] /= a[k][k];
  }
  return b;
}

std::vector<float> fit(const std::vector<Row>& rows, std::optional<double> Row::*target, double ridge, const char* name) {
  const std::size_t n = rows.front().x.size();
  Matrix a(n, std::vector<double>(n, 0));
  std::vector<double> b(n, 0);
  for (const Row& row : rows) {
    if (row.validation || !(row.*target)) continue;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) a[i][j] += row.x[i] * row.x[j];
      b[i] += row.x[i] * *(row.*target);
    }
  }
  for (std::size_t i = 0; i + 1 < n; ++i) a[i][i] += ridge;
  a[n - 1][n - 1] += 1e-9;
  const auto w = solve(a, b);
  double error = 0;
  int count = 0;
  for (const Row& row : rows) {
    if (!row.validation || !(row.*target)) continue;
    double y = 0;
    for (std::size_t i = 0; i < n; ++i) y += row.x[i] * w[i];
    error += std::abs(y - *(row.*target));
    ++count;
  }
  std::printf("%s: mean absolute error %.3f on %d validation molecules\n", name, error / count, count);
  return {w.begin(), w.end()};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: odordiff-train-volatility DATA_FOLDER MODEL_FOLDER\n");
    return 2;
  }
  try {
    std::vector<Row> rows;
    for (const auto& columns : scent::read_csv(std::filesystem::path(argv[1]) / "odor_class.csv", 4)) {
      const auto mol = chem::Molecule::try_parse(columns[0]);
      if (!mol || mol->heavy_atoms() < 3 || mol->heavy_atoms() > 30) continue;
      Row row;
      row.x = scent::volatility_features(*mol);
      if (!columns[2].empty()) row.boiling_point = std::stod(columns[2]);
      if (!columns[3].empty() && std::stod(columns[3]) > 0) row.log_pressure = std::log10(std::stod(columns[3]));
      row.validation = is_validation(columns[0]);
      rows.push_back(std::move(row));
    }
    std::vector<float> scale(rows.front().x.size(), 1);
    for (std::size_t i = 0; i < scale.size(); ++i) {
      double sum = 1e-6;
      for (const Row& row : rows) sum += row.validation ? 0 : row.x[i] * row.x[i];
      scale[i] = static_cast<float>(1 / std::sqrt(sum / static_cast<double>(rows.size())));
      for (Row& row : rows) row.x[i] *= static_cast<double>(scale[i]);
    }
    const auto boiling = fit(rows, &Row::boiling_point, 0.05, "boiling point, degrees C");
    const auto pressure = fit(rows, &Row::log_pressure, 0.05, "log10 vapour pressure, mmHg");
    const auto view = [](const std::vector<float>& v) {
      return nn::TensorView{nn::DType::F32, {static_cast<std::int64_t>(v.size())}, std::as_bytes(std::span(v))};
    };
    nn::write_safetensors(std::filesystem::path(argv[2]) / "volatility.safetensors",
                          {{"scale", view(scale)},
                           {"boiling_point_c", view(boiling)},
                           {"log10_vapor_pressure_mmhg", view(pressure)}});
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "odordiff-train-volatility: %s\n", error.what());
    return 1;
  }
}

#include "naive_network.h"

#include <cmath>
#include <string>

namespace odordiff::diffusion {
namespace {

double silu(double x) {
  return x / (1 + std::exp(-x));
}
double gelu(double x) {
  return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}

}  // namespace

NaiveNetwork::NaiveNetwork(const std::filesystem::path& folder, ModelConfig config)
    : config_(std::move(config)), weights_(folder / "diffusion.safetensors") {}

NaiveNetwork::Vector NaiveNetwork::linear(const std::string& name, const Vector& x) const {
  const auto w = weights_.at(name + ".weight").f32();
  const auto b = weights_.at(name + ".bias").f32();
  Vector y(b.begin(), b.end());
  for (std::size_t o = 0; o < y.size(); ++o) {
    for (std::size_t k = 0; k < x.size(); ++k) y[o] += static_cast<double>(w[o * x.size() + k]) * x[k];
  }
  return y;
}

NaiveNetwork::Vector NaiveNetwork::embedding(const std::string& name, int row) const {
  const auto table = weights_.at(name).f32().subspan(size(row) * size(config_.width), size(config_.width));
  return {table.begin(), table.end()};
}

NaiveNetwork::Vector NaiveNetwork::modulated_norm(const Vector& x, const double* shift,
                                                  const double* scale) const {
  double mean = 0;
  double variance = 0;
  for (const double v : x) mean += v / static_cast<double>(x.size());
  for (const double v : x) variance += (v - mean) * (v - mean) / static_cast<double>(x.size());
  Vector y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    y[i] = (x[i] - mean) / std::sqrt(variance + 1e-5) * (1 + scale[i]) + shift[i];
  }
  return y;
}

NaiveNetwork::Vector NaiveNetwork::silu_of_condition(std::span<const float> condition) const {
  Vector hidden = linear("condition.fc1", Vector(condition.begin(), condition.end()));
  for (double& v : hidden) v = silu(v);
  Vector s = linear("condition.fc2", hidden);
  for (double& v : s) v = silu(v);
  return s;
}

std::vector<NaiveNetwork::Vector> NaiveNetwork::attention(const std::vector<Vector>& qkv) const {
  const std::size_t width = size(config_.width);
  const std::size_t head_width = width / size(config_.heads);
  const std::size_t block = size(config_.block);
  std::vector<Vector> out(qkv.size(), Vector(width, 0.0));
  for (std::size_t i = 0; i < qkv.size(); ++i) {
    for (std::size_t h = 0; h < size(config_.heads); ++h) {
      Vector p;
      double sum = 0;
      for (std::size_t j = 0; j < qkv.size() && j / block <= i / block; ++j) {
        double dot = 0;
        for (std::size_t d = h * head_width; d < (h + 1) * head_width; ++d)
          dot += qkv[i][d] * qkv[j][width + d];
        sum += p.emplace_back(std::exp(dot / std::sqrt(static_cast<double>(head_width))));
      }
      for (std::size_t j = 0; j < p.size(); ++j) {
        for (std::size_t d = h * head_width; d < (h + 1) * head_width; ++d) {
          out[i][d] += p[j] / sum * qkv[j][2 * width + d];
        }
      }
    }
  }
  return out;
}

std::vector<double> NaiveNetwork::logits(std::span<const float> condition,
                                         std::span<const chem::TokenId> tokens, int length) const {
  const std::size_t width = size(config_.width);
  const Vector s = silu_of_condition(condition);
  std::vector<Vector> x;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const int at = static_cast<int>(i);
    Vector row = embedding("token_embedding", tokens[i]);
    const Vector position = embedding("position_embedding", at);
    const Vector remaining = embedding("remaining_embedding", length - at);
    for (std::size_t d = 0; d < width; ++d) row[d] += position[d] + remaining[d];
    x.push_back(row);
  }
  const auto add = [&](std::size_t i, const double* gate, const Vector& d) {
    for (std::size_t k = 0; k < width; ++k) x[i][k] += gate[k] * d[k];
  };
  for (int n = 0; n < config_.layers; ++n) {
    const std::string at = "layers." + std::to_string(n) + ".";
    const Vector m = linear(at + "modulation", s);
    const auto part = [&](int which) { return m.data() + size(which) * width; };
    std::vector<Vector> qkv;
    for (const Vector& row : x) qkv.push_back(linear(at + "qkv", modulated_norm(row, part(0), part(1))));
    const auto attended = attention(qkv);
    for (std::size_t i = 0; i < x.size(); ++i) {
      add(i, part(2), linear(at + "out", attended[i]));
      Vector hidden = linear(at + "fc1", modulated_norm(x[i], part(3), part(4)));
      for (double& v : hidden) v = gelu(v);
      add(i, part(5), linear(at + "fc2", hidden));
    }
  }
  const Vector m = linear("final.modulation", s);
  std::vector<double> out;
  for (const Vector& row : x) {
    const Vector l = linear("head", modulated_norm(row, m.data(), m.data() + width));
    out.insert(out.end(), l.begin(), l.end());
  }
  return out;
}

std::vector<double> NaiveNetwork::length_logits(std::span<const float> condition) const {
  return linear("length", silu_of_condition(condition));
}

}  // namespace odordiff::diffusion

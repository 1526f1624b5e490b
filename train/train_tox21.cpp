// Trains the Tox21 model (src/safety/tox21.h) and reports its macro AUROC: the mean of an ensemble of small
// networks on descriptors and of a forest on descriptors and a hashed fingerprint. First it trains on the
// training part alone and prints figures for validation, which settings were chosen by; then on both, prints
// figures for the test part, which nothing was chosen by, and writes that model.
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "forest_trainer.h"
#include "safety/forest.h"
#include "torch_file.h"

namespace {

using torch::Tensor;
using namespace odordiff;

constexpr std::int64_t kHidden = 128, kMiddle = 64, kBatch = 128, kEpochs = 20;
constexpr double kRate = 2e-3, kDecay = 0.1;

const char* const kAssays[] = {"NR-AR",    "NR-AR-LBD", "NR-AhR",        "NR-Aromatase",
                               "NR-ER",    "NR-ER-LBD", "NR-PPAR-gamma", "SR-ARE",
                               "SR-ATAD5", "SR-HSE",    "SR-MMP",        "SR-p53"};

struct Data {
  Tensor dense, fingerprint, labels, known;
  Tensor part;  // 0 training, 1 validation, 2 test, 3 kept aside by the project
};

struct Net : torch::nn::Module {
  torch::nn::Linear first{nullptr}, second{nullptr}, third{nullptr};
  torch::nn::Dropout drop_in{0.1}, drop{0.3};
  Net(std::int64_t inputs, std::int64_t outputs)
      : first(register_module("first", torch::nn::Linear(inputs, kHidden))),
        second(register_module("second", torch::nn::Linear(kHidden, kMiddle))),
        third(register_module("third", torch::nn::Linear(kMiddle, outputs))) {
    register_module("drop_in", drop_in);
    register_module("drop", drop);
  }
  Tensor forward(const Tensor& x) {
    return third(drop(torch::relu(second(drop(torch::relu(first(drop_in(x))))))));
  }
};

// Per assay; NaN where a class is missing.
std::vector<double> aurocs(const Tensor& p, const Data& data, const Tensor& rows) {
  std::vector<double> out;
  for (std::int64_t a = 0; a < data.labels.size(1); ++a) {
    const Tensor shown =
        rows.index_select(0, data.known.index_select(0, rows).select(1, a).nonzero().squeeze(1));
    out.push_back(
        train::auroc(p.index_select(0, shown).select(1, a), data.labels.index_select(0, shown).select(1, a)));
  }
  return out;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

// Probabilities [n, 12] of the networks trained on `rows`; their weights go into `out`.
Tensor train_networks(const Data& data, const Tensor& rows, int members, std::map<std::string, Tensor>& out) {
  const Tensor mean = data.dense.index_select(0, rows).mean(0);
  const Tensor inverse = 1 / (data.dense.index_select(0, rows).std(0) + 1e-3);
  const Tensor x = ((data.dense - mean) * inverse).clamp(-4, 4);
  out["dense.mean"] = mean;
  out["dense.inverse_deviation"] = inverse;
  Tensor total = torch::zeros_like(data.labels);
  for (int m = 0; m < members; ++m) {
    torch::manual_seed(m);
    Net net(x.size(1), data.labels.size(1));
    torch::optim::AdamW optimizer(net.parameters(), torch::optim::AdamWOptions(kRate).weight_decay(kDecay));
    const std::int64_t steps = kEpochs * ((rows.size(0) + kBatch - 1) / kBatch);
    std::int64_t step = 0;
    for (std::int64_t epoch = 0; epoch < kEpochs; ++epoch) {
      net.train();
      const Tensor order = rows.index_select(0, torch::randperm(rows.size(0)));
      for (std::int64_t at = 0; at < order.size(0); at += kBatch, ++step) {
        const double rate =
            kRate * 0.5 * (1 + std::cos(M_PI * static_cast<double>(step) / static_cast<double>(steps)));
        static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups()[0].options()).lr(rate);
        const Tensor batch = order.slice(0, at, std::min(at + kBatch, order.size(0)));
        const Tensor w = data.known.index_select(0, batch);
        const Tensor loss = torch::binary_cross_entropy_with_logits(net.forward(x.index_select(0, batch)),
                                                                    data.labels.index_select(0, batch), w, {},
                                                                    at::Reduction::Sum) /
                            w.sum();
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
      }
    }
    net.eval();
    torch::NoGradGuard guard;
    total += torch::sigmoid(net.forward(x));
    const std::string at = "member" + std::to_string(m) + ".";
    out[at + "first.weight"] = net.first->weight;
    out[at + "first.bias"] = net.first->bias;
    out[at + "second.weight"] = net.second->weight;
    out[at + "second.bias"] = net.second->bias;
    out[at + "third.weight"] = net.third->weight;
    out[at + "third.bias"] = net.third->bias;
  }
  return total / members;
}

template <typename T>
Tensor copied(const std::vector<T>& values, std::vector<std::int64_t> shape, torch::ScalarType type) {
  return torch::from_blob(const_cast<T*>(values.data()), shape, torch::TensorOptions().dtype(type)).clone();
}

// Probabilities [n, 12] of a forest grown on `rows`; its tables go into `out`.
Tensor grow(const Data& data, const Tensor& rows, std::map<std::string, Tensor>& out) {
  const Tensor x = torch::cat({data.dense, data.fingerprint}, 1).contiguous();
  const auto n = static_cast<std::size_t>(x.size(0)), width = static_cast<std::size_t>(x.size(1)),
             outputs = static_cast<std::size_t>(data.labels.size(1));
  const std::span features(x.data_ptr<float>(), n * width);
  const train::ForestData forest_data{features,
                                      {data.labels.data_ptr<float>(), n * outputs},
                                      {data.known.data_ptr<float>(), n * outputs},
                                      width,
                                      outputs};
  const Tensor row_list = rows.contiguous();
  auto grown = train::grow_forest(
      forest_data, {row_list.data_ptr<std::int64_t>(), static_cast<std::size_t>(rows.size(0))}, {});
  // The forest is judged as it will run: from a weights file.
  const auto leaf_rows = static_cast<std::int64_t>(grown.leaves.size() / outputs);
  out["forest.leaves"] = copied(grown.leaves, {leaf_rows, static_cast<std::int64_t>(outputs)}, torch::kInt8);
  out["forest.first_node"] =
      copied(grown.first_node, {static_cast<std::int64_t>(grown.first_node.size())}, torch::kInt64);
  out["forest.first_leaf"] =
      copied(grown.first_leaf, {static_cast<std::int64_t>(grown.first_leaf.size())}, torch::kInt64);
  out["forest.nodes"] = copied(grown.nodes, {static_cast<std::int64_t>(grown.nodes.size())}, torch::kInt64);
  const auto file = std::filesystem::temp_directory_path() / "odordiff-train-forest.safetensors";
  train::save_tensors(file, {{"forest.leaves", out["forest.leaves"]},
                             {"forest.first_node", out["forest.first_node"]},
                             {"forest.first_leaf", out["forest.first_leaf"]},
                             {"forest.nodes", out["forest.nodes"]}});
  Tensor p = torch::zeros_like(data.labels);
  {
    const nn::SafeTensors weights(file);
    const safety::Forest forest(weights, width, outputs);
    for (std::size_t i = 0; i < n; ++i) {
      forest.predict(features.subspan(i * width, width), {p.data_ptr<float>() + i * outputs, outputs});
    }
  }
  std::filesystem::remove(file);
  return p;
}

// The middle 95 % of the macro AUROC over resamples of `rows`.
std::pair<double, double> interval(const Data& data, const Tensor& p, const Tensor& rows) {
  std::vector<double> figures;
  torch::manual_seed(1);
  for (int i = 0; i < 500; ++i) {
    figures.push_back(mean_of(
        aurocs(p, data, rows.index_select(0, torch::randint(rows.size(0), {rows.size(0)}, torch::kInt64)))));
  }
  std::sort(figures.begin(), figures.end());
  return {figures[12], figures[487]};
}

void report(const char* what, const Data& data, const Tensor& p, const Tensor& rows) {
  std::printf("  %-9s macro AUROC %.4f\n", what, mean_of(aurocs(p, data, rows)));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: odordiff-train-tox21 FEATURES.safetensors OUT.safetensors [members]\n");
    return 2;
  }
  torch::set_num_threads(1);
  const int members = argc > 3 ? std::atoi(argv[3]) : 8;
  try {
    const nn::SafeTensors file{argv[1]};
    const Data data{train::load_tensor(file, "dense"), train::load_tensor(file, "fingerprint"),
                    train::load_tensor(file, "labels"), train::load_tensor(file, "known"),
                    train::load_tensor(file, "part")};
    const Tensor training = (data.part == 0).nonzero().squeeze(1),
                 validation = (data.part == 1).nonzero().squeeze(1),
                 test = (data.part == 2).nonzero().squeeze(1);
    const Tensor both = torch::cat({training, validation});
    std::map<std::string, Tensor> weights;
    for (const bool last : {false, true}) {
      const Tensor& rows = last ? both : training;
      const Tensor& held_out = last ? test : validation;
      weights.clear();
      const Tensor networks = train_networks(data, rows, members, weights),
                   forest = grow(data, rows, weights);
      const Tensor p = (networks + forest) / 2;
      std::printf("trained on %lld molecules, %s part of %lld:\n", static_cast<long long>(rows.size(0)),
                  last ? "test" : "validation", static_cast<long long>(held_out.size(0)));
      report("networks", data, networks, held_out);
      report("forest", data, forest, held_out);
      report("both", data, p, held_out);
      std::fflush(stdout);
      if (!last) continue;
      const auto [low, high] = interval(data, p, test);
      std::printf("  95 %% interval over resamples of the test molecules %.4f to %.4f\n", low, high);
      const auto figures = aurocs(p, data, test);
      for (std::size_t a = 0; a < figures.size(); ++a)
        std::printf("    %-14s %.4f\n", kAssays[a], figures[a]);
    }
    train::save_tensors(argv[2], weights);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "odordiff-train-tox21: %s\n", error.what());
    return 1;
  }
}

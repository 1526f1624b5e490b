// Trains the Tox21 model (src/safety/tox21.h) and reports its macro AUROC: an ensemble of small networks on descriptors and a
// hashed fingerprint. First it trains on the training part alone and prints figures for validation, which settings were chosen
// by; then on both, prints figures for the test part, which nothing was chosen by, and writes that model.
#include <torch/torch.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "torch_file.h"

namespace {

using torch::Tensor;
using namespace odordiff;

constexpr std::int64_t kHidden = 128, kMiddle = 64, kBatch = 128, kEpochs = 20;
constexpr double kRate = 2e-3, kDecay = 0.1;

const char* const kAssays[] = {"NR-AR",         "NR-AR-LBD", "NR-AhR",   "NR-Aromatase", "NR-ER",  "NR-ER-LBD",
                               "NR-PPAR-gamma", "SR-ARE",    "SR-ATAD5", "SR-HSE",       "SR-MMP", "SR-p53"};

struct Data {
  Tensor dense, fingerprint, labels, known, part;
};

struct Net : torch::nn::Module {
  torch::nn::Linear dense{nullptr}, fingerprint{nullptr}, second{nullptr}, third{nullptr};
  torch::nn::Dropout drop_in{0.1}, drop_bins{0.5}, drop{0.3};
  bool sees_fingerprint;
  Net(std::int64_t descriptors, std::int64_t bins, std::int64_t outputs, bool fingerprint_too)
      : dense(register_module("dense", torch::nn::Linear(descriptors, kHidden))),
        second(register_module("second", torch::nn::Linear(kHidden, kMiddle))),
        third(register_module("third", torch::nn::Linear(kMiddle, outputs))), sees_fingerprint(fingerprint_too) {
    if (sees_fingerprint) {
      fingerprint = register_module("fingerprint",
                                    torch::nn::Linear(torch::nn::LinearOptions(bins, kHidden).bias(false)));
      torch::NoGradGuard guard;
      fingerprint->weight.mul_(0.3);
    }
    register_module("drop_in", drop_in);
    register_module("drop_bins", drop_bins);
    register_module("drop", drop);
  }
  Tensor forward(const Tensor& x, const Tensor& bins) {
    Tensor h = dense(drop_in(x));
    if (sees_fingerprint) h = h + fingerprint(drop_bins(bins));
    return third(drop(torch::relu(second(drop(torch::relu(h))))));
  }
};

// Per assay; NaN where a class is missing.
std::vector<double> aurocs(const Tensor& p, const Data& data, const Tensor& rows) {
  std::vector<double> out;
  for (std::int64_t a = 0; a < data.labels.size(1); ++a) {
    const Tensor shown = rows.index_select(0, data.known.index_select(0, rows).select(1, a).nonzero().squeeze(1));
    out.push_back(train::auroc(p.index_select(0, shown).select(1, a), data.labels.index_select(0, shown).select(1, a)));
  }
  return out;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

// Probabilities [n, 12] of an ensemble trained on `rows`; its weights go into `out`.
Tensor train_ensemble(const Data& data, const Tensor& rows, int members, std::map<std::string, Tensor>& out) {
  const Tensor mean = data.dense.index_select(0, rows).mean(0);
  const Tensor inverse = 1 / (data.dense.index_select(0, rows).std(0) + 1e-3);
  const Tensor x = ((data.dense - mean) * inverse).clamp(-4, 4);
  out = {{"dense.mean", mean}, {"dense.inverse_deviation", inverse}};
  Tensor total = torch::zeros_like(data.labels);
  for (int m = 0; m < members; ++m) {
    torch::manual_seed(m);
    Net net(x.size(1), data.fingerprint.size(1), data.labels.size(1), m % 2 == 1);
    torch::optim::AdamW optimizer(net.parameters(), torch::optim::AdamWOptions(kRate).weight_decay(kDecay));
    const std::int64_t steps = kEpochs * ((rows.size(0) + kBatch - 1) / kBatch);
    std::int64_t step = 0;
    for (std::int64_t epoch = 0; epoch < kEpochs; ++epoch) {
      net.train();
      const Tensor order = rows.index_select(0, torch::randperm(rows.size(0)));
      for (std::int64_t at = 0; at < order.size(0); at += kBatch, ++step) {
        const double rate = kRate * 0.5 * (1 + std::cos(M_PI * static_cast<double>(step) / static_cast<double>(steps)));
        static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups()[0].options()).lr(rate);
        const Tensor batch = order.slice(0, at, std::min(at + kBatch, order.size(0)));
        const Tensor w = data.known.index_select(0, batch);
        const Tensor loss =
            torch::binary_cross_entropy_with_logits(
                net.forward(x.index_select(0, batch), data.fingerprint.index_select(0, batch)),
                data.labels.index_select(0, batch), w, {}, at::Reduction::Sum) /
            w.sum();
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
      }
    }
    net.eval();
    torch::NoGradGuard guard;
    total += torch::sigmoid(net.forward(x, data.fingerprint));
    const std::string at = "member" + std::to_string(m) + ".";
    out[at + "dense.weight"] = net.dense->weight;
    out[at + "dense.bias"] = net.dense->bias;
    if (net.sees_fingerprint) out[at + "fingerprint.weight"] = net.fingerprint->weight.t();
    out[at + "second.weight"] = net.second->weight;
    out[at + "second.bias"] = net.second->bias;
    out[at + "third.weight"] = net.third->weight;
    out[at + "third.bias"] = net.third->bias;
  }
  return total / members;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: odordiff-train-tox21 FEATURES.safetensors OUT.safetensors [members]\n");
    return 2;
  }
  torch::set_num_threads(1);
  const int members = argc > 3 ? std::atoi(argv[3]) : 10;
  try {
    const nn::SafeTensors file{argv[1]};
    const Data data{train::load_tensor(file, "dense"), train::load_tensor(file, "fingerprint"),
                    train::load_tensor(file, "labels"), train::load_tensor(file, "known"),
                    train::load_tensor(file, "part")};
    const Tensor training = (data.part == 0).nonzero().squeeze(1), validation = (data.part == 1).nonzero().squeeze(1),
                 test = (data.part == 2).nonzero().squeeze(1);
    std::map<std::string, Tensor> weights;
    const Tensor chosen_by = train_ensemble(data, training, members, weights);
    std::printf("trained on %lld molecules: macro AUROC on %lld validation molecules %.4f\n",
                static_cast<long long>(training.size(0)), static_cast<long long>(validation.size(0)),
                mean_of(aurocs(chosen_by, data, validation)));
    std::fflush(stdout);
    const Tensor both = torch::cat({training, validation});
    const Tensor p = train_ensemble(data, both, members, weights);
    const auto figures = aurocs(p, data, test);
    std::printf("trained on %lld molecules: macro AUROC on %lld test molecules %.4f\n",
                static_cast<long long>(both.size(0)), static_cast<long long>(test.size(0)), mean_of(figures));
    for (std::size_t a = 0; a < figures.size(); ++a) std::printf("  %-14s %.4f\n", kAssays[a], figures[a]);
    train::save_tensors(argv[2], weights);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "odordiff-train-tox21: %s\n", error.what());
    return 1;
  }
}

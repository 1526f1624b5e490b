// Trains the odor predictors (src/scent/odor_predictor.h): a small ensemble of networks on hashed fingerprints and
// descriptors. `ranker` and `judge` differ in features and seeds; neither sees a validation molecule.
#include <torch/torch.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "torch_file.h"

namespace {

using torch::Tensor;
using namespace odordiff;

constexpr std::int64_t kBins = 2048, kHidden = 384, kMiddle = 192;

struct Net : torch::nn::Module {
  torch::nn::Linear first{nullptr}, second{nullptr}, third{nullptr};
  torch::nn::Dropout drop_in{0.1}, drop{0.4};
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

Tensor dense_matrix(const nn::SafeTensors& file, const std::string& role, std::int64_t n) {
  const Tensor bin = train::load_tensor(file, role + ".bin").to(torch::kInt64);
  const Tensor value = train::load_tensor(file, role + ".value");
  const Tensor offset = train::load_tensor(file, role + ".offset");
  Tensor x = torch::zeros({n, kBins});
  for (std::int64_t i = 0; i < n; ++i) {
    const auto a = offset[i].item<std::int64_t>(), b = offset[i + 1].item<std::int64_t>();
    x[i].index_put_({bin.slice(0, a, b)}, value.slice(0, a, b));
  }
  return x;
}

double macro_auroc(const Tensor& p, const Tensor& y) {
  double sum = 0;
  int count = 0;
  for (std::int64_t d = 0; d < y.size(1); ++d) {
    if (y.select(1, d).sum().item<float>() < 3) continue;
    const double a = train::auroc(p.select(1, d), y.select(1, d));
    if (std::isnan(a)) continue;
    sum += a;
    ++count;
  }
  return sum / count;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr,
                 "usage: odordiff-train-predictor FEATURES.safetensors ranker|judge OUT.safetensors [members] "
                 "[epochs]\n");
    return 2;
  }
  torch::set_num_threads(1);
  const std::string role = argv[2];
  const int members = argc > 4 ? std::atoi(argv[4]) : 3;
  const int epochs = argc > 5 ? std::atoi(argv[5]) : 40;
  try {
    const nn::SafeTensors file{argv[1]};
    const Tensor labels = train::load_tensor(file, "labels");
    const Tensor odorous = train::load_tensor(file, "odorous").to(torch::kFloat32);
    const Tensor labelled = train::load_tensor(file, "labelled").to(torch::kFloat32);
    const Tensor validation = train::load_tensor(file, "validation").to(torch::kBool);
    const std::int64_t n = labels.size(0);
    const Tensor dense = train::load_tensor(file, "dense");
    const Tensor train_rows = validation.logical_not().nonzero().squeeze(1);
    const Tensor held_rows = validation.nonzero().squeeze(1);
    const Tensor mean = dense.index_select(0, train_rows).mean(0);
    const Tensor inverse = 1 / (dense.index_select(0, train_rows).std(0) + 1e-3);
    const Tensor x = torch::cat({dense_matrix(file, role, n), ((dense - mean) * inverse).clamp(-4, 4)}, 1);
    const Tensor y = torch::cat({labels, odorous.clamp_min(0).unsqueeze(1)}, 1);
    const Tensor weight = torch::cat(
        {labelled.unsqueeze(1).expand({n, labels.size(1)}), 4 * (odorous >= 0).to(torch::kFloat32).unsqueeze(1)}, 1);

    std::map<std::string, Tensor> out{{"dense.mean", mean}, {"dense.inverse_deviation", inverse}};
    const Tensor shown = train_rows.index_select(0, labelled.index_select(0, train_rows).nonzero().squeeze(1));
    out["base_rates"] = labels.index_select(0, shown).mean(0);
    const Tensor held_labelled = held_rows.index_select(0, labelled.index_select(0, held_rows).nonzero().squeeze(1));
    const Tensor held_classed = held_rows.index_select(0, (odorous.index_select(0, held_rows) >= 0).nonzero().squeeze(1));
    Tensor total = torch::zeros({n, y.size(1)});
    for (int m = 0; m < members; ++m) {
      torch::manual_seed((role == "judge" ? 1000 : 0) + m);
      Net net(x.size(1), y.size(1));
      torch::optim::AdamW optimizer(net.parameters(), torch::optim::AdamWOptions(2e-3).weight_decay(0.02));
      const std::int64_t batch = 128;
      const std::int64_t steps = epochs * ((train_rows.size(0) + batch - 1) / batch);
      std::int64_t step = 0;
      for (int epoch = 0; epoch < epochs; ++epoch) {
        net.train();
        const Tensor order = train_rows.index_select(0, torch::randperm(train_rows.size(0)));
        for (std::int64_t at = 0; at < order.size(0); at += batch, ++step) {
          const double rate = 2e-3 * 0.5 * (1 + std::cos(M_PI * static_cast<double>(step) / static_cast<double>(steps)));
          static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups()[0].options()).lr(rate);
          const Tensor rows = order.slice(0, at, std::min(at + batch, order.size(0)));
          const Tensor w = weight.index_select(0, rows);
          const Tensor loss = torch::binary_cross_entropy_with_logits(net.forward(x.index_select(0, rows)),
                                                                      y.index_select(0, rows), w, {},
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
      out[at + "first.weight"] = net.first->weight.t();
      out[at + "first.bias"] = net.first->bias;
      out[at + "second.weight"] = net.second->weight;
      out[at + "second.bias"] = net.second->bias;
      out[at + "third.weight"] = net.third->weight;
      out[at + "third.bias"] = net.third->bias;
      const auto p = total / (m + 1);
      const auto macro = [&](const Tensor& rows) {
        return macro_auroc(p.index_select(0, rows).slice(1, 0, labels.size(1)), labels.index_select(0, rows));
      };
      std::printf("%s, %d members: macro AUROC of descriptors on %lld validation molecules %.4f, of odorous on %lld %.4f\n",
                  role.c_str(), m + 1, static_cast<long long>(held_labelled.size(0)), macro(held_labelled),
                  static_cast<long long>(held_classed.size(0)),
                  train::auroc(p.index_select(0, held_classed).select(1, labels.size(1)),
                               odorous.index_select(0, held_classed)));
      std::fflush(stdout);
    }
    train::save_tensors(argv[3], out);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "odordiff-train-predictor: %s\n", error.what());
    return 1;
  }
}

#include "odor_student.h"

#include <cmath>
#include <cstdio>

namespace odordiff::train {

using torch::Tensor;

StudentNet::StudentNet(std::int64_t inputs, std::int64_t outputs, const StudentOptions& options)
    : first(inputs, options.hidden),
      second(options.hidden, options.middle),
      third(options.middle, outputs),
      drop_in(options.input_dropout),
      drop(options.dropout) {
  register_module("first", first);
  register_module("second", second);
  register_module("third", third);
  register_module("drop_in", drop_in);
  register_module("drop", drop);
}

Tensor StudentNet::forward(const Tensor& x) {
  return third(drop(torch::relu(second(drop(torch::relu(first(drop_in(x))))))));
}

std::shared_ptr<StudentNet> train_student(const Tensor& x, const Tensor& y, const Tensor& w,
                                          const Tensor& rows, const StudentOptions& options) {
  torch::manual_seed(options.seed);
  auto net = std::make_shared<StudentNet>(x.size(1), y.size(1), options);
  torch::optim::AdamW optimizer(net->parameters(),
                                torch::optim::AdamWOptions(options.rate).weight_decay(options.weight_decay));
  const std::int64_t steps = options.epochs * ((rows.size(0) + options.batch - 1) / options.batch);
  std::int64_t step = 0;
  double loss_sum = 0;
  net->train();
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    const Tensor order = rows.index_select(0, torch::randperm(rows.size(0)));
    for (std::int64_t at = 0; at < order.size(0); at += options.batch, ++step) {
      const double done = static_cast<double>(step) / static_cast<double>(steps);
      static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups()[0].options())
          .lr(options.rate * 0.5 * (1 + std::cos(M_PI * done)));
      const Tensor picked = order.slice(0, at, std::min(at + options.batch, order.size(0)));
      const Tensor weight = w.index_select(0, picked);
      const Tensor loss =
          torch::binary_cross_entropy_with_logits(net->forward(x.index_select(0, picked)),
                                                  y.index_select(0, picked), weight, {}, at::Reduction::Sum) /
          weight.sum();
      optimizer.zero_grad();
      loss.backward();
      optimizer.step();
      loss_sum += loss.item<double>();
      if ((step + 1) % 500 == 0) {
        std::printf("  student step %lld of %lld, loss %.4f\n", static_cast<long long>(step + 1),
                    static_cast<long long>(steps), loss_sum / 500);
        std::fflush(stdout);
        loss_sum = 0;
      }
    }
  }
  net->eval();
  return net;
}

Tensor predict(StudentNet& net, const Tensor& x) {
  torch::NoGradGuard guard;
  return torch::sigmoid(net.forward(x));
}

void add_member(std::map<std::string, Tensor>& out, const StudentNet& net, int index) {
  const std::string at = "member" + std::to_string(index) + ".";
  // Most of the file; the rest stays fp32.
  out[at + "first.weight"] = net.first->weight.t().to(torch::kBFloat16);
  out[at + "first.bias"] = net.first->bias;
  out[at + "second.weight"] = net.second->weight;
  out[at + "second.bias"] = net.second->bias;
  out[at + "third.weight"] = net.third->weight;
  out[at + "third.bias"] = net.third->bias;
}

}  // namespace odordiff::train

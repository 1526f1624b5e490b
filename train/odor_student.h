// The network that src/scent/odor_predictor.h runs: one hidden path from fingerprints and descriptors to the
// labels. It learns either from labels or from a teacher's answers.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <string>

namespace odordiff::train {

struct StudentOptions {
  std::int64_t hidden = 384, middle = 192;
  double input_dropout = 0.1, dropout = 0.4, rate = 2e-3, weight_decay = 0.02;
  std::int64_t batch = 128;
  int epochs = 25;
  std::uint64_t seed = 0;
};

struct StudentNet : torch::nn::Module {
  torch::nn::Linear first, second, third;
  torch::nn::Dropout drop_in, drop;
  StudentNet(std::int64_t inputs, std::int64_t outputs, const StudentOptions& options);
  torch::Tensor forward(const torch::Tensor& x);
};

// Trains on `rows` of x [n, inputs], y [n, outputs] in [0, 1], weighted by w [n, outputs]. Returns it ready
// to predict.
std::shared_ptr<StudentNet> train_student(const torch::Tensor& x, const torch::Tensor& y,
                                          const torch::Tensor& w, const torch::Tensor& rows,
                                          const StudentOptions& options);

// Probabilities [n, outputs].
torch::Tensor predict(StudentNet& net, const torch::Tensor& x);

// Puts the weights into `out` under the names that OdorPredictor reads, as its member number `index`.
void add_member(std::map<std::string, torch::Tensor>& out, const StudentNet& net, int index);

}  // namespace odordiff::train

// Trains the judge (src/scent/odor_predictor.h): an odor predictor that has no part in choosing molecules and
// only measures how well they fit. It learns from labels alone, on atom pairs and torsions, and never sees a
// validation molecule.
#include <torch/torch.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "odor_features.h"
#include "odor_student.h"
#include "torch_file.h"

int main(int argc, char** argv) {
  using namespace odordiff;
  using torch::Tensor;
  if (argc < 3 || argc > 5) {
    std::fprintf(stderr,
                 "usage: odordiff-train-judge FEATURES.safetensors OUT.safetensors [members] [epochs]\n");
    return 2;
  }
  torch::set_num_threads(1);
  const int members = argc > 3 ? std::atoi(argv[3]) : 2;
  train::StudentOptions options;
  options.epochs = argc > 4 ? std::atoi(argv[4]) : 25;
  try {
    const nn::SafeTensors file{argv[1]};
    // What nothing is known of teaches a judge of labels nothing.
    const Tensor labelled = train::load_tensor(file, "labelled") == 1;
    const Tensor odorous = train::load_tensor(file, "odorous").to(torch::kFloat32);
    const Tensor validation = train::load_tensor(file, "validation") == 1;
    const Tensor known = labelled.logical_or(odorous >= 0);
    const auto rows = [](const Tensor& mask) { return mask.nonzero().squeeze(1); };
    const Tensor train_rows = rows(known.logical_and(validation.logical_not()));
    const Tensor labels = train::load_tensor(file, "labels");
    const Tensor dense = train::load_tensor(file, "dense");
    const Tensor mean = dense.index_select(0, train_rows).mean(0);
    const Tensor inverse = 1 / (dense.index_select(0, train_rows).std(0) + 1e-3);
    const Tensor fingerprint = train::SparseRows(file, "judge", 2048).dense(torch::arange(labels.size(0)));
    const Tensor x = torch::cat({fingerprint, ((dense - mean) * inverse).clamp(-4, 4)}, 1);
    const Tensor y = torch::cat({labels, odorous.clamp_min(0).unsqueeze(1)}, 1);
    const Tensor weight = torch::cat({labelled.to(torch::kFloat32).unsqueeze(1).expand({-1, labels.size(1)}),
                                      4 * (odorous >= 0).to(torch::kFloat32).unsqueeze(1)},
                                     1);
    std::map<std::string, Tensor> out{
        {"dense.mean", mean},
        {"dense.inverse_deviation", inverse},
        {"base_rates", labels.index_select(0, rows(labelled.logical_and(validation.logical_not()))).mean(0)}};
    const Tensor held_labelled = rows(labelled.logical_and(validation));
    const Tensor held_classed = rows((odorous >= 0).logical_and(validation));
    Tensor total = torch::zeros_like(y);
    for (int m = 0; m < members; ++m) {
      options.seed = 1000 + static_cast<std::uint64_t>(m);
      const auto net = train::train_student(x, y, weight, train_rows, options);
      train::add_member(out, *net, m);
      total += train::predict(*net, x);
      const Tensor p = total / (m + 1);
      std::printf(
          "judge, %d members: macro AUROC of descriptors on %lld validation molecules %.4f, of odorous on "
          "%lld %.4f\n",
          m + 1, static_cast<long long>(held_labelled.size(0)),
          train::macro_auroc(p.index_select(0, held_labelled).slice(1, 0, labels.size(1)),
                             labels.index_select(0, held_labelled), 3),
          static_cast<long long>(held_classed.size(0)),
          train::auroc(p.index_select(0, held_classed).select(1, labels.size(1)),
                       odorous.index_select(0, held_classed)));
      std::fflush(stdout);
    }
    train::save_tensors(argv[2], out);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "odordiff-train-judge: %s\n", error.what());
    return 1;
  }
}

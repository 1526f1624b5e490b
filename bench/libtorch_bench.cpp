// The generator's network beside libtorch in eager mode: the same weights, the same work, in one run. Prints
// Markdown. Run: libtorch_bench [MODEL_FOLDER [ROUNDS [THREADS...]]]
//
// libtorch runs the network in two forms. `cached` does what our engine does: keys and values of finished
// blocks are kept in place, a pass computes the open block and takes in the one before. `plain` is what one
// writes first: the whole sequence again at each pass. Ours is timed with all that serving takes (sampling,
// grammar, scheduler); libtorch with the network alone.
#include <dlfcn.h>
#include <torch/torch.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "network_work.h"
#include "nn/safetensors.h"

namespace {

using namespace odordiff;  // a program, not a header
using odordiff::bench::NetworkWork;
using odordiff::bench::Pass;
using torch::Tensor;

struct Layer {
  Tensor modulation_weight, modulation_bias, qkv_weight, qkv_bias, out_weight, out_bias, fc1_weight, fc1_bias,
      fc2_weight, fc2_bias;
};

class TorchNetwork {
 public:
  TorchNetwork(const std::filesystem::path& folder, const diffusion::ModelConfig& config) : c_(config) {
    const nn::SafeTensors file(folder / "diffusion.safetensors");
    const auto read = [&](const std::string& name) {
      const auto& view = file.at(name);
      return torch::from_blob(const_cast<float*>(view.f32().data()), view.shape, torch::kFloat32).clone();
    };
    token_ = read("token_embedding");
    position_ = read("position_embedding");
    remaining_ = read("remaining_embedding");
    for (const char* name : {"condition.fc1", "condition.fc2", "final.modulation", "head"}) {
      rest_.push_back(read(std::string(name) + ".weight"));
      rest_.push_back(read(std::string(name) + ".bias"));
    }
    for (int n = 0; n < c_.layers; ++n) {
      const std::string at = "layers." + std::to_string(n) + ".";
      const auto part = [&](const char* name) { return read(at + name); };
      layers_.push_back({part("modulation.weight"), part("modulation.bias"), part("qkv.weight"),
                         part("qkv.bias"), part("out.weight"), part("out.bias"), part("fc1.weight"),
                         part("fc1.bias"), part("fc2.weight"), part("fc2.bias")});
    }
  }

  // For a batch of lanes: [layers] tensors [lanes, 1, 6 width], and the last one [lanes, 1, 2 width].
  std::vector<Tensor> modulations(const std::vector<std::vector<float>>& conditions) const {
    std::vector<Tensor> rows;
    for (const auto& c : conditions) rows.push_back(torch::tensor(c));
    const Tensor hidden = torch::silu(torch::linear(torch::stack(rows), rest_[0], rest_[1]));
    const Tensor s = torch::silu(torch::linear(hidden, rest_[2], rest_[3]));
    std::vector<Tensor> out;
    for (const Layer& l : layers_) {
      out.push_back(torch::linear(s, l.modulation_weight, l.modulation_bias).unsqueeze(1));
    }
    out.push_back(torch::linear(s, rest_[4], rest_[5]).unsqueeze(1));
    return out;
  }

  // Keys and values [lanes, heads, max_length, head_width] of each layer.
  using Caches = std::vector<std::pair<Tensor, Tensor>>;
  Caches caches(std::int64_t lanes) const {
    Caches out;
    for (int n = 0; n < c_.layers; ++n) {
      const auto make = [&] { return torch::zeros({lanes, c_.heads, c_.max_length, c_.width / c_.heads}); };
      out.emplace_back(make(), make());
    }
    return out;
  }

  // tokens [lanes, rows] at positions `first` ..., lengths [lanes]; `mask` broadcasts to [lanes, heads, rows,
  // keys] or is undefined. With caches, keys before `first` come from there and those of these rows are left
  // there. Logits of the last `wanted` rows.
  Tensor forward(const Tensor& tokens, const Tensor& lengths, std::int64_t first,
                 const std::vector<Tensor>& modulation, const Tensor& mask, Caches* caches,
                 std::int64_t wanted) const {
    const auto lanes = tokens.size(0);
    const auto rows = tokens.size(1);
    const Tensor position = torch::arange(first, first + rows);
    const Tensor remaining = (lengths.unsqueeze(1) - position.unsqueeze(0)).clamp_min(0);
    Tensor x = torch::embedding(token_, tokens) + torch::embedding(position_, position) +
               torch::embedding(remaining_, remaining);
    const double scale = 1 / std::sqrt(static_cast<double>(c_.width / c_.heads));
    for (int n = 0; n < c_.layers; ++n) {
      const Layer& l = layers_[static_cast<std::size_t>(n)];
      const auto m = modulation[static_cast<std::size_t>(n)].slice(0, 0, lanes).chunk(6, 2);
      const auto qkv = torch::linear(modulate(x, m[0], m[1]), l.qkv_weight, l.qkv_bias).chunk(3, 2);
      Tensor k = heads(qkv[1]);
      Tensor v = heads(qkv[2]);
      if (caches != nullptr) {
        auto& [all_keys, all_values] = (*caches)[static_cast<std::size_t>(n)];
        all_keys.slice(0, 0, lanes).slice(2, first, first + rows).copy_(k);
        all_values.slice(0, 0, lanes).slice(2, first, first + rows).copy_(v);
        k = all_keys.slice(0, 0, lanes).slice(2, 0, first + rows);
        v = all_values.slice(0, 0, lanes).slice(2, 0, first + rows);
      }
      Tensor scores = torch::matmul(heads(qkv[0]) * scale, k.transpose(2, 3));
      if (mask.defined()) scores = scores + mask;
      const Tensor mixed =
          torch::matmul(torch::softmax(scores, -1), v).transpose(1, 2).reshape({lanes, rows, c_.width});
      x = x + m[2] * torch::linear(mixed, l.out_weight, l.out_bias);
      const Tensor hidden =
          torch::gelu(torch::linear(modulate(x, m[3], m[4]), l.fc1_weight, l.fc1_bias), "tanh");
      x = x + m[5] * torch::linear(hidden, l.fc2_weight, l.fc2_bias);
    }
    const auto m = modulation.back().slice(0, 0, lanes).chunk(2, 2);
    return torch::linear(modulate(x.slice(1, rows - wanted, rows), m[0], m[1]), rest_[6], rest_[7]);
  }

 private:
  static Tensor modulate(const Tensor& x, const Tensor& shift, const Tensor& scale) {
    return torch::layer_norm(x, {x.size(-1)}, {}, {}, 1e-5) * (1 + scale) + shift;
  }
  Tensor heads(const Tensor& x) const {
    return x.view({x.size(0), x.size(1), c_.heads, c_.width / c_.heads}).transpose(1, 2);
  }

  const diffusion::ModelConfig& c_;
  Tensor token_, position_, remaining_;
  std::vector<Tensor> rest_;
  std::vector<Layer> layers_;
};

constexpr float kHidden = -1e9F;

// Zeros where the block at work of `rows` rows may see: nothing after `block` rows for the finished ones,
// nothing past a sequence's end. Undefined when all may see all.
Tensor mask_of(const Tensor& lengths, std::int64_t first, std::int64_t rows, std::int64_t block,
               std::int64_t last) {
  const std::int64_t keys = first + rows;
  Tensor mask;
  if (rows > block) {
    mask = torch::zeros({1, 1, rows, keys});
    for (std::int64_t r = 0; r < rows; ++r) {
      mask[0][0][r].slice(0, (first + r) / block * block + block, keys).fill_(kHidden);
    }
  }
  if (last < keys) {
    const Tensor past = torch::arange(keys).unsqueeze(0) >= lengths.unsqueeze(1);
    const Tensor ends = torch::zeros(past.sizes()).masked_fill(past, kHidden).unsqueeze(1).unsqueeze(1);
    mask = mask.defined() ? mask + ends : ends;
  }
  return mask;
}

enum class Form { Cached, Plain };

// The request's network passes. Keeps the logits when `keep`.
std::vector<Tensor> generate(const TorchNetwork& network, const diffusion::ModelConfig& config,
                             const NetworkWork& work, Form form, bool keep) {
  const torch::InferenceMode guard;
  const auto n = static_cast<std::int64_t>(work.sequences.size());
  const std::int64_t block = config.block;
  const auto longest = static_cast<std::int64_t>(work.sequences.front().size());
  Tensor written = torch::zeros({2 * n, (longest + block - 1) / block * block}, torch::kInt64);
  Tensor lengths = torch::zeros({2 * n}, torch::kInt64);
  std::vector<std::vector<float>> conditions;
  for (std::int64_t lane = 0; lane < 2 * n; ++lane) {
    lengths[lane] = static_cast<std::int64_t>(work.sequences[static_cast<std::size_t>(lane / 2)].size());
    conditions.push_back(lane % 2 == 0 ? work.request.condition : work.request.unconditional);
  }
  const auto modulation = network.modulations(conditions);
  auto caches = network.caches(form == Form::Cached ? 2 * n : 0);
  auto* tokens = written.data_ptr<std::int64_t>();
  std::vector<Tensor> out;
  for (const Pass& pass : bench::passes(work, config.block)) {
    const std::int64_t lanes = 2 * pass.sequences;
    const std::int64_t end = pass.block_start + block;
    const std::int64_t first = form == Form::Plain  ? 0
                               : pass.with_finished ? pass.block_start - block
                                                    : pass.block_start;
    const auto shortest =
        static_cast<std::int64_t>(work.sequences[static_cast<std::size_t>(pass.sequences - 1)].size());
    const Tensor alive = lengths.slice(0, 0, lanes);
    const Tensor mask = mask_of(alive, first, end - first, block, shortest);
    Tensor logits = network.forward(written.slice(0, 0, lanes).slice(1, first, end), alive, first, modulation,
                                    mask, form == Form::Cached ? &caches : nullptr, block);
    if (keep) out.push_back(std::move(logits));
    for (std::int64_t lane = 0; lane < lanes; ++lane) {
      tokens[lane * written.size(1) + pass.position] =
          work.sequences[static_cast<std::size_t>(lane / 2)][static_cast<std::size_t>(pass.position)];
    }
  }
  return out;
}

// As Ours::step.
void step(const TorchNetwork& network, const diffusion::ModelConfig& config,
          const std::vector<Tensor>& modulation, TorchNetwork::Caches& caches, int sequences,
          bool with_finished) {
  const torch::InferenceMode guard;
  const std::int64_t first =
      with_finished ? bench::kStepTokensBefore - config.block : bench::kStepTokensBefore;
  const std::int64_t rows = bench::kStepTokensBefore + config.block - first;
  const Tensor tokens = torch::full({2 * sequences, rows}, 2, torch::kInt64);
  const Tensor lengths = torch::full({2 * sequences}, bench::kStepLength, torch::kInt64);
  const Tensor mask = mask_of(lengths, first, rows, config.block, bench::kStepLength);
  (void)network.forward(tokens, lengths, first, modulation, mask, &caches, config.block);
}

// libtorch's own threads and those of OpenBLAS under it, which would else spin on while we are timed.
void set_threads(int threads) {
  torch::set_num_threads(threads);
  if (void* set = ::dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))
    reinterpret_cast<void (*)(int)>(set)(threads);
}

// The greatest difference of any logit of a token that exists.
float largest_difference(const std::vector<std::vector<float>>& ours, const std::vector<Tensor>& theirs,
                         const NetworkWork& work, const diffusion::ModelConfig& config) {
  float largest = 0;
  const auto all = bench::passes(work, config.block);
  for (std::size_t p = 0; p < all.size(); ++p) {
    const Tensor a = torch::tensor(ours[p]).view({2 * all[p].sequences, config.block, config.vocab});
    for (int k = 0; k < all[p].sequences; ++k) {
      const std::int64_t open = std::min<std::int64_t>(
          config.block,
          static_cast<std::int64_t>(work.sequences[static_cast<std::size_t>(k)].size()) - all[p].block_start);
      const auto of = [&](const Tensor& t) { return t.slice(0, 2 * k, 2 * k + 2).slice(1, 0, open); };
      largest = std::max(largest, (of(a) - of(theirs[p])).abs().max().item<float>());
    }
  }
  return largest;
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::string folder = argc > 1 ? argv[1] : ODORDIFF_MODEL_FOLDER;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 7;
  std::vector<int> thread_counts;
  for (int i = 3; i < argc; ++i) thread_counts.push_back(std::atoi(argv[i]));
  if (thread_counts.empty()) thread_counts = {1, 2};
  for (const int threads : thread_counts) {
    set_threads(threads);
    bench::Ours ours(folder, nn::Precision::F32, threads);
    const auto& config = ours.model().config();
    const TorchNetwork network(folder, config);
    std::printf("## %d thread%s, %s\n\n", threads, threads == 1 ? " (processor time)" : "s (wall time)",
                nn::cpu_description().c_str());
    std::printf(
        "| request for samples | ours ms | libtorch cached ms | ratio | libtorch plain ms | ratio |\n"
        "|---|---|---|---|---|---|\n");
    for (const int count : {1, 4, 16, 64}) {
      const NetworkWork work = bench::make_network_work(folder, count);
      if (threads == 1) {
        const auto reference = ours.logits(work);
        for (const Form form : {Form::Cached, Form::Plain}) {
          const float difference =
              largest_difference(reference, generate(network, config, work, form, true), work, config);
          if (!(difference < 1e-4F)) {
            std::fprintf(stderr, "libtorch_bench: logits differ by %g\n", static_cast<double>(difference));
            return 1;
          }
        }
      }
      const auto t = bench::in_turn(3, rounds, threads, [&](int contestant) {
        if (contestant == 0) return ours.generate(work);
        (void)generate(network, config, work, contestant == 1 ? Form::Cached : Form::Plain, false);
      });
      std::printf("| %d | %.1f | %.1f | %.2f | %.1f | %.2f |\n", count, t[0] * 1e3, t[1] * 1e3, t[1] / t[0],
                  t[2] * 1e3, t[2] / t[0]);
    }
    std::printf(
        "\n| one pass, sequences | rows a lane | ours ms | libtorch ms | ratio |\n|---|---|---|---|---|\n");
    const NetworkWork work = bench::make_network_work(folder, 1);
    for (const int sequences : {1, 4, 16, 64}) {
      std::vector<std::vector<float>> conditions;
      for (int k = 0; k < sequences; ++k) {
        conditions.push_back(work.request.condition);
        conditions.push_back(work.request.unconditional);
      }
      const torch::InferenceMode guard;
      const auto modulation = network.modulations(conditions);
      auto caches = network.caches(2 * sequences);
      for (const bool with_finished : {false, true}) {
        const int repeats = std::max(1, 32 / sequences);
        const auto t = bench::in_turn(2, 2 * rounds, threads, [&](int contestant) {
          for (int k = 0; k < repeats; ++k) {
            if (contestant == 0) {
              ours.step(work, sequences, with_finished);
            } else {
              step(network, config, modulation, caches, sequences, with_finished);
            }
          }
        });
        std::printf("| %d | %d | %.2f | %.2f | %.2f |\n", sequences,
                    with_finished ? 2 * config.block : config.block, t[0] * 1e3 / repeats,
                    t[1] * 1e3 / repeats, t[1] / t[0]);
      }
    }
    std::printf("\n");
  }
  return 0;
}

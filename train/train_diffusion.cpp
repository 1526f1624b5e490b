// Trains the generator (docs/model-format.md) on the file of odordiff-prepare-corpus, resumes, and exports.
// Needs libtorch and that file only, so that it also builds against the libtorch of a CUDA wheel.
#include <ATen/autocast_mode.h>
#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>

#include "base/error.h"
#include "block_diffusion.h"
#include "chem/tokenizer.h"
#include "scent/brief_encoder.h"
#include "scent/descriptors.h"
#include "torch_file.h"

namespace {

using torch::Tensor;
using namespace odordiff;

constexpr std::int64_t kDescriptors = scent::kDescriptors, kText = scent::kTextWidth;
constexpr std::int64_t kHasText = kDescriptors + kText, kUnconditional = kHasText + 1,
                       kDomain = kUnconditional + 1;

struct Options {
  std::string data, out = "checkpoint", export_to;
  std::int64_t steps = 4000, batch = 128, save_every = 250, log_every = 100;
  double rate = 1.5e-3, ema = 0.999, suffix = 0.7;
  // How often a sequence is drawn from known odorants, derived molecules, general molecules.
  std::array<double, 3> mix{0.35, 0.45, 0.20};
  // How often a descriptor is drawn first and then a molecule that carries it, so that rare ones are seen
  // like common ones.
  double balance = 0.5;
  std::uint64_t seed = 1;
  int threads = 2;
  bool bf16 = false;
  train::NetworkSizes sizes;
};

class Dataset {
 public:
  explicit Dataset(const std::string& path) {
    const nn::SafeTensors file(path);
    tokens_ = train::load_tensor(file, "tokens");
    token_offset_ = train::load_tensor(file, "token_offset");
    variant_offset_ = train::load_tensor(file, "variant_offset");
    labels_ = train::load_tensor(file, "labels");
    hard_ = train::load_tensor(file, "hard");
    domain_ = train::load_tensor(file, "domain");
    validation_ = train::load_tensor(file, "validation");
    text_ = train::load_tensor(file, "text");
    text_offset_ = train::load_tensor(file, "text_offset");
    for (std::int64_t i = 0; i < domain_.size(0); ++i) {
      if (validation_.data_ptr<std::uint8_t>()[i] != 0) {
        held_.push_back(i);
      } else {
        by_domain_[domain_.data_ptr<std::uint8_t>()[i]].push_back(i);
      }
    }
    for (std::size_t domain = 0; domain < by_domain_.size(); ++domain) {
      for (std::int64_t d = 0; d < kDescriptors; ++d) sort_carriers(domain, d);
    }
  }

  struct Example {
    std::int64_t molecule;
    const std::uint8_t* tokens;
    std::int64_t length;
    std::int64_t descriptor = -1;  // that it was drawn for; -1 without
  };

  Example draw(std::mt19937_64& rng, const std::array<double, 3>& mix, double balance) const {
    std::discrete_distribution<int> domains(mix.begin(), mix.end());
    const auto domain = static_cast<std::size_t>(domains(rng));
    const std::vector<std::int64_t>* pool = &by_domain_[domain];
    std::int64_t descriptor = -1;
    if (std::uniform_real_distribution<double>(0, 1)(rng) < balance) {
      descriptor = static_cast<std::int64_t>(rng() % kDescriptors);
      const auto& carriers = carriers_[domain][static_cast<std::size_t>(descriptor)];
      if (carriers.empty())
        descriptor = -1;
      else
        pool = &carriers;
    }
    const std::int64_t molecule = (*pool)[rng() % pool->size()];
    const auto* offsets = variant_offset_.data_ptr<std::int64_t>();
    Example example = writing(
        molecule, offsets[molecule] +
                      static_cast<std::int64_t>(
                          rng() % static_cast<std::uint64_t>(offsets[molecule + 1] - offsets[molecule])));
    example.descriptor = descriptor;
    return example;
  }
  const std::vector<std::int64_t>& held() const { return held_; }
  Example first_writing(std::int64_t molecule) const {
    return writing(molecule, variant_offset_.data_ptr<std::int64_t>()[molecule]);
  }

  // Fills one row of the condition: a random part of the molecule's labels, some that it lacks as unwanted, a
  // text's vector. The descriptor that the molecule was drawn for is among the labels.
  void condition(const Example& example, float* c, std::mt19937_64& rng) const {
    const std::int64_t molecule = example.molecule;
    std::uniform_real_distribution<float> uniform(0, 1);
    c[kDomain + domain_.data_ptr<std::uint8_t>()[molecule]] = 1;
    if (uniform(rng) < 0.12F) {
      c[kUnconditional] = 1;
      return;
    }
    const auto* t = text_offset_.data_ptr<std::int64_t>();
    const bool with_text = t[molecule + 1] > t[molecule] && uniform(rng) < 0.5F;
    if (with_text) {
      const auto row = t[molecule] + static_cast<std::int64_t>(
                                         rng() % static_cast<std::uint64_t>(t[molecule + 1] - t[molecule]));
      std::copy_n(text_.data_ptr<float>() + row * kText, kText, c + kDescriptors);
      c[kHasText] = 1;
      if (uniform(rng) < 0.25F) return;
    }
    const std::uint8_t* label = labels_.data_ptr<std::uint8_t>() + molecule * kDescriptors;
    const bool hard = hard_.data_ptr<std::uint8_t>()[molecule] != 0;
    std::vector<std::int64_t> present;
    for (std::int64_t d = 0; d < kDescriptors; ++d) {
      if (hard ? label[d] == 255 : label[d] > 12 && uniform(rng) * 255 < label[d]) present.push_back(d);
    }
    if (present.empty()) present.push_back(std::max_element(label, label + kDescriptors) - label);
    std::shuffle(present.begin(), present.end(), rng);
    if (uniform(rng) < 0.6F) present.resize(1 + rng() % present.size());
    if (example.descriptor >= 0 &&
        std::find(present.begin(), present.end(), example.descriptor) == present.end()) {
      present.push_back(example.descriptor);
    }
    for (const auto d : present) c[d] = uniform(rng) < 0.5F ? 1.0F : 0.4F + 0.6F * uniform(rng);
    if (uniform(rng) < 0.4F) {
      for (int k = 0; k < 4; ++k) {
        const auto d = static_cast<std::int64_t>(rng() % kDescriptors);
        if (label[d] < 5) c[d] = -(0.5F + 0.5F * uniform(rng));
      }
    }
  }

 private:
  Example writing(std::int64_t molecule, std::int64_t variant) const {
    const auto* at = token_offset_.data_ptr<std::int64_t>() + variant;
    return {molecule, tokens_.data_ptr<std::uint8_t>() + at[0], at[1] - at[0]};
  }

  // The molecules of a domain that carry a descriptor: known to, or with a predicted probability of a quarter
  // at least, and the fifty most probable ones where these are fewer.
  void sort_carriers(std::size_t domain, std::int64_t descriptor) {
    const std::uint8_t* labels = labels_.data_ptr<std::uint8_t>();
    const auto label = [&](std::int64_t molecule) { return labels[molecule * kDescriptors + descriptor]; };
    auto& carriers = carriers_[domain][static_cast<std::size_t>(descriptor)];
    for (const auto molecule : by_domain_[domain]) {
      if (label(molecule) >= 64) carriers.push_back(molecule);
    }
    const std::size_t fewest = std::min<std::size_t>(50, by_domain_[domain].size());
    if (carriers.size() >= fewest) return;
    carriers = by_domain_[domain];
    std::partial_sort(carriers.begin(), carriers.begin() + static_cast<std::ptrdiff_t>(fewest),
                      carriers.end(), [&](auto a, auto b) { return label(a) > label(b); });
    carriers.resize(fewest);
  }

  Tensor tokens_, token_offset_, variant_offset_, labels_, hard_, domain_, validation_, text_, text_offset_;
  std::array<std::vector<std::int64_t>, 3> by_domain_;
  std::array<std::array<std::vector<std::int64_t>, kDescriptors>, 3> carriers_;
  std::vector<std::int64_t> held_;
};

struct Batch {
  Tensor noised, clean, lengths, condition, weight;
};

// Masks a random suffix of each block (what the sampler meets, mostly) or a random part of it (infilling).
Batch make_batch(const Dataset& data, const std::vector<Dataset::Example>& examples, const Options& options,
                 std::mt19937_64& rng) {
  const auto n = static_cast<std::int64_t>(examples.size());
  std::int64_t longest = 0;
  for (const auto& e : examples) longest = std::max(longest, e.length);
  const auto block = options.sizes.block;
  const std::int64_t length = (longest + block - 1) / block * block;
  Batch b;
  b.clean = torch::zeros({n, length}, torch::kInt64);
  b.lengths = torch::zeros({n}, torch::kInt64);
  b.condition = torch::zeros({n, options.sizes.cond_inputs});
  b.weight = torch::zeros({n, length});
  b.noised = torch::zeros({n, length}, torch::kInt64);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (std::int64_t i = 0; i < n; ++i) {
    const auto& e = examples[static_cast<std::size_t>(i)];
    auto* clean = b.clean.data_ptr<std::int64_t>() + i * length;
    auto* noised = b.noised.data_ptr<std::int64_t>() + i * length;
    auto* weight = b.weight.data_ptr<float>() + i * length;
    b.lengths.data_ptr<std::int64_t>()[i] = e.length;
    data.condition(e, b.condition.data_ptr<float>() + i * options.sizes.cond_inputs, rng);
    for (std::int64_t k = 0; k < e.length; ++k) clean[k] = noised[k] = e.tokens[k];
    for (std::int64_t start = 0; start < e.length; start += block) {
      const std::int64_t size = std::min(block, e.length - start);
      if (uniform(rng) < options.suffix) {
        const auto kept = static_cast<std::int64_t>(rng() % static_cast<std::uint64_t>(size));
        for (std::int64_t k = kept; k < size; ++k) {
          noised[start + k] = chem::Tokenizer::kMask;
          weight[start + k] = k == kept ? 1.0F : k == kept + 1 ? 0.6F : 0.3F;  // the next tokens matter most
        }
      } else {
        const double rate = 0.25 + 0.75 * uniform(rng);
        for (std::int64_t k = 0; k < size; ++k) {
          if (uniform(rng) >= rate) continue;
          noised[start + k] = chem::Tokenizer::kMask;
          weight[start + k] = 0.5F;
        }
      }
    }
  }
  return b;
}

struct Losses {
  Tensor token, length;
};

Losses losses(train::BlockDiffusion& net, const Batch& b, torch::Device device) {
  const auto out =
      net->forward(b.noised.to(device), b.clean.to(device), b.lengths.to(device), b.condition.to(device));
  const Tensor weight = b.weight.to(device).flatten();
  const Tensor nll = torch::nll_loss_nd(torch::log_softmax(out.logits.to(torch::kFloat32), -1).flatten(0, 1),
                                        b.clean.to(device).flatten(), {}, at::Reduction::None);
  return {
      (nll * weight).sum() / weight.sum(),
      torch::nll_loss(torch::log_softmax(out.length_logits.to(torch::kFloat32), -1), b.lengths.to(device))};
}

std::string public_name(std::string name) {
  // Registered names may not hold dots; the file's may: layers_0_qkv_weight is layers.0.qkv.weight there.
  static const std::array<std::pair<const char*, const char*>, 8> parts{
      {{"condition_fc", "condition.fc"},
       {"final_modulation", "final.modulation"},
       {"_weight", ".weight"},
       {"_bias", ".bias"},
       {"_modulation", ".modulation"},
       {"_qkv", ".qkv"},
       {"_out", ".out"},
       {"_fc", ".fc"}}};
  if (name.rfind("layers_", 0) == 0) name[6] = '.';
  for (const auto& [from, to] : parts) {
    const auto at = name.find(from);
    if (at != std::string::npos) name.replace(at, std::string(from).size(), to);
  }
  return name;
}

double validation_loss(train::BlockDiffusion& net, const Dataset& data, const Options& options,
                       torch::Device device) {
  torch::NoGradGuard guard;
  std::mt19937_64 rng(12345);
  double sum = 0;
  int batches = 0;
  std::vector<Dataset::Example> examples;
  for (const auto molecule : data.held()) {
    examples.push_back(data.first_writing(molecule));
    if (examples.size() == 128) {
      sum += losses(net, make_batch(data, examples, options, rng), device).token.item<double>();
      ++batches;
      examples.clear();
    }
  }
  return batches == 0 ? std::nan("") : sum / batches;
}

Options parse(int argc, char** argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--bf16") {
      o.bf16 = true;
      continue;
    }
    if (i + 1 >= argc) throw InvalidInput(flag + " needs a value");
    const std::string value = argv[++i];
    if (flag == "--data")
      o.data = value;
    else if (flag == "--out")
      o.out = value;
    else if (flag == "--export")
      o.export_to = value;
    else if (flag == "--steps")
      o.steps = std::stoll(value);
    else if (flag == "--batch")
      o.batch = std::stoll(value);
    else if (flag == "--rate")
      o.rate = std::stod(value);
    else if (flag == "--seed")
      o.seed = std::stoull(value);
    else if (flag == "--threads")
      o.threads = std::stoi(value);
    else if (flag == "--width")
      o.sizes.width = std::stoll(value);
    else if (flag == "--layers")
      o.sizes.layers = std::stoll(value);
    else if (flag == "--suffix")
      o.suffix = std::stod(value);
    else if (flag == "--balance")
      o.balance = std::stod(value);
    else
      throw InvalidInput(
          "unknown option " + flag +
          "; known: --data --out --export --steps --batch --rate --seed --threads --width --layers "
          "--suffix --balance --bf16");
  }
  if (o.data.empty()) throw InvalidInput("--data FILE is needed (made by odordiff-prepare-corpus)");
  o.sizes.heads = o.sizes.width / 32;
  o.sizes.ffn = o.sizes.width * 4;
  o.sizes.vocab = static_cast<std::int64_t>(chem::Tokenizer::vocabulary().size());
  return o;
}

void run(const Options& options) {
  torch::set_num_threads(options.threads);
  torch::manual_seed(options.seed);
  const torch::Device device(torch::cuda::is_available() ? torch::kCUDA : torch::kCPU);
  const Dataset data(options.data);
  train::BlockDiffusion net(options.sizes);
  net->to(device);
  std::map<std::string, Tensor> average;
  for (const auto& item : net->named_parameters()) average[item.key()] = item.value().detach().clone();
  torch::optim::AdamW optimizer(
      net->parameters(), torch::optim::AdamWOptions(options.rate).weight_decay(0.01).betas({0.9, 0.98}));
  std::filesystem::create_directories(options.out);
  const std::string net_file = options.out + "/net.pt", state_file = options.out + "/optimizer.pt",
                    step_file = options.out + "/step.txt",
                    average_file = options.out + "/average.safetensors";
  std::int64_t step = 0;
  if (std::filesystem::exists(step_file)) {
    std::ifstream(step_file) >> step;
    torch::load(net, net_file, device);
    torch::load(optimizer, state_file, device);
    const nn::SafeTensors saved{average_file};
    for (auto& [name, tensor] : average) tensor.copy_(train::load_tensor(saved, name));
    std::printf("resumed at step %lld\n", static_cast<long long>(step));
  }
  const auto save = [&] {
    torch::save(net, net_file);
    torch::save(optimizer, state_file);
    train::save_tensors(average_file, average);
    std::ofstream(step_file) << step;
  };
  const auto export_average = [&] {
    if (options.export_to.empty()) return;
    std::map<std::string, Tensor> named;
    for (const auto& [name, tensor] : average) named[public_name(name)] = tensor;
    train::save_tensors(options.export_to, named);
  };

  const auto started = std::chrono::steady_clock::now();
  double token_loss = 0, length_loss = 0;
  std::int64_t logged = 0;
  std::vector<std::vector<Dataset::Example>> queue;
  std::mt19937_64 rng(options.seed * 7919 + static_cast<std::uint64_t>(step));
  while (step < options.steps) {
    if (queue.empty()) {  // batches of like lengths waste little on padding
      std::vector<Dataset::Example> pool;
      for (std::int64_t i = 0; i < 24 * options.batch; ++i)
        pool.push_back(data.draw(rng, options.mix, options.balance));
      std::stable_sort(pool.begin(), pool.end(),
                       [](const auto& a, const auto& b) { return a.length < b.length; });
      for (std::int64_t i = 0; i < 24; ++i) {
        queue.emplace_back(pool.begin() + i * options.batch, pool.begin() + (i + 1) * options.batch);
      }
      std::shuffle(queue.begin(), queue.end(), rng);
    }
    const Batch batch = make_batch(data, queue.back(), options, rng);
    queue.pop_back();
    const double progress = static_cast<double>(step) / static_cast<double>(options.steps);
    const double rate = options.rate * std::min(1.0, static_cast<double>(step + 1) / 200) *
                        (0.02 + 0.98 * 0.5 * (1 + std::cos(M_PI * progress)));
    static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups()[0].options()).lr(rate);
    Losses loss;
    if (options.bf16) {
      at::autocast::set_cpu_enabled(true);
      at::autocast::set_enabled(device.is_cuda());
      loss = losses(net, batch, device);
      at::autocast::clear_cache();
      at::autocast::set_cpu_enabled(false);
      at::autocast::set_enabled(false);
    } else {
      loss = losses(net, batch, device);
    }
    optimizer.zero_grad();
    (loss.token + 0.1 * loss.length).backward();
    torch::nn::utils::clip_grad_norm_(net->parameters(), 1.0);
    optimizer.step();
    ++step;
    {
      torch::NoGradGuard guard;
      const double keep =
          std::min(options.ema, (1.0 + static_cast<double>(step)) / (10.0 + static_cast<double>(step)));
      for (const auto& item : net->named_parameters())
        average[item.key()].mul_(keep).add_(item.value(), 1 - keep);
    }
    token_loss += loss.token.item<double>();
    length_loss += loss.length.item<double>();
    ++logged;
    if (step % options.log_every == 0) {
      const double seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
      std::printf("step %lld loss %.4f length %.4f rate %.2e elapsed %.0f s\n", static_cast<long long>(step),
                  token_loss / static_cast<double>(logged), length_loss / static_cast<double>(logged), rate,
                  seconds);
      std::fflush(stdout);
      token_loss = length_loss = 0;
      logged = 0;
    }
    if (step % options.save_every == 0 || step == options.steps) {
      save();
      export_average();
    }
    if (step % 1000 == 0 || step == options.steps) {
      std::printf("step %lld validation loss %.4f\n", static_cast<long long>(step),
                  validation_loss(net, data, options, device));
      std::fflush(stdout);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(parse(argc, argv));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "odordiff-train-diffusion: %s\n", error.what());
    return 1;
  }
}

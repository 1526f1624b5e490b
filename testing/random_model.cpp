#include "random_model.h"

#include <unistd.h>

#include <atomic>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "base/sha256.h"
#include "nn/safetensors.h"

namespace odordiff::diffusion {
namespace {

class Weights {
 public:
  explicit Weights(std::uint64_t seed) : seed_(seed) {}

  void add(const std::string& name, std::vector<std::int64_t> shape, float scale) {
    std::size_t n = 1;
    for (const std::int64_t s : shape) n *= static_cast<std::size_t>(s);
    Rng rng(seed_, ++stream_);
    auto& values = storage_[name];
    values.resize(n);
    for (float& v : values) v = (2 * rng.uniform() - 1) * scale;
    tensors_[name] = {nn::DType::F32, std::move(shape), std::as_bytes(std::span(values))};
  }
  void linear(const std::string& name, int out, int in, float scale = 1.0F) {
    add(name + ".weight", {out, in}, scale * std::sqrt(3.0F / static_cast<float>(in)));
    add(name + ".bias", {out}, 0.2F * scale);
  }
  const std::map<std::string, nn::TensorView>& tensors() const { return tensors_; }

 private:
  std::uint64_t seed_;
  std::uint64_t stream_ = 0;
  std::map<std::string, std::vector<float>> storage_;
  std::map<std::string, nn::TensorView> tensors_;
};

}  // namespace

void write_random_model(const std::filesystem::path& folder, const RandomModelSizes& s, std::uint64_t seed) {
  std::filesystem::create_directories(folder);
  const auto& vocabulary = chem::Tokenizer::vocabulary();
  const int vocab = static_cast<int>(vocabulary.size());
  const int cond_inputs = s.descriptors + s.text_width + 5;
  Weights w(seed);
  w.add("token_embedding", {vocab, s.width}, 1.0F);
  w.add("position_embedding", {s.max_length, s.width}, 0.5F);
  w.add("remaining_embedding", {s.max_length + 1, s.width}, 0.5F);
  w.linear("condition.fc1", s.cond_hidden, cond_inputs);
  w.linear("condition.fc2", s.width, s.cond_hidden);
  for (int n = 0; n < s.layers; ++n) {
    const std::string at = "layers." + std::to_string(n) + ".";
    w.linear(at + "modulation", 6 * s.width, s.width);
    w.linear(at + "qkv", 3 * s.width, s.width);
    w.linear(at + "out", s.width, s.width);
    w.linear(at + "fc1", s.ffn, s.width);
    w.linear(at + "fc2", s.width, s.ffn);
  }
  w.linear("final.modulation", 2 * s.width, s.width);
  w.linear("head", vocab, s.width, s.sharpness);
  w.linear("length", s.max_length + 1, s.width);
  const auto file = folder / "diffusion.safetensors";
  nn::write_safetensors(file, w.tensors());

  const nn::SafeTensors written(file);
  std::vector<std::string> descriptors;
  for (int i = 0; i < s.descriptors; ++i) descriptors.push_back("descriptor " + std::to_string(i));
  const nlohmann::json config = {
      {"format", "odordiff-model/2"},
      {"name", "random"},
      {"version", "1"},
      {"vocabulary", vocabulary},
      {"descriptors", descriptors},
      {"diffusion",
       {{"width", s.width},
        {"layers", s.layers},
        {"heads", s.heads},
        {"ffn", s.ffn},
        {"block", s.block},
        {"max_length", s.max_length},
        {"cond_inputs", cond_inputs},
        {"cond_hidden", s.cond_hidden},
        {"text_width", s.text_width}}},
      {"sampling",
       {{"temperature", 0.8},
        {"guidance", 1},
        {"steps_per_block", 4},
        {"min_length", 1},
        {"max_length", s.max_length},
        {"text_condition", false}}},
      {"files",
       {{"diffusion.safetensors",
         {{"sha256", sha256_hex(written.bytes())}, {"bytes", written.bytes().size()}}}}}};
  std::ofstream(folder / "config.json") << config.dump(1);
}

TemporaryFolder::TemporaryFolder() {
  static std::atomic<int> count{0};
  path_ = std::filesystem::temp_directory_path() /
          ("odordiff-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
  std::filesystem::create_directories(path_);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace odordiff::diffusion

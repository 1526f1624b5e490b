// Writes the config.json of a model folder: the sizes of the network, read off its tensors, the vocabulary,
// the descriptor names, and the checksum of every file, which loading checks.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "base/sha256.h"
#include "chem/tokenizer.h"
#include "nn/safetensors.h"
#include "scent/brief_encoder.h"
#include "scent/descriptors.h"

int main(int argc, char** argv) {
  using namespace odordiff;
  namespace fs = std::filesystem;
  if (argc != 4) {
    std::fprintf(stderr, "usage: odordiff-package-model MODEL_FOLDER NAME VERSION\n");
    return 2;
  }
  try {
    const fs::path folder = argv[1];
    nlohmann::ordered_json config = {{"format", "odordiff-model/2"}, {"name", argv[2]}, {"version", argv[3]}};
    for (const auto word : chem::Tokenizer::vocabulary()) config["vocabulary"].push_back(word);
    for (const auto name : scent::descriptor_names()) config["descriptors"].push_back(name);
    {
      const nn::SafeTensors net(folder / "diffusion.safetensors");
      const auto width = net.at("token_embedding").shape[1];
      std::int64_t layers = 0;
      while (net.contains("layers." + std::to_string(layers) + ".qkv.weight")) ++layers;
      const auto& cond = net.at("condition.fc1.weight").shape;
      config["diffusion"] = {{"width", width},
                             {"layers", layers},
                             {"heads", width / 32},
                             {"ffn", net.at("layers.0.fc1.weight").shape[0]},
                             {"block", 4},
                             {"max_length", net.at("position_embedding").shape[0]},
                             {"cond_inputs", cond[1]},
                             {"cond_hidden", cond[0]},
                             {"text_width", scent::kTextWidth}};
    }
    // docs/model.md has what other values give. Shorter or longer strings are seldom 80 to 320 g/mol.
    config["sampling"] = {{"temperature", 0.8}, {"guidance", 1.0},  {"steps_per_block", 4},
                          {"min_length", 6},    {"max_length", 42}, {"text_condition", false}};
    if (fs::exists(folder / "odorants.safetensors")) {
      // Learned by `odordiff evaluate --steering`, docs/model.md.
      config["retrieval"] = {{"share", 0.75},   {"samples", 1.2},   {"starts", 10},
                             {"keep_low", 0.5}, {"keep_high", 0.9}, {"quality_weight", 0.4}};
    }
    std::map<std::string, fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
      const auto name = entry.path().filename().string();
      if (entry.is_regular_file() && name != "config.json" && entry.path().extension() != ".md")
        files[name] = entry.path();
    }
    for (const auto& [name, path] : files) {
      std::ifstream in(path, std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      config["files"][name] = {{"sha256", sha256_hex(std::as_bytes(std::span(bytes)))},
                               {"bytes", bytes.size()}};
    }
    std::ofstream out(folder / "config.json");
    out << config.dump(1) << "\n";
    if (!out.flush()) throw Unavailable("cannot write " + (folder / "config.json").string());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "odordiff-package-model: %s\n", error.what());
    return 1;
  }
}

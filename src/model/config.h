// The config.json of a model folder (docs/model-format.md): what the model is, and what it must consist of.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace odordiff::model {

// Of the generator's network.
struct NetworkSizes {
  int width = 0, layers = 0, heads = 0, ffn = 0, block = 0, max_length = 0;
  int cond_inputs = 0, cond_hidden = 0, text_width = 0;
};

// How the generator is sampled where a request does not say.
struct Sampling {
  float temperature = 0;    // 0.1-2
  float guidance = 0;       // 0-10
  int steps_per_block = 0;  // 1-4
  int min_length = 0;       // tokens of a molecule
  int max_length = 0;       // at most the network's
  bool text_condition =
      false;  // whether the brief's text vector is given to the network beside its descriptors
};

// How much of a request's samples begin at known odorants, and how much of these stands. Chosen by
// `odordiff evaluate --steering` (docs/model.md).
struct Retrieval {
  double share = 0;    // 0-1: of a round's samples
  double samples = 1;  // 1-4: times the usual number of samples
  int starts = 1;      // 1-64: odorants that a request's samples begin at, at most
  // The part of a start's tokens that stands is drawn between these two.
  double keep_low = 0.5, keep_high = 0.5;
  double quality_weight = 1;  // 0-1: what a quality counts beside a material, in choosing starts
};

struct File {
  std::string sha256;
  std::uint64_t bytes = 0;
};

struct Config {
  std::filesystem::path folder;
  std::string name, version;
  std::vector<std::string> vocabulary, descriptors;
  NetworkSizes network;
  Sampling sampling;
  std::optional<Retrieval> retrieval;  // nothing: no samples begin at known odorants
  std::map<std::string, File> files;   // by name, in the folder itself
  std::string sha256;                  // of config.json
};

// Throws Unavailable that names the file and what is wrong in it: damaged, a member missing, unknown or out
// of its range, another format.
Config read_config(const std::filesystem::path& folder);

}  // namespace odordiff::model

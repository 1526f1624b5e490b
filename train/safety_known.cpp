// Makes safety_known.safetensors (src/safety/known_substances.h): keys and fingerprints of known toxins and
// of food-safe flavourings.
#include <cstdio>
#include <fstream>
#include <string>
#include <unordered_set>

#include "base/error.h"
#include "chem/constitution.h"
#include "safety/known_substances.h"

namespace {

using namespace odordiff;

// Organic molecules only: the fingerprint of a metal salt says nothing about an odorant.
safety::KnownList read_list(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw Unavailable("cannot read " + file.string());
  safety::KnownList list;
  std::unordered_set<std::uint64_t> seen;
  std::string line;
  while (std::getline(in, line)) {
    const auto mol = chem::Molecule::try_parse(line.substr(0, line.find_first_of(" \t\r")));
    if (!mol) continue;
    const auto body = mol->neutral_largest_fragment();
    const auto constitution = chem::constitution(body);
    if (constitution.carbons == 0 || constitution.heavy_atoms < 2) continue;
    const auto key = safety::known_key(body);
    if (!seen.insert(key).second) continue;
    list.keys.push_back(key);
    list.fingerprints.push_back(chem::morgan_bits(body));
  }
  return list;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: odordiff-safety-known DATA_FOLDER MODEL_FOLDER\n");
    return 2;
  }
  try {
    const std::filesystem::path data = argv[1];
    auto toxins = read_list(data / "toxins.smi");
    auto flavourings = read_list(data / "gras.smi");
    std::printf("%zu toxins, %zu food-safe flavourings\n", toxins.keys.size(), flavourings.keys.size());
    safety::write_known_substances(std::filesystem::path(argv[2]) / "safety_known.safetensors",
                                   std::move(toxins), std::move(flavourings));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "odordiff-safety-known: %s\n", error.what());
    return 1;
  }
}

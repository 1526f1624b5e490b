// Reads the gzipped SMILES list line by line.
#include "shared_data.h"

#include <zlib.h>
#include <fstream>

#include <array>

namespace odordiff::chem {

std::vector<std::string> shared_smiles(std::size_t stride) {
  std::vector<std::string> out;
  gzFile in = gzopen(ODORDIFF_SHARED_DATA "/molecules.smi.gz", "rb");
  if (in == nullptr) return out;
  std::array<char, 4096> line{};
  for (std::size_t i = 0; gzgets(in, line.data(), line.size()) != nullptr; ++i) {
    if (i % stride != 0) continue;
    const std::string text = line.data();
    out.push_back(text.substr(0, text.find_first_of(" \t\r\n")));
  }
  gzclose(in);
  return out;
}

std::vector<std::string> labelled_smiles() {
  std::vector<std::string> out;
  std::ifstream file(std::string(ODORDIFF_SHARED_DATA) + "/odor_labels.csv");
  std::string line;
  std::getline(file, line);  // the header
  while (std::getline(file, line)) out.push_back(line.substr(0, line.find(',')));
  return out;
}

}  // namespace odordiff::chem

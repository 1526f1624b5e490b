// Makes the data set of the Tox21 model: features, labels and scaffold split of every molecule of tox21.csv,
// as one safetensors file, so that training itself needs no chemistry library.
//
// The split is MoleculeNet's (Wu et al., Chem. Sci. 2018, 9, 513): molecules are grouped by Bemis-Murcko
// scaffold, groups are sorted from the largest to the smallest (ties by first row), and fill training to 80
// %, validation to 90 %, test.
#include <GraphMol/ChemTransforms/ChemTransforms.h>
#include <GraphMol/SmilesParse/SmilesParse.h>
#include <GraphMol/SmilesParse/SmilesWrite.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>

#include "base/error.h"
#include "base/split.h"
#include "chem/molecule.h"
#include "nn/safetensors.h"
#include "safety/tox21.h"
#include "safety/tox21_features.h"

namespace {

using namespace odordiff;

struct Row {
  std::string smiles;
  std::vector<float> labels, known;  // [12]; known is 0 where the assay was not run
};

std::vector<Row> read_rows(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw Unavailable("cannot read " + file.string());
  std::vector<Row> rows;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::stringstream cells(line);
    Row row;
    std::getline(cells, row.smiles, ',');
    for (std::size_t a = 0; a < safety::kTox21Assays; ++a) {
      std::string cell;
      std::getline(cells, cell, ',');
      row.labels.push_back(cell.empty() ? 0.0F : std::stof(cell));
      row.known.push_back(cell.empty() ? 0.0F : 1.0F);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string scaffold(const std::string& smiles) {
  const std::unique_ptr<RDKit::ROMol> mol(RDKit::SmilesToMol(smiles));
  const std::unique_ptr<RDKit::ROMol> core(RDKit::MurckoDecompose(*mol));
  return RDKit::MolToSmiles(*core, false);
}

// 0 training, 1 validation, 2 test, for each row.
std::vector<std::int32_t> split(const std::vector<std::string>& scaffolds) {
  std::map<std::string, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < scaffolds.size(); ++i) groups[scaffolds[i]].push_back(i);
  std::vector<std::vector<std::size_t>> sorted;
  for (auto& [core, members] : groups) sorted.push_back(std::move(members));
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.size() != b.size() ? a.size() > b.size() : a.front() < b.front();
  });
  const std::size_t most_training = scaffolds.size() * 8 / 10, most_known = scaffolds.size() * 9 / 10;
  std::vector<std::int32_t> part(scaffolds.size(), 2);
  std::size_t training = 0, validation = 0;
  for (const auto& group : sorted) {
    std::int32_t where = 2;
    if (training + group.size() <= most_training) {
      where = 0;
      training += group.size();
    } else if (training + validation + group.size() <= most_known) {
      where = 1;
      validation += group.size();
    }
    for (const auto i : group) part[i] = where;
  }
  return part;
}

template <typename T>
nn::TensorView view(const std::vector<T>& v, nn::DType dtype, std::vector<std::int64_t> shape) {
  return {dtype, std::move(shape), std::as_bytes(std::span(v))};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: odordiff-tox21-features TOX21.csv OUT.safetensors\n");
    return 2;
  }
  try {
    std::vector<float> dense, fingerprint, labels, known;
    std::vector<std::string> scaffolds;
    std::vector<bool> aside;
    std::int64_t n = 0, width = 0;
    for (const Row& row : read_rows(argv[1])) {
      const auto mol = chem::Molecule::try_parse(row.smiles);
      if (!mol) continue;
      const auto features = safety::tox21_features(*mol);
      width = static_cast<std::int64_t>(features.dense.size());
      dense.insert(dense.end(), features.dense.begin(), features.dense.end());
      std::vector<float> bins(safety::kTox21Bins, 0.0F);
      for (const auto& [bin, value] : features.fingerprint) bins[bin] = value;
      fingerprint.insert(fingerprint.end(), bins.begin(), bins.end());
      labels.insert(labels.end(), row.labels.begin(), row.labels.end());
      known.insert(known.end(), row.known.begin(), row.known.end());
      scaffolds.push_back(scaffold(row.smiles));
      aside.push_back(is_validation(row.smiles));
      ++n;
    }
    auto part = split(scaffolds);
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (aside[i] && part[i] != 2) part[i] = 3;
    }
    constexpr auto kAssays = static_cast<std::int64_t>(safety::kTox21Assays);
    nn::write_safetensors(argv[2], {{"dense", view(dense, nn::DType::F32, {n, width})},
                                    {"fingerprint", view(fingerprint, nn::DType::F32,
                                                         {n, static_cast<std::int64_t>(safety::kTox21Bins)})},
                                    {"labels", view(labels, nn::DType::F32, {n, kAssays})},
                                    {"known", view(known, nn::DType::F32, {n, kAssays})},
                                    {"part", view(part, nn::DType::I32, {n})}});
    std::printf("%lld molecules: %lld training, %lld validation, %lld test\n", static_cast<long long>(n),
                static_cast<long long>(std::count(part.begin(), part.end(), 0)),
                static_cast<long long>(std::count(part.begin(), part.end(), 1)),
                static_cast<long long>(std::count(part.begin(), part.end(), 2)));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "odordiff-tox21-features: %s\n", error.what());
    return 1;
  }
}

// Makes the data set of the odor predictors: fingerprints and descriptors of every molecule that was labelled
// or written about, and of as many unlabelled ones as are asked for (a teacher's answers on them teach the
// student), as one safetensors file, so that training itself needs no chemistry library.
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <unordered_set>

#include "base/error.h"
#include "base/split.h"
#include "chem/fingerprint.h"
#include "chem/molecule.h"
#include "chem/odorant_window.h"
#include "derive.h"
#include "nn/safetensors.h"
#include "scent/descriptors.h"
#include "scent/odor_tables.h"
#include "scent/predictor_features.h"

namespace {

using namespace odordiff;

constexpr std::uint32_t kKernelBins = 4096;
constexpr int kMostHeavyAtoms = 21;  // of an unlabelled molecule

struct Row {
  std::vector<std::size_t> labels;
  bool labelled = false;
  int odorous = -1;  // -1: not known
};

template <typename T>
nn::TensorView view(const std::vector<T>& v, nn::DType dtype, std::vector<std::int64_t> shape) {
  return {dtype, std::move(shape), std::as_bytes(std::span(v))};
}

// Sparse rows of one kind of fingerprint.
struct Sparse {
  std::vector<std::int32_t> bin;
  std::vector<float> value;
  std::vector<std::int64_t> offset{0};

  template <typename Counts>
  void add(const Counts& counts) {
    for (const auto& [b, v] : counts) {
      bin.push_back(static_cast<std::int32_t>(b));
      value.push_back(static_cast<float>(v));
    }
    offset.push_back(static_cast<std::int64_t>(bin.size()));
  }
  void write(const std::string& name, std::map<std::string, nn::TensorView>& out) const {
    const auto n = static_cast<std::int64_t>(bin.size());
    out[name + ".bin"] = view(bin, nn::DType::I32, {n});
    out[name + ".value"] = view(value, nn::DType::F32, {n});
    out[name + ".offset"] = view(offset, nn::DType::I64, {static_cast<std::int64_t>(offset.size())});
  }
};

struct DataSet {
  Sparse morgan, feature_morgan, pairs, paths, ranker, judge;
  std::vector<float> dense, ranker_dense;
  std::vector<std::uint8_t> smiles;
  std::vector<std::int32_t> odorous, labelled, validation, unlabelled;
  std::vector<std::int64_t> smiles_offset{0};
  std::vector<float> labels;
  std::int64_t rows = 0;

  void add(const std::string& text, const chem::Molecule& mol, const Row& row, bool only_for_student) {
    morgan.add(chem::morgan_counts(mol, 2, kKernelBins));
    feature_morgan.add(chem::feature_morgan_counts(mol, 2, kKernelBins));
    pairs.add(chem::atom_pair_counts(mol, kKernelBins));
    paths.add(chem::path_counts(mol, kKernelBins));
    const auto seen = scent::ranker_features(mol);
    ranker.add(seen.fingerprint);
    ranker_dense.insert(ranker_dense.end(), seen.dense.begin(), seen.dense.end());
    const auto judged = scent::judge_features(mol);
    judge.add(judged.fingerprint);
    dense.insert(dense.end(), judged.dense.begin(), judged.dense.end());
    smiles.insert(smiles.end(), text.begin(), text.end());
    smiles_offset.push_back(static_cast<std::int64_t>(smiles.size()));
    std::vector<float> one(scent::kDescriptors, 0.0F);
    for (const std::size_t d : row.labels) one[d] = 1;
    labels.insert(labels.end(), one.begin(), one.end());
    odorous.push_back(row.odorous);
    labelled.push_back(row.labelled ? 1 : 0);
    validation.push_back(!only_for_student && is_validation(text) ? 1 : 0);
    unlabelled.push_back(only_for_student ? 1 : 0);
    ++rows;
  }

  void write(const std::filesystem::path& file) const {
    const auto size = [](const auto& v) { return static_cast<std::int64_t>(v.size()); };
    const auto flags = [&](const std::vector<std::int32_t>& v) { return view(v, nn::DType::I32, {rows}); };
    std::map<std::string, nn::TensorView> out{
        {"labels", view(labels, nn::DType::F32, {rows, static_cast<std::int64_t>(scent::kDescriptors)})},
        {"dense", view(dense, nn::DType::F32, {rows, size(dense) / rows})},
        {"ranker_dense", view(ranker_dense, nn::DType::F32, {rows, size(ranker_dense) / rows})},
        {"odorous", flags(odorous)},
        {"labelled", flags(labelled)},
        {"validation", flags(validation)},
        {"unlabelled", flags(unlabelled)},
        {"smiles", view(smiles, nn::DType::U8, {size(smiles)})},
        {"smiles.offset", view(smiles_offset, nn::DType::I64, {rows + 1})}};
    morgan.write("morgan", out);
    feature_morgan.write("feature_morgan", out);
    pairs.write("pairs", out);
    paths.write("paths", out);
    ranker.write("ranker", out);
    judge.write("judge", out);
    nn::write_safetensors(file, out);
  }
};

std::vector<std::string> read_gz_lines(const std::filesystem::path& file) {
  gzFile in = gzopen(file.c_str(), "rb");
  if (in == nullptr) throw Unavailable("cannot read " + file.string());
  std::vector<std::string> lines;
  char buffer[4096];
  while (gzgets(in, buffer, sizeof buffer) != nullptr) {
    buffer[std::strcspn(buffer, "\r\n\t ")] = 0;
    if (buffer[0] != 0) lines.emplace_back(buffer);
  }
  gzclose(in);
  return lines;
}

std::map<std::string, Row> read_rows(const std::filesystem::path& data) {
  std::map<std::string, Row> rows;
  const std::size_t odorless = *scent::descriptor_index("odorless");
  for (auto& [smiles, labels] : scent::read_odor_labels(data / "odor_labels.csv")) {
    Row& row = rows[smiles];
    row.labels = labels;
    row.labelled = true;
    row.odorous = labels.size() == 1 && labels[0] == odorless ? 0 : 1;
  }
  for (const auto& text : scent::read_odor_texts(data / "odor_text.csv")) rows[text.smiles];
  for (const auto& columns : scent::read_csv(data / "odor_class.csv", 4)) {
    rows[columns[0]].odorous = columns[1] == "1" ? 1 : 0;
  }
  return rows;
}

bool fits(const chem::Molecule& mol) {
  return mol.heavy_atoms() <= kMostHeavyAtoms && chem::outside_odorant_window(mol).empty();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr, "usage: odordiff-features DATA_FOLDER OUT.safetensors [unlabelled]\n");
    return 2;
  }
  try {
    const std::filesystem::path data = argv[1];
    const std::size_t unlabelled = argc > 3 ? std::stoul(argv[3]) : 0;
    const auto rows = read_rows(data);
    DataSet set;
    std::unordered_set<std::string> seen;
    std::vector<std::string> parents;
    for (const auto& [smiles, row] : rows) {
      const auto mol = chem::Molecule::try_parse(smiles);
      if (!mol) continue;
      seen.insert(mol->flat_smiles());
      set.add(smiles, *mol, row, false);
      if (!is_validation(smiles) && row.odorous != 0 && mol->heavy_atoms() <= 16 && fits(*mol)) {
        parents.push_back(mol->smiles());
      }
    }
    std::printf("%lld molecules that something is known of\n", static_cast<long long>(set.rows));
    std::fflush(stdout);
    // A third general molecules, the rest made from known odorants.
    auto general = read_gz_lines(data / "molecules.smi.gz");
    std::sort(general.begin(), general.end(), [](const std::string& a, const std::string& b) {
      return std::pair(split_hash(a), a) < std::pair(split_hash(b), b);
    });
    std::size_t taken = 0;
    for (const auto& smiles : general) {
      if (taken * 3 >= unlabelled) break;
      const auto mol = chem::Molecule::try_parse(smiles);
      if (!mol || !fits(*mol) || !seen.insert(mol->flat_smiles()).second) continue;
      set.add(smiles, *mol, {}, true);
      ++taken;
    }
    if (unlabelled > taken) {
      train::DeriveOptions options;
      options.wanted = unlabelled - taken;
      options.accept = [&](const chem::Molecule& mol) {
        return fits(mol) && !seen.contains(mol.flat_smiles());
      };
      for (const auto& smiles : train::derive(parents, options)) {
        if (const auto mol = chem::Molecule::try_parse(smiles)) set.add(smiles, *mol, {}, true);
      }
    }
    set.write(argv[2]);
    std::printf("%lld molecules written to %s\n", static_cast<long long>(set.rows), argv[2]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "odordiff-features: %s\n", error.what());
    return 1;
  }
}

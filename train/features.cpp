// Makes the data set of the odor predictors: fingerprints and descriptors of every labelled molecule, as one
// safetensors file, so that training itself needs no chemistry library.
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <unordered_map>

#include "base/error.h"
#include "base/split.h"
#include "chem/descriptors.h"
#include "chem/molecule.h"
#include "nn/safetensors.h"
#include "scent/odor_tables.h"
#include "scent/descriptors.h"
#include "scent/predictor_features.h"

namespace {

using namespace odordiff;

struct Row {
  std::vector<std::size_t> labels;
  bool labelled = false;
  int odorous = -1;  // -1: not known
};

template <typename T>
nn::TensorView view(const std::vector<T>& v, nn::DType dtype, std::vector<std::int64_t> shape) {
  return {dtype, std::move(shape), std::as_bytes(std::span(v))};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: odordiff-features DATA_FOLDER OUT.safetensors\n");
    return 2;
  }
  try {
    const std::filesystem::path data = argv[1];
    std::map<std::string, Row> rows;
    const std::size_t odorless = *scent::descriptor_index("odorless");
    for (auto& [smiles, labels] : scent::read_odor_labels(data / "odor_labels.csv")) {
      Row& row = rows[smiles];
      row.labels = labels;
      row.labelled = true;
      row.odorous = labels.size() == 1 && labels[0] == odorless ? 0 : 1;
    }
    for (const auto& columns : scent::read_csv(data / "odor_class.csv", 4)) {
      rows[columns[0]].odorous = columns[1] == "1" ? 1 : 0;
    }
    const std::size_t width = chem::kDescriptorCount;
    std::vector<float> dense, label_matrix, ranker_value, judge_value;
    std::vector<std::int32_t> odorous, labelled, validation, ranker_bin, judge_bin;
    std::vector<std::int64_t> ranker_offset{0}, judge_offset{0};
    std::int64_t n = 0;
    for (const auto& [smiles, row] : rows) {
      const auto mol = chem::Molecule::try_parse(smiles);
      if (!mol) continue;
      const auto ranker = scent::ranker_features(*mol);
      const auto judge = scent::judge_features(*mol);
      dense.insert(dense.end(), ranker.dense.begin(), ranker.dense.end());
      for (const auto& [bin, value] : ranker.fingerprint) {
        ranker_bin.push_back(static_cast<std::int32_t>(bin));
        ranker_value.push_back(value);
      }
      for (const auto& [bin, value] : judge.fingerprint) {
        judge_bin.push_back(static_cast<std::int32_t>(bin));
        judge_value.push_back(value);
      }
      ranker_offset.push_back(static_cast<std::int64_t>(ranker_bin.size()));
      judge_offset.push_back(static_cast<std::int64_t>(judge_bin.size()));
      std::vector<float> labels(scent::kDescriptors, 0.0F);
      for (const std::size_t d : row.labels) labels[d] = 1;
      label_matrix.insert(label_matrix.end(), labels.begin(), labels.end());
      odorous.push_back(row.odorous);
      labelled.push_back(row.labelled ? 1 : 0);
      validation.push_back(is_validation(smiles) ? 1 : 0);
      ++n;
    }
    const auto nnz_r = static_cast<std::int64_t>(ranker_bin.size());
    const auto nnz_j = static_cast<std::int64_t>(judge_bin.size());
    nn::write_safetensors(
        argv[2], {{"dense", view(dense, nn::DType::F32, {n, static_cast<std::int64_t>(width)})},
                  {"labels", view(label_matrix, nn::DType::F32, {n, static_cast<std::int64_t>(scent::kDescriptors)})},
                  {"odorous", view(odorous, nn::DType::I32, {n})},
                  {"labelled", view(labelled, nn::DType::I32, {n})},
                  {"validation", view(validation, nn::DType::I32, {n})},
                  {"ranker.bin", view(ranker_bin, nn::DType::I32, {nnz_r})},
                  {"ranker.value", view(ranker_value, nn::DType::F32, {nnz_r})},
                  {"ranker.offset", view(ranker_offset, nn::DType::I64, {n + 1})},
                  {"judge.bin", view(judge_bin, nn::DType::I32, {nnz_j})},
                  {"judge.value", view(judge_value, nn::DType::F32, {nnz_j})},
                  {"judge.offset", view(judge_offset, nn::DType::I64, {n + 1})}});
    std::printf("%lld molecules written to %s\n", static_cast<long long>(n), argv[2]);
    return 0;
  } catch (const odordiff::Error& error) {
    std::fprintf(stderr, "odordiff-features: %s\n", error.what());
    return 1;
  }
}

#include "odor_teacher.h"

#include <map>

#include "base/split.h"
#include "odor_features.h"
#include "odor_kernel.h"
#include "odor_similarity.h"
#include "odor_texts.h"
#include "scent/odor_tables.h"
#include "torch_file.h"

namespace odordiff::train {

using torch::Tensor;

namespace {

constexpr double kNoise = 2.5;  // of kernels of 1.7 and 1.8 on their diagonals
// Of the labels' correction of what the texts taught: how much of it is added, and how little it is trusted.
constexpr double kLabelShare = 0.2, kLabelNoise = 20;

// How far a label with this probability usually strays from it.
Tensor spread(const Tensor& p) {
  return p.clamp(0.002, 1).sqrt();
}

Tensor safe_logit(const Tensor& p) {
  const Tensor q = p.clamp(1e-4, 1 - 1e-4);
  return (q / (1 - q)).log();
}

}  // namespace

Tensor rows_where(const Tensor& mask) {
  return mask.nonzero().squeeze(1).contiguous();
}

Tensor in_fold(const OdorData& data, int fold) {
  std::vector<std::uint8_t> in;
  for (const auto f : data.fold) in.push_back(f == fold);
  return torch::tensor(in, torch::kUInt8).to(torch::kBool).logical_and(data.unlabelled.logical_not());
}

OdorData::OdorData(const nn::SafeTensors& file, const std::filesystem::path& texts)
    : labels(load_tensor(file, "labels")),
      odorous(load_tensor(file, "odorous").to(torch::kFloat32)),
      labelled(load_tensor(file, "labelled") == 1),
      validation(load_tensor(file, "validation") == 1),
      unlabelled(load_tensor(file, "unlabelled") == 1),
      similarity(similarities(file, labels.size(0), unlabelled.logical_not().sum().item<std::int64_t>())) {
  std::map<std::string, std::string> written;
  for (const auto& t : scent::read_odor_texts(texts)) written[t.smiles] += t.text + " . ";
  std::vector<std::string> documents;
  std::vector<std::uint8_t> with_text;
  std::vector<float> lengths;
  const auto smiles = load_strings(file, "smiles");
  for (std::size_t i = 0; i < smiles.size(); ++i) {
    const bool data_row = !unlabelled[static_cast<std::int64_t>(i)].item<bool>();
    const auto hit = data_row ? written.find(smiles[i]) : written.end();
    with_text.push_back(hit != written.end());
    lengths.push_back(hit == written.end() ? 0.0F : static_cast<float>(count_words(hit->second)));
    if (data_row) documents.push_back(hit == written.end() ? std::string() : hit->second);
    fold.push_back(static_cast<std::int64_t>(split_hash(smiles[i]) / 100 % kFolds));
  }
  length = torch::tensor(lengths);
  has_text = torch::tensor(with_text, torch::kUInt8).to(torch::kBool);
  words = word_weights(documents);  // data rows come first in the file
}

TeacherAnswers teach(const OdorData& data, const Tensor& train, const Tensor& asked) {
  torch::NoGradGuard guard;
  const Tensor rows = rows_where(train.logical_and(data.labelled.logical_or(data.has_text)));
  const Tensor read = rows_where(train.logical_and(data.labelled).logical_and(data.has_text));
  const std::int64_t with_words = data.words.size(0);
  Tensor targets = data.labels.clone();
  const Tensor soft = labels_from_words(data.words, data.labels.slice(0, 0, with_words), read);
  const Tensor text_rows = rows_where(data.has_text);
  targets.index_put_({text_rows}, soft.index_select(0, text_rows));

  // The less was written about a molecule, the less its targets say.
  const Tensor noise = kNoise * (10 / data.length.clamp_min(2)).sqrt();
  // First stage; its answers for molecules that it had not learned from are the profiles that the second one
  // sees.
  TeacherAnswers out;
  KernelInputs inputs{data.similarity, {}};
  out.first = kernel_answers(inputs, rows, targets, noise, asked).clamp(0, 1);
  Tensor profiles = torch::zeros_like(targets);
  profiles.index_put_({asked}, out.first);
  for (int f = 0; f < kFolds; ++f) {
    const Tensor in = in_fold(data, f).index_select(0, rows);
    const Tensor of = rows.index_select(0, rows_where(in));
    const Tensor others = rows.index_select(0, rows_where(in.logical_not()));
    if (of.size(0) > 0) profiles.index_put_({of}, kernel_answers(inputs, others, targets, noise, of));
  }
  inputs.profiles = profiles;
  out.second = kernel_answers(inputs, rows, targets, noise, asked).clamp(0, 1);
  // The soft labels are what the texts say. What the labels say beyond them is learned from by how much they
  // differ from the profiles, and added with care.
  const Tensor labelled = rows_where(train.logical_and(data.labelled));
  const Tensor beyond = (data.labels - profiles) / spread(profiles);
  const Tensor correction =
      kernel_answers(inputs, labelled, beyond, torch::full_like(noise, kLabelNoise), asked);
  out.odor = (out.second + kLabelShare * spread(out.second) * correction).clamp(0, 1);
  const Tensor classed = rows_where(train.logical_and(data.odorous >= 0));
  const Tensor even = torch::full_like(noise, kNoise);
  out.odorous = kernel_answers({data.similarity, {}}, classed, data.odorous.unsqueeze(1), even, asked)
                    .squeeze(1)
                    .clamp(0, 1);
  return out;
}

Calibration Calibration::fit(const Tensor& probabilities, const Tensor& truth) {
  const Tensor z = safe_logit(probabilities);
  const Tensor known = (truth >= 0).to(torch::kFloat32);
  const Tensor y = truth.clamp_min(0);
  Tensor a = torch::ones({z.size(1)}), b = torch::zeros({z.size(1)});
  // Newton's method on each column's two numbers.
  for (int i = 0; i < 50; ++i) {
    const Tensor p = torch::sigmoid(a * z + b);
    const Tensor error = (p - y) * known;
    const Tensor weight = p * (1 - p) * known;
    const Tensor ga = (error * z).sum(0) + (a - 1), gb = error.sum(0) + 0.01 * b;
    const Tensor haa = (weight * z * z).sum(0) + 1, hab = (weight * z).sum(0), hbb = weight.sum(0) + 0.01;
    const Tensor determinant = haa * hbb - hab * hab;
    a = a - (hbb * ga - hab * gb) / determinant;
    b = b - (haa * gb - hab * ga) / determinant;
  }
  return {a, b};
}

Tensor Calibration::operator()(const Tensor& probabilities) const {
  return torch::sigmoid(slope * safe_logit(probabilities) + offset);
}

double calibration_error(const Tensor& probabilities, const Tensor& truth) {
  constexpr int kBins = 15;
  const Tensor p = probabilities.reshape({-1}), y = truth.reshape({-1});
  double error = 0;
  for (int b = 0; b < kBins; ++b) {
    const Tensor in =
        (p >= static_cast<double>(b) / kBins).logical_and(p < (b + 1.0) / kBins + (b == kBins - 1));
    const Tensor rows = rows_where(in);
    if (rows.size(0) == 0) continue;
    error += std::abs((p.index_select(0, rows) - y.index_select(0, rows)).sum().item<double>());
  }
  return error / static_cast<double>(p.size(0));
}

}  // namespace odordiff::train

// Makes the odor predictor that ranks: a teacher (odor_teacher.h) is trained on labels and texts, and its
// calibrated answers on known and unlabelled molecules teach the small network that
// src/scent/odor_predictor.h runs.
//
//   odordiff-train-odor FEATURES TEXTS.csv --cross-validate        five folds of all labelled molecules:
//   baseline, teacher,
//                                                                 student, calibration; writes nothing
//   odordiff-train-odor FEATURES TEXTS.csv --out RANKER.safetensors   without the validation molecules,
//   reported on them
#include <torch/torch.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "base/error.h"
#include "odor_student.h"
#include "odor_teacher.h"
#include "odor_trees.h"
#include "torch_file.h"

namespace {

using namespace odordiff;
using namespace odordiff::train;
using torch::Tensor;

constexpr std::int64_t kStudentBins = 4096;

// What the student sees.
struct StudentInputs {
  StudentInputs(const nn::SafeTensors& file, const Tensor& rows) {
    const Tensor dense = load_tensor(file, "ranker_dense");
    const Tensor seen = dense.index_select(0, rows);
    mean = seen.mean(0);
    inverse_deviation = 1 / (seen.std(0) + 1e-3);
    const SparseRows fingerprint(file, "ranker", kStudentBins);
    x = torch::cat(
        {fingerprint.dense(torch::arange(dense.size(0))), ((dense - mean) * inverse_deviation).clamp(-4, 4)},
        1);
  }
  Tensor mean, inverse_deviation, x;
};

StudentOptions student_options() {
  StudentOptions o;
  o.hidden = 640;
  o.middle = 256;
  o.input_dropout = 0.05;
  o.dropout = 0.1;
  o.weight_decay = 0.01;
  o.epochs = 12;
  return o;
}

Tensor joined(const Tensor& odor, const Tensor& odorous) {
  return torch::cat({odor, odorous.unsqueeze(1)}, 1);
}

// Labels and odorousness with -1 where not known: [n, 139].
Tensor truth_of(const OdorData& data) {
  const Tensor unknown = data.labelled.logical_not().unsqueeze(1);
  return joined(data.labels.masked_fill(unknown, -1), data.odorous);
}

// The student of a teacher's calibrated `answers` [n, 139] on all molecules but those of `held`.
std::shared_ptr<StudentNet> distil(const StudentInputs& inputs, const Tensor& answers, const Tensor& held) {
  const Tensor rows = rows_where(held.logical_not());
  return train_student(inputs.x, answers, torch::ones_like(answers), rows, student_options());
}

// Morgan counts, the first bins of what the student sees, and descriptors: [n, features].
Tensor tree_features(const nn::SafeTensors& file, std::int64_t rows) {
  const Tensor all = torch::arange(rows);
  return torch::cat({SparseRows(file, "ranker", kStudentBins).dense(all).slice(1, 0, kStudentBins / 2),
                     load_tensor(file, "ranker_dense").slice(0, 0, rows)},
                    1);
}

struct Figures {
  std::array<double, kFolds> value{};
  double mean() const {
    double sum = 0;
    for (const double v : value) sum += v;
    return sum / kFolds;
  }
  double deviation() const {
    double sum = 0;
    for (const double v : value) sum += (v - mean()) * (v - mean());
    return std::sqrt(sum / (kFolds - 1));
  }
};

void print_row(const char* name, const Figures& f) {
  std::printf("| %s |", name);
  for (const double v : f.value) std::printf(" %.4f |", v);
  std::printf(" %.4f ± %.4f |\n", f.mean(), f.deviation());
}

void cross_validate(const OdorData& data, const nn::SafeTensors& file, bool with_student) {
  const Tensor truth = truth_of(data);
  // The student learns from answers on unlabelled molecules too; the teacher's own figures need none of them.
  const Tensor asked = with_student ? torch::arange(data.rows()) : rows_where(data.unlabelled.logical_not());
  Figures baseline, first, second, teacher, student, odorous;
  std::vector<Tensor> answers(kFolds);
  const Tensor seen_by_trees = tree_features(file, data.words.size(0));
  for (int f = 0; f < kFolds; ++f) {
    const Tensor held = in_fold(data, f);
    const Tensor test = rows_where(held.logical_and(data.labelled));
    const Tensor y = data.labels.index_select(0, test);
    const auto at = static_cast<std::size_t>(f);
    const Tensor labelled = rows_where(held.logical_not().logical_and(data.labelled));
    baseline.value[at] =
        macro_auroc(ExtraTrees(seen_by_trees, labelled, data.labels, {}).predict(seen_by_trees, test), y);
    const TeacherAnswers taught = teach(data, held.logical_not(), asked);
    answers[at] = joined(taught.odor, taught.odorous);
    first.value[at] = macro_auroc(taught.first.index_select(0, test), y);
    second.value[at] = macro_auroc(taught.second.index_select(0, test), y);
    teacher.value[at] = macro_auroc(taught.odor.index_select(0, test), y);
    const Tensor classed = rows_where(held.logical_and(data.odorous >= 0));
    odorous.value[at] = auroc(taught.odorous.index_select(0, classed), data.odorous.index_select(0, classed));
    std::printf("fold %d: baseline %.4f, first stage %.4f, second %.4f, teacher %.4f, odorous %.4f\n", f,
                baseline.value[at], first.value[at], second.value[at], teacher.value[at], odorous.value[at]);
    std::fflush(stdout);
  }
  // Answers on molecules that the teacher of their fold never saw.
  Tensor unseen = torch::zeros_like(truth);
  for (int f = 0; f < kFolds; ++f) {
    const Tensor rows = rows_where(in_fold(data, f));
    unseen.index_put_({rows}, answers[static_cast<std::size_t>(f)].index_select(0, rows));
  }
  Figures raw_error, error, student_error;
  for (int f = 0; f < kFolds; ++f) {
    const auto at = static_cast<std::size_t>(f);
    const Tensor held = in_fold(data, f);
    // Fitted on the other folds' unseen answers.
    const Tensor others = rows_where(held.logical_or(data.unlabelled).logical_not());
    const Calibration calibrate =
        Calibration::fit(unseen.index_select(0, others), truth.index_select(0, others));
    const Tensor test = rows_where(held.logical_and(data.labelled));
    const Tensor y = data.labels.index_select(0, test);
    const auto odor = [&](const Tensor& p) { return p.index_select(0, test).slice(1, 0, y.size(1)); };
    raw_error.value[at] = calibration_error(odor(unseen), y);
    error.value[at] = calibration_error(odor(calibrate(unseen)), y);
    if (with_student) {
      const StudentInputs inputs(file, rows_where(held.logical_not()));
      const Tensor net = predict(*distil(inputs, calibrate(answers[at]), held), inputs.x);
      student.value[at] = macro_auroc(odor(net), y);
      student_error.value[at] = calibration_error(odor(net), y);
      std::printf("fold %d: student %.4f, calibration error %.4f\n", f, student.value[at],
                  student_error.value[at]);
      std::fflush(stdout);
    }
  }
  std::printf(
      "\n| macro AUROC, 138 descriptors | fold 0 | 1 | 2 | 3 | 4 | mean ± deviation "
      "|\n|---|---|---|---|---|---|---|\n");
  print_row("ExtraTrees on labels (baseline)", baseline);
  print_row("teacher, first stage alone", first);
  print_row("teacher, two stages alone", second);
  print_row("teacher", teacher);
  if (with_student) print_row("student (shipped form)", student);
  print_row("odorous or not, teacher", odorous);
  print_row("expected calibration error, teacher before calibration", raw_error);
  print_row("expected calibration error, teacher", error);
  if (with_student) print_row("expected calibration error, student", student_error);
}

void ship(const OdorData& data, const nn::SafeTensors& file, const std::string& path) {
  const Tensor truth = truth_of(data);
  const Tensor seen = data.validation.logical_not();
  Tensor unseen = torch::zeros_like(truth);
  for (int f = 0; f < kFolds; ++f) {
    const Tensor rows = rows_where(in_fold(data, f).logical_and(seen));
    const TeacherAnswers a = teach(data, seen.logical_and(in_fold(data, f).logical_not()), rows);
    unseen.index_put_({rows}, joined(a.odor, a.odorous));
    std::printf("calibration fold %d answered\n", f);
    std::fflush(stdout);
  }
  const Tensor fitted = rows_where(seen.logical_and(data.unlabelled.logical_not()));
  const Calibration calibrate =
      Calibration::fit(unseen.index_select(0, fitted), truth.index_select(0, fitted));
  const TeacherAnswers teacher = teach(data, seen, torch::arange(data.rows()));
  const Tensor answers = calibrate(joined(teacher.odor, teacher.odorous));
  const StudentInputs inputs(file, fitted);
  const auto net = distil(inputs, answers, data.validation);

  const Tensor test = rows_where(data.validation.logical_and(data.labelled));
  const Tensor y = data.labels.index_select(0, test);
  const Tensor classed = rows_where(data.validation.logical_and(data.odorous >= 0));
  const auto report = [&](const char* name, const Tensor& p) {
    const Tensor odor = p.index_select(0, test).slice(1, 0, y.size(1));
    std::printf(
        "%s: macro AUROC %.4f and calibration error %.4f on %lld validation molecules, odorous %.4f on "
        "%lld\n",
        name, macro_auroc(odor, y, 3), calibration_error(odor, y), static_cast<long long>(test.size(0)),
        auroc(p.select(1, y.size(1)).index_select(0, classed), data.odorous.index_select(0, classed)),
        static_cast<long long>(classed.size(0)));
  };
  report("teacher", answers);
  report("student", predict(*net, inputs.x));
  const Tensor labelled = rows_where(seen.logical_and(data.labelled));
  std::map<std::string, Tensor> out{{"dense.mean", inputs.mean},
                                    {"dense.inverse_deviation", inputs.inverse_deviation},
                                    {"base_rates", data.labels.index_select(0, labelled).mean(0)}};
  add_member(out, *net, 0);
  save_tensors(path, out);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 3 ? argv[3] : "";
  const bool validate =
      mode == "--cross-validate" && (argc == 4 || (argc == 5 && std::strcmp(argv[4], "--no-student") == 0));
  if (!validate && !(mode == "--out" && argc == 5)) {
    std::fprintf(
        stderr,
        "usage: odordiff-train-odor FEATURES.safetensors odor_text.csv --cross-validate [--no-student]\n"
        "       odordiff-train-odor FEATURES.safetensors odor_text.csv --out RANKER.safetensors\n");
    return 2;
  }
  torch::set_num_threads(1);
  try {
    const nn::SafeTensors file{argv[1]};
    const OdorData data(file, argv[2]);
    if (validate) {
      cross_validate(data, file, argc == 4);
    } else {
      ship(data, file, argv[4]);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "odordiff-train-odor: %s\n", error.what());
    return 1;
  }
}

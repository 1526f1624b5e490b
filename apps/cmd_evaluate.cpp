// `odordiff evaluate`: the quality figures of docs/model.md, measured on what no training saw.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "answer_json.h"
#include "atomic_file.h"
#include "base/closest.h"
#include "base/error.h"
#include "cli_tree.h"
#include "commands.h"
#include "generate/evaluate.h"
#include "generate/steering.h"
#include "model_option.h"
#include "options.h"
#include "scent/descriptors.h"

namespace odordiff::apps {
namespace {

struct EvaluateOptions {
  RequestOptions common;
  std::string data;
  std::string format = "table";
  std::string output = "-";
  int samples = 2000;
  int texts = 200;
  bool steering = false;
  std::vector<std::string> descriptors;  // of the steering; empty: all
};

nlohmann::ordered_json to_json(const generate::RawQuality& q) {
  return {{"validity", q.validity},
          {"uniqueness", q.uniqueness},
          {"novelty", q.novelty},
          {"internal_diversity", q.internal_diversity},
          {"in_window", q.in_window}};
}

std::string as_table(const generate::Evaluation& e) {
  const auto column = [](const char* name, double without, double with) {
    return fmt::format("{:<34}{:>15.3f}{:>13.3f}\n", name, without, with);
  };
  const auto& u = e.unconditioned;
  const auto& c = e.conditioned;
  return fmt::format("{:<34}{:>15}{:>13}\n", "raw samples", "unconditioned", "conditioned") +
         column("valid", u.validity, c.validity) +
         column("distinct among valid", u.uniqueness, c.uniqueness) +
         column("absent from all training data", u.novelty, c.novelty) +
         column("internal diversity", u.internal_diversity, c.internal_diversity) +
         column("inside the odorant window", u.in_window, c.in_window) +
         fmt::format("\nprompt fidelity, {} held-out texts  {:.3f} (95 % interval {:.3f} to {:.3f})\n",
                     e.texts, e.fidelity, e.fidelity_low, e.fidelity_high) +
         fmt::format(
             "  of raw samples {:.3f}, of the brief as read {:.3f}, of answers to other texts {:.3f}\n",
             e.fidelity_raw, e.fidelity_brief, e.fidelity_chance) +
         fmt::format("brief encoder, {} held-out texts: macro AUROC {:.3f} over {} descriptors\n",
                     e.brief_texts, e.brief_auroc, e.brief_descriptors);
}

nlohmann::ordered_json to_json(const generate::Estimate& e) {
  return {{"value", e.value}, {"low", e.low}, {"high", e.high}};
}

nlohmann::ordered_json to_json(const generate::SteeredDescriptor& d) {
  return {{"name", scent::descriptor_names().at(d.descriptor)},
          {"ratio", to_json(d.ratio)},
          {"answers", d.answers},
          {"reference", d.reference},
          {"reference_from", d.from_taught ? "taught" : "held_out"},
          {"held_out_carriers", d.carriers},
          {"molecules", d.molecules},
          {"scaffolds", d.scaffolds},
          {"nearest_similarity", d.nearest}};
}

std::string as_json(const generate::Steering& s, const nlohmann::ordered_json& model,
                    const generate::Request& settings) {
  nlohmann::ordered_json json = {{"model", model},
                                 {"seed", settings.seed},
                                 {"effort", settings.effort},
                                 {"steering", to_json(s.median)},
                                 {"below_half", to_json(s.below_half)},
                                 {"nearest_similarity", s.nearest},
                                 {"scaffolds", s.scaffolds},
                                 {"descended", s.descended},
                                 {"frechet_distance", s.frechet},
                                 {"struck_out", s.struck_out},
                                 {"without_answer", s.empty},
                                 {"descriptors", nlohmann::ordered_json::array()}};
  for (const auto& d : s.descriptors) json["descriptors"].push_back(to_json(d));
  return json.dump(2) + "\n";
}

std::string as_table(const generate::Steering& s) {
  std::vector<const generate::SteeredDescriptor*> order;
  for (const auto& d : s.descriptors) order.push_back(&d);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return a->ratio.value < b->ratio.value; });
  std::string out = fmt::format("{:<16}{:>7}{:>17}{:>9}{:>11}{:>10}{:>10}{:>9}\n", "descriptor", "ratio",
                                "95 % interval", "answers", "reference", "carriers", "scaffolds", "nearest");
  bool taught = false;
  for (const auto* d : order) {
    taught |= d->from_taught;
    out += fmt::format("{:<16}{:>7.2f}{:>17}{:>9.3f}{:>11}{:>10}{:>10}{:>9.2f}\n",
                       scent::descriptor_names().at(d->descriptor), d->ratio.value,
                       fmt::format("{:.2f} to {:.2f}", d->ratio.low, d->ratio.high), d->answers,
                       fmt::format("{:.3f}{}", d->reference, d->from_taught ? "*" : " "), d->carriers,
                       d->scaffolds, d->nearest);
  }
  if (taught)
    out +=
        "* fewer than three held-out molecules carry it: from the molecules that the judge was taught, "
        "scaled\n";
  const auto line = [&](const char* name, const generate::Estimate& e) {
    out += fmt::format("{:<48}{:.3f} (95 % interval {:.3f} to {:.3f})\n", name, e.value, e.low, e.high);
  };
  out += "\n";
  line("steering, median over descriptors", s.median);
  line("share of descriptors below half", s.below_half);
  return out +
         fmt::format("{:<48}{:.3f}\n{:<48}{:.2f}\n{:<48}{:.3f}\n{:<48}{:.2f}\n{:<48}{:.3f}\n{:<48}{}\n",
                     "mean similarity to the nearest known odorant", s.nearest, "scaffolds in an answer",
                     s.scaffolds, "share of answers that start from a known odorant", s.descended,
                     "Frechet distance to labelled molecules", s.frechet, "share of new samples struck out",
                     s.struck_out, "words without an answer", s.empty);
}

std::vector<std::size_t> indices_of(const std::vector<std::string>& names) {
  std::vector<std::size_t> out;
  for (const auto& name : names) {
    const auto index = scent::descriptor_index(name);
    if (!index) {
      const std::vector<std::string> all(scent::descriptor_names().begin(), scent::descriptor_names().end());
      const std::string near = closest(name, all);
      throw InvalidInput("no odor descriptor is called " + quote_for_message(name) +
                         (near.empty() ? "; `odordiff explain` shows some" : "; did you mean " + near + "?"));
    }
    out.push_back(*index);
  }
  return out;
}

void run_steering(const EvaluateOptions& options) {
  generate::SteeringOptions steering;
  steering.descriptors = indices_of(options.descriptors);
  steering.settings = options.common.request;
  steering.progress = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  const auto pipeline_options = options.common.pipeline_options();
  const scent::OdorPredictor judge(pipeline_options.model_folder, scent::OdorPredictor::Role::Judge);
  const auto odorants = generate::judge_labelled(options.data, judge);
  const generate::Pipeline pipeline(pipeline_options);
  const auto result = generate::measure_steering(pipeline, judge, odorants, steering);
  AtomicFile file(options.output);
  file.write(options.format == "json"
                 ? as_json(result, api::model_json(pipeline.identity()), steering.settings)
                 : as_table(result));
  file.commit();
}

void run(const EvaluateOptions& options) {
  if (options.steering) return run_steering(options);
  const auto pipeline_options = options.common.pipeline_options();
  const auto texts = generate::held_out_texts(options.data);
  const generate::Pipeline pipeline(pipeline_options);
  const scent::OdorPredictor judge(pipeline_options.model_folder, scent::OdorPredictor::Role::Judge);
  generate::EvaluationOptions evaluation;
  evaluation.samples = options.samples;
  evaluation.fidelity_texts = options.texts;
  evaluation.settings = options.common.request;
  evaluation.progress = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  const auto result = generate::evaluate(pipeline, judge, texts, evaluation);
  AtomicFile file(options.output);
  if (options.format == "json") {
    const nlohmann::ordered_json json = {{"model", api::model_json(pipeline.identity())},
                                         {"samples", options.samples},
                                         {"unconditioned", to_json(result.unconditioned)},
                                         {"conditioned", to_json(result.conditioned)},
                                         {"fidelity",
                                          {{"texts", result.texts},
                                           {"mean", result.fidelity},
                                           {"low", result.fidelity_low},
                                           {"high", result.fidelity_high},
                                           {"raw_samples", result.fidelity_raw},
                                           {"brief", result.fidelity_brief},
                                           {"other_texts", result.fidelity_chance}}},
                                         {"brief_encoder",
                                          {{"texts", result.brief_texts},
                                           {"descriptors", result.brief_descriptors},
                                           {"macro_auroc", result.brief_auroc}}}};
    file.write(json.dump(2) + "\n");
  } else {
    file.write(as_table(result));
  }
  file.commit();
}

}  // namespace

void add_evaluate(CLI::App& root) {
  auto options = std::make_shared<EvaluateOptions>();
  auto* app = root.add_subcommand("evaluate");
  describe_command(*app, "odordiff evaluate --data ../shared/data",
                   "Measures the generator on molecules and texts that were kept out of training.");
  app->add_option("--data", options->data, "Folder with odor_text.csv and odor_labels.csv")
      ->type_name("FOLDER")
      ->required();
  add_whole(*app, "--samples", options->samples, 10, 100000, "Raw samples, with and without condition")
      ->default_str("2000");
  add_whole(*app, "--texts", options->texts, 1, 100000, "Held-out texts to answer")->default_str("200");
  auto* steering = app->add_flag("--steering", options->steering,
                                 "Measures instead whether single words lead where they say");
  app->add_option("--descriptor", options->descriptors, "Measure this descriptor only (again for more)")
      ->type_name("NAME")
      ->needs(steering);
  add_number(*app, "--effort", options->common.request.effort, 0.5, 50,
             "Samples to choose from, against the usual");
  add_choice(*app, "--format", options->format, {"table", "json"}, "How to print")->default_str("table");
  app->add_option("-o,--output", options->output, "File to write, whole or not at all; - for stdout")
      ->type_name("FILE")
      ->default_str("-");
  add_seed(*app, options->common.request.seed, "Seed of all sampling");
  add_whole(*app, "--steps", options->common.request.steps_per_block, 1, 4,
            "Denoising steps for each block of four tokens");
  add_number(*app, "--guidance", options->common.request.guidance, 0, 10, "Classifier-free guidance scale");
  add_number(*app, "--temperature", options->common.request.temperature, 0.1, 2, "Sampling temperature");
  add_choice(*app, "--precision", options->common.precision, {"fp32", "bf16", "int8"},
             "Arithmetic of the network")
      ->default_str("fp32");
  add_whole(*app, "--threads", options->common.threads, 0, 1024, "Threads; 0: one a core")->default_str("0");
  app->add_option("--model", options->common.model, "Model folder")->type_name("FOLDER");
  app->callback([options] { run(*options); });
}

}  // namespace odordiff::apps

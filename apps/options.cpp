#include "options.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/numbers.h"
#include "chem/molecule.h"
#include "model_option.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

constexpr char kMark = '\x1f';

template <typename T>
CLI::Option* add_bounded(CLI::App& app, const std::string& names, T& target, double low, double high,
                         const std::string& kind, const std::string& description) {
  auto* option = app.add_option_function<std::string>(
      names,
      [&target, names, low, high, kind](const std::string& text) {
        const auto value = number_in<T>(text);
        if (!value || static_cast<double>(*value) < low || static_cast<double>(*value) > high) {
          throw InvalidInput(fmt::format("{} takes {} from {:g} to {:g}, not {}",
                                         names.substr(0, names.find(',')), kind, low, high,
                                         quote_for_message(text)));
        }
        target = *value;
      },
      description);
  return option->type_name("N");
}

}  // namespace

CLI::Option* add_choice(CLI::App& app, const std::string& names, std::string& target,
                        const std::vector<std::string>& choices, const std::string& description) {
  auto* option = app.add_option_function<std::string>(
      names,
      [&target, names, choices](const std::string& text) {
        if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
          throw InvalidInput(fmt::format("{} takes {}, not {}", names.substr(0, names.find(',')),
                                         fmt::join(choices, ", "), quote_for_message(text)));
        }
        target = text;
      },
      description);
  return option->type_name(fmt::format("{}", fmt::join(choices, "|")))->default_str(target);
}

CLI::Option* add_whole(CLI::App& app, const std::string& names, int& target, int low, int high,
                       const std::string& description) {
  return add_bounded(app, names, target, low, high, "a whole number", description);
}

CLI::Option* add_seed(CLI::App& app, std::uint64_t& target, const std::string& description) {
  auto* option = app.add_option_function<std::string>(
      "--seed",
      [&target](const std::string& text) {
        const auto value = number_in<std::uint64_t>(text);
        if (!value) {
          throw InvalidInput(fmt::format("--seed takes a whole number from 0 to {}, not {}", UINT64_MAX,
                                         quote_for_message(text)));
        }
        target = *value;
      },
      description);
  return option->type_name("N")->default_str(std::to_string(target));
}

CLI::Option* add_number(CLI::App& app, const std::string& names, double& target, double low, double high,
                        const std::string& description) {
  return add_bounded(app, names, target, low, high, "a number", description);
}
CLI::Option* add_number(CLI::App& app, const std::string& names, float& target, double low, double high,
                        const std::string& description) {
  return add_bounded(app, names, target, low, high, "a number", description);
}

generate::Range parse_range(const std::string& option, const std::string& text) {
  const auto wrong = [&](const std::string& what) {
    return InvalidInput(fmt::format("{} {}: {}", option, quote_for_message(text), what));
  };
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || text.size() == 1) {
    throw wrong("write LOW:HIGH, such as 150:300, 150: or :300");
  }
  generate::Range range;
  const std::string_view low = trim(std::string_view(text).substr(0, colon));
  const std::string_view high = trim(std::string_view(text).substr(colon + 1));
  const auto read = [&](std::string_view side, double& target) {
    if (side.empty()) return;
    const auto value = number_in<double>(side);
    if (!value) throw wrong("both sides are numbers, such as 150:300, 150: or :300");
    target = *value;
  };
  read(low, range.low);
  read(high, range.high);
  if (range.low > range.high) {
    throw wrong(fmt::format("the low end is above the high end; did you mean {}:{}?", high, low));
  }
  return range;
}

std::string to_string(const generate::Range& range) {
  const auto side = [](double x) { return std::isfinite(x) ? fmt::format("{:g}", x) : std::string(); };
  return side(range.low) + ":" + side(range.high);
}

CLI::Option* add_range(CLI::App& app, const std::string& names, generate::Range& target,
                       const std::string& description) {
  auto* option = app.add_option_function<std::string>(
      names, [&target, names](const std::string& text) { target = parse_range(names, text); }, description);
  const std::string standard = to_string(target);
  return option->type_name("LOW:HIGH")->default_str(standard == ":" ? "" : standard);
}

void add_request_options(CLI::App& app, RequestOptions& options) {
  auto& request = options.request;
  app.add_option("--like", options.like, "Variations of this molecule")->type_name("SMILES");
  app.add_option("--keep", options.keep, "This fragment stands, the rest is designed anew")
      ->type_name("SMILES");
  add_whole(app, "-n,--count", request.count, 1, 1000, "Molecules wanted, 1 to 1000")->default_str("5");
  add_seed(app, request.seed, "Same request, seed and model: same answer");
  add_whole(app, "--steps", request.steps_per_block, 1, 4,
            "Denoising steps a block, 1 to 4; default: the model's");
  add_number(app, "--guidance", request.guidance, 0, 10,
             "Pull towards the brief, 0 to 10; default: the model's");
  add_number(app, "--temperature", request.temperature, 0.1, 2, "Variety, 0.1 to 2; default: the model's");
  add_range(app, "--mw", request.molecular_weight, "Molecular weight, g/mol");
  add_range(app, "--logp", request.logp, "Crippen logP");
  add_range(app, "--tpsa", request.tpsa, "Topological polar surface area, square angstrom");
  add_range(app, "--sa", request.sa_score, "Synthetic accessibility score, 1 (easy) to 10");
  add_range(app, "--similarity", request.similarity, "Tanimoto similarity to the --like molecule, 0 to 1");
  add_number(app, "--safety-threshold", request.safety_threshold, 0, 1,
             "Least safety score, 0 to 1; forbidden molecules never come back");
  add_number(app, "--min-odorous", request.min_odorous, 0, 1, "Least probability of being an odorant, 0 to 1")
      ->default_str("0.5");
  add_number(app, "--effort", request.effort, 0.5, 50,
             "Times the usual number of samples to choose the best from")
      ->default_str("1");
  app.add_flag("--allow-known", request.allow_known, "Also return molecules of the training data");
  add_number(app, "--budget", request.budget_seconds, 0.1, 3600,
             "Seconds after which no more samples are drawn")
      ->default_str("30");
  add_choice(app, "--precision", options.precision, {"fp32", "bf16", "int8"}, "Arithmetic of the network");
  add_whole(app, "--threads", options.threads, 0, 1024, "Threads; 0: one a core")->default_str("0");
  add_model_option(app, options.model);
}

generate::Request RequestOptions::make_request() const {
  generate::Request made = request;
  const auto checked = [](const char* option, const std::string& smiles) {
    try {
      (void)chem::Molecule::parse(smiles);
    } catch (const InvalidInput& error) {
      throw InvalidInput(fmt::format("{}: {}", option, error.what()));
    }
    return smiles;
  };
  if (!like.empty() && !keep.empty()) {
    throw InvalidInput("--like varies a whole molecule and --keep a fragment; give one of them");
  }
  if (!like.empty()) made.like = checked("--like", like);
  if (!keep.empty()) made.keep = checked("--keep", keep);
  if (!made.like && to_string(made.similarity) != ":") {
    throw InvalidInput("--similarity compares with a molecule: give --like SMILES too");
  }
  return made;
}

generate::PipelineOptions RequestOptions::pipeline_options() const {
  return {find_model(model), nn::parse_precision(precision), threads};
}

std::vector<std::string> protect_arguments(int argc, const char* const* argv) {
  std::vector<std::string> out;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument.size() > 1 && argument.front() == '[' && argument.back() == ']')
      argument.insert(0, 1, kMark);
    out.push_back(std::move(argument));
  }
  return out;
}

void restore_arguments(CLI::App& root) {
  for (auto* option : root.get_options()) {
    if (option->get_type_size() != 0) option->transform(without_mark);
  }
  for (auto* sub : root.get_subcommands([](CLI::App*) { return true; })) restore_arguments(*sub);
}

std::string without_mark(std::string text) {
  if (!text.empty() && text.front() == kMark) text.erase(0, 1);
  return text;
}

}  // namespace odordiff::apps

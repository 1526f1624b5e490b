// `odordiff design`: a fragrance for a brief of notes, with its formula and its course over eight hours.
#include <fmt/format.h>

#include <memory>

#include "atomic_file.h"
#include "base/error.h"
#include "cli_tree.h"
#include "commands.h"
#include "interrupt.h"
#include "model_option.h"
#include "options.h"
#include "output.h"
#include "output_design.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

struct DesignOptions {
  generate::DesignRequest request;
  std::string shares;
  double dosage = 0;
  CLI::Option* dosage_option = nullptr;
  bool no_solvent = false;
  std::string format = "table";
  CLI::Option* format_option = nullptr;
  std::string output = "-";
  std::string model;
  int threads = 0;
};

// TOP:HEART:BASE
std::array<double, generate::kNotes> parse_shares(const std::string& text) {
  std::array<double, generate::kNotes> out{};
  const auto parts = CLI::detail::split(text, ':');
  bool good = parts.size() == generate::kNotes;
  for (std::size_t n = 0; good && n < generate::kNotes; ++n)
    good = CLI::detail::lexical_cast(parts[n], out.at(n));
  if (!good)
    throw InvalidInput("--shares must be TOP:HEART:BASE, such as 25:20:55, not " + quote_for_message(text));
  return out;
}

void run(DesignOptions options) {
  std::string format = options.format;
  if (options.format_option->count() == 0) {
    const std::string wished = format_of_path(options.output);
    const auto& formats = design_formats();
    if (std::find(formats.begin(), formats.end(), wished) != formats.end()) format = wished;
  }
  auto& request = options.request;
  if (!options.shares.empty()) request.shares = parse_shares(options.shares);
  if (options.dosage_option->count() > 0) request.dosage_percent = options.dosage;
  request.solvent = !options.no_solvent;
  generate::validate(request);

  AtomicFile file(options.output);
  const generate::Pipeline pipeline({.model_folder = find_model(options.model), .threads = options.threads});
  const generate::Design design = generate::design(pipeline, request, &interrupted());
  TextStyle style;
  if (options.output == "-") style = stdout_style();
  file.write(render_design(design, format, style));
  file.commit();
}

}  // namespace

void add_design(CLI::App& root) {
  auto options = std::make_shared<DesignOptions>();
  auto* app = root.add_subcommand("design");
  describe_command(
      *app,
      "odordiff design --top \"bergamot, fresh\" --heart \"rose, violet\" --base \"sandalwood, musk\" -o "
      "rose.html",
      "Designs a fragrance: a formula of new molecules, and how its smell changes over eight hours.",
      "Each note is filled with molecules of its volatility; amounts are parts per thousand, within the "
      "limit of "
      "each ingredient for the product. What the limits leave over is solvent. When something asked for "
      "cannot be "
      "met, the message names the constraint and the exit code is 2.");
  auto& request = options->request;
  app->add_option("--top", request.notes[0], "How it should smell at first")->type_name("TEXT");
  app->add_option("--heart", request.notes[1], "How it should smell after the first minutes")
      ->type_name("TEXT");
  app->add_option("--base", request.notes[2], "How it should smell after hours")->type_name("TEXT");
  app->add_option("--style", request.style, "Words that hold for every note")->type_name("TEXT");
  std::vector<std::string> keys;
  for (const auto& product : generate::products()) keys.emplace_back(product.key);
  add_choice(*app, "--category", request.product, keys, "What the perfume goes into");
  add_whole(*app, "-n,--per-note", request.per_note, 1, 20, "Ingredients for each note");
  app->add_option("--shares", options->shares, "Shares of the notes, TOP:HEART:BASE [25:20:55]")
      ->type_name("A:B:C");
  options->dosage_option = add_number(*app, "--dosage", options->dosage, 0.001, 100,
                                      "Percent of perfume in the product; default: usual for it");
  app->add_flag("--no-solvent", options->no_solvent,
                "Fail when limits leave the formula short, instead of diluting");
  add_range(*app, "--mw", request.molecular_weight, "Molecular weight of every ingredient, g/mol");
  app->add_flag("--allow-known", request.allow_known, "Also use molecules that stand in the data tables");
  add_seed(*app, request.seed, "Same request, seed and model: same answer");
  options->format_option =
      add_choice(*app, "--format", options->format, design_formats(),
                 "Form of the answer; default: as the ending of --output says, else table");
  app->add_option("-o,--output", options->output, "File to write, whole or not at all; - for stdout")
      ->type_name("FILE")
      ->default_str("-");
  add_whole(*app, "--threads", options->threads, 0, 1024, "Threads; 0: one a core");
  add_model_option(*app, options->model);
  app->callback([options] { run(*options); });
}

}  // namespace odordiff::apps

// `odordiff routes`: how given molecules could be made from what can be bought.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "answer_json.h"
#include "atomic_file.h"
#include "base/error.h"
#include "cli_tree.h"
#include "commands.h"
#include "interrupt.h"
#include "model/resources.h"
#include "model_option.h"
#include "options.h"
#include "output.h"
#include "output_routes.h"
#include "safety/lists.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

const std::vector<std::string> kFormats = {"table", "json", "svg", "html"};

struct RoutesOptions {
  std::vector<std::string> smiles;
  std::string format;
  std::string output = "-";
  std::string model;
  synthesis::RouteOptions search;
};

std::vector<PlannedMolecule> read_entries(const std::vector<std::string>& smiles) {
  std::vector<PlannedMolecule> out;
  const bool from_stdin = smiles.empty() || (smiles.size() == 1 && smiles.front() == "-");
  if (!from_stdin) {
    for (const auto& text : smiles) out.push_back({text, {}, {}, {}, {}, 0});
    return out;
  }
  if (smiles.empty() && stdin_is_terminal()) {
    throw InvalidInput("no molecule; give SMILES: odordiff routes \"CC(=O)OCCC(C)C\"");
  }
  LineReader lines(STDIN_FILENO);
  while (const auto line = lines.next()) {
    auto entry = read_smiles_line(*line);
    if (!entry.smiles.empty()) out.push_back({std::move(entry.smiles), std::move(entry.name), {}, {}, {}, 0});
  }
  if (out.empty()) throw InvalidInput("no molecule on stdin; give one SMILES a line");
  return out;
}

std::string format_of(const RoutesOptions& options) {
  if (!options.format.empty()) return options.format;
  const std::string by_name = format_of_path(options.output);
  return std::find(kFormats.begin(), kFormats.end(), by_name) == kFormats.end() ? "table" : by_name;
}

std::string render(const std::vector<PlannedMolecule>& planned, const model::Config& model,
                   const std::string& format, const std::string& output) {
  if (format == "svg") return render_routes_svg(planned);
  if (format == "html") return render_routes_html(planned);
  if (format == "json") {
    Json list = Json::array();
    for (const auto& entry : planned) list.push_back(routes_json(entry));
    return dump_pretty({{"molecules", list}, {"model", model_json(identity_of(model))}});
  }
  return render_routes_table(planned, output == "-" ? stdout_style() : TextStyle{});
}

void run(const RoutesOptions& options) {
  auto entries = read_entries(options.smiles);
  const auto model = model::read_config(find_model(options.model));
  const synthesis::RoutePlanner planner(model::data_path(model.folder, "synthesis"));
  const safety::Lists lists(model::data_path(model.folder, "safety"));
  AtomicFile file(options.output);
  synthesis::RouteOptions search = options.search;
  search.cancel = &interrupted();
  std::size_t failed = 0;
  std::string first_error;
  for (auto& entry : entries) {
    entry.max_steps = search.max_steps;
    try {
      entry.molecule = lists.read(entry.smiles);
      lists.refuse_to_propose(*entry.molecule, "no route is planned to");
      entry.plan = planner.routes(*entry.molecule, search);
    } catch (const InvalidInput& error) {
      entry.error = error.what();
      if (failed++ == 0) first_error = entry.error;
    }
  }
  file.write(render(entries, model, format_of(options), options.output));
  file.commit();
  if (failed == 1) throw InvalidInput(first_error);
  if (failed > 1) {
    throw InvalidInput(fmt::format("{} of {} molecules could not be planned; the first: {}", failed,
                                   entries.size(), first_error));
  }
}

}  // namespace

void add_routes(CLI::App& root) {
  auto options = std::make_shared<RoutesOptions>();
  auto* app = root.add_subcommand("routes");
  describe_command(*app, "odordiff routes \"CC(=O)OCCC(C)C\" --max-steps 2",
                   "Plans how molecules could be made.",
                   "Takes molecules apart by the reactions of fragrance chemistry until everything can be "
                   "bought, and says for each "
                   "route its steps, typical yields and an estimate of its cost. Takes SMILES as arguments, "
                   "or one a line from stdin "
                   "(\"-\"; what follows the SMILES on a line is its name). One that cannot be read is "
                   "answered with an error in its "
                   "place, and the exit code is 2.");
  app->add_option("smiles", options->smiles, "Molecules; - for stdin, one a line")->type_name("SMILES");
  add_whole(*app, "--max-steps", options->search.max_steps, 1, 3, "Steps one after another, at most")
      ->default_str("3");
  add_whole(*app, "-n,--count", options->search.max_routes, 1, 100, "Routes a molecule, at most")
      ->default_str("5");
  add_whole(*app, "--budget", options->search.budget_ms, 1, 86'400'000, "Milliseconds of search a molecule")
      ->default_str("10000");
  add_choice(*app, "--format", options->format, kFormats,
             "Form of the answer; by default as the ending of --output says, else table");
  app->add_option("-o,--output", options->output, "File to write, whole or not at all; - for stdout")
      ->type_name("FILE")
      ->default_str("-");
  add_model_option(*app, options->model);
  app->callback([options] { run(*options); });
}

}  // namespace odordiff::apps

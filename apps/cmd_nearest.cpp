// `odordiff nearest`: named materials that smell most like a brief, or like a molecule.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <optional>
#include <thread>

#include "answer_json.h"
#include "api/judgement_json.h"
#include "base/error.h"
#include "cli_tree.h"
#include "commands.h"
#include "generate/palette.h"
#include "model/resources.h"
#include "model_option.h"
#include "options.h"
#include "output.h"
#include "safety/lists.h"
#include "scent/brief_encoder.h"
#include "terminal.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

constexpr std::size_t kMostFileBytes = 64U << 20U;
constexpr std::size_t kShownNotes = 5;

struct NearestOptions {
  std::vector<std::string> words;
  std::string smiles;
  std::string among;
  std::string format = "table";
  std::string model;
  int count = 10;
};

// One material a line: SMILES, then its name. What is wrong with lines goes to `faults`.
std::vector<generate::Material> read_materials(const std::string& path, const safety::Lists& lists,
                                               std::vector<std::string>& faults) {
  std::vector<generate::Material> out;
  int line_number = 0;
  for (const auto& line : split_lines(read_text(path, kMostFileBytes))) {
    ++line_number;
    const auto entry = read_smiles_line(line, " \t,");
    if (entry.smiles.empty() || entry.smiles.front() == '#') continue;
    try {
      out.push_back({lists.accept(entry.smiles, "nothing is compared with"), entry.name, path});
    } catch (const InvalidInput& error) {
      faults.push_back(fmt::format("{}:{}: {}", path == "-" ? "stdin" : path, line_number, error.what()));
    }
  }
  if (out.empty() && !faults.empty()) throw InvalidInput(faults.front());
  if (out.empty())
    throw InvalidInput("no material in " + path + "; expected one a line: SMILES, then a name");
  return out;
}

std::vector<std::string> notes_of(const scent::OdorPrediction& odor) {
  std::vector<std::string> out;
  const auto probabilities = scent::stated(odor).probabilities;
  for (const std::size_t d : scent::most_probable(probabilities, kShownNotes)) {
    out.push_back(fmt::format("{} {:.2f}", scent::descriptor_names()[d], probabilities[d]));
  }
  return out;
}

// Throws InvalidInput where lines were passed over.
void tell(const std::vector<std::string>& faults) {
  if (faults.size() == 1) throw InvalidInput(faults.front());
  if (!faults.empty())
    throw InvalidInput(
        fmt::format("{} lines could not be read; the first: {}", faults.size(), faults.front()));
}

void run(const NearestOptions& options) {
  const std::string brief = fmt::format("{}", fmt::join(options.words, " "));
  if (brief.empty() == options.smiles.empty()) {
    throw InvalidInput(
        brief.empty() ? "nothing to compare with; give a brief, odordiff nearest \"dewy rose\", or --smiles"
                      : "give either a brief or --smiles, not both");
  }
  const auto model = open_model(options.model);
  const safety::Lists lists(model::data_path(model.folder, "safety"));
  std::optional<chem::Molecule> molecule;
  scent::EncodedBrief read;
  if (!options.smiles.empty()) {
    molecule = lists.accept(options.smiles, "nothing is compared with");
  } else {
    read = scent::BriefEncoder(model.folder).encode(brief);
    if (!read.understood)
      throw InvalidInput("no smell was understood in the brief; try a material, place or mood");
  }
  const scent::OdorPredictor predictor(model.folder, scent::OdorPredictor::Role::Ranker);
  std::vector<std::string> faults;
  const generate::Palette palette(options.among.empty() ? generate::shipped_materials(model.folder)
                                                        : read_materials(options.among, lists, faults),
                                  predictor, static_cast<int>(std::thread::hardware_concurrency()));
  const auto count = static_cast<std::size_t>(options.count);
  const auto neighbours =
      molecule ? palette.nearest_to_smell(*molecule, count) : palette.nearest_to_brief(read.weights, count);
  if (options.format == "json") {
    Json json = molecule ? Json{{"smiles", molecule->smiles()}} : Json{{"brief", brief}};
    json["compared"] = palette.size();
    json["materials"] = api::neighbours_json(neighbours);
    json["model"] = model_json(identity_of(model));
    write_stdout(dump_pretty(json));
    tell(faults);
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& n : neighbours) {
    rows.push_back({printable(n.material->name), fmt::format("{:.2f}", n.distance),
                    fmt::format("{}", fmt::join(notes_of(n.odor), ", ")), n.material->molecule.smiles()});
  }
  write_stdout(
      text_table({{"Material", false}, {"Distance", true}, {"Smells (predicted)", false}, {"SMILES", false}},
                 rows, stdout_style()));
  tell(faults);
}

}  // namespace

void add_nearest(CLI::App& root) {
  auto options = std::make_shared<NearestOptions>();
  auto* app = root.add_subcommand("nearest");
  describe_command(
      *app, "odordiff nearest \"dewy rose\" -n 5",
      "Finds materials to smell that come nearest to a brief or a molecule.",
      "Compares with the named materials of the shipped tables (building blocks, declared allergens, "
      "materials under IFRA Standards), or with your own (--among). Their smells are predicted, too. "
      "Distance to a brief is 1 - match, 0 to 1; to a molecule 1 - cosine of the predicted profiles, "
      "0 to 2.");
  app->add_option("brief", options->words, "How it should smell")->type_name("WORDS");
  app->add_option("--smiles", options->smiles, "A molecule instead of a brief")->type_name("SMILES");
  app->add_option("--among", options->among,
                  "Materials to compare with, one a line: SMILES, then a name; - for stdin")
      ->type_name("FILE");
  add_whole(*app, "-n,--count", options->count, 1, 1000, "Materials to show")->default_str("10");
  add_choice(*app, "--format", options->format, {"table", "json"}, "Form of the answer");
  add_model_option(*app, options->model);
  app->callback([options] { run(*options); });
}

}  // namespace odordiff::apps

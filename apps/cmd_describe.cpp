// `odordiff describe`: predicts how given molecules smell.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "answer_json.h"
#include "api/judgement_json.h"
#include "base/error.h"
#include "cli_tree.h"
#include "commands.h"
#include "exit_code.h"
#include "interrupt.h"
#include "model/resources.h"
#include "model_option.h"
#include "molecule_source.h"
#include "options.h"
#include "output.h"
#include "safety/lists.h"
#include "scent/character.h"
#include "scent/odor_predictor.h"
#include "scent/physical_model.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

constexpr std::size_t kShown = 8;

struct DescribeOptions {
  std::vector<std::string> smiles;
  std::string format = "table";
  std::string model;
  bool all = false;
};

struct Described : GivenSmiles {
  scent::OdorPrediction prediction;
  scent::Character character;
};

struct Nose {
  explicit Nose(const std::filesystem::path& folder)
      : odor(folder, scent::OdorPredictor::Role::Ranker),
        physical(folder),
        lists(model::data_path(folder, "safety")) {}
  scent::OdorPredictor odor;
  scent::PhysicalModel physical;
  safety::Lists lists;
};

// Of what may not be handled nothing is said.
void refuse(const Nose& nose, Described& entry) {
  if (!entry.molecule) return;
  try {
    nose.lists.refuse(*entry.molecule, "no smell is told of");
    entry.molecule = nose.lists.substance(*entry.molecule).whole;
  } catch (const InvalidInput& error) {
    entry.molecule.reset();
    entry.error = error.what();
  }
}

void predict(const Nose& nose, std::vector<Described>& batch) {
  const auto molecules = readable(batch);
  if (molecules.empty()) return;
  const auto predictions = nose.odor.predict(molecules);
  const auto estimates = nose.physical.predict(molecules);
  std::size_t next = 0;
  for (auto& entry : batch) {
    if (!entry.molecule) continue;
    entry.prediction = predictions[next];
    entry.character = scent::character_of(predictions[next], estimates[next]);
    ++next;
  }
}

Json described_json(const Described& entry, std::size_t count) {
  if (!entry.molecule) return api::unread_json({entry.smiles, entry.name}, entry.error);
  return api::description_json({entry.smiles, entry.name}, *entry.molecule, entry.prediction, count,
                               &entry.character);
}

std::string table(const std::vector<Described>& entries, std::size_t count, const TextStyle& style) {
  std::vector<std::vector<std::string>> rows;
  const bool named =
      std::any_of(entries.begin(), entries.end(), [](const auto& e) { return !e.name.empty(); });
  const auto add = [&](const Described& entry, std::string odorous, std::string smells) {
    rows.push_back({entry.smiles});
    if (named) rows.back().push_back(entry.name);
    rows.back().push_back(std::move(odorous));
    rows.back().push_back(std::move(smells));
  };
  for (const auto& entry : entries) {
    if (!entry.molecule) {
      add(entry, "", "error: " + entry.error);
      continue;
    }
    std::vector<std::string> smells;
    const auto probabilities = scent::stated(entry.prediction).probabilities;
    for (const std::size_t i : scent::most_probable(probabilities, count)) {
      smells.push_back(fmt::format("{} {:.2f}", scent::descriptor_names()[i], probabilities[i]));
    }
    add(entry, fmt::format("{:.2f}", entry.prediction.odorous), fmt::format("{}", fmt::join(smells, ", ")));
  }
  std::vector<TextColumn> columns = {{"SMILES", false}, {"Odorous", true}, {"Smells", false}};
  if (named) columns.insert(columns.begin() + 1, {"Name", false});
  std::string out = text_table(columns, rows, style) + "\n";
  for (const auto& entry : entries) {
    if (entry.molecule) out += fmt::format("{}  {}\n", faint(entry.smiles, style), entry.character.line);
  }
  return out;
}

void run(const DescribeOptions& options) {
  MoleculeSource source(options.smiles, "odordiff describe \"CC(=O)OCCC(C)C\"");
  const std::size_t count = options.all ? scent::kDescriptors : kShown;
  std::unique_ptr<Nose> nose;
  Json made_by;
  std::vector<Described> entries;
  std::size_t failed = 0;
  std::size_t total = 0;
  std::string first_error;
  for (auto batch = next_batch<Described>(source); !batch.empty(); batch = next_batch<Described>(source)) {
    throw_if_interrupted();
    if (!nose) {
      const auto model = open_model(options.model);
      nose = std::make_unique<Nose>(model.folder);
      if (options.format == "json") made_by = model_json(identity_of(model));
    }
    for (auto& entry : batch) refuse(*nose, entry);
    predict(*nose, batch);
    for (auto& entry : batch) {
      ++total;
      if (!entry.molecule && failed++ == 0) first_error = entry.error;
      if (options.format == "jsonl") {
        write_stdout(dump_line(described_json(entry, count)));
      } else {
        entries.push_back(std::move(entry));
      }
    }
  }
  if (total == 0) throw InvalidInput("no molecule on stdin; give one SMILES a line");
  if (options.format == "table") write_stdout(table(entries, count, stdout_style()));
  if (options.format == "json") {
    Json list = Json::array();
    for (const auto& entry : entries) list.push_back(described_json(entry, count));
    write_stdout(dump_pretty({{"molecules", list}, {"model", made_by}}));
  }
  if (failed == 1) throw InvalidInput(first_error);
  if (failed > 1) {
    throw InvalidInput(
        fmt::format("{} of {} SMILES could not be read; the first: {}", failed, total, first_error));
  }
}

}  // namespace

void add_describe(CLI::App& root) {
  auto options = std::make_shared<DescribeOptions>();
  auto* app = root.add_subcommand("describe");
  describe_command(
      *app, "odordiff describe \"CC(=O)OCCC(C)C\"", "Predicts how molecules smell.",
      "Takes SMILES as arguments, or one a line from stdin (\"-\"; what follows the SMILES on a line is its "
      "name). One that cannot be read is answered with an error in its place, and the exit code is 2.");
  app->add_option("smiles", options->smiles, "Molecules; - for stdin, one a line")->type_name("SMILES");
  app->add_flag("--all", options->all, "All 138 probabilities instead of the 8 highest");
  add_choice(*app, "--format", options->format, {"table", "json", "jsonl"}, "Form of the answer");
  add_model_option(*app, options->model);
  app->callback([options] { run(*options); });
}

}  // namespace odordiff::apps

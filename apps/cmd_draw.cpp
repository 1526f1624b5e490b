// `odordiff draw`: structures of given molecules as SVG.
#include <fmt/format.h>

#include <memory>

#include "atomic_file.h"
#include "base/error.h"
#include "chem/molecule.h"
#include "cli_tree.h"
#include "commands.h"
#include "model/resources.h"
#include "model_option.h"
#include "options.h"
#include "output.h"
#include "safety/lists.h"
#include "scent/odor_predictor.h"

namespace odordiff::apps {
namespace {

struct DrawOptions {
  std::vector<std::string> smiles;
  std::string highlight;
  std::string attribute;
  std::string model;
  std::string output = "-";
  int width_px = 300;
  int height_px = 220;
  bool captions = false;
};

std::size_t descriptor_of(const std::string& name) {
  const auto index = scent::descriptor_index(name);
  if (index) return *index;
  throw InvalidInput(
      fmt::format("no odor descriptor {}; expected one of those that `odordiff describe --all` prints, e.g. "
                  "smoky, green, woody",
                  quote_for_message(name)));
}

void run(const DrawOptions& options) {
  if (options.smiles.empty())
    throw InvalidInput("no molecule; give SMILES: odordiff draw \"CC(=O)OCCC(C)C\"");
  std::unique_ptr<scent::OdorPredictor> predictor;
  std::size_t descriptor = 0;
  if (!options.attribute.empty()) {
    descriptor = descriptor_of(options.attribute);
    predictor = std::make_unique<scent::OdorPredictor>(open_model(options.model).folder,
                                                       scent::OdorPredictor::Role::Ranker);
  }
  const safety::Lists lists(model::data_path(find_model(options.model), "safety"));
  std::vector<Picture> pictures;
  for (const auto& smiles : options.smiles) {
    Picture picture{lists.accept(smiles, "nothing is drawn of"), {}, {}, {}};
    if (options.captions) picture.caption = {picture.molecule.smiles(), picture.molecule.formula()};
    if (!options.highlight.empty()) {
      for (const auto& atoms : picture.molecule.match(options.highlight)) {
        picture.highlight_atoms.insert(picture.highlight_atoms.end(), atoms.begin(), atoms.end());
      }
    }
    if (predictor) {
      picture.atom_weights = predictor->attribution(picture.molecule, descriptor);
      picture.caption.push_back(fmt::format("{} {:.2f}", options.attribute,
                                            predictor->predict(picture.molecule).probabilities[descriptor]));
    }
    pictures.push_back(std::move(picture));
  }
  AtomicFile file(options.output);
  file.write(svg_grid(pictures, options.width_px, options.height_px));
  file.commit();
}

}  // namespace

void add_draw(CLI::App& root) {
  auto options = std::make_shared<DrawOptions>();
  auto* app = root.add_subcommand("draw");
  describe_command(*app, "odordiff draw \"CC(=O)OCCC(C)C\" --output isoamyl-acetate.svg",
                   "Draws molecules as SVG, several in a grid.");
  app->add_option("smiles", options->smiles, "Molecules to draw")->type_name("SMILES");
  app->add_option("-o,--output", options->output, "File to write, whole or not at all; - for stdout")
      ->type_name("FILE")
      ->default_str("-");
  app->add_option("--highlight", options->highlight, "Colour the atoms that match this pattern")
      ->type_name("SMARTS");
  app->add_option(
         "--attribute", options->attribute,
         "Colour the atoms by how much they speak for this odor descriptor (green) or against it (violet)")
      ->type_name("DESCRIPTOR");
  add_model_option(*app, options->model);
  app->add_flag("--captions", options->captions, "Write SMILES and formula under each");
  add_whole(*app, "--width", options->width_px, 20, 4000, "Pixels a molecule, across")->default_str("300");
  add_whole(*app, "--height", options->height_px, 20, 4000, "Pixels a molecule, down")->default_str("220");
  app->callback([options] { run(*options); });
}

}  // namespace odordiff::apps

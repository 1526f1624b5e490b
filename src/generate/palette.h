// Materials with a name that a perfumer can order and smell, and how near each is to a brief or to a
// molecule: a new molecule has no smell to go by until it is made, its neighbours do.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "chem/molecule.h"
#include "scent/odor_predictor.h"

namespace odordiff::generate {

struct Material {
  chem::Molecule molecule;
  std::string name;
  std::string source;  // "building block", "EU-ALLERGENS", "IFRA", or what the caller says
};

// What the tables of data/synthesis and data/safety name: building blocks, declared allergens and materials
// under IFRA Standards, each molecule once; nothing that a list prohibits or controls. Throws Unavailable.
std::vector<Material> shipped_materials(const std::filesystem::path& model_folder);

struct Neighbour {
  const Material* material = nullptr;
  double distance = 0;  // see Palette::nearest
  scent::OdorPrediction odor;
};

// Immutable after construction; safe to use from many threads.
class Palette {
 public:
  // Predicts the smell of every material; those with a probability of smelling at all below `min_odorous` are
  // left out. REQUIRES: `predictor` outlives the palette.
  Palette(std::vector<Material> materials, const scent::OdorPredictor& predictor, int threads,
          double min_odorous = 0.5);

  std::size_t size() const { return materials_.size(); }

  // Nearest first, at most `count`, ties by order of the materials.
  // For a brief (descriptor weights in [-1, 1]): 1 - match_score (ranking.h), in [0, 1].
  std::vector<Neighbour> nearest_to_brief(const scent::DescriptorVector& weights, std::size_t count) const;
  // For a smell: 1 - cosine of the two profiles of log-odds over base rates, in [0, 2]; `self` (compared
  // by chem::substance_key) is left out.
  std::vector<Neighbour> nearest_to_smell(const chem::Molecule& self, std::size_t count) const;

 private:
  std::vector<Neighbour> take(const std::vector<double>& distances, std::size_t count) const;

  const scent::OdorPredictor& predictor_;
  std::vector<Material> materials_;
  std::vector<scent::OdorPrediction> odors_;
};

}  // namespace odordiff::generate

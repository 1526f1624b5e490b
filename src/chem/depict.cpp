// Drawings and mol blocks, from 2D coordinates made by RDKit.
#include "chem/depict.h"

#include <GraphMol/Depictor/RDDepictor.h>
#include <GraphMol/FileParsers/FileParsers.h>
#include <GraphMol/MolDraw2D/MolDraw2DSVG.h>
#include <GraphMol/MolDraw2D/MolDraw2DUtils.h>
#include <GraphMol/MolOps.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "chem/molecule_impl.h"

namespace odordiff::chem {
namespace {

constexpr int kMinSidePx = 20;
constexpr int kMaxSidePx = 4000;
constexpr unsigned kMaxV2000Atoms = 999;

void check(const Molecule& mol, const DepictOptions& options) {
  const auto [low, high] = std::minmax(options.width_px, options.height_px);
  if (low < kMinSidePx || high > kMaxSidePx) {
    throw InvalidInput("drawing must be 20 to 4,000 pixels wide and high, not " +
                       std::to_string(options.width_px) + " x " + std::to_string(options.height_px));
  }
  const int atoms = static_cast<int>(rdkit_mol(mol).getNumAtoms());
  if (!options.atom_weights.empty() && options.atom_weights.size() != static_cast<std::size_t>(atoms)) {
    throw InvalidInput(std::to_string(options.atom_weights.size()) + " atom weights for a molecule of " +
                       std::to_string(atoms) + " atoms; give one each");
  }
  for (const int atom : options.highlight_atoms) {
    if (atom < 0 || atom >= atoms) {
      throw InvalidInput("no atom " + std::to_string(atom) + " to highlight; the molecule has " +
                         std::to_string(atoms) + ", counted from 0");
    }
  }
}

// The least distance between two atoms, in bond lengths; 1 for a single atom.
double least_distance(const RDKit::ROMol& mol) {
  constexpr double kBond = 1.5;  // of RDKit's layout, ångströms
  const auto& places = mol.getConformer().getPositions();
  double least = kBond;
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) least = std::min(least, (places[i] - places[j]).length());
  }
  return least / kBond;
}

// Cages have no layout in the plane without crossings: they are drawn as seen in space, from where their
// atoms stand furthest apart. Unchanged where there is no shape in space.
void draw_from_space(RDKit::RWMol& mol) {
  constexpr int kDirections = 200;
  constexpr double kGoldenAngle = 2.399963229728653;  // radians; spreads directions evenly over a sphere
  RDKit::RWMol placed(mol);
  RDKit::MolOps::addHs(placed);
  if (!place_in_space(placed)) return;
  const auto& space = placed.getConformer();
  double best = least_distance(mol);
  for (int k = 0; k < kDirections; ++k) {
    const double z = 1 - (2 * k + 1.0) / kDirections, angle = k * kGoldenAngle;
    const RDGeom::Point3D view(std::sqrt(1 - z * z) * std::cos(angle), std::sqrt(1 - z * z) * std::sin(angle),
                               z);
    const RDGeom::Point3D aside = view.getPerpendicular(), up = view.crossProduct(aside);
    RDKit::RWMol seen(mol);
    auto& plane = seen.getConformer();
    for (unsigned atom = 0; atom < mol.getNumAtoms(); ++atom) {
      const auto& at = space.getAtomPos(atom);
      plane.setAtomPos(atom, {at.dotProduct(aside), at.dotProduct(up), 0});
    }
    const double least = least_distance(seen);
    if (least <= best) continue;
    best = least;
    mol = seen;
  }
}

// RDKit's layout; where that lays atoms on each other, as in cages, the one of CoordGen, which draws them
// apart.
void lay_out(RDKit::RWMol& mol) {
  constexpr double kApart = 0.3;  // bond lengths
  // Once and for all threads; only calls that do not force RDKit's own layout listen to it.
  static const bool coord_gen_is_preferred = RDDepict::preferCoordGen = true;
  (void)coord_gen_is_preferred;
  const auto compute = [](RDKit::RWMol& of, bool own) {
    RDDepict::compute2DCoords(of, nullptr, true, true, 0, 0, 0, false, own);
  };
  compute(mol, true);
  if (least_distance(mol) >= kApart) return;
  RDKit::RWMol other(mol);
  compute(other, false);
  if (least_distance(other) > least_distance(mol)) mol = other;
  if (least_distance(mol) < kApart) draw_from_space(mol);
}

// Violet to white to green, which people with red-green blindness can tell apart.
std::map<int, RDKit::DrawColour> colours_of(const std::vector<double>& weights) {
  double largest = 0;
  for (const double w : weights) largest = std::max(largest, std::abs(w));
  std::map<int, RDKit::DrawColour> out;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double share = largest > 0 ? weights[i] / largest : 0;
    const double s = std::abs(share);
    if (s < 0.05) continue;
    out[static_cast<int>(i)] = share > 0 ? RDKit::DrawColour(1 - 0.75 * s, 1 - 0.25 * s, 1 - 0.65 * s)
                                         : RDKit::DrawColour(1 - 0.4 * s, 1 - 0.7 * s, 1 - 0.15 * s);
  }
  return out;
}

}  // namespace

std::string depict_svg(const Molecule& mol, const DepictOptions& options) {
  check(mol, options);
  std::string svg;
  try {
    RDKit::RWMol copy = editable_copy(mol);
    lay_out(copy);
    RDKit::MolDraw2DSVG drawer(options.width_px, options.height_px);
    drawer.drawOptions().clearBackground = !options.transparent;
    if (options.atom_weights.empty()) {
      RDKit::MolDraw2DUtils::prepareAndDrawMolecule(drawer, copy, "", &options.highlight_atoms);
    } else {
      const auto colours = colours_of(options.atom_weights);
      std::vector<int> atoms;
      for (const auto& [atom, colour] : colours) atoms.push_back(atom);
      const std::vector<int> no_bonds;
      RDKit::MolDraw2DUtils::prepareAndDrawMolecule(drawer, copy, "", &atoms, &no_bonds, &colours);
    }
    drawer.finishDrawing();
    svg = drawer.getDrawingText();
  } catch (const std::exception& e) {
    throw Internal("cannot draw " + quote_for_message(mol.smiles()) + ": " + first_line(e));
  }
  const auto begin = svg.find("<svg");
  if (begin == std::string::npos) throw Internal("RDKit drew no <svg> element");
  return svg.substr(begin);
}

std::string mol_block(const Molecule& mol, const std::string& title) {
  RDKit::RWMol copy = editable_copy(mol);
  if (copy.getNumAtoms() > kMaxV2000Atoms) {
    throw InvalidInput("a V2000 mol block holds at most 999 atoms; the molecule has " +
                       std::to_string(copy.getNumAtoms()));
  }
  try {
    lay_out(copy);
    copy.setProp(RDKit::common_properties::_Name, one_line(title));
    return RDKit::MolToMolBlock(copy);
  } catch (const std::exception& e) {
    throw Internal("cannot write a mol block of " + quote_for_message(mol.smiles()) + ": " + first_line(e));
  }
}

}  // namespace odordiff::chem

#include "chem/conformer.h"

#include <GraphMol/DistGeomHelpers/Embedder.h>
#include <GraphMol/FileParsers/FileParsers.h>
#include <GraphMol/ForceFieldHelpers/MMFF/MMFF.h>
#include <GraphMol/MolOps.h>

#include "base/error.h"
#include "chem/constitution.h"
#include "chem/molecule_impl.h"

namespace odordiff::chem {
namespace {

constexpr int kSeed = 20'2409;
constexpr unsigned kMostTries = 20;
constexpr int kMostRelaxations = 400;  // iterations of the force field

void check(const Molecule& mol) {
  if (mol.heavy_atoms() > kMostConformerAtoms) {
    throw InvalidInput("a shape is made for at most " + std::to_string(kMostConformerAtoms) +
                       " heavy atoms; the molecule has " + std::to_string(mol.heavy_atoms()));
  }
  const Constitution parts = constitution(mol);
  if (parts.components != 1)
    throw InvalidInput("a shape is made for one molecule, not for several fragments");
  if (parts.dummy) throw InvalidInput("a shape needs elements, and the molecule has dummy atoms");
}

}  // namespace

bool place_in_space(RDKit::ROMol& mol) {
  RDKit::DGeomHelpers::EmbedParameters parameters = RDKit::DGeomHelpers::ETKDGv3;
  parameters.randomSeed = kSeed;
  parameters.maxIterations = kMostTries;
  if (RDKit::DGeomHelpers::EmbedMolecule(mol, parameters) >= 0) return true;
  parameters.useRandomCoords = true;  // slower, and gets through where distances alone do not
  return RDKit::DGeomHelpers::EmbedMolecule(mol, parameters) >= 0;
}

std::string mol_block_3d(const Molecule& mol, const std::string& title) {
  check(mol);
  bool placed = false;
  try {
    RDKit::RWMol copy = editable_copy(mol);
    RDKit::MolOps::addHs(copy);
    placed = place_in_space(copy);
    if (placed) {
      RDKit::MMFF::MMFFOptimizeMolecule(copy, kMostRelaxations);
      copy.setProp(RDKit::common_properties::_Name, one_line(title));
      return RDKit::MolToMolBlock(copy);
    }
  } catch (const std::exception& e) {
    throw InvalidInput("no shape can be made of " + quote_for_message(mol.smiles()) + ": " + first_line(e));
  }
  throw InvalidInput("no shape was found for " + quote_for_message(mol.smiles()));
}

}  // namespace odordiff::chem

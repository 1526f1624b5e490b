// InChI and InChIKey by the IUPAC's library. RDKit's own wrapper is not built in the distribution's packages,
// so the molecule is handed over here: Kekulé bonds, hydrogen counts, and stereo as parities without
// coordinates.
#include <GraphMol/MolOps.h>
#include <inchi_api.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "base/error.h"
#include "chem/molecule_impl.h"

namespace odordiff::chem {
namespace {

using RDKit::Atom;
using RDKit::Bond;

constexpr unsigned kMaxAtoms = 1023;

AT_NUM at_num(unsigned value) {
  return static_cast<AT_NUM>(value);
}

inchi_Atom to_inchi(const RDKit::ROMol& mol, const Atom& atom) {
  inchi_Atom out{};
  atom.getSymbol().copy(out.elname, ATOM_EL_LEN - 1);
  out.num_iso_H[0] = static_cast<S_CHAR>(atom.getTotalNumHs());
  out.isotopic_mass = at_num(atom.getIsotope());
  out.charge = static_cast<S_CHAR>(atom.getFormalCharge());
  const unsigned radicals = atom.getNumRadicalElectrons();
  out.radical = static_cast<S_CHAR>(radicals == 0   ? INCHI_RADICAL_NONE
                                    : radicals == 1 ? INCHI_RADICAL_DOUBLET
                                                    : INCHI_RADICAL_TRIPLET);
  for (const auto* bond : mol.atomBonds(&atom)) {
    const unsigned other = bond->getOtherAtomIdx(atom.getIdx());
    if (other > atom.getIdx() || out.num_bonds == MAXVAL) continue;
    out.neighbor[out.num_bonds] = at_num(other);
    out.bond_type[out.num_bonds] =
        static_cast<S_CHAR>(bond->getBondType() == Bond::DOUBLE   ? INCHI_BOND_TYPE_DOUBLE
                            : bond->getBondType() == Bond::TRIPLE ? INCHI_BOND_TYPE_TRIPLE
                                                                  : INCHI_BOND_TYPE_SINGLE);
    ++out.num_bonds;
  }
  return out;
}

bool tetrahedral_stereo(const RDKit::ROMol& mol, const Atom& atom, inchi_Stereo0D& out) {
  const auto tag = atom.getChiralTag();
  if (tag != Atom::CHI_TETRAHEDRAL_CW && tag != Atom::CHI_TETRAHEDRAL_CCW) return false;
  if (atom.getDegree() < 3 || atom.getDegree() > 4) return false;
  std::size_t filled = 0;
  if (atom.getDegree() == 3) out.neighbor[filled++] = at_num(atom.getIdx());
  for (const auto* bond : mol.atomBonds(&atom))
    out.neighbor[filled++] = at_num(bond->getOtherAtomIdx(atom.getIdx()));
  // RDKit looks from the first neighbour and counts an implicit hydrogen last; InChI wants it first, which is
  // an odd permutation away.
  const bool clockwise = (tag == Atom::CHI_TETRAHEDRAL_CW) == (atom.getDegree() == 4);
  out.central_atom = at_num(atom.getIdx());
  out.type = INCHI_StereoType_Tetrahedral;
  out.parity = clockwise ? INCHI_PARITY_EVEN : INCHI_PARITY_ODD;
  return true;
}

bool double_bond_stereo(const Bond& bond, inchi_Stereo0D& out) {
  const auto stereo = bond.getStereo();
  const bool cis = stereo == Bond::STEREOZ || stereo == Bond::STEREOCIS;
  const bool trans = stereo == Bond::STEREOE || stereo == Bond::STEREOTRANS;
  if ((!cis && !trans) || bond.getStereoAtoms().size() != 2) return false;
  const auto& ends = bond.getStereoAtoms();
  out.neighbor[0] = at_num(static_cast<unsigned>(ends[0]));
  out.neighbor[1] = at_num(bond.getBeginAtomIdx());
  out.neighbor[2] = at_num(bond.getEndAtomIdx());
  out.neighbor[3] = at_num(static_cast<unsigned>(ends[1]));
  out.central_atom = NO_ATOM;
  out.type = INCHI_StereoType_DoubleBond;
  out.parity = cis ? INCHI_PARITY_ODD : INCHI_PARITY_EVEN;
  return true;
}

// The library keeps state between calls; one caller at a time.
std::mutex& library_mutex() {
  static std::mutex mutex;
  return mutex;
}

std::string run_library(std::vector<inchi_Atom>& atoms, std::vector<inchi_Stereo0D>& stereo) {
  std::array<char, 1> no_options{};
  inchi_Input input{};
  input.atom = atoms.data();
  input.stereo0D = stereo.empty() ? nullptr : stereo.data();
  input.szOptions = no_options.data();
  input.num_atoms = at_num(static_cast<unsigned>(atoms.size()));
  input.num_stereo0D = at_num(static_cast<unsigned>(stereo.size()));
  inchi_Output output{};
  const std::lock_guard lock(library_mutex());
  const int status = GetStdINCHI(&input, &output);
  std::string text = output.szInChI != nullptr ? output.szInChI : "";
  const std::string message = output.szMessage != nullptr ? output.szMessage : "";
  FreeStdINCHI(&output);
  if ((status != inchi_Ret_OKAY && status != inchi_Ret_WARNING) || text.empty()) {
    throw InvalidInput("InChI cannot say this molecule: " + (message.empty() ? "unknown reason" : message));
  }
  return text;
}

}  // namespace

std::string Molecule::inchi() const {
  RDKit::RWMol mol = editable_copy(*this);
  if (mol.getNumAtoms() > kMaxAtoms) {
    throw InvalidInput("InChI takes at most 1,023 atoms; the molecule has " +
                       std::to_string(mol.getNumAtoms()));
  }
  std::vector<inchi_Atom> atoms;
  std::vector<inchi_Stereo0D> stereo;
  inchi_Stereo0D element{};
  try {
    RDKit::MolOps::Kekulize(mol, false);
    for (const auto* atom : mol.atoms()) {
      atoms.push_back(to_inchi(mol, *atom));
      if (tetrahedral_stereo(mol, *atom, element)) stereo.push_back(element);
    }
    for (const auto* bond : mol.bonds()) {
      if (double_bond_stereo(*bond, element)) stereo.push_back(element);
    }
  } catch (const std::exception& e) {
    throw InvalidInput("InChI cannot say " + quote_for_message(smiles()) + ": " + first_line(e));
  }
  return run_library(atoms, stereo);
}

std::string Molecule::inchikey() const {
  const std::string text = inchi();
  std::array<char, 28> key{};
  const std::lock_guard lock(library_mutex());
  if (GetStdINCHIKeyFromStdINCHI(text.c_str(), key.data()) != INCHIKEY_OK) {
    throw Internal("no InChIKey for " + quote_for_message(text));
  }
  return key.data();
}

}  // namespace odordiff::chem

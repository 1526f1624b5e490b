// InChI in a build without libinchi: asked for, it is reported as unavailable.
#include "base/error.h"
#include "chem/molecule.h"

namespace odordiff::chem {

std::string Molecule::inchi() const {
  throw Unavailable("this build has no InChI; build it with libinchi-dev");
}

std::string Molecule::inchikey() const {
  return inchi();
}

}  // namespace odordiff::chem

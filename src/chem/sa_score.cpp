// Synthetic accessibility: how common a molecule's fragments are, less what makes it complex. The formulas
// are those of the paper with the two changes of RDKit's version: the macrocycle term, and a bonus for
// symmetric molecules.
#include "chem/sa_score.h"

#include <DataStructs/SparseIntVect.h>
#include <GraphMol/Descriptors/Lipinski.h>
#include <GraphMol/Fingerprints/MorganFingerprints.h>
#include <GraphMol/RingInfo.h>

#include <algorithm>
#include <cmath>

#include "chem/molecule_impl.h"
#include "chem/sa_table.h"

namespace odordiff::chem {
namespace {

constexpr unsigned kRadius = 2;
constexpr double kUnknownFragment = -4.0;
constexpr std::size_t kLargestPlainRing = 8;
// The raw score's range on the authors' molecules, mapped onto 10 (hard) to 1 (easy).
constexpr double kRawHardest = -4.0;
constexpr double kRawEasiest = 2.5;

double complexity_penalty(RDKit::ROMol& mol) {
  const double atoms = mol.getNumAtoms();
  const auto& rings = mol.getRingInfo()->atomRings();
  const bool macrocycle = std::any_of(rings.begin(), rings.end(),
                                      [](const auto& ring) { return ring.size() > kLargestPlainRing; });
  const double spiro = RDKit::Descriptors::calcNumSpiroAtoms(mol);
  const double bridgeheads = RDKit::Descriptors::calcNumBridgeheadAtoms(mol);
  const double stereocenters = count_stereocenters(mol);
  return std::pow(atoms, 1.005) - atoms + std::log10(stereocenters + 1) + std::log10(spiro + 1) +
         std::log10(bridgeheads + 1) + (macrocycle ? std::log10(2.0) : 0.0);
}

double to_scale(double raw) {
  double score = 11.0 - (raw - kRawHardest + 1.0) / (kRawEasiest - kRawHardest) * 9.0;
  if (score > 8.0) score = 8.0 + std::log(score - 8.0);  // smooths the hard end
  return std::clamp(score, 1.0, 10.0);
}

}  // namespace

struct SaScorer::Table : SaTable {};

SaScorer::SaScorer(const std::filesystem::path& table) : table_(new Table{SaTable::load(table)}) {}
SaScorer::~SaScorer() = default;
SaScorer::SaScorer(SaScorer&&) noexcept = default;
SaScorer& SaScorer::operator=(SaScorer&&) noexcept = default;

double SaScorer::score(const Molecule& molecule) const {
  RDKit::RWMol mol = canonical_copy(molecule);
  const std::unique_ptr<RDKit::SparseIntVect<std::uint32_t>> fingerprint(
      RDKit::MorganFingerprints::getFingerprint(mol, kRadius));
  const auto& fragments = fingerprint->getNonzeroElements();
  double sum = 0;
  double occurrences = 0;
  for (const auto& [id, count] : fragments) {
    sum += table_->find(id, kUnknownFragment) * count;
    occurrences += count;
  }
  const double familiarity = sum / occurrences;
  const double atoms = mol.getNumAtoms();
  const auto distinct = static_cast<double>(fragments.size());
  const double symmetry = atoms > distinct ? std::log(atoms / distinct) * 0.5 : 0.0;
  return to_scale(familiarity - complexity_penalty(mol) + symmetry);
}

void SaScorer::convert(const std::filesystem::path& pickle_gz, const std::filesystem::path& table) {
  SaTable::from_pickle(pickle_gz).save(table);
}

}  // namespace odordiff::chem

// Fingerprints: RDKit's hashing, our plain containers.
#include "chem/fingerprint.h"

#include <DataStructs/SparseIntVect.h>
#include <GraphMol/Fingerprints/AtomPairs.h>
#include <GraphMol/Fingerprints/Fingerprints.h>
#include <GraphMol/Fingerprints/MorganFingerprints.h>
#include <GraphMol/MolOps.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <type_traits>

#include "base/error.h"
#include "chem/molecule_impl.h"

namespace odordiff::chem {
namespace {

using Folded = std::map<std::uint32_t, std::uint64_t>;

template <typename Index>
void fold_into(Folded& out, const RDKit::SparseIntVect<Index>& counts, std::uint32_t bins) {
  for (const auto& [bit, count] : counts.getNonzeroElements()) {
    out[static_cast<std::uint32_t>(static_cast<std::make_unsigned_t<Index>>(bit) & (bins - 1))] += count;
  }
}

SparseCounts to_counts(const Folded& folded) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint16_t>::max();
  SparseCounts out;
  out.reserve(folded.size());
  for (const auto& [bin, count] : folded)
    out.emplace_back(bin, static_cast<std::uint16_t>(std::min(count, kMost)));
  return out;
}

void require_power_of_two(std::uint32_t bins) {
  if (!std::has_single_bit(bins)) {
    throw InvalidInput("fingerprint bins must be a power of two, not " + std::to_string(bins));
  }
}

void require_radius(int radius) {
  if (radius < 0) throw InvalidInput("fingerprint radius must be 0 or more, not " + std::to_string(radius));
}

inline int count_portably(const BitFingerprint& a, const BitFingerprint& b) {
  int bits = 0;
  for (std::size_t i = 0; i < std::size(a.words); ++i) bits += std::popcount(a.words[i] & b.words[i]);
  return bits;
}

#if defined(__x86_64__)
// The same with the processor's own instruction, which the build may not take for granted.
[[gnu::target("popcnt")]] int count_by_instruction(const BitFingerprint& a, const BitFingerprint& b) {
  long long bits = 0;
  for (std::size_t i = 0; i < std::size(a.words); ++i) bits += __builtin_popcountll(a.words[i] & b.words[i]);
  return static_cast<int>(bits);
}
#endif

int count(const BitFingerprint& a, const BitFingerprint& b) {
#if defined(__x86_64__)
  static const bool instruction = __builtin_cpu_supports("popcnt") != 0;
  if (instruction) return count_by_instruction(a, b);
#endif
  return count_portably(a, b);
}

}  // namespace

SparseCounts morgan_counts(const Molecule& mol, int radius, std::uint32_t bins) {
  require_power_of_two(bins);
  require_radius(radius);
  const RDKit::RWMol copy = canonical_copy(mol);
  const std::unique_ptr<RDKit::SparseIntVect<std::uint32_t>> counts(
      RDKit::MorganFingerprints::getFingerprint(copy, static_cast<unsigned>(radius)));
  Folded folded;
  fold_into(folded, *counts, bins);
  return to_counts(folded);
}

SparseCounts feature_morgan_counts(const Molecule& mol, int radius, std::uint32_t bins) {
  require_power_of_two(bins);
  require_radius(radius);
  const RDKit::RWMol copy = canonical_copy(mol);
  std::vector<std::uint32_t> invariants(copy.getNumAtoms());
  RDKit::MorganFingerprints::getFeatureInvariants(copy, invariants);
  const std::unique_ptr<RDKit::SparseIntVect<std::uint32_t>> counts(
      RDKit::MorganFingerprints::getFingerprint(copy, static_cast<unsigned>(radius), &invariants));
  Folded folded;
  fold_into(folded, *counts, bins);
  return to_counts(folded);
}

SparseCounts atom_pair_counts(const Molecule& mol, std::uint32_t bins) {
  require_power_of_two(bins);
  const RDKit::RWMol copy = canonical_copy(mol);
  const std::unique_ptr<RDKit::SparseIntVect<std::int32_t>> pairs(
      RDKit::AtomPairs::getHashedAtomPairFingerprint(copy, bins));
  Folded folded;
  fold_into(folded, *pairs, bins);
  return to_counts(folded);
}

SparseCounts atom_pair_torsion_counts(const Molecule& mol, std::uint32_t bins) {
  require_power_of_two(bins);
  const RDKit::RWMol copy = canonical_copy(mol);
  // Hashed by RDKit first: the raw codes are bit fields, whose low bits alone say little.
  const std::unique_ptr<RDKit::SparseIntVect<std::int32_t>> pairs(
      RDKit::AtomPairs::getHashedAtomPairFingerprint(copy, bins));
  const std::unique_ptr<RDKit::SparseIntVect<boost::int64_t>> torsions(
      RDKit::AtomPairs::getHashedTopologicalTorsionFingerprint(copy, bins));
  Folded folded;
  fold_into(folded, *pairs, bins);
  fold_into(folded, *torsions, bins);
  return to_counts(folded);
}

SparseCounts path_counts(const Molecule& mol, std::uint32_t bins) {
  require_power_of_two(bins);
  const RDKit::RWMol copy = canonical_copy(mol);
  constexpr unsigned kLongest = 6;
  const std::unique_ptr<RDKit::SparseIntVect<boost::uint64_t>> paths(
      RDKit::getUnfoldedRDKFingerprintMol(copy, 1, kLongest));
  Folded folded;
  fold_into(folded, *paths, bins);
  return to_counts(folded);
}

std::vector<SparseCounts> morgan_counts_without_each_atom(const Molecule& mol, int radius,
                                                          std::uint32_t bins) {
  require_power_of_two(bins);
  require_radius(radius);
  const RDKit::RWMol copy = canonical_copy(mol);
  RDKit::MorganFingerprints::BitInfoMap environments;
  const std::unique_ptr<RDKit::SparseIntVect<std::uint32_t>> counts(RDKit::MorganFingerprints::getFingerprint(
      copy, static_cast<unsigned>(radius), nullptr, nullptr, false, true, true, false, &environments));
  const std::size_t atoms = copy.getNumAtoms();
  const double* distance = RDKit::MolOps::getDistanceMat(copy);  // bonds, [atoms, atoms]
  std::vector<Folded> folded(atoms);
  for (const auto& [bit, places] : environments) {
    for (const auto& [centre, reach] : places) {
      for (std::size_t atom = 0; atom < atoms; ++atom) {
        if (distance[centre * atoms + atom] > reach) ++folded[atom][bit & (bins - 1)];
      }
    }
  }
  std::vector<SparseCounts> out(atoms);
  for (std::size_t atom = 0; atom < atoms; ++atom)
    out[static_cast<std::size_t>(from_canonical(mol, atom))] = to_counts(folded[atom]);
  return out;
}

std::vector<SparseCounts> atom_pair_torsion_counts_without_each_atom(const Molecule& mol,
                                                                     std::uint32_t bins) {
  require_power_of_two(bins);
  const RDKit::RWMol copy = canonical_copy(mol);
  std::vector<SparseCounts> out(copy.getNumAtoms());
  for (std::uint32_t atom = 0; atom < copy.getNumAtoms(); ++atom) {
    const std::vector<std::uint32_t> ignored = {atom};
    const std::unique_ptr<RDKit::SparseIntVect<std::int32_t>> pairs(
        RDKit::AtomPairs::getHashedAtomPairFingerprint(copy, bins, 1, RDKit::AtomPairs::maxPathLen - 1,
                                                       nullptr, &ignored));
    const std::unique_ptr<RDKit::SparseIntVect<boost::int64_t>> torsions(
        RDKit::AtomPairs::getHashedTopologicalTorsionFingerprint(copy, bins, 4, nullptr, &ignored));
    Folded folded;
    fold_into(folded, *pairs, bins);
    fold_into(folded, *torsions, bins);
    out[static_cast<std::size_t>(from_canonical(mol, atom))] = to_counts(folded);
  }
  return out;
}

BitFingerprint morgan_bits(const Molecule& mol) {
  BitFingerprint out;
  for (const auto& [bin, count] : morgan_counts(mol)) out.words[bin / 64] |= std::uint64_t{1} << (bin % 64);
  return out;
}

int bits_set(const BitFingerprint& bits) {
  return count(bits, bits);
}

int bits_in_both(const BitFingerprint& a, const BitFingerprint& b) {
  return count(a, b);
}

double tanimoto(const BitFingerprint& a, const BitFingerprint& b) {
  const int both = count(a, b);
  const int either = count(a, a) + count(b, b) - both;
  return either == 0 ? 0.0 : static_cast<double>(both) / either;
}

}  // namespace odordiff::chem

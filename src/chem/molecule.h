// Molecules: parsing, canonical forms, fragments and keys, on RDKit. RDKit's types stay behind this header.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace odordiff::chem {

// A sanitised molecule. Immutable and cheap to copy; safe to read from many threads.
class Molecule {
 public:
  // Parses and sanitises one SMILES (at most 2,000 characters). Stereo is kept where written.
  // Throws InvalidInput with a one-line reason. Prints nothing.
  // RDKit's search for stereocentres is cubic in the atoms of a chain: about 0.03 s at 250 atoms, 0.2 s at
  // 500 and 12 s at 2,000. An edge that takes SMILES from strangers does well to cap them lower.
  static Molecule parse(const std::string& smiles);
  // The same, but empty instead of throwing; for the sampler, where failure is ordinary.
  static std::optional<Molecule> try_parse(const std::string& smiles);

  // Canonical isomeric SMILES (aromatic form).
  const std::string& smiles() const;
  // Canonical SMILES with stereo dropped: the key under which molecules count as the same.
  std::string flat_smiles() const;
  // The largest covalent fragment (by heavy atoms, ties by canonical SMILES), charges neutralised where that
  // is possible by moving protons.
  Molecule neutral_largest_fragment() const;
  // Standard InChI and its key (27 characters). Throw InvalidInput where InChI cannot say the molecule (dummy
  // atoms, more than 1,023 atoms) and Unavailable in a build without libinchi.
  std::string inchi() const;
  std::string inchikey() const;
  std::string formula() const;  // Hill order

  int heavy_atoms() const;
  int formal_charge() const;
  // Atomic numbers of the heavy atoms in index order.
  std::vector<int> atomic_numbers() const;
  // Atoms matched by a SMARTS pattern, in the pattern's order, one vector per match (matches of the same
  // atoms count once). Compiles `smarts` on each call; keep a Pattern for what is asked often. Throws
  // InvalidInput for a bad pattern.
  std::vector<std::vector<int>> match(const std::string& smarts) const;

  struct Impl;  // holds RDKit::ROMol; defined in molecule_impl.h for the files of this folder
  const Impl& impl() const { return *impl_; }
  explicit Molecule(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

// A compiled SMARTS pattern. Immutable, cheap to copy, and safe to use from many threads.
class Pattern {
 public:
  // Throws InvalidInput for a bad pattern.
  explicit Pattern(const std::string& smarts);

  // As Molecule::match.
  std::vector<std::vector<int>> match(const Molecule& mol) const;
  bool matches(const Molecule& mol) const;

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

// SMILES of `mol` written in a random atom order drawn from `seed`, without stereo, in Kekulé form (explicit
// alternating double bonds, upper-case atoms; the form that the generator speaks) or aromatic form.
std::string random_smiles(const Molecule& mol, std::uint64_t seed, bool kekule);

// Kinds of atoms in `mol` that the generator's strings have no words for, as "Si" or "N+", each once: it
// writes neutral molecules of C, N, O, S, P and halogens.
std::vector<std::string> unwritable_atoms(const Molecule& mol);

// Kekulé SMILES prefixes of `scaffold` that end at an atom with a free hydrogen, so that what follows grows
// from that atom; one per attachable atom that can be written so, in atom order. Dummy atoms ("*", "[*:1]")
// say where to grow: then only the atoms that they stand at are attachable. For pinned fragments.
std::vector<std::string> growing_prefixes(const Molecule& scaffold, std::uint64_t seed);

}  // namespace odordiff::chem

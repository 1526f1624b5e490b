// Which lists and laws name a molecule: IFRA Standards, cosmetics law, allergens to declare, controlled
// substances, weapons.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "chem/pattern_set.h"

namespace odordiff::safety {

// A list or law, from regulations.tsv.
struct Regulation {
  std::string key;
  std::vector<std::string> regions;  // of kRegions
  std::string kind;                  // weapon, drug, precursor, explosive, cosmetic, allergen, ifra, notice
  std::string title, date, source;
};

// What a regulation says about a substance, in rising order of consequence.
enum class Status { Information, Declare, Specification, Restricted, Prohibited, Controlled };
const char* to_string(Status status);

// The greatest share of a substance in a finished product of an IFRA category ("1" to "12", "5A", "10B", …),
// percent.
struct Limit {
  std::string category;
  double percent = 0;
};

struct RegulatoryEntry {
  const Regulation* regulation = nullptr;
  Status status = Status::Information;
  std::string name, cas;
  bool family = false;  // `structure` is SMARTS; else SMILES, compared without stereo
  std::string structure;
  std::string formula;  // Hill order, of an exact structure
  std::vector<Limit> limits;
  std::string note;
  std::string place;  // "ifra.tsv:12"
};

struct RegulatoryMatch {
  const RegulatoryEntry* entry = nullptr;  // lives as long as the tables
  std::vector<int> atoms;                  // ascending; empty when the whole molecule is meant
};

// The regions that verdicts are given for.
inline constexpr const char* kRegions[] = {"EU", "US", "IFRA"};

// data/safety: regulations.tsv, controlled.tsv, eu.tsv, ifra.tsv, us.tsv. Immutable; safe to use from many
// threads.
class RegulatoryTables {
 public:
  // Throws Unavailable when a file cannot be read; InvalidInput naming file and line for a bad row: an
  // unknown key or word, a bad SMARTS, a CAS number with a wrong check digit. SMILES are parsed when a
  // molecule of their formula is asked about.
  explicit RegulatoryTables(const std::filesystem::path& data_folder);

  // Parses every SMILES. Throws InvalidInput naming file and line for one that is none, or whose formula is
  // another. For whoever edits the tables; the program itself starts faster without.
  void check_structures() const;

  // Entries that name `component`, a neutral fragment (chem::neutral_components) or a salt as a whole. Throws
  // InvalidInput naming file and line for a bad SMILES of that formula.
  std::vector<RegulatoryMatch> match(const chem::Molecule& component) const;
  // Whether an entry of status Controlled does.
  bool forbids(const chem::Molecule& component) const;

  const std::vector<std::unique_ptr<const RegulatoryEntry>>& entries() const { return entries_; }
  const std::vector<std::unique_ptr<const Regulation>>& regulations() const { return regulations_; }

 private:
  // An exact entry, and its canonical form once that was needed.
  struct Exact {
    const RegulatoryEntry* entry = nullptr;
    mutable std::once_flag parsed;
    mutable std::string flat_smiles;
    const std::string& key() const;
  };
  void read_list(const std::filesystem::path& file);
  std::vector<const RegulatoryEntry*> exact_matches(const chem::Molecule& component) const;

  std::vector<std::unique_ptr<const Regulation>> regulations_;
  std::vector<std::unique_ptr<const RegulatoryEntry>> entries_;
  std::unordered_map<std::string, std::vector<std::unique_ptr<const Exact>>> exact_;  // by formula
  chem::PatternSet families_, controlled_families_;
  std::vector<const RegulatoryEntry*> family_entries_;
};

}  // namespace odordiff::safety

// Which lists and laws name a molecule: IFRA Standards, cosmetics law, allergens to declare, controlled
// substances, weapons.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "chem/pattern_set.h"
#include "chem/substance.h"

namespace odordiff::safety {

// A list or law, from regulations.tsv.
struct Regulation {
  std::string key;
  std::vector<std::string> regions;  // of kRegions
  std::string kind;                  // weapon, drug, precursor, explosive, cosmetic, allergen, ifra, notice
  std::string title, date, source;
};

// What a regulation says about a substance, in rising order of consequence. A Precursor is controlled as
// well, but an ordinary material of perfumery or of laboratories: it is handled when a user brings it, and
// never proposed.
enum class Status { Information, Declare, Specification, Restricted, Prohibited, Precursor, Controlled };
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
  bool family = false;  // `structure` is SMARTS; else SMILES, compared as a substance (chem/substance.h)
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
  // Throws Unavailable when a file cannot be read, and naming file and line for a bad row: an
  // unknown key or word, a bad SMARTS, a CAS number with a wrong check digit. SMILES are parsed when a
  // molecule of their formula is asked about.
  explicit RegulatoryTables(const std::filesystem::path& data_folder);

  // Parses every SMILES. Throws Unavailable naming file and line for one that is none, or whose formula is
  // another. For whoever edits the tables; the program itself starts faster without.
  void check_structures() const;

  // Entries that name `part`, one component of a plain form (chem/substance.h). Throws Unavailable naming
  // file and line for a bad SMILES of that formula.
  std::vector<RegulatoryMatch> match(const chem::Molecule& part) const;
  // Entries that are salts, all of whose components are among `parts`.
  std::vector<RegulatoryMatch> match_salt(const std::vector<chem::Molecule>& parts) const;
  // Precursor or Controlled where an entry of these is among those matches, else Information.
  Status control(const chem::Molecule& part) const;
  Status control_of_salt(const std::vector<chem::Molecule>& parts) const;
  // The substance that is meant where `part` is no entry, but a tautomer (chem/tautomers.h) of one, of the
  // gravest if of several; or of a molecule of a controlled family.
  std::optional<chem::Molecule> listed_tautomer(const chem::Molecule& part) const;

  const std::vector<std::unique_ptr<const RegulatoryEntry>>& entries() const { return entries_; }
  const std::vector<std::unique_ptr<const Regulation>>& regulations() const { return regulations_; }

 private:
  // An exact entry, and its structure once that was needed.
  struct Exact {
    const RegulatoryEntry* entry = nullptr;
    struct Structure {
      chem::PlainForm form;
      std::string key;  // of the whole, without stereo
      std::uint64_t skeleton = 0;
    };
    const Structure& structure() const;

   private:
    mutable std::once_flag parsed_;
    mutable std::optional<Structure> structure_;
  };
  void read_list(const std::filesystem::path& file);
  std::vector<const RegulatoryEntry*> exact_matches(const chem::Molecule& part) const;

  std::vector<std::unique_ptr<const Regulation>> regulations_;
  std::vector<std::unique_ptr<const RegulatoryEntry>> entries_;
  std::unordered_map<std::string, std::vector<std::unique_ptr<const Exact>>> exact_;  // by formula
  std::vector<std::unique_ptr<const Exact>> salts_;
  chem::PatternSet families_, controlled_families_;
  std::vector<const RegulatoryEntry*> family_entries_, controlled_family_entries_;
};

}  // namespace odordiff::safety

#include "safety/regulation.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/error.h"
#include "base/table_file.h"
#include "chem/reaction.h"
#include "chem/tautomers.h"

namespace odordiff::safety {
namespace {

constexpr std::array<const char*, 7> kStatuses = {"information", "declare",   "specification", "restricted",
                                                  "prohibited",  "precursor", "controlled"};
constexpr std::array<const char*, 8> kKinds = {"weapon",   "drug",     "precursor", "explosive",
                                               "cosmetic", "allergen", "ifra",      "notice"};
constexpr std::array<const char*, 18> kCategories = {"1",  "2",  "3", "4", "5A",  "5B",  "5C",  "5D",  "6",
                                                     "7A", "7B", "8", "9", "10A", "10B", "11A", "11B", "12"};
constexpr std::size_t kLeastWithoutNitrogen = 18;  // heavy atoms
constexpr std::array<const char*, 4> kLists = {"controlled.tsv", "eu.tsv", "ifra.tsv", "us.tsv"};

template <typename Words>
bool is_one_of(const Words& words, const std::string& text) {
  return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

Status parse_status(const std::string& word) {
  const auto at = std::find(kStatuses.begin(), kStatuses.end(), word);
  if (at == kStatuses.end()) {
    throw InvalidInput(
        "unknown status " + quote_for_message(word) +
        "; expected controlled, precursor, prohibited, restricted, specification, declare or information");
  }
  return static_cast<Status>(at - kStatuses.begin());
}

// The last digit of a CAS number is the sum of the others, each times its place from the right, modulo 10.
bool is_cas(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0)
      digits += c;
    else if (c != '-')
      return false;
  }
  if (digits.size() < 5 || text.size() < 7 || text[text.size() - 2] != '-' || text[text.size() - 5] != '-')
    return false;
  int sum = 0;
  for (std::size_t i = 1; i < digits.size(); ++i)
    sum += static_cast<int>(i) * (digits[digits.size() - 1 - i] - '0');
  return sum % 10 == digits.back() - '0';
}

std::vector<Limit> parse_limits(const std::string& text) {
  std::vector<Limit> limits;
  for (const auto& part : list_of(text, ";")) {
    const auto equals = part.find('=');
    Limit limit{part.substr(0, equals), -1};
    if (equals != std::string::npos) {
      const char* end = part.data() + part.size();
      const auto [stop, error] = std::from_chars(part.data() + equals + 1, end, limit.percent);
      if (error != std::errc() || stop != end) limit.percent = -1;
    }
    if (!is_one_of(kCategories, limit.category) || limit.percent < 0 || limit.percent > 100) {
      throw InvalidInput("bad limit " + quote_for_message(part) +
                         "; expected CATEGORY=PERCENT with an IFRA category such as 4 or 5A");
    }
    limits.push_back(std::move(limit));
  }
  return limits;
}

Regulation read_regulation(const TableRow& row) {
  const auto& c = row.fields;
  Regulation out{c[0], list_of(c[1], ","), c[2], c[3], c[4], c[5]};
  for (const auto& region : out.regions) {
    if (!is_one_of(kRegions, region)) {
      throw InvalidInput("unknown region " + quote_for_message(region) + "; expected EU, US or IFRA");
    }
  }
  if (!is_one_of(kKinds, out.kind)) throw InvalidInput("unknown kind " + quote_for_message(out.kind));
  if (out.key.empty() || out.regions.empty() || out.title.empty() || out.date.empty() || out.source.empty()) {
    throw InvalidInput("an empty column; every column must be given");
  }
  return out;
}

}  // namespace

const char* to_string(Status status) {
  return kStatuses[static_cast<std::size_t>(status)];
}

RegulatoryTables::RegulatoryTables(const std::filesystem::path& data_folder) {
  for (const auto& row : read_table(data_folder / "regulations.tsv", 6)) {
    try {
      regulations_.push_back(std::make_unique<const Regulation>(read_regulation(row)));
    } catch (const InvalidInput& error) {
      table_error(row, error.what());
    }
  }
  for (const char* list : kLists) read_list(data_folder / list);
}

void RegulatoryTables::read_list(const std::filesystem::path& file) {
  for (const auto& row : read_table(file, 9)) {
    const auto& c = row.fields;
    try {
      RegulatoryEntry entry;
      entry.place = row.place;
      for (const auto& regulation : regulations_) {
        if (regulation->key == c[0]) entry.regulation = regulation.get();
      }
      if (entry.regulation == nullptr) {
        throw InvalidInput("unknown regulation " + quote_for_message(c[0]) +
                           "; it must stand in regulations.tsv");
      }
      entry.status = parse_status(c[1]);
      entry.name = c[2];
      entry.cas = c[3];
      if (entry.name.empty()) throw InvalidInput("the name is empty");
      if (!entry.cas.empty() && !is_cas(entry.cas)) {
        throw InvalidInput("not a CAS number (check its last digit): " + quote_for_message(entry.cas));
      }
      if (c[4] != "exact" && c[4] != "family") {
        throw InvalidInput("unknown match " + quote_for_message(c[4]) +
                           "; expected exact (SMILES) or family (SMARTS)");
      }
      entry.family = c[4] == "family";
      entry.structure = c[5];
      entry.formula = c[6];
      entry.limits = parse_limits(c[7]);
      entry.note = c[8];
      if (entry.family) {
        families_.add(entry.structure);
        const bool controlled = entry.status >= Status::Precursor;
        if (controlled) controlled_families_.add(entry.structure);
        entries_.push_back(std::make_unique<const RegulatoryEntry>(std::move(entry)));
        family_entries_.push_back(entries_.back().get());
        if (controlled) controlled_family_entries_.push_back(entries_.back().get());
        continue;
      }
      if (entry.formula.empty()) throw InvalidInput("the formula of the structure is empty");
      entries_.push_back(std::make_unique<const RegulatoryEntry>(std::move(entry)));
      auto exact = std::make_unique<Exact>();
      exact->entry = entries_.back().get();
      const bool salt = exact->entry->structure.find('.') != std::string::npos;
      (salt ? salts_ : exact_[exact->entry->formula]).push_back(std::move(exact));
    } catch (const InvalidInput& error) {
      table_error(row, error.what());
    }
  }
}

const RegulatoryTables::Exact::Structure& RegulatoryTables::Exact::structure() const {
  std::call_once(parsed_, [this] {
    try {
      const auto mol = chem::Molecule::parse(entry->structure);
      if (mol.formula() != entry->formula) {
        throw InvalidInput("the formula is " + quote_for_message(entry->formula) +
                           " but the structure's is " + mol.formula());
      }
      auto form = chem::plain_form(mol);
      std::string key = form.whole.flat_smiles();
      const std::uint64_t skeleton = chem::skeleton_key(form.whole);
      structure_.emplace(Structure{std::move(form), std::move(key), skeleton});
    } catch (const InvalidInput& error) {
      throw Unavailable(entry->place + ": " + error.what());
    }
  });
  return *structure_;
}

void RegulatoryTables::check_structures() const {
  for (const auto& exact : salts_) exact->structure();
  for (const auto& [formula, entries] : exact_) {
    for (const auto& exact : entries) exact->structure();
  }
}

std::vector<const RegulatoryEntry*> RegulatoryTables::exact_matches(const chem::Molecule& part) const {
  std::vector<const RegulatoryEntry*> found;
  const auto same_formula = exact_.find(part.formula());
  if (same_formula == exact_.end()) return found;
  const auto key = part.flat_smiles();
  for (const auto& exact : same_formula->second) {
    if (exact->structure().key == key) found.push_back(exact->entry);
  }
  return found;
}

std::optional<chem::Molecule> RegulatoryTables::listed_tautomer(const chem::Molecule& part) const {
  if (const auto same_formula = exact_.find(part.formula()); same_formula != exact_.end()) {
    const auto key = part.flat_smiles();
    const auto skeleton = chem::skeleton_key(part);
    const Exact* gravest = nullptr;
    for (const auto& exact : same_formula->second) {
      const auto& structure = exact->structure();
      if (structure.key == key) return std::nullopt;
      if (structure.skeleton != skeleton) continue;
      if (gravest != nullptr && exact->entry->status <= gravest->entry->status) continue;
      if (chem::are_tautomers(part, structure.form.whole)) gravest = exact.get();
    }
    if (gravest != nullptr) return gravest->structure().form.whole;
  }
  // All controlled families but the cannabinoids, which are large, hold nitrogen, phosphorus or arsenic.
  const auto elements = part.atomic_numbers();
  const bool may_be_of_a_family = elements.size() >= kLeastWithoutNitrogen ||
                                  std::any_of(elements.begin(), elements.end(), [](int number) {
                                    return number == 7 || number == 15 || number == 33;
                                  });
  if (!may_be_of_a_family) return std::nullopt;
  for (auto& form : chem::lasting_tautomers(part)) {
    if (!controlled_families_.match(form).empty() && controlled_families_.match(part).empty()) return form;
  }
  return std::nullopt;
}

std::vector<RegulatoryMatch> RegulatoryTables::match(const chem::Molecule& part) const {
  std::vector<RegulatoryMatch> matches;
  for (const auto* entry : exact_matches(part)) matches.push_back({entry, {}});
  for (auto& hit : families_.match(part)) {
    matches.push_back({family_entries_[hit.pattern], std::move(hit.atoms)});
  }
  // The gravest first.
  std::stable_sort(matches.begin(), matches.end(), [](const RegulatoryMatch& a, const RegulatoryMatch& b) {
    return a.entry->status > b.entry->status;
  });
  return matches;
}

std::vector<RegulatoryMatch> RegulatoryTables::match_salt(const std::vector<chem::Molecule>& parts) const {
  std::vector<RegulatoryMatch> matches;
  if (parts.size() < 2) return matches;
  const auto is_there = [&](const chem::Molecule& wanted) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const auto& part) { return part.flat_smiles() == wanted.flat_smiles(); });
  };
  for (const auto& salt : salts_) {
    const auto& wanted = salt->structure().form.parts;
    if (std::all_of(wanted.begin(), wanted.end(), is_there)) matches.push_back({salt->entry, {}});
  }
  return matches;
}

Status RegulatoryTables::control(const chem::Molecule& part) const {
  Status gravest = Status::Information;
  for (const auto* entry : exact_matches(part)) gravest = std::max(gravest, entry->status);
  if (gravest == Status::Controlled) return gravest;
  for (const auto& hit : controlled_families_.match(part))
    gravest = std::max(gravest, controlled_family_entries_[hit.pattern]->status);
  return gravest >= Status::Precursor ? gravest : Status::Information;
}

Status RegulatoryTables::control_of_salt(const std::vector<chem::Molecule>& parts) const {
  Status gravest = Status::Information;
  for (const auto& match : match_salt(parts)) gravest = std::max(gravest, match.entry->status);
  return gravest >= Status::Precursor ? gravest : Status::Information;
}

}  // namespace odordiff::safety

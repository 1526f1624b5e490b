#include "safety/assessor.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

#include "base/error.h"
#include "chem/constitution.h"
#include "chem/descriptors.h"
#include "safety/domain.h"

namespace odordiff::safety {
namespace {

constexpr float kActive = 0.5F;          // an assay's probability from which it is named
constexpr double kAlike = 0.75;          // a Tanimoto similarity from which a toxin is named
constexpr double kBioaccumulates = 3.3;  // log BCF of 2,000 L/kg: "B" of REACH, Annex XIII
constexpr double kSlow = 2.25;  // BIOWIN 3 rating below which persistence is suspected (ECHA guidance R.11)

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}

std::string category_of(const Regulation& regulation) {
  if (regulation.kind == "weapon") return "chemical_weapon";
  if (regulation.kind == "drug" || regulation.kind == "precursor") return "controlled_substance";
  if (regulation.kind == "explosive") return "explosive";
  return "regulation";
}

Severity severity_of(const RegulatoryEntry& entry) {
  switch (entry.status) {
    case Status::Controlled:
      return Severity::Critical;
    case Status::Prohibited:
      return Severity::High;
    case Status::Precursor:
    case Status::Restricted:
      return Severity::Low;
    case Status::Specification:
    case Status::Declare:
    case Status::Information:
      return Severity::Information;
  }
  throw Internal("unknown status");
}

Verdict verdict_of(Status status) {
  switch (status) {
    case Status::Controlled:
    case Status::Precursor:
      return Verdict::Controlled;
    case Status::Prohibited:
      return Verdict::Prohibited;
    case Status::Restricted:
    case Status::Specification:
      return Verdict::Restricted;
    case Status::Declare:
      return Verdict::Declare;
    case Status::Information:
      return Verdict::NotListed;
  }
  throw Internal("unknown status");
}

std::string sentence(const RegulatoryEntry& entry) {
  std::string text = entry.status == Status::Precursor ? "controlled precursor" : to_string(entry.status);
  text += ": " + entry.name;
  if (!entry.cas.empty()) text += " (CAS " + entry.cas + ")";
  if (!entry.note.empty()) text += "; " + entry.note;
  return text;
}

Finding finding_of(const RegulatoryMatch& match) {
  const RegulatoryEntry& entry = *match.entry;
  return {entry.regulation->key,
          category_of(*entry.regulation),
          severity_of(entry),
          entry.name,
          sentence(entry),
          entry.regulation->title + ", " + entry.regulation->date + ", " + entry.regulation->source,
          match.atoms,
          entry.status == Status::Precursor};
}

void add_to_regions(const RegulatoryMatch& match, std::vector<RegionVerdict>& regions) {
  const RegulatoryEntry& entry = *match.entry;
  for (auto& region : regions) {
    const auto& named = entry.regulation->regions;
    if (std::find(named.begin(), named.end(), region.region) == named.end()) continue;
    region.verdict = std::max(region.verdict, verdict_of(entry.status));
    region.reasons.push_back(sentence(entry) + "; " + entry.regulation->title);
    for (const Limit& limit : entry.limits) {
      const auto at = std::find_if(region.limits.begin(), region.limits.end(),
                                   [&](const Limit& known) { return known.category == limit.category; });
      if (at == region.limits.end())
        region.limits.push_back(limit);
      else
        at->percent = std::min(at->percent, limit.percent);
    }
  }
}

void add_model_findings(const SafetyReport& report, std::vector<Finding>& findings) {
  if (report.tox21) {
    for (std::size_t i = 0; i < kTox21Assays; ++i) {
      const float p = (*report.tox21)[i];
      if (p < kActive) continue;
      findings.push_back({"tox21." + std::string(kTox21Names[i]),
                          "tox21",
                          Severity::Low,
                          "Active in assay " + std::string(kTox21Names[i]),
                          "predicted probability " + number(static_cast<double>(p)),
                          "Tox21 model, docs/safety.md",
                          {}});
    }
  }
  const Likeness& like = report.likeness;
  if (like.known_toxin && !like.known_flavouring) {
    findings.push_back(
        {"likeness.known_toxin",
         "likeness",
         Severity::Moderate,
         "Known toxin",
         "the molecule stands in the list of known toxins and not among the food-safe flavourings",
         "T3DB, Wishart et al., Nucleic Acids Res. 2015, 43, D928",
         {}});
  } else if (like.nearest_toxin >= kAlike && like.nearest_toxin > like.nearest_flavouring) {
    findings.push_back({"likeness.toxin",
                        "likeness",
                        Severity::Low,
                        "Like a known toxin",
                        "similarity " + number(like.nearest_toxin) + " to the nearest known toxin, " +
                            number(like.nearest_flavouring) + " to the nearest food-safe flavouring",
                        "T3DB, Wishart et al., Nucleic Acids Res. 2015, 43, D928",
                        {}});
  }
  if (report.environment && report.environment->log_bcf >= kBioaccumulates) {
    const bool slow = report.environment->biodegradation_rating < kSlow;
    findings.push_back({"environment.bioaccumulation",
                        "environment",
                        slow ? Severity::Moderate : Severity::Low,
                        slow ? "May persist and accumulate" : "May accumulate in fish",
                        "estimated log BCF " + number(report.environment->log_bcf) +
                            ", biodegradation within " +
                            biodegradation_word(report.environment->biodegradation_rating),
                        "BCFBAF and BIOWIN 3 regressions, EPI Suite",
                        {}});
  }
}

}  // namespace

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::NotListed:
      return "not listed";
    case Verdict::Declare:
      return "declare";
    case Verdict::Restricted:
      return "restricted";
    case Verdict::Prohibited:
      return "prohibited";
    case Verdict::Controlled:
      return "controlled";
  }
  throw Internal("unknown verdict");
}

bool SafetyReport::forbidden() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::Critical; });
}

bool SafetyReport::may_be_proposed() const {
  return std::none_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.never_proposed || finding.severity == Severity::Critical;
  });
}

std::string SafetyReport::note() const {
  for (const Finding& finding : findings) {
    if (!finding.never_proposed) continue;
    return finding.name + " is a controlled precursor, listed in: " + finding.source +
           ". It may be used as a material of your own; it is never proposed.";
  }
  return {};
}

bool SafetyReport::excluded(double threshold) const {
  return forbidden() || !score || *score < threshold;
}

struct SafetyAssessor::Impl {
  Impl(const std::filesystem::path& data_folder, const std::filesystem::path& model_folder)
      : lists(data_folder), tox21(model_folder), known(model_folder) {}

  // All but the Tox21 network and what follows from it. `whole` is what the models are to be asked about.
  SafetyReport look_up(const Substance& substance) const {
    SafetyReport report;
    const chem::Molecule& whole = substance.whole;
    const auto constitution = chem::constitution(whole);
    report.domain_note = out_of_domain(whole, constitution);
    report.in_domain = report.domain_note.empty();
    for (const char* region : kRegions) report.regions.push_back({region, Verdict::NotListed, {}, {}});

    report.findings = lists.alerts().match(whole);
    const auto add = [&](const RegulatoryMatch& match) {
      report.findings.push_back(finding_of(match));
      add_to_regions(match, report.regions);
    };
    for (auto& match : lists.tables().match_salt(substance.parts)) add(match);
    for (const auto& part : substance.parts) {
      const bool is_whole = part.smiles() == whole.smiles();
      for (auto& match : lists.tables().match(part)) {
        if (!is_whole) {
          match.atoms.clear();
        } else if (match.atoms.empty()) {
          match.atoms.resize(static_cast<std::size_t>(constitution.heavy_atoms));
          std::iota(match.atoms.begin(), match.atoms.end(), 0);
        }
        add(match);
      }
      if (is_whole || !lists.alerts().forbids(part)) continue;
      for (auto& finding : lists.alerts().match(part)) {
        if (finding.severity != Severity::Critical) continue;
        finding.atoms.clear();
        report.findings.push_back(std::move(finding));
      }
    }
    report.likeness = known.compare(whole, chem::morgan_bits(whole));
    if (report.in_domain) {
      const auto descriptors = chem::descriptor_vector(whole);  // weight and log P come first
      report.environment =
          environment(whole, static_cast<double>(descriptors[1]), static_cast<double>(descriptors[0]));
    }
    return report;
  }

  Lists lists;
  Tox21Model tox21;
  KnownSubstances known;
};

SafetyAssessor::SafetyAssessor(const std::filesystem::path& data_folder,
                               const std::filesystem::path& model_folder)
    : impl_(std::make_unique<const Impl>(data_folder, model_folder)) {}

SafetyAssessor::~SafetyAssessor() = default;

const Lists& SafetyAssessor::lists() const {
  return impl_->lists;
}

const RegulatoryTables& SafetyAssessor::regulations() const {
  return impl_->lists.tables();
}

SafetyReport SafetyAssessor::assess(const chem::Molecule& mol) const {
  return assess(std::span(&mol, 1)).front();
}

std::vector<SafetyReport> SafetyAssessor::assess(std::span<const chem::Molecule> mols) const {
  std::vector<SafetyReport> reports;
  std::vector<chem::Molecule> modelled;
  std::vector<std::size_t> rows;
  reports.reserve(mols.size());
  for (std::size_t i = 0; i < mols.size(); ++i) {
    auto substance = impl_->lists.substance(mols[i]);
    reports.push_back(impl_->look_up(substance));
    if (reports.back().in_domain) {
      modelled.push_back(std::move(substance.whole));
      rows.push_back(i);
    }
  }
  const auto probabilities = impl_->tox21.predict(modelled);
  for (std::size_t k = 0; k < rows.size(); ++k) reports[rows[k]].tox21 = probabilities[k];
  for (auto& report : reports) {
    add_model_findings(report, report.findings);
    std::stable_sort(report.findings.begin(), report.findings.end(),
                     [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
    if (report.forbidden())
      report.score = 0;
    else if (report.in_domain)
      report.score = safety_score(report.findings, report.tox21, report.likeness);
  }
  return reports;
}

bool SafetyAssessor::forbids(const chem::Molecule& mol) const {
  return impl_->lists.standing(mol) == Standing::Refused;
}

}  // namespace odordiff::safety

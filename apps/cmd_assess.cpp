// `odordiff assess`: what is known and estimated about the safety of given molecules, with reasons.
#include <fmt/format.h>

#include <memory>

#include "answer_json.h"
#include "api/judgement_json.h"
#include "base/error.h"
#include "chem/filter_catalog.h"
#include "cli_tree.h"
#include "commands.h"
#include "interrupt.h"
#include "model/resources.h"
#include "model_option.h"
#include "molecule_source.h"
#include "options.h"
#include "output.h"
#include "safety/assessor.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

struct AssessOptions {
  std::vector<std::string> smiles;
  std::string format = "table";
  std::string region = "all";
  double threshold = safety::kDefaultThreshold;
  std::string model;
  bool catalogs = false;
};

struct Assessed : GivenSmiles {
  safety::SafetyReport report;
  std::vector<chem::CatalogHit> catalog_hits;
};

void assess(const safety::SafetyAssessor& assessor, std::vector<Assessed>& batch) {
  for (auto& entry : batch) {
    if (entry.molecule) entry.molecule = assessor.lists().substance(*entry.molecule).whole;
  }
  auto reports = assessor.assess(readable(batch));
  auto next = reports.begin();
  for (auto& entry : batch) {
    if (entry.molecule) entry.report = std::move(*next++);
  }
}

bool is_asked(const AssessOptions& options, const safety::RegionVerdict& region) {
  return options.region == "all" || options.region == region.region;
}

Json catalog_json(const chem::CatalogHit& hit) {
  return {{"catalog", hit.catalog}, {"name", hit.name}, {"atoms", hit.atoms}};
}

Json assessed_json(const Assessed& entry, const AssessOptions& options) {
  if (!entry.molecule) return api::unread_json({entry.smiles, entry.name}, entry.error);
  Json json = api::assessment_json({entry.smiles, entry.name}, *entry.molecule, entry.report,
                                   {options.region, options.threshold});
  if (options.catalogs) {
    json["catalogs"] = Json::array();
    for (const auto& hit : entry.catalog_hits) json["catalogs"].push_back(catalog_json(hit));
  }
  return json;
}

std::string verdict_line(const safety::RegionVerdict& region) {
  std::string text = fmt::format("{}: {}", region.region, safety::to_string(region.verdict));
  std::vector<std::string> limits;
  for (const auto& limit : region.limits)
    limits.push_back(fmt::format("{} {}", limit.category, limit.percent));
  if (!limits.empty()) text += fmt::format(" (most % by category: {})", fmt::join(limits, ", "));
  return text;
}

std::string text_of(const Assessed& entry, const AssessOptions& options, const TextStyle& style) {
  const std::string title = printable(entry.name.empty() ? entry.smiles : entry.smiles + "  " + entry.name);
  if (!entry.molecule) return fmt::format("{}\n  error: {}\n", title, entry.error);
  const auto& report = entry.report;
  std::string out = fmt::format("{}\n  {}", title, api::decision(report, options.threshold));
  if (report.forbidden()) out += ": refused by every command, and never returned by one that makes molecules";
  if (report.score && !report.forbidden())
    out += fmt::format(", score {:.2f} (1: no concern; needed: {})", *report.score, options.threshold);
  out += "\n";
  if (!report.in_domain) {
    out +=
        fmt::format("  out of domain: {}; no model was asked, lists and alerts only\n", report.domain_note);
  }
  if (const std::string note = report.note(); !note.empty()) out += fmt::format("  {}\n", note);
  for (const auto& region : report.regions) {
    if (is_asked(options, region)) out += fmt::format("  {}\n", verdict_line(region));
  }
  if (report.environment) {
    out += fmt::format(
        "  water: log BCF {:.1f}, biodegrades within {}, {}readily biodegradable (estimates)\n",
        report.environment->log_bcf, safety::biodegradation_word(report.environment->biodegradation_rating),
        report.environment->readily_biodegradable ? "" : "not ");
    out += fmt::format(
        "  similarity: {:.2f} to the nearest known toxin, {:.2f} to the nearest food-safe flavouring\n",
        report.likeness.nearest_toxin, report.likeness.nearest_flavouring);
  }
  for (const auto& hit : entry.catalog_hits) {
    out += fmt::format("  {} filter: {} (atoms {})\n", hit.catalog, hit.name, fmt::join(hit.atoms, " "));
  }
  if (report.findings.empty()) return out + "  no findings\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& finding : report.findings) {
    rows.push_back({safety::to_string(finding.severity), finding.category, finding.name, finding.reason,
                    fmt::format("{}", fmt::join(finding.atoms, " "))});
  }
  return out + text_table({{"Severity", false},
                           {"Category", false},
                           {"Finding", false},
                           {"Reason", false},
                           {"Atoms", false}},
                          rows, style);
}

void run(const AssessOptions& options) {
  MoleculeSource source(options.smiles, "odordiff assess \"CC(C)=CCCC(C)=CC=O\"");
  std::unique_ptr<safety::SafetyAssessor> assessor;
  std::unique_ptr<chem::FilterCatalog> catalogs;
  if (options.catalogs) catalogs = std::make_unique<chem::FilterCatalog>();
  Json list = Json::array(), made_by;
  std::size_t failed = 0, total = 0;
  std::string first_error;
  for (auto batch = next_batch<Assessed>(source); !batch.empty(); batch = next_batch<Assessed>(source)) {
    throw_if_interrupted();
    if (!assessor) {
      const auto model = open_model(options.model);
      if (options.format == "json") made_by = model_json(identity_of(model));
      assessor =
          std::make_unique<safety::SafetyAssessor>(model::data_path(model.folder, "safety"), model.folder);
      assessor->regulations().check_structures();
    }
    assess(*assessor, batch);
    if (catalogs) {
      for (auto& entry : batch) {
        if (entry.molecule) entry.catalog_hits = catalogs->matches(*entry.molecule);
      }
    }
    for (const auto& entry : batch) {
      if (!entry.molecule && failed++ == 0) first_error = entry.error;
      if (options.format == "json") list.push_back(assessed_json(entry, options));
      if (options.format == "jsonl") write_stdout(dump_line(assessed_json(entry, options)));
      if (options.format == "table") {
        write_stdout((total == 0 ? "" : "\n") + text_of(entry, options, stdout_style()));
      }
      ++total;
    }
  }
  if (total == 0) throw InvalidInput("no molecule on stdin; give one SMILES a line");
  if (options.format == "json") write_stdout(dump_pretty({{"molecules", list}, {"model", made_by}}));
  if (failed == 1) throw InvalidInput(first_error);
  if (failed > 1) {
    throw InvalidInput(
        fmt::format("{} of {} SMILES could not be read; the first: {}", failed, total, first_error));
  }
}

}  // namespace

void add_assess(CLI::App& root) {
  auto options = std::make_shared<AssessOptions>();
  auto* app = root.add_subcommand("assess");
  describe_command(*app, "odordiff assess \"CC(C)=CCCC(C)=CC=O\"",
                   "Looks for safety and regulatory concerns of molecules.",
                   "Structural alerts, lists and laws (IFRA, EU, US), predicted toxicity assays, likeness to "
                   "known toxins, and fate in "
                   "water, each with its source. A screen, not a safety assessment. Takes SMILES as "
                   "arguments, or one a line from stdin "
                   "(\"-\"; what follows the SMILES on a line is its name).");
  app->add_option("smiles", options->smiles, "Molecules; - for stdin, one a line")->type_name("SMILES");
  add_choice(*app, "--region", options->region, {"all", "EU", "US", "IFRA"}, "Whose verdict is shown");
  add_number(*app, "--threshold", options->threshold, 0, 1, "Score from which a molecule is accepted");
  app->add_flag("--catalogs", options->catalogs, "Also RDKit's BRENK and NIH filters, as information");
  add_choice(*app, "--format", options->format, {"table", "json", "jsonl"}, "Form of the answer");
  add_model_option(*app, options->model);
  app->callback([options] { run(*options); });
}

}  // namespace odordiff::apps

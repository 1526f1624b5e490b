#include "api/judgement_json.h"

#include "scent/descriptors.h"

namespace odordiff::api {
namespace {

constexpr std::size_t kNeighbourNotes = 5;

Json given_json(const GivenMolecule& given) {
  Json json;
  json["smiles"] = given.smiles;
  if (!given.name.empty()) json["name"] = given.name;
  return json;
}

Json finding_json(const safety::Finding& finding) {
  return {{"id", finding.id},
          {"category", finding.category},
          {"severity", safety::to_string(finding.severity)},
          {"effect", safety::to_string(safety::effect_of(finding))},
          {"name", finding.name},
          {"reason", finding.reason},
          {"source", finding.source},
          {"atoms", finding.atoms}};
}

Json region_json(const safety::RegionVerdict& region) {
  Json limits = Json::object();
  for (const auto& limit : region.limits) limits[limit.category] = limit.percent;
  return {{"verdict", safety::to_string(region.verdict)},
          {"reasons", region.reasons},
          {"limits_percent", limits}};
}

Json tox21_json(const safety::SafetyReport& report) {
  if (!report.tox21) return nullptr;
  Json json = Json::object();
  for (std::size_t i = 0; i < safety::kTox21Assays; ++i) {
    json[std::string(safety::kTox21Names[i])] = rounded(static_cast<double>((*report.tox21)[i]), 4);
  }
  return json;
}

Json environment_json(const safety::SafetyReport& report) {
  if (!report.environment) return nullptr;
  const auto& e = *report.environment;
  return {{"log_bcf", rounded(e.log_bcf, 2)},
          {"biodegradation_rating", rounded(e.biodegradation_rating, 2)},
          {"biodegradation_within", safety::biodegradation_word(e.biodegradation_rating)},
          {"readily_biodegradable", e.readily_biodegradable}};
}

}  // namespace

Json unread_json(const GivenMolecule& given, const std::string& error) {
  Json json = given_json(given);
  json["error"] = error;
  return json;
}

Json description_json(const GivenMolecule& given, const chem::Molecule& mol,
                      const scent::OdorPrediction& prediction, std::size_t count,
                      const scent::Character* character) {
  Json json = given_json(given);
  json["canonical_smiles"] = mol.smiles();
  json["odorous"] = rounded(static_cast<double>(prediction.odorous), 4);
  json["descriptors"] = Json::object();
  const auto probabilities = scent::stated(prediction).probabilities;
  for (const std::size_t i : scent::most_probable(probabilities, count)) {
    json["descriptors"][std::string(scent::descriptor_names()[i])] =
        rounded(static_cast<double>(probabilities[i]), 4);
  }
  if (character != nullptr) {
    json["primary_notes"] = scent::names_of(character->primary);
    json["secondary_notes"] = scent::names_of(character->secondary);
    json["character"] = character->line;
  }
  return json;
}

std::string decision(const safety::SafetyReport& report, double threshold) {
  if (report.forbidden()) return "forbidden";
  if (!report.in_domain) return "out of domain";
  return report.excluded(threshold) ? "excluded" : "accepted";
}

Json assessment_json(const GivenMolecule& given, const chem::Molecule& mol,
                     const safety::SafetyReport& report, const AssessmentView& view) {
  Json json = given_json(given);
  json["canonical_smiles"] = mol.smiles();
  json["decision"] = decision(report, view.threshold);
  json["forbidden"] = report.forbidden();
  json["never_proposed"] = !report.may_be_proposed();
  if (const std::string note = report.note(); !note.empty()) json["note"] = note;
  json["score"] = report.score ? rounded(*report.score, 4) : Json(nullptr);
  json["in_domain"] = report.in_domain;
  if (!report.in_domain) json["domain_note"] = report.domain_note;
  json["findings"] = Json::array();
  for (const auto& finding : report.findings) json["findings"].push_back(finding_json(finding));
  json["regions"] = Json::object();
  for (const auto& region : report.regions) {
    if (view.region == "all" || view.region == region.region)
      json["regions"][region.region] = region_json(region);
  }
  json["tox21"] = tox21_json(report);
  json["similarity"] = {{"known_toxin", rounded(report.likeness.nearest_toxin, 4)},
                        {"food_safe_flavouring", rounded(report.likeness.nearest_flavouring, 4)},
                        {"is_known_toxin", report.likeness.known_toxin},
                        {"is_food_safe_flavouring", report.likeness.known_flavouring}};
  json["environment"] = environment_json(report);
  return json;
}

Json neighbours_json(const std::vector<generate::Neighbour>& neighbours) {
  Json list = Json::array();
  for (const auto& n : neighbours) {
    Json odor = Json::object();
    const auto probabilities = scent::stated(n.odor).probabilities;
    for (const std::size_t d : scent::most_probable(probabilities, kNeighbourNotes)) {
      odor[std::string(scent::descriptor_names()[d])] = rounded(static_cast<double>(probabilities[d]), 4);
    }
    list.push_back({{"name", n.material->name},
                    {"smiles", n.material->molecule.smiles()},
                    {"distance", rounded(n.distance, 4)},
                    {"odor", odor},
                    {"source", n.material->source}});
  }
  return list;
}

}  // namespace odordiff::api

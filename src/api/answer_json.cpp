#include "api/answer_json.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "scent/descriptors.h"

namespace odordiff::api {
namespace {

Json properties_json(const chem::Properties& p) {
  Json json;
  json["molecular_weight"] = rounded(p.molecular_weight, 3);
  json["logp"] = rounded(p.logp, 4);
  json["tpsa"] = rounded(p.tpsa, 2);
  json["fraction_csp3"] = rounded(p.fraction_csp3, 4);
  json["h_bond_donors"] = p.h_bond_donors;
  json["h_bond_acceptors"] = p.h_bond_acceptors;
  json["rotatable_bonds"] = p.rotatable_bonds;
  json["rings"] = p.rings;
  json["aromatic_rings"] = p.aromatic_rings;
  json["stereocenters"] = p.stereocenters;
  return json;
}

// What was found, in short; `odordiff assess` has the evidence.
Json safety_json(const safety::SafetyReport& report) {
  Json json;
  json["score"] = report.score ? rounded(*report.score, 4) : Json(nullptr);
  json["forbidden"] = report.forbidden();
  json["findings"] = Json::array();
  for (const auto& finding : report.findings) {
    json["findings"].push_back({{"category", finding.category},
                                {"severity", safety::to_string(finding.severity)},
                                {"name", finding.name}});
  }
  json["regions"] = Json::object();
  for (const auto& region : report.regions)
    json["regions"][region.region] = safety::to_string(region.verdict);
  return json;
}

Json makeability_json(const synthesis::Makeability& found) {
  Json json;
  json["route_found"] = found.found;
  json["search_complete"] = found.complete;
  json["steps"] = found.found ? Json(found.steps) : Json(nullptr);
  json["last_reaction"] = found.found ? Json(found.last_reaction) : Json(nullptr);
  json["usd_per_kg"] =
      found.found ? Json::array({rounded(found.usd_per_kg.low, 2), rounded(found.usd_per_kg.high, 2)})
                  : Json(nullptr);
  return json;
}

}  // namespace

Json rounded(double value, int decimals) {
  if (!std::isfinite(value)) return nullptr;
  const double scale = std::pow(10.0, decimals);
  const double scaled = std::round(value * scale) / scale;
  return scaled == 0 ? 0.0 : scaled;  // no "-0.0"
}

const char* stop_name(generate::Stop stop) {
  switch (stop) {
    case generate::Stop::Complete:
      return "complete";
    case generate::Stop::BudgetSpent:
      return "budget_spent";
    case generate::Stop::NoneLeft:
      return "none_left";
  }
  return "unknown";
}

const char* source_name(scent::BriefTerm::Source source) {
  switch (source) {
    case scent::BriefTerm::Source::Lexicon:
      return "lexicon";
    case scent::BriefTerm::Source::Learned:
      return "learned";
    case scent::BriefTerm::Source::Unknown:
      return "unknown";
  }
  return "unknown";
}

Json interval_json(const scent::Interval& i, int decimals) {
  return Json::array({rounded(i.low, decimals), rounded(i.high, decimals)});
}

namespace {

// A vapour pressure spans many powers of ten, so it keeps digits instead of decimals.
Json significant(double value) {
  const double magnitude = value > 0 ? std::floor(std::log10(value)) : 0;
  return rounded(value, std::clamp(3 - static_cast<int>(magnitude), 0, 15));
}

Json pressure_json(const scent::Interval& i) {
  return Json::array({significant(i.low), significant(i.high)});
}

}  // namespace

Json candidate_json(const generate::Candidate& c) {
  Json json;
  json["smiles"] = c.smiles;
  json["inchikey"] = c.inchikey;
  json["formula"] = c.formula;
  json["score"] = rounded(c.score, 4);
  json["match"] = rounded(c.match, 4);
  json["odorous"] = rounded(c.odorous, 4);
  json["synthesizability"] = rounded(c.synthesizability, 4);
  json["sa_score"] = rounded(c.sa_score, 4);
  json["novelty"] = rounded(c.novelty, 4);
  json["known"] = c.known;
  json["descends_from"] = c.descends_from ? Json{{"smiles", c.descends_from->smiles},
                                                 {"similarity", rounded(c.descends_from->similarity, 4)}}
                                          : Json(nullptr);
  json["boiling_point_c"] = rounded(c.boiling_point_c, 1);
  json["vapor_pressure_pa"] = significant(c.vapor_pressure_pa);
  json["note"] = c.note;
  const auto& physical = c.physical;
  json["intensity"] = rounded(physical.intensity.value, 2);
  json["longevity_hours"] = rounded(physical.longevity_hours.value, 1);
  json["sillage"] = rounded(physical.sillage.value, 2);
  json["intervals"] = {{"boiling_point_c", interval_json(physical.boiling_point_c, 1)},
                       {"vapor_pressure_pa", pressure_json(physical.vapor_pressure_pa)},
                       {"intensity", interval_json(physical.intensity, 2)},
                       {"longevity_hours", interval_json(physical.longevity_hours, 1)},
                       {"sillage", interval_json(physical.sillage, 2)}};
  json["outside_domain"] = physical.outside;
  json["safety"] = safety_json(c.safety);
  json["makeability"] = makeability_json(c.makeability);
  json["properties"] = properties_json(c.properties);
  json["odor"] = Json::array();
  for (const auto& d : c.odor)
    json["odor"].push_back({{"name", d.name}, {"probability", rounded(d.probability, 4)}});
  json["primary_notes"] = c.primary_notes;
  json["secondary_notes"] = c.secondary_notes;
  json["character"] = c.character;
  json["warnings"] = c.warnings;
  return json;
}

Json weights_json(const scent::EncodedBrief& read) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < read.weights.size(); ++i) {
    if (read.weights[i] != 0) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::abs(read.weights[a]) > std::abs(read.weights[b]);
  });
  Json json = Json::object();
  for (const std::size_t i : order) {
    json[std::string(scent::descriptor_names()[i])] = rounded(static_cast<double>(read.weights[i]), 4);
  }
  return json;
}

std::string not_understood_note(const scent::EncodedBrief& read) {
  if (read.understood) return {};
  return "nothing in the brief was understood as a smell; try words such as fruity, woody, rose or fresh-cut "
         "grass";
}

Json model_json(const model::Identity& identity) {
  return {{"name", identity.name}, {"version", identity.version}, {"digest", identity.digest}};
}

Json identity_json(const model::Identity& identity) {
  Json json = model_json(identity);
  json["precision"] = identity.precision;
  json["backend"] = identity.backend;
  return json;
}

Json answer_json(const generate::Answer& answer, bool timing) {
  Json json;
  json["brief"] = answer.brief;
  json["seed"] = answer.seed;
  json["model"] = model_json(answer.model);
  json["understood"] = answer.understood.understood;
  json["weights"] = weights_json(answer.understood);
  json["molecules"] = Json::array();
  int rank = 0;
  for (const auto& molecule : answer.molecules) {
    Json entry = {{"rank", ++rank}};
    entry.update(candidate_json(molecule));
    json["molecules"].push_back(std::move(entry));
  }
  json["stop"] = stop_name(answer.stop);
  json["note"] = answer.note;
  const auto& t = answer.tally;
  json["tally"] = {{"sampled", t.sampled},
                   {"invalid", t.invalid},
                   {"duplicate", t.duplicate},
                   {"known", t.known},
                   {"filtered_structure", t.filtered_structure},
                   {"filtered_property", t.filtered_property},
                   {"filtered_odorless", t.filtered_odorless},
                   {"filtered_safety", t.filtered_safety},
                   {"rounds", t.rounds}};
  if (timing) {
    json["timing_ms"] = {{"encode", rounded(answer.timing.encode_ms, 3)},
                         {"sample", rounded(answer.timing.sample_ms, 3)},
                         {"score", rounded(answer.timing.score_ms, 3)},
                         {"total", rounded(answer.timing.total_ms, 3)}};
  }
  return json;
}

Json brief_json(const std::string& brief, const scent::EncodedBrief& read) {
  Json json;
  json["brief"] = brief;
  json["understood"] = read.understood;
  json["terms"] = Json::array();
  for (const auto& term : read.terms) {
    Json entry;
    entry["text"] = term.text;
    entry["begin"] = term.begin;
    entry["end"] = term.end;
    entry["source"] = source_name(term.source);
    entry["emphasis"] = rounded(static_cast<double>(term.emphasis), 4);
    entry["negated"] = term.negated;
    entry["descriptors"] = Json::array();
    for (const auto& [index, weight] : term.descriptors) {
      entry["descriptors"].push_back({{"name", scent::descriptor_names().at(index)},
                                      {"weight", rounded(static_cast<double>(weight), 4)}});
    }
    json["terms"].push_back(std::move(entry));
  }
  json["weights"] = weights_json(read);
  json["note"] = not_understood_note(read);
  return json;
}

std::string dump_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string dump_pretty(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace odordiff::api

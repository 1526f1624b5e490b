#include "api/design_json.h"

namespace odordiff::api {
namespace {

Json ingredient_json(const generate::Ingredient& ingredient) {
  const auto& m = ingredient.molecule;
  Json json = {{"note", note_name(ingredient)},
               {"parts_per_thousand", rounded(ingredient.parts, 2)},
               {"limit_parts_per_thousand", rounded(ingredient.most_parts, 2)},
               {"limited_by", ingredient.limited_by},
               {"activity_coefficient", rounded(ingredient.activity, 3)}};
  json["molecule"] = candidate_json(m);
  return json;
}

}  // namespace

std::string note_name(const generate::Ingredient& ingredient) {
  return ingredient.solvent ? "solvent" : generate::kNoteNames.at(ingredient.note);
}

Json design_json(const generate::Design& design) {
  Json json;
  for (std::size_t n = 0; n < generate::kNotes; ++n)
    json["brief"][generate::kNoteNames.at(n)] = design.request.notes.at(n);
  json["brief"]["style"] = design.request.style;
  json["seed"] = design.request.seed;
  json["product"] = {{"category", design.product.key},
                     {"name", design.product.name},
                     {"ifra_category", design.product.ifra},
                     {"dosage_percent", rounded(design.dosage_percent, 3)}};
  json["formula"] = Json::array();
  for (const auto& ingredient : design.ingredients) json["formula"].push_back(ingredient_json(ingredient));
  const auto& film = design.request.film;
  json["evaporation"] = {{"film_grams_per_m2", film.grams_per_m2},
                         {"air_speed_m_s", film.air_speed_m_s},
                         {"temperature_c", 25},
                         {"hours", Json::array()},
                         {"remaining", Json::array()},
                         {"descriptors", design.odor.descriptors},
                         {"strength", Json::array()}};
  for (std::size_t t = 0; t < design.evaporation.hours.size(); ++t) {
    json["evaporation"]["hours"].push_back(rounded(design.evaporation.hours[t], 4));
    Json remaining = Json::array();
    for (const double x : design.evaporation.remaining[t]) remaining.push_back(rounded(x, 5));
    Json strength = Json::array();
    for (const double x : design.odor.strength[t]) strength.push_back(rounded(x, 2));
    json["evaporation"]["remaining"].push_back(std::move(remaining));
    json["evaporation"]["strength"].push_back(std::move(strength));
  }
  json["remarks"] = design.remarks;
  json["model"] = model_json(design.model);
  return json;
}

}  // namespace odordiff::api

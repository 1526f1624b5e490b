#include "api/legacy_json.h"

#include "api/answer_json.h"
#include "observe/log.h"

namespace odordiff::api {
namespace {

using api::rounded;

// The middle of the interval on the scale of factors, on which costs are uncertain.
Json cost_json(const synthesis::Makeability& made) {
  if (!made.found) return nullptr;
  return rounded(made.usd_per_kg.middle(), 2);
}

Json frame_json(const std::string& prompt, const LegacyFrame& frame) {
  Json json;
  json["request_id"] = frame.request_id;
  json["prompt"] = prompt;
  json["molecules"] = Json::array();
  json["processing_time"] = rounded(frame.processing_s, 6);
  json["cache_hit"] = frame.cache_hit;
  json["error"] = nullptr;
  json["timestamp"] = observe::utc_now();
  return json;
}

}  // namespace

Json legacy_molecule_json(const generate::Candidate& c) {
  Json json;
  json["smiles"] = c.smiles;
  json["confidence"] = rounded(c.score, 4);
  json["odor_profile"] = {{"primary_notes", c.primary_notes},
                          {"secondary_notes", c.secondary_notes},
                          {"intensity", rounded(c.physical.intensity.value, 2)},
                          {"longevity_hours", rounded(c.physical.longevity_hours.value, 1)},
                          {"sillage", rounded(c.physical.sillage.value, 2)},
                          {"character", c.character}};
  json["safety_score"] = c.safety.score ? rounded(*c.safety.score, 4) : Json(nullptr);
  json["synth_score"] = rounded(c.synthesizability, 4);
  json["estimated_cost"] = cost_json(c.makeability);
  json["properties"] = api::candidate_json(c)["properties"];
  return json;
}

Json legacy_answer_json(const generate::Answer& answer, const LegacyFrame& frame) {
  Json json = frame_json(answer.brief, frame);
  json["model"] = api::model_json(answer.model);
  for (const auto& molecule : answer.molecules) json["molecules"].push_back(legacy_molecule_json(molecule));
  return json;
}

Json legacy_error_json(const std::string& prompt, const std::string& error, const LegacyFrame& frame) {
  Json json = frame_json(prompt, frame);
  json["error"] = error;
  return json;
}

}  // namespace odordiff::api

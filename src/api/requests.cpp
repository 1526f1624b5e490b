#include "api/requests.h"

#include "chem/molecule.h"

namespace odordiff::api {
namespace {

constexpr std::size_t kMostNoteChars = 500;
constexpr double kLongestBudget_s = 120;

std::vector<std::string> product_keys() {
  std::vector<std::string> out;
  for (const auto& product : generate::products()) out.emplace_back(product.key);
  return out;
}

// The notes and the style, each in a field of its name and `suffix`.
void take_notes(Fields& fields, generate::DesignRequest& request, const std::string& suffix) {
  request.notes = {fields.text("top" + suffix, kMostNoteChars), fields.text("heart" + suffix, kMostNoteChars),
                   fields.text("base" + suffix, kMostNoteChars)};
  request.style = fields.text("style", kMostNoteChars);
  if (request.notes[0].empty() && request.notes[1].empty() && request.notes[2].empty()) {
    fields.wrong("top" + suffix, "is missing, as are the other notes: say how one of them should smell");
  }
}

}  // namespace

generate::Request take_generate_options(Fields& fields) {
  generate::Request out;
  const std::string like = fields.text("like", kMostSmilesChars),
                    keep = fields.text("keep", kMostSmilesChars);
  if (!like.empty()) out.like = like;
  if (!keep.empty()) out.keep = keep;
  if (out.like && out.keep) fields.wrong("keep", "stands beside \"like\"; give one of them");
  out.count = fields.whole("count", 1, kMostMolecules, out.count);
  out.seed = fields.seed("seed");
  out.steps_per_block = fields.whole("steps", 1, 4, 0);
  out.guidance = static_cast<float>(fields.number("guidance", 0, 10, -1));
  out.temperature = static_cast<float>(fields.number("temperature", 0.1, 2, -1));
  out.effort = fields.number("effort", 0.5, 50, out.effort);
  out.allow_known = fields.flag("allow_known", false);
  out.budget_seconds = fields.number("budget_seconds", 0.1, kLongestBudget_s, out.budget_seconds);
  out.min_odorous = fields.number("min_odorous", 0, 1, out.min_odorous);
  out.safety_threshold = fields.number("safety_threshold", 0, 1, out.safety_threshold);
  out.molecular_weight = fields.range("molecular_weight", out.molecular_weight);
  out.logp = fields.range("logp", out.logp);
  out.tpsa = fields.range("tpsa", out.tpsa);
  out.sa_score = fields.range("sa_score", out.sa_score);
  out.similarity = fields.range("similarity", out.similarity);
  if (fields.has("similarity") && !out.like)
    fields.wrong("similarity", "compares with a molecule: give \"like\" too");
  return out;
}

generate::Request read_generate(const Json& body) {
  Fields fields(body);
  const std::string brief = fields.text("brief", kMostBriefChars);
  generate::Request out = take_generate_options(fields);
  out.brief = brief;
  if (!out.like && !out.keep && is_blank(out.brief) && !fields.is_wrong("brief")) {
    fields.wrong("brief", "is missing: say in words how it should smell");
  }
  fields.done();
  generate::validate(out);
  return out;
}

std::string cache_key(const std::string& model, const std::string& form, const generate::Request& r) {
  Json key = Json::array({model, form, r.brief, r.count, r.seed, r.like.value_or(""), r.keep.value_or(""),
                          r.steps_per_block, r.guidance, r.temperature, r.effort, r.allow_known,
                          r.budget_seconds, r.min_odorous, r.safety_threshold});
  for (const auto& range : {r.molecular_weight, r.logp, r.tpsa, r.sa_score, r.similarity}) {
    key.push_back(range.low);  // without bound: null
    key.push_back(range.high);
  }
  return compact(key);
}

LegacyOptions take_legacy_options(Fields& fields) {
  LegacyOptions out;
  auto& request = out.request;
  request.count = fields.whole("num_molecules", 1, kMostMolecules, request.count);
  request.safety_threshold = fields.number("safety_threshold", 0, 1, request.safety_threshold);
  const double makeable = fields.number("synthesizability_min", 0, 1, 0);
  if (makeable > 0) request.sa_score.high = 10 - 9 * makeable;  // Candidate::synthesizability, turned round
  out.use_cache = fields.flag("use_cache", true);
  return out;
}

generate::DesignRequest read_design(const Json& body) {
  Fields fields(body);
  generate::DesignRequest out;
  take_notes(fields, out, "");
  out.product = fields.choice("category", product_keys(), out.product);
  out.per_note = fields.whole("per_note", 1, 20, out.per_note);
  out.seed = fields.seed("seed");
  const double dosage = fields.number("dosage_percent", 0.001, 100, 0);
  if (dosage > 0) out.dosage_percent = dosage;
  out.solvent = fields.flag("solvent", true);
  out.molecular_weight = fields.range("molecular_weight", out.molecular_weight);
  out.allow_known = fields.flag("allow_known", false);
  fields.done();
  generate::validate(out);
  return out;
}

generate::DesignRequest read_legacy_design(const Json& body) {
  Fields fields(body);
  generate::DesignRequest out;
  take_notes(fields, out, "_notes");
  fields.done();
  generate::validate(out);
  return out;
}

}  // namespace odordiff::api

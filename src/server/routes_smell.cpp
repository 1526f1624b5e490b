// What is read in words, and which materials that can be smelled come near to words or to a molecule.
#include "generate/judgement_json.h"
#include "scent/brief_text.h"
#include "server/generate_input.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

constexpr int kMostNeighbours = 100;

// While somebody types there may be no word yet: then nothing is understood, and nothing is wrong.
scent::EncodedBrief read(const Service& service, const std::string& brief) {
  return scent::split_words(brief).empty() ? scent::EncodedBrief{} : service.pipeline.explain(brief);
}

Outcome understand(const Service& service, const Request& http) {
  require_json_accepted(http);
  const Json body = parse_object(http.body);
  Fields fields(body);
  const std::string brief = fields.required_text("brief", kMostBriefChars);
  fields.done();
  return Work{Priority::Quick, [&service, brief](Call&) {
                return json_response(generate::brief_json(brief, read(service, brief)));
              }};
}

struct Question {
  std::string brief, smiles;
  std::size_t count = 10;
};

chem::Molecule read_molecule(const Service& service, const std::string& smiles) {
  const auto wrong = [](const std::string& detail) {
    return ProblemError({422, "invalid-fields", "/smiles " + detail, {{"/smiles", detail}}});
  };
  if (!chem::Molecule::try_parse(smiles))
    throw wrong("is no molecule that can be read: " + shown(Json(smiles)));
  try {
    return service.pipeline.accept(smiles);
  } catch (const InvalidInput& error) {
    throw wrong(error.what());
  }
}

Json neighbours_of(const Service& service, const Question& question) {
  const auto& palette = service.pipeline.palette();
  Json json;
  if (question.smiles.empty()) {
    const auto understood = read(service, question.brief);
    json["brief"] = question.brief;
    json["compared"] = palette.size();
    json["materials"] =
        understood.understood
            ? generate::neighbours_json(palette.nearest_to_brief(understood.weights, question.count))
            : Json::array();
    json["note"] = generate::not_understood_note(understood);
    return json;
  }
  const auto mol = read_molecule(service, question.smiles);
  json["smiles"] = mol.smiles();
  json["compared"] = palette.size();
  json["materials"] = generate::neighbours_json(palette.nearest_to_smell(mol, question.count));
  json["note"] = "";
  return json;
}

Outcome nearest(const Service& service, const Request& http) {
  require_json_accepted(http);
  const Json body = parse_object(http.body);
  Fields fields(body);
  Question question;
  question.brief = fields.text("brief", kMostBriefChars);
  question.smiles = fields.text("smiles", kMostSmilesChars);
  question.count = static_cast<std::size_t>(fields.whole("count", 1, kMostNeighbours, 10));
  if (!fields.is_wrong("brief") && !fields.is_wrong("smiles")) {
    if (is_blank(question.brief) && question.smiles.empty())
      fields.wrong("brief", "is missing, as is \"smiles\": give one of them to compare with");
    if (!question.brief.empty() && !question.smiles.empty())
      fields.wrong("smiles", "stands beside \"brief\"; give one of them");
  }
  fields.done();
  return Work{Priority::Quick,
              [&service, question](Call&) { return json_response(neighbours_of(service, question)); }};
}

}  // namespace

void add_smell_routes(Router& router, const Service& service) {
  router.add({"POST", "/v1/understand", with(service, understand), true});
  router.add({"POST", "/v1/nearest", with(service, nearest), true});
}

}  // namespace odordiff::server

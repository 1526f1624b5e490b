// What is said about lists of molecules that clients name: smell and safety.
#include <algorithm>

#include "generate/judgement_json.h"
#include "server/generate_input.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

constexpr std::size_t kMostAtOnce = 100;
constexpr std::size_t kShown = 8;

// A molecule of the request: read, or with the reason why not.
struct GivenSmiles {
  std::string smiles;
  std::optional<chem::Molecule> molecule = std::nullopt;
  std::string error = {};
};

// What can be read, and for anything but a safety report may be handled.
using Reader = chem::Molecule (generate::Pipeline::*)(const std::string&) const;
std::vector<GivenSmiles> read_all(const Service& service, const std::vector<std::string>& list,
                                  Reader reader) {
  std::vector<GivenSmiles> out;
  for (const auto& smiles : list) {
    GivenSmiles& given = out.emplace_back(GivenSmiles{smiles});
    try {
      given.molecule = (service.pipeline.*reader)(smiles);
    } catch (const InvalidInput& error) {
      given.error = error.what();
    }
  }
  return out;
}

std::vector<chem::Molecule> readable(const std::vector<GivenSmiles>& list) {
  std::vector<chem::Molecule> out;
  for (const auto& given : list) {
    if (given.molecule) out.push_back(*given.molecule);
  }
  return out;
}

// {"molecules": […]}, in the order of the request; `judged` in that of the readable ones.
template <typename Judged, typename Write>
Response molecules_response(const std::vector<GivenSmiles>& list, const std::vector<Judged>& judged,
                            Write&& write) {
  Json out = Json::array();
  auto next = judged.begin();
  for (const auto& given : list) {
    out.push_back(given.molecule ? write(given, *next++)
                                 : generate::unread_json({given.smiles, {}}, given.error));
  }
  return json_response({{"molecules", std::move(out)}});
}

Outcome describe(const Service& service, const Request& http) {
  require_json_accepted(http);
  const Json body = parse_object(http.body);
  Fields fields(body);
  const auto smiles = fields.required_texts("smiles", kMostAtOnce, kMostSmilesChars);
  const std::size_t count = fields.flag("all", false) ? scent::kDescriptors : kShown;
  fields.done();
  return Work{Priority::Quick, [&service, smiles, count](Call&) {
                const auto list = read_all(service, smiles, &generate::Pipeline::accept);
                return molecules_response(
                    list, service.pipeline.smell(readable(list)),
                    [&](const GivenSmiles& given, const generate::Pipeline::Smell& smell) {
                      return generate::description_json({given.smiles, {}}, *given.molecule, smell.odor,
                                                        count, &smell.character);
                    });
              }};
}

generate::AssessmentView take_view(Fields& fields) {
  generate::AssessmentView view;
  view.region = fields.choice("region", {"all", "EU", "US", "IFRA"}, "all");
  view.threshold = fields.number("threshold", 0, 1, view.threshold);
  return view;
}

Outcome assess(const Service& service, const Request& http) {
  require_json_accepted(http);
  const Json body = parse_object(http.body);
  Fields fields(body);
  const auto smiles = fields.required_texts("smiles", kMostAtOnce, kMostSmilesChars);
  const auto view = take_view(fields);
  fields.done();
  return Work{Priority::Quick, [&service, smiles, view](Call&) {
                const auto list = read_all(service, smiles, &generate::Pipeline::read);
                return molecules_response(
                    list, service.pipeline.safety(readable(list)),
                    [&](const GivenSmiles& given, const safety::SafetyReport& report) {
                      return generate::assessment_json({given.smiles, {}}, *given.molecule, report, view);
                    });
              }};
}

// One molecule, whose fault is the request's.
chem::Molecule parse_field(const Service& service, const std::string& smiles) {
  try {
    return service.pipeline.read(smiles);
  } catch (const InvalidInput& error) {
    throw ProblemError(
        {422, "invalid-fields", std::string("/smiles ") + error.what(), {{"/smiles", error.what()}}});
  }
}

Outcome assess_legacy(const Service& service, const Request& http) {
  require_json_accepted(http);
  const Json body = parse_object(http.body);
  Fields fields(body);
  const auto smiles = fields.required_text("smiles", kMostSmilesChars);
  const auto view = take_view(fields);
  fields.done();
  return Work{Priority::Quick, [&service, smiles, view](Call&) {
                const std::vector list = {parse_field(service, smiles)};
                return json_response(generate::assessment_json({smiles, {}}, list.front(),
                                                               service.pipeline.safety(list).front(), view));
              }};
}

}  // namespace

void add_judge_routes(Router& router, const Service& service) {
  router.add({"POST", "/v1/describe", with(service, describe), true});
  router.add({"POST", "/v1/assess", with(service, assess), true});
  router.add({"POST", "/assess/safety", with(service, assess_legacy), true});
}

}  // namespace odordiff::server

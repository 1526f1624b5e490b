// What is said about molecules that clients name: smell, safety, drawings.
#include <algorithm>

#include "chem/depict.h"
#include "generate/judgement_json.h"
#include "server/generate_input.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

constexpr std::size_t kMostAtOnce = 100;
constexpr std::size_t kShown = 8;

// A molecule of the request: read, or with the reason why not.
struct Given {
  std::string smiles;
  std::optional<chem::Molecule> molecule = std::nullopt;
  std::string error = {};
};

std::vector<Given> read_all(const std::vector<std::string>& list) {
  std::vector<Given> out;
  for (const auto& smiles : list) {
    Given& given = out.emplace_back(Given{smiles});
    try {
      given.molecule = chem::Molecule::parse(smiles);
    } catch (const InvalidInput& error) {
      given.error = error.what();
    }
  }
  return out;
}

std::vector<chem::Molecule> readable(const std::vector<Given>& list) {
  std::vector<chem::Molecule> out;
  for (const auto& given : list) {
    if (given.molecule) out.push_back(*given.molecule);
  }
  return out;
}

// {"molecules": […]}, in the order of the request; `judged` in that of the readable ones.
template <typename Judged, typename Write>
Response molecules_response(const std::vector<Given>& list, const std::vector<Judged>& judged,
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
  return Work{
      Priority::Quick, [&service, smiles, count](Call&) {
        const auto list = read_all(smiles);
        return molecules_response(
            list, service.pipeline.smell(readable(list)),
            [&](const Given& given, const generate::Pipeline::Smell& smell) {
              return generate::description_json({given.smiles, {}}, *given.molecule, smell.odor, count,
                                                &smell.character);
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
                const auto list = read_all(smiles);
                return molecules_response(
                    list, service.pipeline.safety(readable(list)),
                    [&](const Given& given, const safety::SafetyReport& report) {
                      return generate::assessment_json({given.smiles, {}}, *given.molecule, report, view);
                    });
              }};
}

// One molecule, whose fault is the request's.
chem::Molecule parse_field(const std::string& smiles) {
  try {
    return chem::Molecule::parse(smiles);
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
                const std::vector list = {parse_field(smiles)};
                return json_response(generate::assessment_json({smiles, {}}, list.front(),
                                                               service.pipeline.safety(list).front(), view));
              }};
}

bool is_inchikey(std::string_view text) {
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (text.size() != 27 || text[14] != '-' || text[25] != '-') return false;
  return std::all_of(text.begin(), text.begin() + 14, capital) &&
         std::all_of(text.begin() + 15, text.begin() + 25, capital);
}

// The molecule in the path: SMILES, percent-encoded. An InChIKey is a checksum, from which no structure
// follows.
chem::Molecule parse_path(const std::string& text) {
  if (is_inchikey(text)) {
    throw ProblemError({404, "not-found", "no structure is kept for this InChIKey; give the SMILES instead"});
  }
  if (text.empty() || text.size() > kMostSmilesChars) {
    throw ProblemError({404, "not-found", "a molecule is named by its SMILES, of at most 400 characters"});
  }
  try {
    return chem::Molecule::parse(text);
  } catch (const InvalidInput& error) {
    throw ProblemError({422, "invalid-input", error.what()});
  }
}

Response cacheable(std::string type, std::string body) {
  Response out = text_response(200, std::move(type), std::move(body));
  out.headers.emplace_back("Cache-Control", "public, max-age=86400");
  return out;
}

// /v1/molecules/CCO, /v1/molecules/CCO.svg, /v1/molecules/CCO.sdf
Outcome molecule(const Service& service, const Request& http) {
  std::string name = http.parameters.at(0);
  std::string form = "json";
  for (const char* ending : {"svg", "sdf"}) {
    if (!name.ends_with(std::string(".") + ending)) continue;
    form = ending;
    name.resize(name.size() - 4);
    break;
  }
  if (form == "json") require_json_accepted(http);
  return Work{Priority::Quick, [&service, name, form](Call&) {
                const chem::Molecule mol = parse_path(name);
                if (form == "svg") return cacheable("image/svg+xml", chem::depict_svg(mol));
                if (form == "sdf") {
                  return cacheable("chemical/x-mdl-sdfile", chem::mol_block(mol, mol.inchikey()) + "$$$$\n");
                }
                return json_response(generate::candidate_json(service.pipeline.assess(mol)));
              }};
}

}  // namespace

void add_judge_routes(Router& router, const Service& service) {
  const auto add = [&](const char* path, Outcome (*handle)(const Service&, const Request&)) {
    router.add({"POST", path, [&service, handle](const Request& request) { return handle(service, request); },
                true});
  };
  add("/v1/describe", describe);
  add("/v1/assess", assess);
  add("/assess/safety", assess_legacy);
  router.add({"GET", "/v1/molecules/{molecule}",
              [&service](const Request& request) { return molecule(service, request); }});
}

}  // namespace odordiff::server

#include "api/operations.h"

#include <optional>
#include <utility>
#include <vector>

#include "api/answer_json.h"
#include "api/design_json.h"
#include "api/errors.h"
#include "api/fields.h"
#include "api/judgement_json.h"
#include "api/requests.h"
#include "api/routes_json.h"
#include "generate/design.h"
#include "scent/brief_text.h"

namespace odordiff::api {
namespace {

using generate::Pipeline;

constexpr std::size_t kMostAtOnce = 100;  // molecules of one request
constexpr std::size_t kShown = 8;         // descriptors, unless all are asked for
constexpr int kMostNeighbours = 100;

// What can be read, and for anything but a safety report may be handled.
using Reader = chem::Molecule (Pipeline::*)(const std::string&) const;

// {"molecules": […]} in the order of `list`; what cannot be read has its error there. `judge` takes the
// readable ones together, which costs less.
template <typename Judge, typename Write>
Json molecules_json(const Pipeline& pipeline, const std::vector<std::string>& list, Reader reader,
                    Judge&& judge, Write&& write) {
  std::vector<chem::Molecule> mols;
  std::vector<std::string> errors;
  for (const auto& smiles : list) {
    try {
      mols.push_back((pipeline.*reader)(smiles));
      errors.emplace_back();
    } catch (const InvalidInput& error) {
      errors.emplace_back(error.what());
    }
  }
  const auto judged = judge(mols);
  Json out = Json::array();
  std::size_t next = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const GivenMolecule given{list[i], {}};
    if (!errors[i].empty()) {
      out.push_back(unread_json(given, errors[i]));
      continue;
    }
    out.push_back(write(given, mols[next], judged[next]));
    ++next;
  }
  return made_by(pipeline, {{"molecules", std::move(out)}});
}

// The one molecule of a request, whose fault is the request's.
chem::Molecule molecule_in(const Pipeline& pipeline, Reader reader, const std::string& smiles) {
  try {
    return (pipeline.*reader)(smiles);
  } catch (const InvalidInput& error) {
    throw invalid_field("/smiles", error.what());
  }
}

AssessmentView take_view(Fields& fields) {
  AssessmentView view;
  view.region = fields.choice("region", {"all", "EU", "US", "IFRA"}, view.region);
  view.threshold = fields.number("threshold", 0, 1, view.threshold);
  return view;
}

// While somebody types there may be no word yet: then nothing is understood, and nothing is wrong.
scent::EncodedBrief read_brief(const Pipeline& pipeline, const std::string& brief) {
  return scent::split_words(brief).empty() ? scent::EncodedBrief{} : pipeline.explain(brief);
}

Json nearest_to_brief(const Pipeline& pipeline, const std::string& brief, std::size_t count) {
  const auto& palette = pipeline.palette();
  const auto read = read_brief(pipeline, brief);
  Json json;
  json["brief"] = brief;
  json["compared"] = palette.size();
  json["materials"] =
      read.understood ? neighbours_json(palette.nearest_to_brief(read.weights, count)) : Json::array();
  json["note"] = not_understood_note(read);
  return json;
}

Json nearest_to_molecule(const Pipeline& pipeline, const std::string& smiles, std::size_t count) {
  const auto mol = molecule_in(pipeline, &Pipeline::accept, smiles);
  const auto& palette = pipeline.palette();
  Json json;
  json["smiles"] = mol.smiles();
  json["compared"] = palette.size();
  json["materials"] = neighbours_json(palette.nearest_to_smell(mol, count));
  json["note"] = "";
  return json;
}

Operation designing(generate::DesignRequest request) {
  return [request = std::move(request)](const Pipeline& pipeline, const std::atomic<bool>* cancel) {
    return design_json(generate::design(pipeline, request, cancel));
  };
}

}  // namespace

Json made_by(const Pipeline& pipeline, Json json) {
  json["model"] = model_json(pipeline.identity());
  return json;
}

Operation describe(const Json& body) {
  Fields fields(body);
  const auto list = fields.required_texts("smiles", kMostAtOnce, kMostSmilesChars);
  const std::size_t count = fields.flag("all", false) ? scent::kDescriptors : kShown;
  fields.done();
  return [list, count](const Pipeline& pipeline, const std::atomic<bool>*) {
    return molecules_json(
        pipeline, list, &Pipeline::accept, [&](const auto& mols) { return pipeline.smell(mols); },
        [&](const auto& given, const auto& mol, const Pipeline::Smell& smell) {
          return description_json(given, mol, smell.odor, count, &smell.character);
        });
  };
}

Operation assess(const Json& body) {
  Fields fields(body);
  const auto list = fields.required_texts("smiles", kMostAtOnce, kMostSmilesChars);
  const auto view = take_view(fields);
  fields.done();
  return [list, view](const Pipeline& pipeline, const std::atomic<bool>*) {
    return molecules_json(
        pipeline, list, &Pipeline::read, [&](const auto& mols) { return pipeline.safety(mols); },
        [&](const auto& given, const auto& mol, const safety::SafetyReport& report) {
          return assessment_json(given, mol, report, view);
        });
  };
}

Operation assess_one(const Json& body) {
  Fields fields(body);
  const auto smiles = fields.required_text("smiles", kMostSmilesChars);
  const auto view = take_view(fields);
  fields.done();
  return [smiles, view](const Pipeline& pipeline, const std::atomic<bool>*) {
    const std::vector list = {molecule_in(pipeline, &Pipeline::read, smiles)};
    return made_by(pipeline,
                   assessment_json({smiles, {}}, list.front(), pipeline.safety(list).front(), view));
  };
}

Operation understand(const Json& body) {
  Fields fields(body);
  const std::string brief = fields.required_text("brief", kMostBriefChars);
  fields.done();
  return [brief](const Pipeline& pipeline, const std::atomic<bool>*) {
    return made_by(pipeline, brief_json(brief, read_brief(pipeline, brief)));
  };
}

Operation nearest(const Json& body) {
  Fields fields(body);
  const std::string brief = fields.text("brief", kMostBriefChars);
  const std::string smiles = fields.text("smiles", kMostSmilesChars);
  const auto count = static_cast<std::size_t>(fields.whole("count", 1, kMostNeighbours, 10));
  if (!fields.is_wrong("brief") && !fields.is_wrong("smiles")) {
    if (is_blank(brief) && smiles.empty())
      fields.wrong("brief", "is missing, as is \"smiles\": give one of them to compare with");
    if (!brief.empty() && !smiles.empty())
      fields.wrong("smiles", "stands beside \"brief\"; give one of them");
  }
  fields.done();
  return [brief, smiles, count](const Pipeline& pipeline, const std::atomic<bool>*) {
    return made_by(pipeline, smiles.empty() ? nearest_to_brief(pipeline, brief, count)
                                            : nearest_to_molecule(pipeline, smiles, count));
  };
}

Operation design(const Json& body) {
  return designing(read_design(body));
}

Operation legacy_design(const Json& body) {
  return designing(read_legacy_design(body));
}

Operation judge(const Json& body) {
  Fields fields(body);
  const std::string smiles = fields.required_text("smiles", kMostSmilesChars);
  fields.done();
  return [smiles](const Pipeline& pipeline, const std::atomic<bool>*) {
    return judgement_of(pipeline, molecule_in(pipeline, &Pipeline::accept, smiles));
  };
}

Json judgement_of(const Pipeline& pipeline, const chem::Molecule& mol) {
  return made_by(pipeline, candidate_json(pipeline.assess(mol)));
}

Operation routes(const Json& body) {
  Fields fields(body);
  const std::string smiles = fields.required_text("smiles", kMostSmilesChars);
  synthesis::RouteOptions options;
  options.max_steps = fields.whole("max_steps", 1, 3, options.max_steps);
  options.max_routes = fields.whole("count", 1, 20, options.max_routes);
  options.budget_ms = kRoutesBudget_ms;
  fields.done();
  return [smiles, options](const Pipeline& pipeline, const std::atomic<bool>* cancel) mutable {
    options.cancel = cancel;
    return routes_of(pipeline, smiles, molecule_in(pipeline, &Pipeline::accept, smiles), options);
  };
}

Json routes_of(const Pipeline& pipeline, const std::string& given, const chem::Molecule& mol,
               const synthesis::RouteOptions& options) {
  PlannedMolecule planned{given, {}, {}, mol, {}, options.max_steps};
  planned.plan = pipeline.routes(mol, options);
  return made_by(pipeline, routes_json(planned));
}

}  // namespace odordiff::api

#include "operations.h"

#include <algorithm>
#include <map>

#include "base/fork_gate.h"
#include "chem/depict.h"
#include "chem/substance.h"
#include "generate/design_json.h"
#include "generate/judgement_json.h"
#include "generate/routes_json.h"
#include "scent/brief_text.h"
#include "server/generate_input.h"
#include "server/job_json.h"

namespace odordiff::python {
namespace {

using generate::Pipeline;
using server::compact;
using server::Fields;
using server::Json;

constexpr std::size_t kMostAtOnce = 100;  // molecules of one request
constexpr std::size_t kShown = 8;         // descriptors, unless all are asked for
constexpr int kMostNeighbours = 100;
constexpr int kRoutesBudget_ms = 8'000;

// One request at work.
struct Task {
  const Pipeline& pipeline;
  const std::string& body;
  const std::atomic<bool>& cancel;
  const Emit& emit;

  Json object() const { return server::parse_object(body); }
};

// Each molecule is told of with its place in the answer, as server/answer_stream.h does.
std::string generate_answer(const Task& task) {
  const auto request = server::read_generate(task.object());
  if (!request.brief.empty()) {
    task.emit(
        {"understood", compact(generate::brief_json(request.brief, task.pipeline.explain(request.brief)))});
  }
  generate::Watch watch;
  watch.progress = [&](const generate::Progress& p) {
    task.emit({"progress", compact(Json({{"done", std::min(p.found, p.wanted)}, {"total", p.wanted}}))});
  };
  watch.finished = [&](std::size_t place, const generate::Candidate& candidate) {
    Json json = {{"rank", place + 1}};
    json.update(generate::candidate_json(candidate));
    task.emit({"molecule", compact(json)});
  };
  return compact(generate::answer_json(task.pipeline.generate(request, &task.cancel, watch)));
}

std::string check(const Task& task) {
  (void)server::read_generate(task.object());
  return "{}";
}

std::string design(const Task& task) {
  const auto request = server::read_design(task.object());
  return compact(generate::design_json(generate::design(task.pipeline, request, &task.cancel)));
}

// {"molecules": […]} in the order of `list`; what `read` refuses has its error there. `judge` answers for
// many at once.
template <typename Read, typename Judge, typename Write>
std::string molecules_text(const std::vector<std::string>& list, Read&& read, Judge&& judge, Write&& write) {
  std::vector<chem::Molecule> mols;
  std::vector<std::string> errors;
  for (const auto& smiles : list) {
    try {
      mols.push_back(read(smiles));
      errors.emplace_back();
    } catch (const InvalidInput& error) {
      errors.emplace_back(error.what());
    }
  }
  const auto judged = judge(mols);
  Json out = Json::array();
  std::size_t next = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const generate::GivenMolecule given{list[i], {}};
    if (!errors[i].empty()) {
      out.push_back(generate::unread_json(given, errors[i]));
      continue;
    }
    out.push_back(write(given, mols[next], judged[next]));
    ++next;
  }
  return compact({{"molecules", std::move(out)}});
}

std::string describe(const Task& task) {
  const Json body = task.object();
  Fields fields(body);
  const auto list = fields.required_texts("smiles", kMostAtOnce, server::kMostSmilesChars);
  const std::size_t count = fields.flag("all", false) ? scent::kDescriptors : kShown;
  fields.done();
  return molecules_text(
      list, [&](const auto& smiles) { return task.pipeline.accept(smiles); },
      [&](const auto& mols) { return task.pipeline.smell(mols); },
      [&](const auto& given, const auto& mol, const Pipeline::Smell& smell) {
        return generate::description_json(given, mol, smell.odor, count, &smell.character);
      });
}

std::string assess(const Task& task) {
  const Json body = task.object();
  Fields fields(body);
  const auto list = fields.required_texts("smiles", kMostAtOnce, server::kMostSmilesChars);
  generate::AssessmentView view;
  view.region = fields.choice("region", {"all", "EU", "US", "IFRA"}, view.region);
  view.threshold = fields.number("threshold", 0, 1, view.threshold);
  fields.done();
  return molecules_text(
      list, [&](const auto& smiles) { return task.pipeline.read(smiles); },
      [&](const auto& mols) { return task.pipeline.safety(mols); },
      [&](const auto& given, const auto& mol, const safety::SafetyReport& report) {
        return generate::assessment_json(given, mol, report, view);
      });
}

scent::EncodedBrief read(const Task& task, const std::string& brief) {
  return scent::split_words(brief).empty() ? scent::EncodedBrief{} : task.pipeline.explain(brief);
}

std::string understand(const Task& task) {
  const Json body = task.object();
  Fields fields(body);
  const std::string brief = fields.required_text("brief", server::kMostBriefChars);
  fields.done();
  return compact(generate::brief_json(brief, read(task, brief)));
}

std::string nearest(const Task& task) {
  const Json body = task.object();
  Fields fields(body);
  const std::string brief = fields.text("brief", server::kMostBriefChars);
  const std::string smiles = fields.text("smiles", server::kMostSmilesChars);
  const auto count = static_cast<std::size_t>(fields.whole("count", 1, kMostNeighbours, 10));
  if (!fields.is_wrong("brief") && !fields.is_wrong("smiles")) {
    if (server::is_blank(brief) && smiles.empty())
      fields.wrong("brief", "is missing, as is \"smiles\": give one of them to compare with");
    if (!brief.empty() && !smiles.empty())
      fields.wrong("smiles", "stands beside \"brief\"; give one of them");
  }
  fields.done();
  const auto& palette = task.pipeline.palette();
  Json json;
  if (!smiles.empty()) {
    const auto mol = task.pipeline.accept(smiles);
    json["smiles"] = mol.smiles();
    json["compared"] = palette.size();
    json["materials"] = generate::neighbours_json(palette.nearest_to_smell(mol, count));
    json["note"] = "";
    return compact(json);
  }
  const auto understood = read(task, brief);
  json["brief"] = brief;
  json["compared"] = palette.size();
  json["materials"] = understood.understood
                          ? generate::neighbours_json(palette.nearest_to_brief(understood.weights, count))
                          : Json::array();
  json["note"] = generate::not_understood_note(understood);
  return compact(json);
}

std::string judge(const Task& task) {
  const Json body = task.object();
  Fields fields(body);
  const std::string smiles = fields.required_text("smiles", server::kMostSmilesChars);
  fields.done();
  return compact(generate::candidate_json(task.pipeline.assess(task.pipeline.accept(smiles))));
}

std::string routes(const Task& task) {
  const Json body = task.object();
  Fields fields(body);
  const std::string smiles = fields.required_text("smiles", server::kMostSmilesChars);
  synthesis::RouteOptions options;
  options.max_steps = fields.whole("max_steps", 1, 3, options.max_steps);
  options.max_routes = fields.whole("count", 1, 20, options.max_routes);
  options.budget_ms = kRoutesBudget_ms;
  options.cancel = &task.cancel;
  fields.done();
  generate::PlannedMolecule planned{smiles, {}, {}, task.pipeline.accept(smiles), {}, options.max_steps};
  planned.plan = task.pipeline.routes(*planned.molecule, options);
  return compact(generate::routes_json(planned));
}

std::string answer_prompt(const Task& task) {
  try {
    return server::job_answer_text(task.body, [&](const generate::Request& request) {
      return task.pipeline.generate(request, &task.cancel);
    });
  } catch (const Json::exception& error) {
    throw InvalidInput("this is no prompt of a job: " + std::string(error.what()));
  }
}

using Operation = std::string (*)(const Task&);

const std::map<std::string, Operation>& operations() {
  static const std::map<std::string, Operation> all = {
      {"check", check},           {"generate", generate_answer},
      {"design", design},         {"describe", describe},
      {"assess", assess},         {"judge", judge},
      {"understand", understand}, {"nearest", nearest},
      {"routes", routes},         {"answer_prompt", answer_prompt}};
  return all;
}

}  // namespace

std::vector<std::string> operation_names() {
  std::vector<std::string> out;
  for (const auto& [name, operation] : operations()) out.push_back(name);
  return out;
}

std::string answer(const Pipeline& pipeline, const std::string& operation, const std::string& body,
                   const std::atomic<bool>& cancel, const Emit& emit) {
  const auto found = operations().find(operation);
  if (found == operations().end())
    throw InvalidInput("no operation is called " + quote_for_message(operation));
  return found->second({pipeline, body, cancel, emit});
}

std::string draw(const std::string& smiles, int width_px, int height_px) {
  const AtWork at_work;
  chem::DepictOptions options;
  options.width_px = width_px;
  options.height_px = height_px;
  return chem::depict_svg(chem::parse_plain(smiles), options);
}

}  // namespace odordiff::python

#include "operations.h"

#include <algorithm>
#include <map>

#include "api/answer_json.h"
#include "api/job_prompt.h"
#include "api/operations.h"
#include "api/requests.h"
#include "base/fork_gate.h"
#include "chem/depict.h"
#include "chem/substance.h"

namespace odordiff::python {
namespace {

using api::compact;
using api::Json;
using generate::Pipeline;

// One request at work.
struct Task {
  const Pipeline& pipeline;
  const std::string& body;
  const std::atomic<bool>& cancel;
  const Emit& emit;

  Json object() const { return api::parse_object(body); }
};

// Each molecule is told of with its place in the answer, as server/answer_stream.h does.
std::string generate_answer(const Task& task) {
  const auto request = api::read_generate(task.object());
  if (!request.brief.empty()) {
    task.emit({"understood", compact(api::brief_json(request.brief, task.pipeline.explain(request.brief)))});
  }
  generate::Watch watch;
  watch.progress = [&](const generate::Progress& p) {
    task.emit({"progress", compact(Json({{"done", std::min(p.found, p.wanted)}, {"total", p.wanted}}))});
  };
  watch.finished = [&](std::size_t place, const generate::Candidate& candidate) {
    Json json = {{"rank", place + 1}};
    json.update(api::candidate_json(candidate));
    task.emit({"molecule", compact(json)});
  };
  return compact(api::answer_json(task.pipeline.generate(request, &task.cancel, watch)));
}

std::string check(const Task& task) {
  (void)api::read_generate(task.object());
  return "{}";
}

std::string answer_prompt(const Task& task) {
  return api::prompt_answer(task.body, [&](const generate::Request& request) {
    return task.pipeline.generate(request, &task.cancel);
  });
}

template <api::Operation (*read)(const Json&)>
std::string operation(const Task& task) {
  return compact(read(task.object())(task.pipeline, &task.cancel));
}

using Answering = std::string (*)(const Task&);

const std::map<std::string, Answering>& operations() {
  static const std::map<std::string, Answering> all = {{"check", check},
                                                       {"generate", generate_answer},
                                                       {"answer_prompt", answer_prompt},
                                                       {"design", operation<api::design>},
                                                       {"describe", operation<api::describe>},
                                                       {"assess", operation<api::assess>},
                                                       {"judge", operation<api::judge>},
                                                       {"understand", operation<api::understand>},
                                                       {"nearest", operation<api::nearest>},
                                                       {"routes", operation<api::routes>}};
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

#include "server/answer_form.h"

#include <array>

#include "api/answer_json.h"
#include "api/answer_text.h"
#include "server/json.h"
#include "server/problem.h"

namespace odordiff::server {
namespace {

Json chosen_json(const generate::Answer& answer, const MemberChoice& choice) {
  Json json = api::answer_json(answer);
  for (auto& molecule : json["molecules"]) molecule = choice.of(molecule);
  return json;
}

std::string json_text(const generate::Answer& answer, const MemberChoice& choice) {
  return api::dump_line(chosen_json(answer, choice));
}

std::string message_pack(const generate::Answer& answer, const MemberChoice& choice) {
  std::string out;
  Json::to_msgpack(chosen_json(answer, choice), out);
  return out;
}

std::string table(const generate::Answer& answer, const MemberChoice&) {
  return api::answer_csv(answer);
}

std::string structures(const generate::Answer& answer, const MemberChoice&) {
  return api::answer_sdf(answer);
}

// In the order in which they are offered to a client that takes several.
constexpr std::array kAnswerForms = {
    AnswerForm{"application/json", json_text, true}, AnswerForm{"application/msgpack", message_pack, true},
    AnswerForm{"text/csv", table}, AnswerForm{"chemical/x-mdl-sdfile", structures}};

}  // namespace

const AnswerForm& accepted_form(const Request& request) {
  for (const bool by_name : {true, false}) {
    for (const auto& form : kAnswerForms) {
      if (accepts(request, form.media_type, by_name)) return form;
    }
  }
  throw ProblemError({406, "not-acceptable",
                      "this route answers application/json, application/msgpack, text/csv, "
                      "chemical/x-mdl-sdfile, text/event-stream and application/x-ndjson"});
}

}  // namespace odordiff::server

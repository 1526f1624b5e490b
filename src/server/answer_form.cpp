#include "server/answer_form.h"

#include <array>

#include "generate/answer_json.h"
#include "generate/answer_text.h"
#include "server/json_body.h"
#include "server/problem.h"

namespace odordiff::server {
namespace {

std::string json_text(const generate::Answer& answer) {
  return generate::dump_line(generate::answer_json(answer));
}

std::string message_pack(const generate::Answer& answer) {
  std::string out;
  Json::to_msgpack(generate::answer_json(answer), out);
  return out;
}

// In the order in which they are offered to a client that takes several.
constexpr std::array kAnswerForms = {
    AnswerForm{"application/json", json_text}, AnswerForm{"application/msgpack", message_pack},
    AnswerForm{"text/csv", generate::answer_csv}, AnswerForm{"chemical/x-mdl-sdfile", generate::answer_sdf}};

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

// POST /generate/scaled: /generate with a say in where, how urgently and how openly the work is done.
#include <fmt/format.h>

#include "api/answer_json.h"
#include "api/job_prompt.h"
#include "api/legacy_json.h"
#include "api/requests.h"
#include "fleet/celery/hand_over.h"
#include "server/answer_stream.h"
#include "server/job_input.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

using api::rounded;

constexpr int kLeastNormal = 4;  // priorities below it go behind all that is not a batch

struct Scaled {
  generate::Request request;
  bool use_cache = true, distribute = false, stream = false, profile = false;
  Priority priority = Priority::Normal;
  std::string id;
  Json members;  // of the request as /generate takes it, for another machine
  Clock::time_point came = Clock::now();
};

Scaled read_scaled(const Request& http) {
  Json body = api::parse_object(http.body);
  api::Fields fields(body);
  const std::string prompt = fields.required_text("prompt", api::kMostBriefChars);
  const api::LegacyOptions options = api::take_legacy_options(fields);
  Scaled out;
  out.request = options.request;
  out.request.brief = prompt;
  out.use_cache = options.use_cache;
  out.distribute = fields.flag("use_distributed", false);
  out.stream = fields.flag("stream_results", false);
  out.profile = fields.flag("enable_profiling", false);
  if (fields.whole("priority", 0, 10, kUsualPriority) < kLeastNormal) out.priority = Priority::Bulk;
  out.id = http.id;
  fields.done();
  for (const char* name : {"use_distributed", "stream_results", "enable_profiling", "priority"})
    body.erase(name);
  out.members = std::move(body);
  return out;
}

double milliseconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

// The answer of /generate, and what became of the further wishes.
Json scaled_json(const Scaled& scaled, const generate::Answer& answer, Clock::time_point began, bool broker) {
  const auto now = Clock::now();
  Json json =
      api::legacy_answer_json(answer, {scaled.id, milliseconds_between(scaled.came, now) / 1000, false});
  json["distributed"] = false;
  json["distributed_note"] =
      scaled.distribute
          ? Json(fmt::format("{}; the work was done in this process",
                             broker ? "no worker has this server's model" : "there is no broker"))
          : Json(nullptr);
  json["profiling"] = nullptr;
  if (scaled.profile) {
    json["profiling"] = {{"queue_ms", rounded(milliseconds_between(scaled.came, began), 3)},
                         {"encode_ms", rounded(answer.timing.encode_ms, 3)},
                         {"sample_ms", rounded(answer.timing.sample_ms, 3)},
                         {"score_ms", rounded(answer.timing.score_ms, 3)},
                         {"pipeline_ms", rounded(answer.timing.total_ms, 3)},
                         {"total_ms", rounded(milliseconds_between(scaled.came, now), 3)}};
  }
  return json;
}

// The answer that another machine gives, where that is wished for and possible; stages are known to it alone.
std::optional<Json> distributed_json(const Service& service, const Scaled& scaled,
                                     const std::atomic<bool>& unwanted) {
  if (!scaled.distribute || !service.elsewhere) return std::nullopt;
  std::string text;
  try {
    text = service.elsewhere(api::legacy_prompt(scaled.members), unwanted);
  } catch (const fleet::OtherModel&) {
    return std::nullopt;
  }
  Json json = {{"request_id", scaled.id}};
  json.update(Json::parse(text));
  const double total_ms = milliseconds_between(scaled.came, Clock::now());
  json["processing_time"] = rounded(total_ms / 1000, 4);
  json["distributed"] = true;
  json["distributed_note"] = nullptr;
  json["profiling"] = scaled.profile ? Json({{"total_ms", rounded(total_ms, 3)}}) : Json(nullptr);
  return json;
}

Outcome stream(const Service& service, const Scaled& scaled) {
  return Streaming{scaled.priority, EventStream::Form::ServerSentEvents,
                   [&service, scaled](Call& call, EventStream& events) {
                     Json last;
                     if (auto distributed = distributed_json(service, scaled, *call.cancelled())) {
                       last = *std::move(distributed);
                       int rank = 0;
                       for (const auto& molecule : last["molecules"]) {
                         Json event = {{"rank", ++rank}};
                         event.update(molecule);
                         events.send("molecule", event);
                       }
                     } else {
                       const auto began = Clock::now();
                       last = scaled_json(
                           scaled,
                           stream_molecules(service, scaled.request, api::legacy_molecule_json, call, events),
                           began, static_cast<bool>(service.elsewhere));
                     }
                     last["count"] = last["molecules"].size();
                     last.erase("molecules");
                     events.send("answer", last);
                     return false;
                   }};
}

Outcome generate_scaled(const Service& service, const Request& http) {
  const Scaled scaled = read_scaled(http);
  service.draw(http, scaled.request);
  if (scaled.stream) return stream(service, scaled);
  require_json_accepted(http);
  const auto make = [&service, scaled](const std::atomic<bool>& unwanted) {
    if (auto distributed = distributed_json(service, scaled, unwanted))
      return legacy_made(*std::move(distributed), true);
    const auto began = Clock::now();
    const auto answer = service.generate(scaled.request, &unwanted);
    return legacy_made(scaled_json(scaled, answer, began, static_cast<bool>(service.elsewhere)),
                       is_repeatable(answer));
  };
  // Times are of this very work, so they come from no memory.
  // Who waits for another machine must be able to give up, and workers remember what they answered.
  const bool away = scaled.distribute && service.elsewhere;
  if (!scaled.use_cache || scaled.profile || away) return made_for_one(scaled.priority, make);
  const char* form = scaled.distribute ? "scaled-asked-distributed" : "scaled";
  return service.cache.answer(http, api::cache_key(service.pipeline.identity().digest, form, scaled.request),
                              scaled.priority, make);
}

}  // namespace

void add_scaled_routes(Router& router, const Service& service) {
  router.add({"POST", "/generate/scaled", with(service, generate_scaled), true});
}

}  // namespace odordiff::server

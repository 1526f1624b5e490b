// Briefs in, molecules out: at once, or as a stream of events.
#include <algorithm>

#include "api/answer_json.h"
#include "api/legacy_json.h"
#include "api/requests.h"
#include "server/answer_form.h"
#include "server/answer_stream.h"
#include "server/batch_stream.h"
#include "server/query.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

// `understood`, then a `molecule` each as it is ready, then `answer`: the JSON answer without its molecules.
void stream_answer(const Service& service, const generate::Request& request, const MemberChoice& choice,
                   Call& call, EventStream& stream) {
  if (!request.brief.empty()) {
    stream.send("understood", api::brief_json(request.brief, service.pipeline.explain(request.brief)));
  }
  const auto chosen = [&](const generate::Candidate& c) { return choice.of(api::candidate_json(c)); };
  const auto answer = stream_molecules(service, request, chosen, call, stream);
  Json last = api::answer_json(answer);
  last.erase("molecules");
  last["count"] = answer.molecules.size();
  stream.send("answer", last);
}

// In the form that Accept names: whole, or as a stream.
Outcome generate_v1(const Service& service, const Request& http, const generate::Request& request,
                    const MemberChoice& choice) {
  service.draw(http, request);
  for (const auto& [media_type, form] : {std::pair{"text/event-stream", EventStream::Form::ServerSentEvents},
                                         std::pair{"application/x-ndjson", EventStream::Form::JsonLines}}) {
    if (!accepts(http, media_type, true)) continue;
    return Streaming{Priority::Normal, form, [&service, request, choice](Call& call, EventStream& stream) {
                       stream_answer(service, request, choice, call, stream);
                       return false;
                     }};
  }
  const AnswerForm& form = accepted_form(http);
  if (!form.chooses && !choice.is_all()) {
    throw ProblemError({422, "invalid-fields",
                        std::string("?fields goes with JSON and MessagePack, not with ") + form.media_type});
  }
  return service.cache.answer(
      http,
      api::cache_key(service.pipeline.identity().digest,
                     std::string("v1 ") + form.media_type + " " + choice.text(), request),
      Priority::Normal, [&service, &form, request, choice](const std::atomic<bool>& unwanted) {
        const auto answer = service.generate(request, &unwanted);
        return AnswerCache::Made{form.write(answer, choice), {}, is_repeatable(answer), form.media_type};
      });
}

Outcome generate_v1_post(const Service& service, const Request& http) {
  if (auto known = service.cache.known(http)) return *std::move(known);
  Query query(http.query);
  const MemberChoice choice(query);
  query.done();
  return generate_v1(service, http, api::read_generate(api::parse_object(http.body)), choice);
}

Outcome generate_v1_get(const Service& service, const Request& http) {
  if (auto known = service.cache.known(http)) return *std::move(known);
  Query query(http.query);
  const MemberChoice choice(query);
  return generate_v1(service, http, read_generate_query(query), choice);
}

Outcome generate_legacy(const Service& service, const Request& http) {
  if (auto known = service.cache.known(http)) return *std::move(known);
  require_json_accepted(http);
  const Json body = api::parse_object(http.body);
  api::Fields fields(body);
  const std::string prompt = fields.required_text("prompt", api::kMostBriefChars);
  api::LegacyOptions options = api::take_legacy_options(fields);
  fields.done();
  options.request.brief = prompt;
  service.draw(http, options.request);
  const auto make = [&service, request = options.request, id = http.id,
                     began = Clock::now()](const std::atomic<bool>& unwanted) {
    const auto answer = service.generate(request, &unwanted);
    return legacy_made(api::legacy_answer_json(answer, {id, seconds_since(began), false}),
                       is_repeatable(answer));
  };
  if (!options.use_cache) return made_for_one(Priority::Normal, make);
  return service.cache.answer(http,
                              api::cache_key(service.pipeline.identity().digest, "legacy", options.request),
                              Priority::Normal, make);
}

// How many prompts the client has answers to already.
std::size_t resume_from(const Request& http, const Batch& batch) {
  const std::string id = last_event_id(http);
  return id.empty() ? 0 : std::min<std::size_t>(std::stoul(id), batch.prompts.size());
}

Outcome batch_streaming(const Service& service, const Request& http) {
  Batch batch = read_batch_stream(api::parse_object(http.body));
  batch.id = http.id;
  batch.first = resume_from(http, batch);
  service.draw(http, batch.options.request, batch.prompts.size() - batch.first);
  return stream_batch(service, batch);
}

// A message is the body of /generate/batch/streaming; whatever form it asks for, events come as JSON.
Outcome batch_socket(const Service& service, const Request& http) {
  return Socket{[&service, http](const std::string& message) {
    Batch batch = read_batch_stream(api::parse_object(message));
    batch.id = http.id;
    service.draw(http, batch.options.request, batch.prompts.size());
    batch.form = EventStream::Form::JsonLines;
    return stream_batch(service, batch);
  }};
}

}  // namespace

void add_generate_routes(Router& router, const Service& service) {
  router.add({"POST", "/generate", with(service, generate_legacy), true});
  router.add({"POST", "/generate/batch/streaming", with(service, batch_streaming), true});
  router.add({"POST", "/v1/generate", with(service, generate_v1_post), true});
  router.add({"GET", "/v1/generate", with(service, generate_v1_get)});
  router.add({"GET", "/ws/generate/batch", with(service, batch_socket)});
}

}  // namespace odordiff::server

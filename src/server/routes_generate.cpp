// Briefs in, molecules out: at once, or as a stream of events.
#include <array>
#include <cmath>
#include <mutex>
#include <set>

#include "generate/answer_json.h"
#include "generate/answer_text.h"
#include "server/generate_input.h"
#include "server/legacy_json.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

using generate::rounded;

double seconds_since(Clock::time_point from) {
  return std::chrono::duration<double>(Clock::now() - from).count();
}

// {"done", "total", "seconds", "rate_per_second", "remaining_seconds"}; what cannot be said yet is null.
Json pace_json(int done, int total, Clock::time_point began) {
  const double seconds = seconds_since(began);
  const double rate = seconds > 0 ? done / seconds : 0;
  return {{"done", done},
          {"total", total},
          {"seconds", rounded(seconds, 3)},
          {"rate_per_second", rounded(rate, 3)},
          {"remaining_seconds", rate > 0 ? rounded((total - done) / rate, 1) : Json(nullptr)}};
}

Json molecule_event(std::size_t place, const generate::Candidate& candidate) {
  Json json = {{"rank", place + 1}};
  json.update(generate::candidate_json(candidate));
  return json;
}

// `understood`, then a `molecule` each as it is ready, then `answer`: the JSON answer without its molecules.
void stream_answer(const Service& service, const generate::Request& request, Call& call,
                   EventStream& stream) {
  const auto began = Clock::now();
  if (!request.brief.empty()) {
    stream.send("understood", generate::brief_json(request.brief, service.pipeline.explain(request.brief)));
  }
  stream.progress(pace_json(0, request.count, began));
  std::mutex mutex;
  std::set<std::size_t> sent;
  generate::Watch watch;
  watch.progress = [&](const generate::Progress& p) {
    stream.progress(pace_json(std::min(p.found, p.wanted), p.wanted, began));
  };
  // These threads serve every request, so none of them may wait for this reader.
  watch.finished = [&](std::size_t place, const generate::Candidate& candidate) {
    if (!stream.try_send("molecule", molecule_event(place, candidate))) return;
    const std::lock_guard lock(mutex);
    sent.insert(place);
  };
  const generate::Answer answer = service.generate(request, call.cancelled(), watch);
  for (std::size_t place = 0; place < answer.molecules.size(); ++place) {
    if (!sent.contains(place)) stream.send("molecule", molecule_event(place, answer.molecules[place]));
  }
  Json last = generate::answer_json(answer);
  last.erase("molecules");
  last["count"] = answer.molecules.size();
  stream.send("answer", last);
}

// The clock decides what stands in an answer whose time was spent.
bool is_repeatable(const generate::Answer& answer) {
  return answer.stop != generate::Stop::BudgetSpent;
}

std::string json_text(const generate::Answer& answer) {
  return generate::dump_line(generate::answer_json(answer));
}

std::string message_pack(const generate::Answer& answer) {
  std::string out;
  Json::to_msgpack(generate::answer_json(answer), out);
  return out;
}

// The forms of a whole answer, in the order in which they are offered to a client that takes several.
struct AnswerForm {
  const char* media_type;
  std::string (*write)(const generate::Answer&);
};
constexpr std::array kAnswerForms = {
    AnswerForm{"application/json", json_text}, AnswerForm{"application/msgpack", message_pack},
    AnswerForm{"text/csv", generate::answer_csv}, AnswerForm{"chemical/x-mdl-sdfile", generate::answer_sdf}};

const AnswerForm& accepted_form(const Request& http) {
  for (const bool by_name : {true, false}) {
    for (const auto& form : kAnswerForms) {
      if (accepts(http, form.media_type, by_name)) return form;
    }
  }
  throw ProblemError({406, "not-acceptable",
                      "this route answers application/json, application/msgpack, text/csv, "
                      "chemical/x-mdl-sdfile, text/event-stream and application/x-ndjson"});
}

Outcome generate_v1(const Service& service, const Request& http) {
  generate::Request request = read_generate(parse_object(http.body));
  if (accepts(http, "text/event-stream", true)) {
    return Streaming{Priority::Normal, EventStream::Form::ServerSentEvents,
                     [&service, request](Call& call, EventStream& stream) {
                       stream_answer(service, request, call, stream);
                     }};
  }
  if (accepts(http, "application/x-ndjson", true)) {
    return Streaming{Priority::Normal, EventStream::Form::JsonLines,
                     [&service, request](Call& call, EventStream& stream) {
                       stream_answer(service, request, call, stream);
                     }};
  }
  const AnswerForm& form = accepted_form(http);
  return service.cache.answer(
      http, cache_key(service.pipeline.model_name(), std::string("v1 ") + form.media_type, request),
      Priority::Normal, [&service, &form, request](const std::atomic<bool>& unwanted) {
        const auto answer = service.generate(request, &unwanted);
        return AnswerCache::Made{form.write(answer), {}, is_repeatable(answer), form.media_type};
      });
}

Outcome generate_legacy(const Service& service, const Request& http) {
  require_json_accepted(http);
  const Json body = parse_object(http.body);
  Fields fields(body);
  const std::string prompt = fields.required_text("prompt", kMostBriefChars);
  LegacyOptions options = take_legacy_options(fields);
  fields.done();
  options.request.brief = prompt;
  const auto make = [&service, request = options.request, id = http.id,
                     began = Clock::now()](const std::atomic<bool>& unwanted) {
    const auto answer = service.generate(request, &unwanted);
    Json json = legacy_answer_json(answer, {id, seconds_since(began), false});
    AnswerCache::Made made{generate::dump_line(json), {}, is_repeatable(answer)};
    json["cache_hit"] = true;
    made.later_body = generate::dump_line(json);
    return made;
  };
  if (!options.use_cache) {
    return Work{Priority::Normal, [make](Call& call) {
                  Response out = text_response(200, "application/json", make(*call.cancelled()).body);
                  out.headers.emplace_back("Cache-Control", "no-store");
                  return out;
                }};
  }
  return service.cache.answer(http, cache_key(service.pipeline.model_name(), "legacy", options.request),
                              Priority::Normal, make);
}

struct Batch {
  std::vector<std::string> prompts;
  LegacyOptions options;
  std::size_t chunk = 1;
  std::string id;
};

// One `results` event for every `chunk` prompts, in their order, then `done`.
void stream_batch(const Service& service, const Batch& batch, Call& call, EventStream& stream) {
  const auto began = Clock::now();
  const int total = static_cast<int>(batch.prompts.size());
  int done = 0, molecules = 0, failed = 0;
  Json chunk = Json::array();
  for (const auto& prompt : batch.prompts) {
    stream.progress(pace_json(done, total, began));
    const auto started = Clock::now();
    generate::Request request = batch.options.request;
    request.brief = prompt;
    try {
      const auto answer = service.generate(request, call.cancelled());
      molecules += static_cast<int>(answer.molecules.size());
      chunk.push_back(legacy_answer_json(answer, {batch.id, seconds_since(started), false}));
    } catch (const InvalidInput& error) {  // this prompt's fault alone
      ++failed;
      chunk.push_back(legacy_error_json(prompt, error.what(), {batch.id, seconds_since(started), false}));
    }
    ++done;
    if (chunk.size() == batch.chunk || done == total) {
      stream.send("results",
                  {{"first", done - static_cast<int>(chunk.size())}, {"results", std::move(chunk)}});
      chunk = Json::array();
    }
  }
  Json last = pace_json(done, total, began);
  last["molecules"] = molecules;
  last["failed"] = failed;
  stream.send("done", last);
}

Outcome batch_streaming(const Service& service, const Request& http) {
  const Json body = parse_object(http.body);
  Fields fields(body);
  Batch batch;
  batch.prompts = fields.required_texts("prompts", kMostPrompts, kMostBriefChars);
  batch.options = take_legacy_options(fields);
  const std::string format = fields.choice("stream_format", {"sse", "json"}, "sse");
  batch.chunk = static_cast<std::size_t>(fields.whole("chunk_size", 1, static_cast<int>(kMostPrompts), 1));
  fields.done();
  batch.id = http.id;
  return Streaming{
      Priority::Bulk, format == "sse" ? EventStream::Form::ServerSentEvents : EventStream::Form::JsonLines,
      [&service, batch](Call& call, EventStream& stream) { stream_batch(service, batch, call, stream); }};
}

}  // namespace

void add_generate_routes(Router& router, const Service& service) {
  const auto add = [&](const char* path, Outcome (*handle)(const Service&, const Request&)) {
    router.add({"POST", path, [&service, handle](const Request& request) { return handle(service, request); },
                true});
  };
  add("/generate", generate_legacy);
  add("/generate/batch/streaming", batch_streaming);
  add("/v1/generate", generate_v1);
}

}  // namespace odordiff::server

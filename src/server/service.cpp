#include "server/service.h"
#include "server/gate/usage.h"

#include "api/answer_json.h"
#include "server/content_coding.h"
#include "server/problem.h"

namespace odordiff::server {
namespace {

constexpr const char* kSampled = "odordiff_samples_total";
constexpr const char* kSampledHelp = "Samples of the generator by what became of them.";

// Compresses answers at hand and those of workers, these on the worker's thread.
std::function<Handler(Handler)> compressing(const std::shared_ptr<Compressor>& compressor) {
  return [compressor](Handler handler) {
    return [compressor, handler = std::move(handler)](const Request& request) {
      Outcome outcome = handler(request);
      if (auto* response = std::get_if<Response>(&outcome)) {
        *response = coded(*compressor, request.header("accept-encoding"), std::move(*response));
      } else if (auto* work = std::get_if<Work>(&outcome)) {
        work->run = [compressor, accepted = std::string(request.header("accept-encoding")),
                     run = std::move(work->run)](Call& call) {
          Reply reply = run(call);
          if (auto* answer = std::get_if<Response>(&reply)) {
            *answer = coded(*compressor, accepted, std::move(*answer));
          }
          return reply;
        };
      }
      return outcome;
    };
  };
}

// The spans of an answer's stages. How full the network's batch was is that of all requests meanwhile.
void record_stages(const generate::Answer& answer, const generate::SamplerLoad& before,
                   const generate::SamplerLoad& after) {
  const auto& place = observe::TraceScope::current();
  if (place.tracer == nullptr) return;
  const auto& timing = answer.timing;
  const auto end = std::chrono::system_clock::now();
  const auto ms = [](double value) {
    return std::chrono::duration_cast<observe::Span::Time::duration>(
        std::chrono::duration<double, std::milli>(value));
  };
  const auto start = end - ms(timing.total_ms);
  observe::Span whole = observe::span_below(place, "generate", start, end);
  const observe::TracePlace below{place.tracer, place.trace_id, whole.span_id};
  const auto stage = [&](const char* name, double began_ms, double took_ms) {
    return observe::span_below(below, name, start + ms(began_ms), start + ms(began_ms + took_ms));
  };
  place.tracer->record(stage("encode", 0, timing.encode_ms));
  for (const auto& round : timing.rounds) {
    observe::Span sample = stage("sample", round.began_ms, round.sample_ms);
    sample.attributes = {{"odordiff.samples", std::int64_t{round.samples}}};
    place.tracer->record(std::move(sample));
    place.tracer->record(stage("score", round.began_ms + round.sample_ms, round.score_ms));
  }
  const auto steps = static_cast<std::int64_t>(after.steps - before.steps);
  whole.attributes = {{"odordiff.molecules", static_cast<std::int64_t>(answer.molecules.size())},
                      {"odordiff.samples", std::int64_t{answer.tally.sampled}},
                      {"odordiff.batch.steps", steps}};
  if (steps > 0) {
    whole.attributes.emplace_back(
        "odordiff.batch.mean_sequences",
        static_cast<double>(after.lanes - before.lanes) / static_cast<double>(steps));
  }
  place.tracer->record(std::move(whole));
}

}  // namespace

PipelineMetrics::PipelineMetrics(observe::Registry& registry, const generate::Pipeline& pipeline)
    : seconds(registry.histogram("odordiff_generate_seconds", "Time of a brief in the pipeline.",
                                 observe::seconds_buckets())),
      answers(registry.counter("odordiff_answers_total", "Briefs answered by the pipeline.")),
      molecules(registry.counter("odordiff_molecules_total", "Molecules in those answers.")),
      sampled(registry.counter(kSampled, kSampledHelp, {{"fate", "drawn"}})),
      invalid(registry.counter(kSampled, kSampledHelp, {{"fate", "invalid"}})),
      duplicate(registry.counter(kSampled, kSampledHelp, {{"fate", "duplicate"}})),
      known(registry.counter(kSampled, kSampledHelp, {{"fate", "known"}})),
      filtered(registry.counter(kSampled, kSampledHelp, {{"fate", "filtered"}})) {
  const auto load = [&pipeline](auto member) {
    return [&pipeline, member] { return static_cast<double>(pipeline.load().*member); };
  };
  using Load = generate::SamplerLoad;
  registry.counter_from("odordiff_sampler_steps_total", "Denoising steps.", load(&Load::steps));
  registry.counter_from("odordiff_sampler_lanes_total",
                        "Sequences summed over steps; by steps, the mean batch.", load(&Load::lanes));
  registry.counter_from("odordiff_sampler_sequences_total", "Sequences finished.", load(&Load::sequences));
  registry.gauge_from("odordiff_sampler_active_sequences", "Sequences in the batch now.",
                      load(&Load::active_sequences));
  registry.gauge_from("odordiff_sampler_waiting_requests", "Requests that wait for a place in the batch.",
                      load(&Load::waiting_requests));
}

void PipelineMetrics::count(const generate::Answer& answer) {
  const auto add = [](observe::Counter& counter, int n) { counter.add(static_cast<std::uint64_t>(n)); };
  const auto& t = answer.tally;
  seconds.observe(answer.timing.total_ms / 1000);
  answers.add();
  molecules.add(answer.molecules.size());
  add(sampled, t.sampled);
  add(invalid, t.invalid);
  add(duplicate, t.duplicate);
  add(known, t.known);
  add(filtered, t.filtered_structure + t.filtered_property + t.filtered_odorless + t.filtered_safety);
}

generate::Answer Service::generate(const generate::Request& request, const std::atomic<bool>* cancel,
                                   const generate::Watch& watch) const {
  const auto before = pipeline.load();
  generate::Answer answer = pipeline.generate(request, cancel, watch);
  work.count(answer);
  record_stages(answer, before, pipeline.load());
  return answer;
}

Handler with(const Service& service, Outcome (*handle)(const Service&, const Request&)) {
  return [&service, handle](const Request& request) { return handle(service, request); };
}

Router make_router(const Service& service) {
  Router router;
  add_generate_routes(router, service);
  add_scaled_routes(router, service);
  add_operation_routes(router, service);
  add_molecule_routes(router, service);
  add_job_routes(router, service);
  add_privacy_routes(router, service);
  add_cache_routes(router, service);
  add_admin_routes(router, service);
  add_debug_routes(router, service);
  add_health_routes(router, service);
  add_studio_routes(router);
  router.wrap(compressing(std::make_shared<Compressor>()));
  return router;
}

Response json_response(const Json& json, int status) {
  return json_text_response(api::dump_line(json), status);
}

Response json_text_response(std::string text, int status) {
  Response out = text_response(status, "application/json", std::move(text));
  out.headers.emplace_back("Cache-Control", "no-store");
  return out;
}

AnswerCache::Made legacy_made(Json json, bool keep) {
  AnswerCache::Made made{api::dump_line(json), {}, keep};
  json["cache_hit"] = true;
  made.later_body = api::dump_line(json);
  return made;
}

Work made_for_one(Priority priority, AnswerCache::Make make) {
  return {priority,
          [make = std::move(make)](Call& call) { return json_text_response(make(*call.cancelled()).body); }};
}

void Service::draw(const Request& asked, const generate::Request& request, std::size_t times) const {
  if (usage == nullptr || asked.quota.samples_per_hour <= 0) return;
  usage->draw(asked,
              static_cast<std::int64_t>(pipeline.samples_for(request)) * static_cast<std::int64_t>(times));
}

JobService& jobs_of(const Service& service) {
  if (service.jobs != nullptr) return *service.jobs;
  throw ProblemError({503, "jobs-off", "this server was started without jobs"});
}

void require_json_accepted(const Request& request) {
  if (accepts(request, "application/json")) return;
  throw ProblemError({406, "not-acceptable", "this route answers application/json"});
}

}  // namespace odordiff::server

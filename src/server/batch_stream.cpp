#include "server/batch_stream.h"

#include "api/legacy_json.h"
#include "server/answer_stream.h"

namespace odordiff::server {
namespace {

Json answer_of(const Service& service, const Batch& batch, const std::string& prompt, Call& call,
               bool& failed) {
  const auto began = Clock::now();
  const auto frame = [&] { return api::LegacyFrame{batch.id, seconds_since(began), false}; };
  generate::Request request = batch.options.request;
  request.brief = prompt;
  try {
    const auto answer = service.generate(request, call.cancelled());
    return api::legacy_answer_json(answer, frame());
  } catch (const InvalidInput& error) {  // this prompt's fault alone
    failed = true;
    return api::legacy_error_json(prompt, error.what(), frame());
  }
}

}  // namespace

Batch read_batch_stream(const Json& body) {
  api::Fields fields(body);
  Batch out;
  out.prompts = fields.required_texts("prompts", api::kMostPrompts, api::kMostBriefChars);
  out.options = api::take_legacy_options(fields);
  const std::string format = fields.choice("stream_format", {"sse", "json"}, "sse");
  out.form = format == "sse" ? EventStream::Form::ServerSentEvents : EventStream::Form::JsonLines;
  out.chunk = static_cast<std::size_t>(fields.whole("chunk_size", 1, static_cast<int>(api::kMostPrompts), 1));
  fields.done();
  return out;
}

void stream_batch(const Service& service, const Batch& batch, Call& call, EventStream& stream) {
  stream.give_own_ids();
  const auto began = Clock::now();
  const std::size_t total = batch.prompts.size();
  const auto pace = [&](std::size_t done) {
    return pace_json(static_cast<int>(done - batch.first), static_cast<int>(total - batch.first), began);
  };
  int molecules = 0, failed = 0;
  Json chunk = Json::array();
  for (std::size_t at = batch.first; at < total; ++at) {
    stream.progress(pace(at));
    bool wrong = false;
    chunk.push_back(answer_of(service, batch, batch.prompts[at], call, wrong));
    failed += wrong ? 1 : 0;
    molecules += static_cast<int>(chunk.back()["molecules"].size());
    const std::size_t done = at + 1;
    if (chunk.size() < batch.chunk && done < total) continue;
    stream.send("results", {{"first", done - chunk.size()}, {"results", std::move(chunk)}},
                std::to_string(done));
    chunk = Json::array();
  }
  Json last = pace(total);
  last["molecules"] = molecules;
  last["failed"] = failed;
  stream.send("done", last);
}

}  // namespace odordiff::server

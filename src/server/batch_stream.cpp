#include "server/batch_stream.h"

#include <algorithm>
#include <memory>

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

// How far a batch is.
class BatchRun {
 public:
  BatchRun(const Service& service, const Batch& batch)
      : service_(service), batch_(batch), done_(batch.first) {}

  bool step(Call& call, EventStream& stream) {
    stream.give_own_ids();
    while (done_ < batch_.prompts.size()) {
      if (!stream.has_room()) return true;
      next_chunk(call, stream);
    }
    Json last = pace();
    last["molecules"] = molecules_;
    last["failed"] = failed_;
    stream.send("done", last);
    return false;
  }

 private:
  Json pace() const {
    return pace_json(static_cast<int>(done_ - batch_.first),
                     static_cast<int>(batch_.prompts.size() - batch_.first), began_);
  }

  void next_chunk(Call& call, EventStream& stream) {
    const std::size_t first = done_, end = std::min(first + batch_.chunk, batch_.prompts.size());
    Json results = Json::array();
    for (; done_ < end; ++done_) {
      stream.progress(pace());
      bool wrong = false;
      results.push_back(answer_of(service_, batch_, batch_.prompts[done_], call, wrong));
      failed_ += wrong ? 1 : 0;
      molecules_ += static_cast<int>(results.back()["molecules"].size());
    }
    stream.send("results", {{"first", first}, {"results", std::move(results)}}, std::to_string(end));
  }

  const Service& service_;
  const Batch batch_;
  const Clock::time_point began_ = Clock::now();
  std::size_t done_ = 0;  // prompts, with those that the client has already
  int molecules_ = 0, failed_ = 0;
};

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

Streaming stream_batch(const Service& service, const Batch& batch) {
  const auto run = std::make_shared<BatchRun>(service, batch);
  return {Priority::Bulk, batch.form,
          [run](Call& call, EventStream& stream) { return run->step(call, stream); }};
}

}  // namespace odordiff::server

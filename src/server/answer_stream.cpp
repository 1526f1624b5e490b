#include "server/answer_stream.h"

#include "api/answer_json.h"

namespace odordiff::server {
namespace {

using api::rounded;

}  // namespace

Json pace_json(int done, int total, Clock::time_point began) {
  const double seconds = seconds_since(began);
  const double rate = seconds > 0 ? done / seconds : 0;
  return {{"done", done},
          {"total", total},
          {"seconds", rounded(seconds, 3)},
          {"rate_per_second", rounded(rate, 3)},
          {"remaining_seconds", rate > 0 ? rounded((total - done) / rate, 1) : Json(nullptr)}};
}

generate::Answer stream_molecules(const Service& service, const generate::Request& request,
                                  const std::function<Json(const generate::Candidate&)>& molecule_json,
                                  Call& call, EventStream& stream) {
  const auto event = [&](std::size_t place, const generate::Candidate& candidate) {
    Json json = {{"rank", place + 1}};
    json.update(molecule_json(candidate));
    return json;
  };
  const auto began = Clock::now();
  stream.progress(pace_json(0, request.count, began));
  generate::Watch watch;
  watch.progress = [&](const generate::Progress& p) {
    stream.progress(pace_json(std::min(p.found, p.wanted), p.wanted, began));
  };
  watch.finished = [&](std::size_t place, const generate::Candidate& candidate) {
    stream.send("molecule", event(place, candidate));
  };
  return service.generate(request, call.cancelled(), watch);
}

bool is_repeatable(const generate::Answer& answer) {
  return answer.stop != generate::Stop::BudgetSpent;
}

}  // namespace odordiff::server

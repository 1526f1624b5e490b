// Jobs: handed in, asked after, followed, cancelled; by the clean and by the earlier names.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "api/answer_json.h"
#include "server/gate/usage.h"
#include "server/job_input.h"
#include "server/job_json.h"
#include "server/job_service.h"
#include "server/query.h"
#include "server/service.h"
#include "server/subject.h"

namespace odordiff::server {
namespace {

// The status of a job that the client may see. Another's looks like none.
jobs::Status find(JobService& jobs, const std::string& id, const std::string& subject) {
  auto status = jobs.store().status(id);
  if (!status || status->owner != subject) throw ProblemError({404, "not-found", "there is no such job"});
  return *status;
}

std::optional<jobs::Progress> progress_of(JobService& jobs, const jobs::Status& status) {
  return jobs::has_ended(status.state) ? std::nullopt : jobs.runner().progress(status.id);
}

// The work of a route on one job.
using OnJob = Reply (*)(JobService&, const jobs::Status&);
Handler on_job(const Service& service, OnJob run) {
  return [&service, run](const Request& http) -> Outcome {
    JobService& jobs = jobs_of(service);
    require_json_accepted(http);
    return Work{Priority::Errand, [&jobs, run, id = http.parameters.at(0), subject = subject_of(http)](
                                      Call&) { return run(jobs, find(jobs, id, subject)); }};
  };
}

void check_webhook(const JobService& jobs, const jobs::Submission& submission) {
  if (!submission.webhook || jobs.may_send_to(*submission.webhook)) return;
  throw ProblemError({403, "webhook-refused",
                      jobs.sends_webhooks()
                          ? "webhooks go to public addresses only"
                          : "this server sends no webhooks: it was started without a webhook secret"});
}

Response accepted(JobService& jobs, const jobs::Submission& submission, bool legacy) {
  jobs::Accepted job;
  try {
    job = jobs.runner().submit(submission);
  } catch (const jobs::Conflict& error) {
    throw ProblemError({409, "idempotency-key-reused", error.what()});
  } catch (const jobs::TooManyOpen& error) {
    throw ProblemError({429, "quota-reached", error.what(), {}, {{"Retry-After", "10"}}});
  }
  const auto status = jobs.store().status(job.id);
  if (!status) throw Unavailable("the job was deleted at once");
  Response out =
      json_response(legacy ? legacy_job_json(*status) : job_json(*status, progress_of(jobs, *status)), 202);
  out.headers.emplace_back("Location", (legacy ? "/jobs/" : "/v1/jobs/") + job.id);
  return out;
}

Handler submit(const Service& service, JobInput (*read)(const Request&), bool legacy) {
  return [&service, read, legacy](const Request& http) -> Outcome {
    require_json_accepted(http);
    JobService& jobs = jobs_of(service);
    auto [submission, each] = read(http);
    check_webhook(jobs, submission);
    service.draw(http, each, submission.prompts.size());
    if (service.usage != nullptr) submission.most_open = service.usage->jobs_allowed(http);
    return Work{Priority::Errand, [&jobs, submission = std::move(submission), legacy](Call&) {
                  return accepted(jobs, submission, legacy);
                }};
  };
}

Outcome list(const Service& service, const Request& http) {
  require_json_accepted(http);
  JobService& jobs = jobs_of(service);
  Query query(http.query);
  const int limit = query.whole("limit", 1, kLargestPage, kUsualPage);
  const std::string cursor = query.digits("cursor");
  query.done();
  return Work{Priority::Errand, [&jobs, limit, cursor, subject = subject_of(http)](Call&) {
                const auto page = jobs.store().list(subject, cursor, limit);
                Json json = {{"jobs", Json::array()}, {"next", page.next ? Json(*page.next) : Json(nullptr)}};
                for (const auto& status : page.jobs)
                  json["jobs"].push_back(job_json(status, progress_of(jobs, status)));
                return json_response(json);
              }};
}

Reply show(JobService& jobs, const jobs::Status& status) {
  return json_response(job_json(status, progress_of(jobs, status)));
}

Reply show_legacy(JobService& /*jobs*/, const jobs::Status& status) {
  return json_response(legacy_job_json(status));
}

Reply cancel(JobService& jobs, const jobs::Status& status) {
  const auto now = jobs.runner().cancel(status.id);
  return json_response(job_json(now.value_or(status), std::nullopt));
}

jobs::ResultPage results_after(JobService& jobs, const std::string& id, const std::string& cursor,
                               int limit) {
  auto page = jobs.store().results(id, cursor, limit);
  if (!page) throw ProblemError({404, "not-found", "there is no such job"});
  return *std::move(page);
}

// How many results make a piece of some 128 KiB, by those of the last one.
class PieceSize {
 public:
  int results() const { return results_; }
  void was(std::size_t bytes, std::size_t results) {
    if (results == 0) return;
    constexpr std::size_t kBytes = 128 * 1024, kMost = 32;
    results_ = static_cast<int>(
        std::clamp<std::size_t>(kBytes * results / std::max<std::size_t>(bytes, 1), 1, kMost));
  }

 private:
  int results_ = 2;
};

// A page of results as text, since they are; read from the store some at a time, as the client reads.
class PageInPieces {
 public:
  PageInPieces(JobService& jobs, const jobs::Status& status, std::string cursor, int limit)
      : jobs_(jobs), status_(status), cursor_(std::move(cursor)), left_(limit) {}

  Piece next() {
    std::string out = began_ ? ""
                             : fmt::format("{{\"id\":\"{}\",\"status\":\"{}\",\"results\":[", status_.id,
                                           jobs::name_of(status_.state));
    const auto page = results_after(jobs_, status_.id, cursor_, std::min(left_, size_.results()));
    for (const auto& result : page.results) {
      if (std::exchange(began_, true)) out += ',';
      out += result_text(status_.id, result);
    }
    began_ = true;
    size_.was(out.size(), page.results.size());
    cursor_ = page.next;
    left_ -= static_cast<int>(page.results.size());
    const bool last = left_ == 0 || page.results.empty() || page.complete;
    if (last) out += fmt::format("],\"next\":\"{}\",\"complete\":{}}}\n", page.next, page.complete);
    return {std::move(out), last};
  }

 private:
  JobService& jobs_;
  const jobs::Status status_;
  std::string cursor_;
  int left_;
  PieceSize size_;
  bool began_ = false;
};

// What `pieces` has, whole where it is short.
template <typename Maker>
Reply read_in_pieces(const std::shared_ptr<Maker>& pieces) {
  Piece first = pieces->next();
  Response begin = json_text_response(std::move(first.text));
  if (first.last) return begin;
  return Pieces{std::move(begin), [pieces](Call&) { return pieces->next(); }};
}

// Every result so far, in the order of the prompts. What is kept of each meanwhile is the cursor before it.
class ResultsInOrder {
 public:
  ResultsInOrder(JobService& jobs, const jobs::Status& status) : jobs_(jobs), status_(status) {}

  Piece next() {
    std::string out;
    if (!began_) {
      began_ = true;
      find_order();
      out = api::dump_line(legacy_job_json(status_));
      out.resize(out.size() - 2);  // the brace, for one member more
      out += ",\"results\":[";
      at_ = before_.begin();
    }
    const std::size_t head = out.size();
    int put = 0;
    for (; put < size_.results() && at_ != before_.end(); ++put, ++at_) {
      const auto page = results_after(jobs_, status_.id, at_->second, 1);
      if (page.results.empty()) continue;
      if (at_ != before_.begin()) out += ',';
      out += legacy_result_text(status_.id, page.results.front());
    }
    size_.was(out.size() - head, static_cast<std::size_t>(put));
    const bool last = at_ == before_.end();
    if (last) out += "]}\n";
    return {std::move(out), last};
  }

 private:
  void find_order() {
    std::string cursor;
    while (true) {
      const auto page = results_after(jobs_, status_.id, cursor, 1);
      for (const auto& result : page.results) {
        before_[result.index] = cursor;
        cursor = result.cursor;
      }
      if (page.results.empty() || page.complete) return;
    }
  }

  JobService& jobs_;
  const jobs::Status status_;
  std::map<int, std::string> before_;  // by prompt
  std::map<int, std::string>::const_iterator at_;
  PieceSize size_;
  bool began_ = false;
};

Reply legacy_results(JobService& jobs, const jobs::Status& status) {
  return read_in_pieces(std::make_shared<ResultsInOrder>(jobs, status));
}

// The cursor that a client resumes from: what its browser remembers goes before what the URL says.
std::string resume_cursor(const Request& http, const std::string& cursor) {
  return http.has_header("last-event-id") ? last_event_id(http) : cursor;
}

Outcome results(const Service& service, const Request& http) {
  JobService& jobs = jobs_of(service);
  Query query(http.query);
  const int limit = query.whole("limit", 1, kLargestPage, kUsualPage);
  const std::string cursor = query.digits("cursor");
  query.done();
  const bool sse = accepts(http, "text/event-stream", true);
  const bool stream = sse || accepts(http, "application/x-ndjson", true);
  if (!stream) require_json_accepted(http);
  const std::string resumed = resume_cursor(http, cursor), from = stream ? resumed : cursor;
  const auto form = sse ? EventStream::Form::ServerSentEvents : EventStream::Form::JsonLines;
  return Work{Priority::Errand,
              [&jobs, id = http.parameters.at(0), subject = subject_of(http), stream, form, from,
               limit](Call&) -> Reply {
                const jobs::Status status = find(jobs, id, subject);
                if (!stream) return read_in_pieces(std::make_shared<PageInPieces>(jobs, status, from, limit));
                return Feed{form, [&jobs, id, from](const std::shared_ptr<EventStream>& events) {
                              return jobs.feeds().follow(id, from, events);
                            }};
              }};
}

}  // namespace

void add_job_routes(Router& router, const Service& service) {
  router.add({"POST", "/generate/batch", submit(service, read_legacy_batch, true), true});
  router.add({"GET", "/jobs/{id}", on_job(service, show_legacy)});
  router.add({"GET", "/jobs/{id}/results", on_job(service, legacy_results)});
  router.add({"POST", "/v1/batches", submit(service, read_batch, false), true});
  router.add({"GET", "/v1/jobs", [&service](const Request& http) { return list(service, http); }});
  router.add({"GET", "/v1/jobs/{id}", on_job(service, show)});
  router.add({"DELETE", "/v1/jobs/{id}", on_job(service, cancel)});
  router.add(
      {"GET", "/v1/jobs/{id}/results", [&service](const Request& http) { return results(service, http); }});
}

}  // namespace odordiff::server

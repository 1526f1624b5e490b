#include "server/answer_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/sha256.h"
#include "server/problem.h"

namespace odordiff::server {
namespace {

// The forms of an entry: for those who waited, and for those who come later; with ";gzip" and the like behind
// the name, compressed. A form's head is its media type.
constexpr const char* kWaited = "waited";
constexpr const char* kLater = "later";

// Of requests whose bytes are remembered.
constexpr std::size_t kLargestRemembered = 4096, kMostRemembered = 2048;

cache::Form make_form(std::string name, std::string media_type, std::string body,
                      const std::string& made_by) {
  cache::Form form;
  form.name = std::move(name);
  form.etag = fmt::format("\"{:.32}\"", sha256_hex(made_by + "\n" + body));
  form.head = std::move(media_type);
  form.body = std::move(body);
  return form;
}

std::vector<std::string> tags_of(const model::Identity& made_by) {
  if (made_by.name.empty()) return {};
  return {made_by.name, made_by.digest};
}

cache::Entry make_entry(AnswerCache::Made made, const Request& request, const model::Identity& made_by) {
  cache::Entry entry;
  entry.tags = tags_of(made_by);
  const auto add = [&](const char* name, std::string body) {
    entry.forms.push_back(std::make_shared<const cache::Form>(
        make_form(name, made.media_type, std::move(body), made_by.digest)));
  };
  add(kWaited, std::move(made.body));
  if (!made.later_body.empty()) add(kLater, std::move(made.later_body));
  if (made.media_type == "application/json" && request.method == "POST")
    entry.origin = request.path + "\n" + request.body;
  return entry;
}

// Everything in a request that its answer's key can depend on.
std::string bytes_of(const Request& request) {
  const std::string_view accept = request.header("accept");
  std::string out;
  out.reserve(request.target.size() + accept.size() + request.body.size() + 2);
  out += request.target;
  out += '\n';
  out += accept;
  out += '\n';
  out += request.body;
  return out;
}

// Not by fmt, since each answer from the cache has two of them.
std::string joined(const std::vector<std::string>& tags, char between) {
  std::string out;
  for (const std::string& tag : tags) {
    if (!out.empty()) out += between;
    out += tag;
  }
  return out;
}

// What is known to be refused: the sentence that says why.
cache::Entry make_refusal(const Problem& problem, const model::Identity& made_by) {
  cache::Entry entry;
  entry.tags = tags_of(made_by);
  entry.forms.push_back(
      std::make_shared<const cache::Form>(make_form(kWaited, problem.kind, problem.detail, made_by.digest)));
  entry.status = problem.status;
  entry.negative = true;
  return entry;
}

}  // namespace

AnswerCache::AnswerCache(cache::Options options, Workers& workers, observe::Registry& registry,
                         model::Identity made_by)
    : fresh_ms_(options.life.fresh_ms),
      stale_ms_(options.life.stale_ms),
      cache_(std::move(options)),
      workers_(workers),
      made_by_(std::move(made_by)) {
  const auto count = [&](const char* name, const char* help, auto member) {
    registry.counter_from(name, help, [this, member] { return static_cast<double>(cache_.stats().*member); });
  };
  using Stats = cache::Stats;
  count("odordiff_cache_hits_total", "Answers found in memory.", &Stats::hits);
  count("odordiff_cache_misses_total", "Answers that were not there.", &Stats::misses);
  count("odordiff_cache_coalesced_total", "Of these, those that joined a computation under way.",
        &Stats::coalesced);
  count("odordiff_cache_evicted_total", "Answers that went for want of room.", &Stats::evicted);
  registry.gauge_from("odordiff_cache_items", "Answers in memory.",
                      [this] { return static_cast<double>(cache_.stats().items); });
  registry.gauge_from("odordiff_cache_bytes", "Memory that they take.",
                      [this] { return static_cast<double>(cache_.stats().bytes); });
}

Response AnswerCache::respond(const Request& request, const std::string& key, cache::EntryPtr entry,
                              Audience audience, long fresh_s) {
  const char* base = audience == Audience::Later && entry->form(kLater) != nullptr ? kLater : kWaited;
  const cache::Form* form = entry->form(base);
  if (entry->negative) return problem_response({entry->status, form->head, form->body}, request);

  Response out;
  out.headers.reserve(6);
  const Coding coding = preferred_coding(request.header("accept-encoding")).value_or(Coding::Identity);
  if (coding != Coding::Identity && form->body.size() >= Compressor::kLeastBytes) {
    const std::string name = fmt::format("{};{}", base, name_of(coding));
    const cache::Form* coded = entry->form(name);
    if (coded == nullptr) {
      if (auto bytes = compressor_.compressed(coding, form->head, form->body)) {
        entry = cache_.add_form(key, entry, make_form(name, form->head, std::move(*bytes), made_by_.digest));
        coded = entry->form(name);
      }
    }
    if (coded != nullptr) {
      form = coded;
      out.headers.emplace_back("Content-Encoding", name_of(coding));
    }
  }
  out.headers.emplace_back("ETag", form->etag);
  out.headers.emplace_back("Cache-Control",
                           fresh_s > 0 ? "public, max-age=" + std::to_string(fresh_s) : "no-store");
  if (fresh_s > 0 && !entry->tags.empty()) {
    out.headers.emplace_back("Surrogate-Key", joined(entry->tags, ' '));
    out.headers.emplace_back("Cache-Tag", joined(entry->tags, ','));
  }
  out.headers.emplace_back("Vary", "Accept, Accept-Encoding");
  if (names_etag(request.header("if-none-match"), form->etag)) {
    out.status = 304;
    return out;
  }
  out.content_type = form->head;
  // The bytes stay where they are: the answer holds the entry.
  out.body = std::shared_ptr<const std::string>(std::move(entry), &form->body);
  return out;
}

void AnswerCache::compute(cache::Lead lead_to_take, const std::shared_ptr<Call>& call, Priority priority,
                          std::shared_ptr<const Request> request, Make make) {
  const auto lead = std::make_shared<cache::Lead>(std::move(lead_to_take));
  try {
    const cache::Lifetime life{.fresh_ms = fresh_ms_.load(), .stale_ms = stale_ms_.load()};
    workers_.submit(call, priority,
                    [lead, request = std::move(request), life, made_by = made_by_, make = std::move(make)] {
                      try {
                        if (lead->unwanted().load()) throw Cancelled("nobody waits for this answer any more");
                        if (lead->look_below() != nullptr) return;
                        Made made = make(lead->unwanted());
                        const bool keep = made.keep;
                        lead->publish(make_entry(std::move(made), *request, made_by),
                                      keep ? life : cache::Lifetime{.fresh_ms = 0, .stale_ms = 0});
                      } catch (const InvalidInput&) {
                        lead->publish(make_refusal(problem_of(std::current_exception()), made_by));
                      } catch (...) {
                        lead->fail(std::current_exception());
                      }
                    });
  } catch (...) {
    lead->fail(std::current_exception());
    throw;
  }
}

// What later ones will be given too may be kept by others from the first on.
long AnswerCache::fresh_s(const std::string& key, const cache::EntryPtr& entry) {
  if (entry->form(kLater) != nullptr) return 0;
  const cache::Lookup kept = cache_.peek(key);
  return kept.entry == entry ? static_cast<long>(kept.fresh_left_ms / 1000) : 0;
}

std::optional<Response> AnswerCache::known(const Request& request) {
  if (request.body.size() > kLargestRemembered) return std::nullopt;
  std::string key;
  {
    const std::shared_lock lock(memo_mutex_);
    const auto found = memo_.find(bytes_of(request));
    if (found == memo_.end()) return std::nullopt;
    key = found->second;
  }
  const cache::Lookup found = cache_.peek(key);
  if (!found.entry || found.fresh_left_ms <= 0) return std::nullopt;
  return respond(request, key, found.entry, Audience::Later, static_cast<long>(found.fresh_left_ms / 1000));
}

Outcome AnswerCache::answer(const Request& request, const std::string& key, Priority priority, Make make) {
  const auto found = std::make_shared<cache::Lookup>(cache_.look_up(key));
  if (found->entry) {
    if (request.body.size() <= kLargestRemembered) {
      const std::unique_lock lock(memo_mutex_);
      if (memo_.size() >= kMostRemembered) memo_.clear();
      memo_.emplace(bytes_of(request), key);
    }
    if (found->lead) {
      try {
        compute(std::move(*found->lead), std::make_shared<Call>(), Priority::Bulk,
                std::make_shared<const Request>(request), std::move(make));
      } catch (const ProblemError&) {  // no room for it now: the next one who asks tries again
      }
    }
    return respond(request, key, found->entry, Audience::Later,
                   static_cast<long>(found->fresh_left_ms / 1000));
  }
  return Deferred{
      [this, found, key, priority, make = std::move(make), asked = std::make_shared<const Request>(request)](
          const std::shared_ptr<Call>& call, const Deferred::Done& done) {
        // Who gives up drops the waiter; when the last one does, the computation is told so.
        const auto waiter = std::make_shared<std::optional<cache::Waiter>>(std::move(found->waiter));
        call->on_end([waiter] { waiter->reset(); });
        if (found->lead) {
          const auto own = std::make_shared<Call>(call->deadline());
          own->belongs_to(call->place());
          compute(std::move(*found->lead), own, priority, asked, make);
        }
        (*waiter)->then([this, done, key, asked](const cache::Outcome& outcome) {
          done(outcome.error
                   ? problem_response(problem_of(outcome.error), *asked)
                   : respond(*asked, key, outcome.entry, Audience::Waited, fresh_s(key, outcome.entry)));
        });
      }};
}

std::vector<std::string> AnswerCache::hottest(std::size_t count) const {
  std::vector<std::string> out;
  for (auto& hot : cache_.hottest(count)) {
    if (!hot.origin.empty()) out.push_back(std::move(hot.origin));
  }
  return out;
}

}  // namespace odordiff::server

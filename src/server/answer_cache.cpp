#include "server/answer_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "base/sha256.h"
#include "server/problem.h"

namespace odordiff::server {
namespace {

constexpr const char* kWaited =
    "waited";  // the forms of an entry: for those who waited, and for those who come later
constexpr const char* kLater = "later";

cache::FormPtr make_form(const char* name, std::string body) {
  auto form = std::make_shared<cache::Form>();
  form->name = name;
  form->etag = fmt::format("\"{:.32}\"", sha256_hex(std::as_bytes(std::span(body))));
  form->body = std::move(body);
  return form;
}

cache::Entry make_entry(AnswerCache::Made made) {
  cache::Entry entry;
  entry.forms.push_back(make_form(kWaited, std::move(made.body)));
  if (!made.later_body.empty()) entry.forms.push_back(make_form(kLater, std::move(made.later_body)));
  return entry;
}

// Whether the list of entity tags names `etag`; weak ones compare the same (RFC 9110, 13.1.2).
bool is_named(std::string_view list, std::string_view etag) {
  if (list == "*") return true;
  for (std::size_t at = list.find(etag); at != std::string_view::npos; at = list.find(etag, at + 1)) {
    const std::size_t end = at + etag.size();
    if (end == list.size() || list[end] == ',' || list[end] == ' ') return true;
  }
  return false;
}

// The bytes stay where they are: the answer holds the entry.
Response response_of(const cache::EntryPtr& entry, const char* name, const std::string& if_none_match,
                     long fresh_s) {
  const cache::Form* form = entry->form(name);
  if (form == nullptr) form = entry->form(kWaited);
  Response out;
  out.headers = {{"ETag", form->etag},
                 {"Cache-Control", fresh_s > 0 ? fmt::format("public, max-age={}", fresh_s) : "no-store"},
                 {"Vary", "Accept"}};
  if (is_named(if_none_match, form->etag)) {
    out.status = 304;
    return out;
  }
  out.content_type = "application/json";
  out.body = std::shared_ptr<const std::string>(entry, &form->body);
  return out;
}

}  // namespace

AnswerCache::AnswerCache(cache::Options options, Workers& workers, observe::Registry& registry)
    : fresh_ms_(options.life.fresh_ms),
      stale_ms_(options.life.stale_ms),
      cache_(std::move(options)),
      workers_(workers) {
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

Outcome AnswerCache::answer(const Request& request, const std::string& key, Priority priority, Make make) {
  const std::string if_none_match(request.header("if-none-match"));
  const auto found = std::make_shared<cache::Lookup>(cache_.look_up(key));
  if (found->entry) {
    return response_of(found->entry, kLater, if_none_match, static_cast<long>(found->fresh_left_ms / 1000));
  }
  return Deferred{[this, found, priority, make = std::move(make), if_none_match, request](
                      const std::shared_ptr<Call>& call, const Deferred::Done& done) {
    // Who gives up drops the waiter; when the last one does, the computation is told so.
    const auto waiter = std::make_shared<std::optional<cache::Waiter>>(std::move(found->waiter));
    call->on_end([waiter] { waiter->reset(); });
    if (found->lead) {
      const auto lead = std::make_shared<cache::Lead>(std::move(*found->lead));
      try {
        const cache::Lifetime life{.fresh_ms = fresh_ms_.load(), .stale_ms = stale_ms_.load()};
        workers_.submit(std::make_shared<Call>(call->deadline()), priority, [lead, make, life] {
          try {
            if (lead->unwanted().load()) throw Cancelled("nobody waits for this answer any more");
            Made made = make(lead->unwanted());
            const bool keep = made.keep;
            lead->publish(make_entry(std::move(made)),
                          keep ? life : cache::Lifetime{.fresh_ms = 0, .stale_ms = 0});
          } catch (...) {
            lead->fail(std::current_exception());
          }
        });
      } catch (...) {
        lead->fail(std::current_exception());
        throw;
      }
    }
    (*waiter)->then([done, if_none_match, request](const cache::Outcome& outcome) {
      done(outcome.error ? problem_response(problem_of(outcome.error), request)
                         : response_of(outcome.entry, kWaited, if_none_match, 0));
    });
  }};
}

}  // namespace odordiff::server

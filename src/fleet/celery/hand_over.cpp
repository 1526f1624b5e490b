#include "fleet/celery/hand_over.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "fleet/celery/message.h"

namespace odordiff::fleet {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kName = "odordiff_handed_over_total";
constexpr const char* kHelp = "Prompts handed to Celery workers, by what became of them.";
constexpr std::chrono::milliseconds kCancelledLook{50};
constexpr std::chrono::milliseconds kRefusedPause{50};  // times the refusals so far
constexpr std::chrono::minutes kRarestResend{
    16};  // while no worker is there, the queue must not fill with copies

std::string origin() {
  std::array<char, 256> host{};
  (void)::gethostname(host.data(), host.size() - 1);
  return std::string("odordiff@") + host.data();
}

// The worker's word that the prompt itself is wrong: the same whoever asks.
bool is_refusal(const CeleryResult& result) {
  return result.error_type == "InvalidInput";
}

// The worker has another model; one of the others may have ours.
bool is_other_model(const CeleryResult& result) {
  return result.error_type == "OtherModel";
}

// Rung when there may be news of a task.
struct Bell {
  void ring() {
    const std::lock_guard lock(mutex);
    rung = true;
    changed.notify_all();
  }
  // Until it was rung, or the time has come, or `cancel` is true.
  void wait(std::chrono::milliseconds most, const std::atomic<bool>& cancel) {
    const auto deadline = Clock::now() + most;
    std::unique_lock lock(mutex);
    while (!rung && !cancel.load() && Clock::now() < deadline) changed.wait_for(lock, kCancelledLook);
    rung = false;
  }
  std::mutex mutex;
  std::condition_variable changed;
  bool rung = false;
};

}  // namespace

HandOver::HandOver(redis::Client& client, Options options, observe::Registry& registry)
    : client_(client),
      options_(std::move(options)),
      origin_(origin()),
      sent_(registry.counter(kName, kHelp, {{"fate", "sent"}})),
      resent_(registry.counter(kName, kHelp, {{"fate", "sent_again"}})),
      done_(registry.counter(kName, kHelp, {{"fate", "done"}})),
      failed_(registry.counter(kName, kHelp, {{"fate", "failed"}})),
      other_model_(registry.counter(kName, kHelp, {{"fate", "other_model"}})) {}

std::string HandOver::task_of(const std::string& prompt) const {
  return task_id_of(options_.identity.digest + "\n" + prompt);
}

std::uint64_t HandOver::forget(const std::vector<std::string>& prompts) {
  constexpr std::size_t kTogether = 500;
  std::set<std::string> tasks;
  for (const auto& prompt : prompts) tasks.insert(task_of(prompt));
  std::uint64_t forgotten = 0;
  const std::string list = celery_list(options_.queue, options_.priority);
  const redis::Reply waiting = client_.command({"LRANGE", list, "0", "-1"}, {.retry = redis::Retry::Safe});
  for (const redis::Reply& message : waiting.items) {
    const std::string text(message.as_text());
    if (!tasks.contains(celery_task_id(text))) continue;
    forgotten += static_cast<std::uint64_t>(client_.command({"LREM", list, "1", text}).as_integer());
  }
  redis::Command unlink = {"UNLINK"};
  const auto carry_out = [&] {
    if (unlink.size() == 1) return;
    const redis::Command keys = std::exchange(unlink, {"UNLINK"});
    forgotten +=
        static_cast<std::uint64_t>(client_.command(keys, {.retry = redis::Retry::Safe}).as_integer());
  };
  for (const auto& task : tasks) {
    unlink.push_back(celery_result_key(task));
    if (unlink.size() > kTogether) carry_out();
  }
  carry_out();
  return forgotten;
}

std::string HandOver::run(const std::string& prompt, const std::atomic<bool>& cancel) {
  CeleryTask task{.name = options_.task,
                  .id = task_of(prompt),
                  .argument = prompt,
                  .origin = origin_,
                  .queue = options_.queue,
                  .priority = options_.priority,
                  .model_digest = options_.identity.digest,
                  .precision = options_.identity.precision};
  const std::string key = celery_result_key(task.id);
  const auto bell = std::make_shared<Bell>();
  const auto ring = [bell] { bell->ring(); };
  const auto subscription =
      client_.subscribe({key}, {[bell](std::string_view, std::string_view) { bell->ring(); }, ring, ring});
  const std::string list = celery_list(task.queue, task.priority);
  std::string message;  // the last one sent
  std::optional<Clock::time_point> sent;
  auto resend = options_.resend;
  auto failovers = client_.status().failovers;
  int refusals = 0;
  const auto is_due = [&] {
    const auto now = client_.status().failovers;
    if (std::exchange(failovers, now) != now) {  // what the old primary had not passed on is gone with it
      resend = std::min(options_.resend, options_.resend_after_failover);
      return true;
    }
    if (!sent) return true;
    if (Clock::now() - *sent <= resend) return false;
    resend = std::min<std::chrono::milliseconds>(resend * 2, kRarestResend);
    return true;
  };
  while (!cancel.load()) {
    std::optional<CeleryResult> result;
    try {
      const redis::Reply found = client_.command({"GET", key}, {.retry = redis::Retry::Safe});
      if (!found.is_nil()) result = read_celery_result(found.as_text());
      const bool failed = result && result->state == CeleryResult::State::Failed;
      if (failed && is_other_model(*result)) {
        (void)client_.command({"DEL", key}, {.retry = redis::Retry::Safe});
        other_model_.add();
        if (++refusals > options_.most_refusals)
          throw OtherModel("no worker has this model: " + result->text);
        result.reset();
        // Not at once, for another worker to take it.
        bell->wait(kRefusedPause * refusals, cancel);
        sent.reset();
      } else if (failed && !sent && !is_refusal(*result)) {  // for somebody before us: not our last word
        (void)client_.command({"DEL", key}, {.retry = redis::Retry::Safe});
        result.reset();
      }
      if ((!result || result->state == CeleryResult::State::Waiting) && is_due()) {
        (sent ? resent_ : sent_).add();
        sent = Clock::now();
        message = celery_message(task, task_id_of(random_bytes(16)));
        (void)client_.command({"LPUSH", list, message});
      }
    } catch (const OtherModel&) {
      failed_.add();
      throw;
    } catch (const redis::UnknownFate&) {  // where it was not sent, it is sent again
    } catch (const Unavailable&) {
      sent.reset();
    } catch (const Overloaded&) {
      sent.reset();
    }
    if (result && result->state == CeleryResult::State::Done) {
      done_.add();
      return result->text;
    }
    if (result && result->state == CeleryResult::State::Failed) {
      failed_.add();
      if (is_refusal(*result)) throw InvalidInput(result->text);
      throw Unavailable("a worker failed: " + result->error_type + " " + result->text);
    }
    bell->wait(options_.look, cancel);
  }
  // Others who wait for the same task have sent messages of their own.
  try {
    if (!message.empty()) (void)client_.command({"LREM", list, "1", message}, {.retry = redis::Retry::Safe});
  } catch (const Error&) {  // a worker answers for nobody
  }
  throw Cancelled("nobody waits for this answer any more");
}

}  // namespace odordiff::fleet

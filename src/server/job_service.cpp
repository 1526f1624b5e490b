#include "server/job_service.h"

#include <future>

#include "api/job_prompt.h"
#include "fleet/celery/hand_over.h"
#include "server/job_json.h"
#include "server/problem.h"
#include "server/service.h"

namespace odordiff::server {
namespace {

constexpr std::chrono::milliseconds kCancelledLook{50};  // between two looks at whether the job was cancelled
constexpr const char* kPrompts = "odordiff_job_prompts_total";
constexpr const char* kPromptsHelp = "Prompts of jobs by how their work ended.";

}  // namespace

JobService::JobService(const Options& options, const Service& service, observe::Registry& registry,
                       observe::Logger& logger)
    : service_(service),
      store_({.path = options.database,
              .max_open_jobs = options.max_open_jobs,
              .retain_ms = options.retain_ms,
              .instance = options.instance}),
      runner_(store_,
              [this, work = options.elsewhere](const std::string& prompt, const std::atomic<bool>& cancel) {
                return counted(work, prompt, cancel);
              },
              {.threads = options.threads,
               .on_trouble =
                   [&logger](const std::string& trouble) {
                     if (trouble.empty()) {
                       logger.log(observe::Level::Info, "jobs are stored again");
                     } else {
                       logger.log(observe::Level::Error,
                                  "jobs cannot be stored; what is done waits in memory",
                                  {{"error", trouble}});
                     }
                   },
               .weight_of = options.weight_of}),
      feeds_(store_, runner_),
      done_(registry.counter(kPrompts, kPromptsHelp, {{"fate", "done"}})),
      failed_(registry.counter(kPrompts, kPromptsHelp, {{"fate", "failed"}})) {
  const auto gauge = [&](const char* name, const char* help, auto member) {
    registry.gauge_from(name, help, [this, member] { return static_cast<double>(runner_.load().*member); });
  };
  using Load = jobs::Runner::Load;
  gauge("odordiff_jobs_open", "Jobs that have not ended.", &Load::open_jobs);
  gauge("odordiff_job_prompts_waiting", "Their prompts that nobody is at.", &Load::waiting_prompts);
  gauge("odordiff_job_prompts_in_work", "Their prompts at work.", &Load::in_work);
  registry.gauge_from("odordiff_jobs_storage_trouble", "1 while the database of jobs takes no writes.",
                      [this] { return runner_.load().trouble.empty() ? 0.0 : 1.0; });
  if (!options.webhooks) return;
  sender_ = std::make_unique<WebhookSender>(*options.webhooks, store_, registry, logger);
  ended_ = runner_.subscribe({}, [this](const jobs::Progress& progress) {
    if (jobs::has_ended(progress.state)) sender_->look();
  });
}

JobService::~JobService() {
  stop();
}

void JobService::start() {
  runner_.start();
  if (sender_) sender_->start();
}

void JobService::drain() {
  runner_.drain();
  feeds_.drain();
}

void JobService::stop() {
  drain();
  runner_.stop(std::chrono::milliseconds(0));
  if (sender_) sender_->stop();
}

std::string JobService::work_here(const std::string& prompt, const std::atomic<bool>& cancel) {
  const auto call = std::make_shared<Call>();
  const auto made = std::make_shared<std::promise<std::string>>();
  auto result = made->get_future();
  std::uint64_t ticket = 0;
  try {
    ticket = service_.workers.submit(call, Priority::Background, [this, call, made, prompt] {
      try {
        if (call->ending() != Ending::None) throw Cancelled("ended before it began");
        made->set_value(api::prompt_answer(prompt, [&](const generate::Request& request) {
          return service_.generate(request, call->cancelled());
        }));
      } catch (...) {
        made->set_exception(std::current_exception());
      }
    });
  } catch (const ProblemError& error) {  // the workers stop
    throw Cancelled(error.what());
  }
  while (result.wait_for(kCancelledLook) != std::future_status::ready) {
    if (!cancel.load()) continue;
    call->end(Ending::ClientLeft);
    if (service_.workers.withdraw(ticket)) throw Cancelled("the job was ended");
  }
  return result.get();
}

// Where no worker has this server's model, the server makes the answer itself.
std::string JobService::made(const jobs::Runner::Work& work, const std::string& prompt,
                             const std::atomic<bool>& cancel) {
  if (!work) return work_here(prompt, cancel);
  try {
    return work(prompt, cancel);
  } catch (const fleet::OtherModel&) {
    return work_here(prompt, cancel);
  }
}

std::string JobService::counted(const jobs::Runner::Work& work, const std::string& prompt,
                                const std::atomic<bool>& cancel) {
  try {
    std::string text = made(work, prompt, cancel);
    done_.add();
    return text;
  } catch (const Cancelled&) {
    throw;
  } catch (...) {
    failed_.add();
    throw;
  }
}

}  // namespace odordiff::server

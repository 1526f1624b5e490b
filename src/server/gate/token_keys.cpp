#include "server/gate/token_keys.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/numbers.h"
#include "server/webhook_post.h"

namespace odordiff::server {
namespace {

constexpr std::int64_t kLook_s = 5;         // how often a file is looked at
constexpr std::int64_t kHurriedLook_s = 1;  // when a token names a key that is not there
constexpr std::int64_t kHurriedAsk_s = 10;  // the same of a URL: strangers can make up names of keys
constexpr std::size_t kMostBytes = 256 * 1024;
// How long the answer of a URL is good: what its Cache-Control says, within bounds.
constexpr int kUsualLife_s = 600, kShortestLife_s = 60, kLongestLife_s = 86'400;
constexpr int kLongestPause_s = 60;  // between tries while it does not answer
constexpr int kAskTimeout_ms = 5'000;

constexpr const char* kReads = "odordiff_token_keys_reads_total";
constexpr const char* kReadsHelp = "New states of the keys of tokens, by what became of them.";

// The seconds of max-age, if Cache-Control has it.
std::optional<int> max_age(std::string_view cache_control) {
  while (!cache_control.empty()) {
    std::string_view item = take_item(cache_control);
    constexpr std::string_view kName = "max-age=";
    if (item.starts_with(kName)) return number_in<int>(item.substr(kName.size()));
  }
  return std::nullopt;
}

}  // namespace

KeyWatch::KeyWatch(observe::Registry& registry, observe::Logger& log)
    : logger(log),
      taken(registry.counter(kReads, kReadsHelp, {{"result", "taken"}})),
      refused(registry.counter(kReads, kReadsHelp, {{"result", "refused"}})),
      outdated(registry.gauge("odordiff_token_keys_outdated",
                              "1 where the newest state of the keys of tokens could not be taken.")) {}

TokenKeys::TokenKeys(KeySource source, std::shared_ptr<const KeyWatch> watch)
    : source_(std::move(source)), watch_(std::move(watch)) {
  if (source_.kind == KeySource::Kind::Url) {
    if (watch_) asker_ = std::thread([this] { ask_on(); });
  } else {
    look(true);
  }
}

TokenKeys::~TokenKeys() {
  if (!asker_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  asker_.join();
}

// The state of an open file; throws Unavailable for what is none.
TokenKeys::Opened TokenKeys::open_file() const {
  const auto fail = [&](const std::string& why) {
    throw Unavailable(
        fmt::format("cannot read the keys of tokens in {}: {}", quote_for_message(source_.where, 300), why));
  };
  // Without O_NONBLOCK a pipe in the file's place would wait for somebody to write into it.
  Opened out;
  out.descriptor = File(::open(source_.where.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat state {};
  if (out.descriptor.get() < 0 || ::fstat(out.descriptor.get(), &state) != 0) fail(std::strerror(errno));
  if (!S_ISREG(state.st_mode)) fail("it is no file");
  const auto ns = [](const timespec& t) { return t.tv_sec * std::int64_t{1'000'000'000} + t.tv_nsec; };
  out.stamp = {ns(state.st_mtim), ns(state.st_ctim), state.st_size, state.st_ino, state.st_dev};
  return out;
}

TokenKeys::Keys TokenKeys::read_keys(const Opened& file) {
  if (file.stamp.bytes > static_cast<std::int64_t>(kMostBytes))
    throw InvalidInput("it is larger than 256 kB");
  std::string text(kMostBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t n =
        ::pread(file.descriptor.get(), text.data() + size, text.size() - size, static_cast<off_t>(size));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw InvalidInput(std::strerror(errno));
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > kMostBytes) throw InvalidInput("it is larger than 256 kB");
  text.resize(size);
  if (source_.kind == KeySource::Kind::SecretFile) return read_secrets(text);
  PublicKeys read = read_public_keys(text);
  const std::lock_guard lock(mutex_);
  if (form_.value_or(read.form) != read.form) {
    throw InvalidInput(fmt::format("it was {} when the server started and is {} now; a restart takes that",
                                   to_string(*form_), to_string(read.form)));
  }
  form_ = read.form;
  return std::move(read.keys);
}

void TokenKeys::refresh() {
  if (source_.kind != KeySource::Kind::Url) {
    look(true);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  changed_.notify_all();
}

void TokenKeys::look(bool always) {
  std::optional<Stamp> stamp;  // of no file: nothing
  bool is_first = false;
  try {
    const Opened file = open_file();
    stamp = file.stamp;
    {
      const std::lock_guard lock(mutex_);
      is_first = !keys_;
      if (!always && (stamp == refused_stamp_ || (keys_ && stamp == stamp_ && !refused_))) return;
    }
    Keys fresh;
    try {
      fresh = read_keys(file);
    } catch (const InvalidInput& error) {
      throw InvalidInput(
          fmt::format("the keys of tokens in {}: {}", quote_for_message(source_.where, 300), error.what()));
    }
    bool is_news = false;
    {
      const std::lock_guard lock(mutex_);
      is_news = !keys_ || stamp != stamp_ || refused_;
      stamp_ = *stamp;
      refused_ = false;
      refused_stamp_.reset();
    }
    if (is_news) take(std::move(fresh), is_first);
  } catch (const Error& error) {
    bool is_news = false;
    {
      const std::lock_guard lock(mutex_);
      is_news = !refused_ || refused_stamp_ != stamp;
      refused_ = true;
      refused_stamp_ = stamp;
    }
    if (is_news) refuse(error.what());
    throw;
  }
}

void TokenKeys::take(Keys fresh, bool is_first) {
  const std::size_t count = fresh.size();
  {
    const std::lock_guard lock(mutex_);
    keys_ = std::make_shared<const Keys>(std::move(fresh));
  }
  if (!watch_) return;
  watch_->taken.add();
  watch_->outdated.set(0);
  watch_->logger.log(observe::Level::Info, is_first ? "keys of tokens read" : "keys of tokens read again",
                     {{"from", source_.where}, {"keys", count}});
}

void TokenKeys::refuse(const std::string& why) {
  if (!watch_) return;
  watch_->refused.add();
  watch_->outdated.set(1);
  watch_->logger.log(observe::Level::Error, "keys of tokens could not be taken; those from before stay",
                     {{"from", source_.where}, {"error", why}});
}

std::shared_ptr<const TokenKeys::Keys> TokenKeys::get(std::int64_t now_s, bool hurried) {
  const bool is_file = source_.kind != KeySource::Kind::Url;
  const std::int64_t patience_s = !hurried ? kLook_s : is_file ? kHurriedLook_s : kHurriedAsk_s;
  bool is_due = false;
  {
    const std::lock_guard lock(mutex_);
    // The thread that asks a URL knows itself when the usual time is over.
    is_due = (is_file || hurried) && (now_s - looked_s_ >= patience_s || now_s < looked_s_);
    if (is_due) looked_s_ = now_s;
  }
  if (is_due) {
    try {
      is_file ? look(false) : refresh();
    } catch (const Error&) {  // told of already; the old keys stand until the file is whole
    }
  }
  const std::lock_guard lock(mutex_);
  return keys_;
}

void TokenKeys::take_answer(const std::string& text) {
  PublicKeys read = read_public_keys(text);
  if (read.form != KeyForm::Jwks) throw InvalidInput("it is no JWK set");
  bool is_first = false, is_same = false;
  {
    const std::lock_guard lock(mutex_);
    is_first = !keys_;
    is_same = text == last_answer_;
    last_answer_ = text;
    last_fault_.clear();
    failures_ = 0;
  }
  if (!is_same) {
    take(std::move(read.keys), is_first);
  } else if (watch_) {
    watch_->outdated.set(0);
  }
}

int TokenKeys::ask() {
  WebhookPost question{.method = "GET",
                       .url = source_.where,
                       .body = {},
                       .headers = {{"Accept", "application/json"}},
                       .allow_private = true,
                       .timeout_ms = kAskTimeout_ms,
                       .most_reply_bytes = kMostBytes};
  const WebhookReply reply = post_and_wait(question);
  std::string fault = reply.error;
  if (fault.empty() && reply.status != 200) fault = fmt::format("it answered {}", reply.status);
  if (fault.empty()) {
    try {
      take_answer(reply.body);
      return std::clamp(max_age(reply.cache_control).value_or(kUsualLife_s), kShortestLife_s, kLongestLife_s);
    } catch (const InvalidInput& error) {
      fault = error.what();
    }
  }
  bool is_news = false;
  int pause_s = 1;
  {
    const std::lock_guard lock(mutex_);
    is_news = last_fault_ != fault;
    last_fault_ = fault;
    pause_s = std::min(1 << std::min(failures_++, 6), kLongestPause_s);
  }
  if (is_news) refuse(fault);
  return pause_s;
}

void TokenKeys::ask_on() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    wanted_ = false;
    lock.unlock();
    const int pause_s = ask();
    lock.lock();
    changed_.wait_for(lock, std::chrono::seconds(pause_s), [&] { return ended_ || wanted_; });
  }
}

}  // namespace odordiff::server

#include "fleet/redis/client.h"

#include <openssl/evp.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "base/hex.h"
#include "fleet/redis/blocking_pool.h"
#include "fleet/redis/channels.h"
#include "fleet/redis/key_slot.h"
#include "fleet/redis/router.h"

namespace odordiff::fleet::redis {
namespace {

// SHA-1 is what EVALSHA names scripts by; nothing is kept safe with it.
std::string sha1_hex(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr) != 1) {
    throw Internal("libcrypto has no SHA-1");
  }
  return hex_of({reinterpret_cast<const char*>(digest), size});
}

Outcome outcome_of(Reply reply) {
  if (!reply.is_error()) return {std::move(reply), nullptr};
  try {
    throw_refused(reply.text);
  } catch (const Error&) {
    return {{}, std::current_exception()};
  }
}

Outcome first_of(std::vector<Reply>& replies, const std::exception_ptr& error) {
  if (error) return {{}, error};
  return outcome_of(std::move(replies.front()));
}

// MULTI … EXEC: the replies to the commands between, which came with EXEC's.
std::vector<Reply> transaction_replies(std::vector<Reply> replies) {
  Reply& executed = replies.back();
  if (executed.is_error()) {
    for (const auto& reply : replies) {
      if (reply.is_error()) throw_refused(reply.text);
    }
  }
  if (executed.is_nil()) throw Refused("ABORTED", "a key that the transaction watches has changed");
  if (executed.kind != Reply::Kind::Array)
    throw ProtocolError("EXEC was answered with something else than an array");
  return std::move(executed.items);
}

bool is_unknown_script(const std::exception_ptr& error) {
  if (!error) return false;
  try {
    std::rethrow_exception(error);
  } catch (const Refused& refused) {
    return refused.code() == "NOSCRIPT";
  } catch (...) {
    return false;
  }
}

Command eval_command(const char* name, const std::string& script, const std::vector<std::string>& keys,
                     const std::vector<std::string>& arguments) {
  Command out = {name, script, std::to_string(keys.size())};
  out.insert(out.end(), keys.begin(), keys.end());
  out.insert(out.end(), arguments.begin(), arguments.end());
  return out;
}

std::size_t lane_of_this_thread() {
  return std::hash<std::thread::id>{}(std::this_thread::get_id());
}

void check(const Options& options) {
  if (options.addresses.empty()) throw InvalidInput("Redis needs an address: redis://host:6379");
  if (options.mode == Mode::Sentinel && options.master_name.empty()) {
    throw InvalidInput("sentinels need the primary's name");
  }
  if (options.breaker_failures < 1) throw InvalidInput("the breaker opens after 1 failure or more");
}

Options checked(Options options) {
  check(options);
  return options;
}

}  // namespace

Script::Script(std::string lua) : source(std::move(lua)), sha1(sha1_hex(source)) {}

class Client::Impl : public std::enable_shared_from_this<Client::Impl> {
 public:
  Impl(Options options, observe::Registry* registry, observe::Logger* logger)
      : core(checked(std::move(options)), registry, logger),
        router(make_router(core)),
        blocking(std::make_shared<BlockingPool>(core, *router)),
        channels(std::make_shared<Channels>(core, *router)),
        work_(core.io.get_executor()) {
    router->moved = [weak = std::weak_ptr(channels)] {
      if (const auto told = weak.lock()) told->move();
    };
    thread_ = std::thread([this] { core.io.run(); });
    asio::post(core.io, [this] { router->start(); });
  }

  void stop() {
    asio::post(core.io, [this] {
      const auto why = std::make_exception_ptr(Cancelled("the Redis client is closing"));
      core.stopping = true;
      channels->stop(why);
      blocking->stop(why);
      router->stop(why);
      core.io.stop();
    });
    thread_.join();
  }

  bool on_its_thread() const { return std::this_thread::get_id() == thread_.get_id(); }

  BatchPtr batch(std::vector<Command> commands, CallOptions options, Batch::Done done) {
    const int slot = core.options.mode == Mode::Cluster ? commands_slot(commands) : -1;
    auto out = std::make_shared<Batch>(core, std::move(commands), options, std::move(done));
    out->slot = slot;
    out->lane = lane_of_this_thread();
    return out;
  }

  void submit(std::vector<BatchPtr> batches) {
    asio::post(core.io, [this, batches = std::move(batches)] {
      for (const auto& batch : batches) {
        batch->start();
        router->submit(batch);
      }
    });
  }

  // Waits for what `begin` has called back with.
  template <typename Value, typename Begin>
  Value wait_for(const Begin& begin) {
    if (on_its_thread()) throw Internal("a call that blocks was made on the Redis client's own thread");
    const auto promise = std::make_shared<std::promise<Value>>();
    auto future = promise->get_future();
    begin([promise](Value value) { promise->set_value(std::move(value)); });
    return future.get();
  }

  Core core;
  const std::shared_ptr<Router> router;
  const std::shared_ptr<BlockingPool> blocking;
  const std::shared_ptr<Channels> channels;

 private:
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

Client::Client(Options options, observe::Registry* registry, observe::Logger* logger)
    : impl_(std::make_shared<Impl>(std::move(options), registry, logger)) {}

Client::~Client() {
  impl_->stop();
}

const Options& Client::options() const {
  return impl_->core.options;
}

void Client::send(Command command, CallOptions options, std::function<void(Outcome)> done) {
  impl_->submit(
      {impl_->batch({std::move(command)}, options,
                    [done = std::move(done)](std::vector<Reply> replies, const std::exception_ptr& error) {
                      done(first_of(replies, error));
                    })});
}

Reply Client::command(Command command, CallOptions options) {
  return impl_->wait_for<Outcome>([&](auto done) { send(std::move(command), options, std::move(done)); })
      .value();
}

std::vector<Reply> Client::pipeline(std::vector<Command> commands, CallOptions options) {
  struct Gathered {
    std::vector<Reply> replies;
    std::exception_ptr error;
    std::size_t missing;
  };
  if (commands.empty()) return {};
  const auto gathered = std::make_shared<Gathered>();
  gathered->replies.resize(commands.size());
  gathered->missing = commands.size();
  using Shared = std::shared_ptr<Gathered>;
  const auto whole = impl_->wait_for<Shared>([&](const auto& done) {
    std::vector<BatchPtr> batches;
    for (std::size_t i = 0; i < commands.size(); ++i) {
      batches.push_back(impl_->batch({std::move(commands[i])}, options,
                                     [=](std::vector<Reply> replies, const std::exception_ptr& error) {
                                       if (error && !gathered->error) gathered->error = error;
                                       if (!error) gathered->replies[i] = std::move(replies.front());
                                       if (--gathered->missing == 0) done(gathered);
                                     }));
    }
    impl_->submit(std::move(batches));
  });
  if (whole->error) std::rethrow_exception(whole->error);
  return std::move(whole->replies);
}

std::vector<Reply> Client::transaction(std::vector<Command> commands, CallOptions options) {
  commands.insert(commands.begin(), Command{"MULTI"});
  commands.push_back({"EXEC"});
  using Ended = std::pair<std::vector<Reply>, std::exception_ptr>;
  auto ended = impl_->wait_for<Ended>([&](const auto& done) {
    impl_->submit({impl_->batch(std::move(commands), options,
                                [done](std::vector<Reply> replies, const std::exception_ptr& error) {
                                  done({std::move(replies), error});
                                })});
  });
  if (ended.second) std::rethrow_exception(ended.second);
  return transaction_replies(std::move(ended.first));
}

void Client::send_eval(std::shared_ptr<const Script> script, std::vector<std::string> keys,
                       std::vector<std::string> arguments, CallOptions options,
                       std::function<void(Outcome)> done) {
  Command first = eval_command("EVALSHA", script->sha1, keys, arguments);
  send(std::move(first), options,
       [weak = std::weak_ptr(impl_), script = std::move(script), keys = std::move(keys),
        arguments = std::move(arguments), options, done = std::move(done)](Outcome outcome) {
         const auto impl = weak.lock();
         if (!impl || !is_unknown_script(outcome.error)) return done(std::move(outcome));
         impl->submit({impl->batch({eval_command("EVAL", script->source, keys, arguments)}, options,
                                   [done](std::vector<Reply> replies, const std::exception_ptr& error) {
                                     done(first_of(replies, error));
                                   })});
       });
}

Reply Client::eval(const Script& script, const std::vector<std::string>& keys,
                   const std::vector<std::string>& arguments, CallOptions options) {
  // The caller's script outlives the call, which waits.
  const std::shared_ptr<const Script> borrowed(&script, [](const Script*) {});
  return impl_
      ->wait_for<Outcome>([&](auto done) { send_eval(borrowed, keys, arguments, options, std::move(done)); })
      .value();
}

void Client::send_blocking(Command command, CallOptions options, std::function<void(Outcome)> done) {
  auto batch =
      impl_->batch({std::move(command)}, options,
                   [done = std::move(done)](std::vector<Reply> replies, const std::exception_ptr& error) {
                     done(first_of(replies, error));
                   });
  batch->exclusive = true;
  asio::post(impl_->core.io, [impl = impl_.get(), batch = std::move(batch)] {
    batch->start();
    impl->blocking->submit(batch);
  });
}

Reply Client::blocking(Command command, CallOptions options) {
  return impl_
      ->wait_for<Outcome>([&](auto done) { send_blocking(std::move(command), options, std::move(done)); })
      .value();
}

Subscription Client::subscribe(std::vector<std::string> channels, Subscriber subscriber) {
  if (channels.empty() || !subscriber.message) {
    throw InvalidInput("a subscription needs a channel and somebody to call");
  }
  auto listener = std::make_shared<Listener>();
  listener->channels = std::move(channels);
  listener->calls = std::move(subscriber);
  asio::post(impl_->core.io, [impl = impl_.get(), listener] { impl->channels->add(listener); });
  return Subscription(std::shared_ptr<void>(nullptr, [weak = std::weak_ptr(impl_), listener](void*) {
    {
      const std::lock_guard lock(listener->mutex);
      listener->ended = true;
    }
    const auto impl = weak.lock();
    if (impl) asio::post(impl->core.io, [held = impl.get(), listener] { held->channels->remove(listener); });
  }));
}

ClientStatus Client::status() const {
  const auto look = [impl = impl_.get()] {
    ClientStatus out;
    out.ready = impl->router->ready();
    out.breaker = impl->router->breaker();
    out.server = impl->router->server();
    if (!out.ready) out.trouble = impl->core.trouble;
    out.connections = impl->core.connections;
    out.reconnects = impl->core.reconnects;
    out.failovers = impl->core.failovers;
    return out;
  };
  if (impl_->on_its_thread()) return look();
  return impl_->wait_for<ClientStatus>(
      [&](const auto& done) { asio::post(impl_->core.io, [look, done] { done(look()); }); });
}

}  // namespace odordiff::fleet::redis

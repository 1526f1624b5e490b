// How a connection writes: what fits goes at once, the rest as the reader takes it, who may be slow but not
// still.
#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>

#include "server/connection.h"

namespace odordiff::server {
namespace {

constexpr double kLeastBytesPerSecond = 1024;        // of a reader, beyond its first time
constexpr std::chrono::seconds kCrowdedPatience{2};  // where too much waits for readers

// Counts among what waits for readers, while it does.
class Unread {
 public:
  Unread(std::atomic<std::size_t>& all, std::size_t bytes) : all_(all), bytes_(bytes) {
    all_.fetch_add(bytes_);
  }
  ~Unread() { all_.fetch_sub(bytes_); }
  Unread(const Unread&) = delete;
  Unread& operator=(const Unread&) = delete;

 private:
  std::atomic<std::size_t>& all_;
  const std::size_t bytes_;
};

}  // namespace

Awaitable<bool> Connection::write_response(const Response& response, const Request& request,
                                           bool keep_alive) {
  static const std::string kNothing;
  const bool bodiless = response.status == 204 || response.status == 304;
  const std::string& body = response.body ? *response.body : kNothing;
  const bool unknown = request.method == "HEAD" && !response.body;  // a stream's
  const std::optional<std::size_t> length = bodiless || unknown ? std::nullopt : std::optional(body.size());
  const std::string head = response_head(response, length, request, keep_alive, false);
  const std::string& sent = bodiless || request.method == "HEAD" ? kNothing : body;
  co_return co_await write(head, sent);
}

Awaitable<bool> Connection::write(const std::string& head, const std::string& body) {
  const std::size_t all = head.size() + body.size();
  ErrorCode error;
  timed_out_ = false;
  std::size_t sent = transport_.write_now({asio::buffer(head), asio::buffer(body)});
  if (sent < all) {
    const Unread unread(context_.unread_bytes, all - sent);
    wait_for_reader();
    while (!error && sent < all) {
      const std::size_t of_head = std::min(sent, head.size());
      const std::array<asio::const_buffer, 2> rest = {asio::buffer(head) + of_head,
                                                      asio::buffer(body) + (sent - of_head)};
      const std::size_t some =
          co_await transport_.async_write_some(rest, asio::redirect_error(use_awaitable, error));
      sent += some;
      reader_took(some);
    }
    reader_is_done();
  }
  note_sent(sent);
  co_return !error;
}

void Connection::note_sent(std::size_t bytes) {
  context_.metrics.sent_bytes.add(bytes);
  sent_bytes_ += bytes;
  if (timed_out_) context_.metrics.readers_dropped.add();
}

void Connection::wait_for_reader() {
  allow_ms(context_.options.write_timeout_ms);
  reader_took_at_ = Clock::now();
}

void Connection::reader_took(std::size_t bytes) {
  if (bytes == 0 || !allowed_until_) return;
  const auto now = Clock::now();
  const auto bought = std::chrono::duration<double>(static_cast<double>(bytes) / kLeastBytesPerSecond);
  allowed_until_ = std::min(now + std::chrono::milliseconds(context_.options.write_timeout_ms),
                            *allowed_until_ + std::chrono::duration_cast<Clock::duration>(bought));
  reader_took_at_ = now;
}

void Connection::reader_is_done() {
  allowed_until_.reset();
  reader_took_at_.reset();
}

bool Connection::is_late() const {
  const auto now = Clock::now();
  if (allowed_until_ && now >= *allowed_until_) return true;
  return reader_took_at_ && now >= *reader_took_at_ + kCrowdedPatience &&
         context_.unread_bytes.load() > context_.options.max_unread_bytes;
}

}  // namespace odordiff::server

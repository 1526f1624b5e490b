#include "fleet/redis/stream.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>

namespace odordiff::fleet::redis {
namespace {

std::string tls_trouble(const ErrorCode& error, const TlsOptions& options) {
  const std::string what = error.message();
  std::string advice;
  if (what.find("certificate verify failed") != std::string::npos) {
    advice = options.ca_file.empty()
                 ? "; give the CA that signed its certificate by ?ca=FILE"
                 : "; the certificate must be signed by the CA that was given and carry the "
                   "server's name, or the one given by ?server_name=NAME";
  } else if (what.find("wrong version number") != std::string::npos) {
    advice = "; it may not speak TLS: then the URL begins with redis://";
  }
  return "TLS failed: " + what + advice;
}

}  // namespace

void Stream::connect(const Address& address, std::function<void(std::string)> done) {
  address_ = address;
  ErrorCode error;
  const auto numeric = asio::ip::make_address(address.host, error);
  if (!error) return reach({tcp::endpoint(numeric, address.port)}, std::move(done));
  resolver_.async_resolve(address.host, std::to_string(address.port),
                          [this, done = std::move(done)](const ErrorCode& failed, const auto& found) mutable {
                            if (failed) return done("its name is not known: " + failed.message());
                            reach({found.begin(), found.end()}, std::move(done));
                          });
}

void Stream::reach(const std::vector<tcp::endpoint>& endpoints, std::function<void(std::string)> done) {
  endpoints_ = endpoints;
  asio::async_connect(socket_, endpoints_,
                      [this, done = std::move(done)](const ErrorCode& failed, const tcp::endpoint&) mutable {
                        if (failed) return done(failed.message());
                        reached_ = true;
                        ErrorCode ignored;
                        socket_.set_option(tcp::no_delay(true), ignored);
                        socket_.set_option(asio::socket_base::keep_alive(true), ignored);
                        if (!core_.tls) return done({});
                        begin_tls(std::move(done));
                      });
}

void Stream::begin_tls(std::function<void(std::string)> done) {
  const std::string& given = core_.options.tls.server_name;
  const std::string& name = given.empty() ? address_.host : given;
  tls_.emplace(socket_, *core_.tls);
  tls_->set_verify_mode(asio::ssl::verify_peer);
  tls_->set_verify_callback(asio::ssl::host_name_verification(name));
  SSL_set_tlsext_host_name(tls_->native_handle(), name.c_str());
  tls_->async_handshake(asio::ssl::stream_base::client,
                        [this, done = std::move(done)](const ErrorCode& failed) {
                          done(failed ? tls_trouble(failed, core_.options.tls) : std::string());
                        });
}

void Stream::read_some(asio::mutable_buffer into, Handler handler) {
  if (tls_) {
    tls_->async_read_some(into, std::move(handler));
  } else {
    socket_.async_read_some(into, std::move(handler));
  }
}

void Stream::write(asio::const_buffer bytes, Handler handler) {
  if (tls_) {
    asio::async_write(*tls_, bytes, std::move(handler));
  } else {
    asio::async_write(socket_, bytes, std::move(handler));
  }
}

std::string Stream::trouble(const ErrorCode& error, bool greeted) const {
  const bool ended = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
  std::string out = ended ? "it closed the connection" : "the connection broke: " + error.message();
  if (!greeted) out += " before it greeted";
  // In TLS 1.3 a server refuses a client without a certificate only after the handshake, and the alert that
  // says so is lost when its closing of the connection overtakes it.
  const bool alert = out.find("alert") != std::string::npos;
  if (tls_ && (alert || (!greeted && core_.options.tls.certificate_file.empty()))) {
    out += "; it may want a certificate of ours: ?cert=FILE&key=FILE";
  } else if (!greeted) {
    out += "; it may want TLS, or speak something else";
  }
  return out;
}

void Stream::close() {
  resolver_.cancel();
  ErrorCode ignored;
  socket_.close(ignored);
}

}  // namespace odordiff::fleet::redis

// TLS 1.3 for the server: a certificate from files, or one made up for development.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace odordiff::server {

struct TlsOptions {
  std::string certificate;  // PEM file, with the chain behind it; empty and not self-signed: no TLS
  std::string key;          // PEM file
  std::string client_ca;  // PEM file of the authorities by one of which clients' certificates must be signed;
                          // empty: clients need none
  bool self_signed = false;  // a key and a certificate for localhost that live as long as the process
  bool wanted() const { return self_signed || !certificate.empty(); }
};

struct Tls {
  std::shared_ptr<boost::asio::ssl::context> context;
  std::string fingerprint;       // SHA-256 of the certificate, "AB:CD:…", for whoever is to trust it
  std::int64_t not_after_s = 0;  // when it expires, in seconds since 1970
};

// REQUIRES: options.wanted(). Throws Unavailable that names the file and what is wrong with it.
Tls make_tls(const TlsOptions& options);

}  // namespace odordiff::server

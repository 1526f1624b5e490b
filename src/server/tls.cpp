#include "server/tls.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <string_view>

#include "base/error.h"
#include "base/random.h"
#include "server/openssl.h"

namespace odordiff::server {
namespace {

namespace ssl = boost::asio::ssl;

constexpr long kSelfSignedLife_s = 30L * 86'400;
constexpr std::string_view kProtocol = "http/1.1";

using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

void require(bool good, const char* what) {
  if (!good) throw Internal(std::string("libcrypto could not ") + what);
}

void add_extension(X509* certificate, int kind, const char* value) {
  X509V3_CTX context{};
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "extend a certificate");
}

Certificate self_signed(EVP_PKEY* key) {
  Certificate out(X509_new());
  require(out != nullptr && X509_set_version(out.get(), 2) == 1, "make a certificate");
  std::uint32_t serial = 0;
  std::memcpy(&serial, random_bytes(sizeof serial).data(), sizeof serial);
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), static_cast<long>(serial | 1U));
  X509_gmtime_adj(X509_getm_notBefore(out.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(out.get()), kSelfSignedLife_s);
  X509_set_pubkey(out.get(), key);
  X509_NAME* name = X509_get_subject_name(out.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"),
                             -1, -1, 0);
  X509_set_issuer_name(out.get(), name);
  add_extension(out.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1");
  add_extension(out.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(out.get(), NID_ext_key_usage, "serverAuth");
  require(X509_sign(out.get(), key, EVP_sha256()) > 0, "sign a certificate");
  return out;
}

std::string fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  require(X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1, "digest a certificate");
  std::string out;
  for (unsigned int i = 0; i < size; ++i) out += fmt::format("{}{:02X}", i == 0 ? "" : ":", digest[i]);
  return out;
}

std::int64_t not_after_s(const X509* certificate) {
  std::tm utc{};
  require(ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &utc) == 1, "read when a certificate expires");
  return ::timegm(&utc);
}

// Which of the client's protocols is spoken; none of ours among them ends the handshake.
int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned int in_size, void* /*unused*/) {
  for (unsigned int at = 0; at < in_size && at + 1 + in[at] <= in_size; at += 1U + in[at]) {
    if (in[at] != kProtocol.size() || std::memcmp(in + at + 1, kProtocol.data(), kProtocol.size()) != 0)
      continue;
    *out = in + at + 1;
    *out_size = in[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

[[noreturn]] void refuse(const std::string& what, const std::string& file, const std::string& why) {
  throw Unavailable(fmt::format("cannot use the {} {}: {}; it must be a PEM file", what, file, why));
}

void load_files(ssl::context& context, const TlsOptions& options) {
  boost::system::error_code error;
  // Without this, OpenSSL would ask for a key's password at the terminal.
  context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); });
  context.use_certificate_chain_file(options.certificate, error);
  if (error) refuse("certificate", options.certificate, error.message());
  context.use_private_key_file(options.key, ssl::context::pem, error);
  if (ERR_GET_REASON(static_cast<unsigned long>(error.value())) == X509_R_KEY_VALUES_MISMATCH) {
    throw Unavailable("the key " + options.key + " is not that of the certificate " + options.certificate);
  }
  if (error) refuse("key", options.key, error.message());
}

// Only clients with a certificate of one of these authorities get through the handshake.
void require_client_certificates(ssl::context& context, const std::string& authorities) {
  boost::system::error_code error;
  context.load_verify_file(authorities, error);
  STACK_OF(X509_NAME)* const names = error ? nullptr : SSL_load_client_CA_file(authorities.c_str());
  if (names == nullptr) {
    refuse("file of authorities for clients", authorities,
           error ? error.message() : "it holds no certificate");
  }
  SSL_CTX_set_client_CA_list(context.native_handle(), names);  // which takes them
  context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert, error);
  // Without it a session cannot be resumed once clients are verified.
  static constexpr std::string_view kSession = "odordiff";
  SSL_CTX_set_session_id_context(context.native_handle(),
                                 reinterpret_cast<const unsigned char*>(kSession.data()),
                                 static_cast<unsigned int>(kSession.size()));
}

void make_self_signed(ssl::context& context) {
  const Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "make a key");
  const Certificate certificate = self_signed(key.get());
  require(SSL_CTX_use_certificate(context.native_handle(), certificate.get()) == 1 &&
              SSL_CTX_use_PrivateKey(context.native_handle(), key.get()) == 1,
          "use its own certificate");
}

}  // namespace

Tls make_tls(const TlsOptions& options) {
  ERR_clear_error();
  const auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_3_VERSION);
  SSL_CTX_set_alpn_select_cb(context->native_handle(), choose_protocol, nullptr);
  if (options.self_signed) {
    make_self_signed(*context);
  } else {
    load_files(*context, options);
  }
  if (!options.client_ca.empty()) require_client_certificates(*context, options.client_ca);
  const X509* certificate = SSL_CTX_get0_certificate(context->native_handle());
  return {context, fingerprint_of(certificate), not_after_s(certificate)};
}

}  // namespace odordiff::server

// What the tests of the gate share: folders, tokens and the keys that sign them.
#pragma once

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "base/base64.h"
#include "server/json.h"

namespace odordiff::server {

// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "odordiff_gate_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const std::string& name) const { return (path_ / name).string(); }
  // Replaces the file in one step, as administrators should.
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name + ".new"), std::ios::binary) << text;
    std::filesystem::rename(path(name + ".new"), path(name));
    return path(name);
  }
  std::string read(const std::string& name) const {
    std::ifstream in(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

 private:
  std::filesystem::path path_;
};

// Signs tokens as their issuer does.
class Signer {
 public:
  static Signer hmac(std::string secret) {
    Signer out;
    out.algorithm_ = "HS256";
    out.secret_ = std::move(secret);
    return out;
  }
  static Signer rsa(unsigned bits = 2048) {
    Signer out;
    out.algorithm_ = "RS256";
    out.key_.reset(EVP_RSA_gen(bits), EVP_PKEY_free);
    return out;
  }
  static Signer ec(const char* curve = "P-256") {
    Signer out;
    out.algorithm_ = "ES256";
    out.key_.reset(EVP_EC_gen(curve), EVP_PKEY_free);
    return out;
  }

  const std::string& algorithm() const { return algorithm_; }
  bool is_secret() const { return !secret_.empty(); }
  const std::string& secret() const { return secret_; }

  std::string token(const Json& claims, const Json& more_header = Json::object()) const {
    Json header = {{"alg", algorithm_}, {"typ", "JWT"}};
    header.update(more_header);
    const std::string text = base64url_encoded(header.dump()) + "." + base64url_encoded(claims.dump());
    return text + "." + base64url_encoded(signature(text));
  }

  std::string signature(const std::string& text) const {
    if (!secret_.empty()) return hmac_of(secret_, text);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
    std::size_t size = 1024;
    std::string out(size, '\0');
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                   reinterpret_cast<const unsigned char*>(text.data()), text.size());
    out.resize(size);
    return algorithm_ == "ES256" ? raw_pair(out) : out;
  }

  std::string pem() const {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
    PEM_write_bio_PUBKEY(bio.get(), key_.get());
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }

  Json jwk(const std::string& kid = {}) const {
    Json out = Json::object();
    if (!kid.empty()) out["kid"] = kid;
    if (!secret_.empty()) {
      out.update({{"kty", "oct"}, {"k", base64url_encoded(secret_)}});
    } else if (algorithm_ == "RS256") {
      out.update({{"kty", "RSA"}, {"n", number("n")}, {"e", number("e")}});
    } else {
      out.update({{"kty", "EC"}, {"crv", "P-256"}, {"x", number("qx", 32)}, {"y", number("qy", 32)}});
    }
    return out;
  }

  static std::string hmac_of(const std::string& secret, const std::string& text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
    return {reinterpret_cast<const char*>(digest.data()), size};
  }

 private:
  std::string number(const char* name, int bytes = 0) const {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key_.get(), name, &value);
    std::string out(static_cast<std::size_t>(bytes > 0 ? bytes : BN_num_bytes(value)), '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
    BN_free(value);
    return base64url_encoded(out);
  }
  static std::string raw_pair(const std::string& der) {
    const auto* from = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &from, static_cast<long>(der.size()));
    std::string out(64, '\0');
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), reinterpret_cast<unsigned char*>(out.data()), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), reinterpret_cast<unsigned char*>(out.data()) + 32, 32);
    ECDSA_SIG_free(pair);
    return out;
  }

  std::string algorithm_, secret_;
  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace odordiff::server

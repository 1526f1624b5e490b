// Tokens: those that are good tell who comes, and no trick makes another one good.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <random>

#include "gate_world.h"
#include "running_server.h"
#include "server/gate/jwt.h"

namespace odordiff::server {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;

Json claims() {
  return {{"sub", "ada"}, {"aud", "odordiff"}, {"exp", kNow + 60}, {"role", "chemist"}};
}
Json claims_with(const std::string& name, const Json& value) {
  Json out = claims();
  out[name] = value;
  return out;
}
Json claims_without(const std::string& name) {
  Json out = claims();
  out.erase(name);
  return out;
}

// A verifier of what `signer` signs, with its key in a file.
struct TokenMakers {
  explicit TokenMakers(const Signer& signer, const JwtOptions& more = {"odordiff"})
      : TokenMakers(signer.is_secret() ? "hs256:" + signer.secret() : Json{{"keys", {signer.jwk()}}}.dump(),
                    more, signer.is_secret() ? KeySource::Kind::SecretFile : KeySource::Kind::PublicFile) {}
  explicit TokenMakers(const std::string& keys, const JwtOptions& more = {"odordiff"},
                       KeySource::Kind kind = KeySource::Kind::PublicFile) {
    folder.write("keys", keys);
    const auto watch = std::make_shared<const KeyWatch>(registry, logger);
    verifier = std::make_unique<JwtVerifier>(
        more, std::make_shared<TokenKeys>(KeySource{kind, folder.path("keys")}, watch));
  }
  std::string fault(const std::string& token, std::int64_t now = kNow) const {
    try {
      (void)verifier->verify(token, now);
    } catch (const TokenError& error) {
      return error.what();
    }
    return "";
  }
  double figure(const std::string& name) const {
    const std::string page = registry.text();
    const std::size_t at = page.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(page.substr(at + name.size() + 2));
  }
  Folder folder;
  KeptLog log;
  observe::Logger logger{observe::Level::Info, log.write()};
  observe::Registry registry;
  std::unique_ptr<JwtVerifier> verifier;
};

const Signer& rsa() {
  static const Signer shared = Signer::rsa();
  return shared;
}
const Signer& ec() {
  static const Signer shared = Signer::ec();
  return shared;
}
const Signer& secret() {
  static const Signer shared = Signer::hmac("0123456789abcdef0123456789abcdef");
  return shared;
}

TEST(Jwt, EachAlgorithmSaysWhoComes) {
  for (const Signer* signer : {&rsa(), &ec(), &secret()}) {
    const TokenMakers world(*signer);
    const Identity identity = world.verifier->verify(signer->token(claims()), kNow);
    EXPECT_EQ(identity.subject, "jwt:ada") << signer->algorithm();
    EXPECT_EQ(identity.role, Role::Chemist);
  }
}

TEST(Jwt, KeysMayAlsoBePem) {
  EXPECT_EQ(TokenMakers(rsa().pem()).fault(rsa().token(claims())), "");
  EXPECT_EQ(TokenMakers(ec().pem()).fault(ec().token(claims(), {{"kid", "any"}})), "");
  const Signer old_key = Signer::ec();
  const TokenMakers two(old_key.pem() + ec().pem());
  for (const Signer* signer : {&old_key, &ec()}) EXPECT_EQ(two.fault(signer->token(claims())), "");
  EXPECT_NE(two.fault(Signer::ec().token(claims())), "");
}

TEST(Jwt, SecretsStandInAFileOfTheirOwnALineEach) {
  const std::string first(32, 'a'), second(40, 'b');
  const TokenMakers world("hs256:" + first + "\r\n\nhs256:" + second + "\n", {"odordiff"},
                          KeySource::Kind::SecretFile);
  for (const std::string& good : {first, second})
    EXPECT_EQ(world.fault(Signer::hmac(good).token(claims())), "");
  EXPECT_NE(world.fault(Signer::hmac(first + "\r").token(claims())), "");
  EXPECT_NE(world.fault(Signer::hmac(std::string(32, 'c')).token(claims())), "");
}

// What lands in place of the keys by accident is known to strangers, who must not sign with it.
const std::vector<std::string>& accidents() {
  static const std::vector<std::string> texts = {
      "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\n",
      "502_Bad_Gateway_without_any_spaces_in_it\n",
      "<!DOCTYPE html><p>not-found</p>" + std::string(100, 'x'),
      Json::array({rsa().jwk("1")}).dump(),
      "\"" + std::string(64, 'x') + "\"",
      std::string(64, '0'),
      std::string("\x30\x82\x01\x22") + std::string(290, '\x07'),  // DER
      std::string(4096, '\0'),
      "\xff\xfe" + std::string(64, '{'),  // UTF-16
      "ssh-rsa " + std::string(300, 'A') + " key",
      "keys:\n  - kty: RSA\n    n: " + std::string(100, 'a'),
      "text before\n" + rsa().pem(),
  };
  return texts;
}

TEST(Jwt, NoTextBecomesASecretByAccident) {
  for (const std::string& text : accidents()) {
    EXPECT_THROW((void)read_public_keys(text), InvalidInput) << text;
    // Nor in place of good keys.
    TokenMakers world(rsa());
    world.folder.write("keys", text);
    std::string line = text;
    while (line.ends_with('\n')) line.pop_back();
    for (const std::string& key : {text, line}) {
      EXPECT_NE(world.fault(Signer::hmac(key).token(claims_with("role", "admin")), kNow + 10), "") << text;
    }
    EXPECT_EQ(world.fault(rsa().token(claims()), kNow + 20), "") << "honest tokens are good as before";
    EXPECT_EQ(world.figure("odordiff_token_keys_outdated"), 1);
    EXPECT_EQ(world.figure("odordiff_token_keys_reads_total{result=\"refused\"}"), 1) << "once for a state";
    EXPECT_NE(world.log.lines.back().find("those from before stay"), std::string::npos);
  }
}

TEST(Jwt, ASecretFileIsNotReplacedByAnErrorPage) {
  const std::string good(40, 's');
  const std::vector<std::string> odd = {accidents()[0],
                                        accidents()[2],
                                        accidents()[3],
                                        rsa().pem(),
                                        rsa().jwk().dump(),
                                        "",
                                        "short\n" + good,
                                        "hs256:" + good + " with spaces",
                                        "hs256:short",
                                        std::string(40, 't'),
                                        "error:upstream-connect-failure(111)connection-refused",
                                        std::string("\x30\x82\x01\x22") + std::string(290, '\x07')};
  for (const std::string& text : odd) {
    TokenMakers world("hs256:" + good, {"odordiff"}, KeySource::Kind::SecretFile);
    world.folder.write("keys", text);
    EXPECT_NE(world.fault(Signer::hmac(text.empty() ? "x" : text).token(claims()), kNow + 10), "") << text;
    EXPECT_EQ(world.fault(Signer::hmac(good).token(claims()), kNow + 20), "") << text;
  }
}

// What is no file does not hold the server up, and what is too large is not read.
TEST(Jwt, OddFilesInThePlaceOfTheKeysLeaveThemAlone) {
  TokenMakers world(rsa());
  const std::string keys = world.folder.path("keys");
  std::filesystem::remove(keys);
  ASSERT_EQ(::mkfifo(keys.c_str(), 0600), 0);
  EXPECT_EQ(world.fault(rsa().token(claims()), kNow + 10), "");
  std::filesystem::remove(keys);
  std::filesystem::create_directory(keys);
  EXPECT_EQ(world.fault(rsa().token(claims()), kNow + 20), "");
  std::filesystem::remove(keys);
  EXPECT_EQ(world.fault(rsa().token(claims()), kNow + 30), "") << "none at all";
  world.folder.write("keys", std::string(300 * 1024, ' ') + rsa().pem());
  EXPECT_EQ(world.fault(rsa().token(claims()), kNow + 40), "");
  EXPECT_EQ(world.figure("odordiff_token_keys_outdated"), 1);
  world.folder.write("keys", Json{{"keys", {ec().jwk()}}}.dump());
  EXPECT_EQ(world.fault(ec().token(claims()), kNow + 50), "") << "and good ones are taken again";
  EXPECT_EQ(world.figure("odordiff_token_keys_outdated"), 0);
}

TEST(Jwt, AKeyThatAnybodyCouldSignWithIsNone) {
  Json weak = rsa().jwk("1");
  for (const char* exponent : {"AQ", "Ag", "AA"}) {  // 1, 2, 0
    weak["e"] = exponent;
    EXPECT_THROW((void)read_public_keys(weak.dump()), InvalidInput) << exponent;
  }
  Json even = rsa().jwk("1");
  even["n"] = base64url_encoded("\x80" + std::string(255, '\0'));
  EXPECT_THROW((void)read_public_keys(even.dump()), InvalidInput);
  Json huge = rsa().jwk("1");
  huge["n"] = base64url_encoded(std::string(150'000, '\xff'));
  EXPECT_THROW((void)read_public_keys(huge.dump()), InvalidInput);
  Json with_private = rsa().jwk("1");
  with_private["d"] = "AQAB";
  EXPECT_THROW((void)read_public_keys(with_private.dump()), InvalidInput);
  Json for_another_use = rsa().jwk("1");
  for_another_use["key_ops"] = {"encrypt"};
  EXPECT_THROW((void)read_public_keys(for_another_use.dump()), InvalidInput);
  // Beside a good one they are passed over.
  EXPECT_EQ(read_public_keys(Json{{"keys", {weak, huge, secret().jwk(), ec().jwk("2")}}}.dump()).keys.size(),
            1U);
}

TEST(Jwt, ANamedKeyIsFoundBesideOthers) {
  const Signer other = Signer::rsa();
  const TokenMakers world(Json{{"keys", {rsa().jwk("a"), other.jwk()}}}.dump());
  EXPECT_EQ(world.fault(rsa().token(claims(), {{"kid", "a"}})), "");
  EXPECT_EQ(world.fault(other.token(claims(), {{"kid", "b"}})), "");
  const TokenMakers twins(Json{{"keys", {rsa().jwk("a"), other.jwk("a")}}}.dump());
  for (const Signer* signer : {&rsa(), &other})
    EXPECT_EQ(twins.fault(signer->token(claims(), {{"kid", "a"}})), "");
}

TEST(Jwt, AByteOrderMarkIsNoDamage) {
  EXPECT_EQ(TokenMakers("\xef\xbb\xbf" + Json{{"keys", {rsa().jwk()}}}.dump()).fault(rsa().token(claims())),
            "");
}

TEST(Jwt, TheKindOfTheFileStaysWhatItWas) {
  TokenMakers world(rsa().pem());
  world.folder.write("keys", Json{{"keys", {ec().jwk("1")}}}.dump());
  EXPECT_NE(world.fault(ec().token(claims(), {{"kid", "1"}}), kNow + 10), "");
  EXPECT_EQ(world.fault(rsa().token(claims()), kNow + 20), "");
  EXPECT_NE(world.log.lines.back().find("it was a PEM file when the server started and is a JWK set now"),
            std::string::npos);
  world.folder.write("keys", ec().pem());
  EXPECT_EQ(world.fault(ec().token(claims()), kNow + 30), "");
  EXPECT_EQ(world.figure("odordiff_token_keys_outdated"), 0);
  EXPECT_EQ(world.figure("odordiff_token_keys_reads_total{result=\"taken\"}"), 2);
}

TEST(Jwt, TheKeySaysTheAlgorithmNotTheToken) {
  const TokenMakers world(rsa());
  const std::string body = base64url_encoded(claims().dump());
  for (const char* none : {"none", "None", "NONE", ""}) {
    const std::string head = base64url_encoded(Json{{"alg", none}}.dump());
    EXPECT_NE(world.fault(head + "." + body + "."), "") << none;
    EXPECT_NE(world.fault(rsa().token(claims(), {{"alg", none}})), "") << none;
  }
  // The classic confusion: the public key, which everybody has, taken for an HMAC's secret.
  for (const std::string& known : {rsa().pem(), rsa().jwk().dump()}) {
    EXPECT_NE(TokenMakers(rsa().pem()).fault(Signer::hmac(known).token(claims())), "");
    EXPECT_NE(world.fault(Signer::hmac(known).token(claims())), "");
  }
  EXPECT_NE(world.fault(rsa().token(claims(), {{"alg", "RS512"}})), "");
  EXPECT_NE(world.fault(rsa().token(claims(), {{"alg", 5}})), "");
  EXPECT_NE(world.fault(ec().token(claims())), "");
  EXPECT_NE(world.fault(Signer::rsa().token(claims())), "") << "another key of the same kind";
  // A key that the token itself brings is not listened to.
  const Signer own = Signer::rsa();
  EXPECT_NE(world.fault(own.token(claims(), {{"jwk", own.jwk()}})), "");
}

TEST(Jwt, TimesAreHeldToWithALittleLeeway) {
  const TokenMakers world(secret());
  const auto at = [&](const Json& given, std::int64_t now) {
    return world.fault(secret().token(given), now);
  };
  EXPECT_EQ(at(claims(), kNow + 89), "");
  EXPECT_EQ(at(claims(), kNow + 90), "the token has expired");
  EXPECT_EQ(at(claims_with("nbf", kNow + 30), kNow), "");
  EXPECT_EQ(at(claims_with("nbf", kNow + 31), kNow), "the token is not valid yet");
  EXPECT_EQ(at(claims_without("exp"), kNow), "the token has no \"exp\"; tokens must expire");
  for (const Json& odd : {Json("soon"), Json(-1), Json(1e300), Json(nullptr), Json(true), Json::array()}) {
    EXPECT_EQ(at(claims_with("exp", odd), kNow), "\"exp\" of the token must be seconds since 1970") << odd;
  }
  EXPECT_EQ(at(claims_with("exp", static_cast<double>(kNow) + 0.5), kNow), "");
}

TEST(Jwt, AudienceAndIssuerMustFit) {
  const TokenMakers world(secret(), {"odordiff", "https://login"});
  const auto with = [&](const Json& aud, const Json& iss) {
    Json given = claims_with("aud", aud);
    given["iss"] = iss;
    return world.fault(secret().token(given));
  };
  EXPECT_EQ(with("odordiff", "https://login"), "");
  EXPECT_EQ(with({"other", "odordiff"}, "https://login"), "");
  EXPECT_EQ(with("odordiff", "https://login/"), "the token comes from another issuer");
  EXPECT_EQ(with("odordiff2", "https://login"), "the token is made for another audience");
  EXPECT_EQ(with(Json::array(), "https://login"), "the token is made for another audience");
  EXPECT_EQ(with({{"odordiff", 1}}, "https://login"), "the token is made for another audience");
  EXPECT_NE(world.fault(secret().token(claims())), "");
  EXPECT_NE(TokenMakers(secret()).fault(secret().token(claims_without("aud"))), "");
}

TEST(Jwt, TheHighestRoleThatTheClaimNamesCounts) {
  const TokenMakers world(secret(), {"odordiff", "", "roles"});
  const auto role = [&](const Json& value) {
    return world.verifier->verify(secret().token(claims_with("roles", value)), kNow).role;
  };
  EXPECT_EQ(role("admin"), Role::Admin);
  EXPECT_EQ(role({"viewer", "chemist"}), Role::Chemist);
  EXPECT_EQ(role({"painter"}), Role::Viewer);
  EXPECT_EQ(role("ADMIN"), Role::Viewer);
  EXPECT_EQ(role({{"admin", true}}), Role::Viewer);
  EXPECT_EQ(world.verifier->verify(secret().token(claims()), kNow).role, Role::Viewer);
}

TEST(Jwt, DotsLeadToRolesInsideOfObjects) {
  const TokenMakers world(secret(), {"odordiff", "", "realm_access.roles"});
  const auto role = [&](const std::string& name, const Json& value) {
    return world.verifier->verify(secret().token(claims_with(name, value)), kNow).role;
  };
  EXPECT_EQ(role("realm_access", {{"roles", {"chemist", "offline_access"}}}), Role::Chemist);
  EXPECT_EQ(role("realm_access.roles", "admin"), Role::Admin) << "a claim of this very name";
  EXPECT_EQ(role("realm_access", "roles"), Role::Viewer);
  EXPECT_EQ(role("realm_access", {{"roles", {{"admin", true}}}}), Role::Viewer);
  EXPECT_EQ(role("realm_access", Json::array({"roles", "admin"})), Role::Viewer);
  EXPECT_EQ(role("roles", "admin"), Role::Viewer);
  const TokenMakers named(secret(), {"odordiff", "", "https://odordiff.example/roles"});
  EXPECT_EQ(
      named.verifier
          ->verify(secret().token(claims_with("https://odordiff.example/roles", Json::array({"admin"}))),
                   kNow)
          .role,
      Role::Admin);
}

TEST(Jwt, SubjectsAreShortPlainText) {
  const TokenMakers world(secret());
  for (const Json& odd : {Json(""), Json(7), Json("a\nb"), Json(std::string(256, 'x')), Json("a\x7f")}) {
    EXPECT_NE(world.fault(secret().token(claims_with("sub", odd))), "") << odd;
  }
  EXPECT_NE(world.fault(secret().token(claims_without("sub"))), "");
  EXPECT_EQ(world.verifier->verify(secret().token(claims_with("sub", "Zoë")), kNow).subject, "jwt:Zoë");
}

TEST(Jwt, OddHeadersAndShapesAreRefused) {
  const TokenMakers world(secret());
  EXPECT_NE(world.fault(secret().token(claims(), {{"crit", {"exp"}}})), "");
  EXPECT_NE(world.fault(secret().token(claims(), {{"typ", "logout+jwt"}})), "");
  EXPECT_EQ(world.fault(secret().token(claims(), {{"typ", "at+JWT"}})), "");
  const std::string good = secret().token(claims());
  const std::size_t first = good.find('.'), last = good.rfind('.');
  for (const std::string& odd :
       {std::string(), std::string("."), std::string(".."), std::string("..."), good + ".", good + "=",
        good.substr(0, last), good.substr(0, last + 1), " " + good, good.substr(first), good + good,
        good.substr(0, first) + "+" + good.substr(first), std::string("e30.e30.e30")}) {
    EXPECT_NE(world.fault(odd), "") << odd;
  }
  const std::string doubled = R"({"alg":"HS256","alg":"none"})";
  const std::string text = base64url_encoded(doubled) + "." + base64url_encoded(claims().dump());
  EXPECT_NE(world.fault(text + "." + base64url_encoded(secret().signature(text))), "");
  EXPECT_EQ(world.fault(secret().token(claims_with("pad", std::string(9000, 'x')))),
            "the token is longer than 8192 bytes");
}

// Whatever byte of a token is changed, it is no longer good; and nothing crashes.
TEST(Jwt, ADamagedTokenIsNeverGood) {
  for (const Signer* signer : {&rsa(), &ec(), &secret()}) {
    const TokenMakers world(*signer);
    const std::string good = signer->token(claims());
    std::mt19937 random(7);
    for (std::size_t at = 0; at < good.size(); ++at) {
      std::string bad = good;
      do bad[at] = static_cast<char>(random());
      while (bad[at] == good[at]);
      EXPECT_NE(world.fault(bad), "") << signer->algorithm() << " " << at;
      bad = good;
      bad.erase(at, 1 + random() % 8);
      EXPECT_NE(world.fault(bad), "") << signer->algorithm() << " " << at;
    }
  }
}

TEST(Jwt, RotationIsTakenUpFromTheFile) {
  const Signer old_key = Signer::ec(), new_key = Signer::ec();
  const auto set = [](std::initializer_list<Json> keys) { return Json{{"keys", keys}}.dump(); };
  TokenMakers world(set({old_key.jwk("1")}));
  const std::string old_token = old_key.token(claims(), {{"kid", "1"}});
  const std::string new_token = new_key.token(claims(), {{"kid", "2"}});
  std::int64_t now = kNow;
  EXPECT_EQ(world.fault(old_token, now), "");
  EXPECT_NE(world.fault(new_token, now), "");
  world.folder.write("keys", set({old_key.jwk("1"), new_key.jwk("2")}));
  EXPECT_EQ(world.fault(new_token, now += 1), "") << "an unknown kid looks at once";
  EXPECT_EQ(world.fault(old_token, now), "");
  EXPECT_NE(world.fault(new_key.token(claims()), now), "") << "of two keys, the token must name one";
  world.folder.write("keys", "{ damaged");
  EXPECT_EQ(world.fault(new_token, now += 10), "") << "a damaged file leaves the keys alone";
  EXPECT_THROW(world.verifier->keys()->refresh(), InvalidInput);
  world.folder.write("keys", set({new_key.jwk("2")}));
  EXPECT_EQ(world.fault(new_token, now += 10), "");
  EXPECT_NE(world.fault(old_token, now), "") << "a key that was taken out is good no more";
}

TEST(Jwt, KeysThatAreWeakOrDamagedAreRefusedByName) {
  const auto fault = [](const std::string& text) -> std::string {
    try {
      (void)read_public_keys(text);
    } catch (const InvalidInput& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_TRUE(fault("short").starts_with("it is neither a JWK set (JSON) nor a PEM public key"));
  EXPECT_TRUE(fault("").starts_with("it is neither a JWK set (JSON) nor a PEM public key"));
  EXPECT_EQ(fault(secret().jwk().dump()),
            "a secret (\"kty\": \"oct\") stands among public keys; give it by auth.jwt.secret_file");
  EXPECT_EQ(fault(Signer::rsa(1024).pem()), "RSA keys have 2048 to 8192 bits");
  EXPECT_EQ(fault(Signer::ec("P-384").pem()), "public keys are RSA, or EC on P-256");
  EXPECT_EQ(fault("-----BEGIN PUBLIC KEY-----\nxx\n-----END PUBLIC KEY-----\n"),
            "it is no PEM public key (BEGIN PUBLIC KEY)");
  EXPECT_EQ(fault("{"), "it is no JSON object");
  EXPECT_EQ(fault("{}"), "no key in it is for RS256 or ES256 signatures");
  EXPECT_EQ(fault(R"({"keys": 1})"), "\"keys\" of a JWK set is a list");
  EXPECT_EQ(fault(R"({"keys": [1]})"), "a JWK is an object");
  EXPECT_EQ(fault(R"({"kty": 1})"), "\"kty\" of a JWK is a text");
  EXPECT_EQ(fault(R"({"kty": "RSA", "n": "AQAB"})"), "\"e\" of a JWK is missing or no base64url");
  EXPECT_EQ(fault(R"({"kty": "EC", "crv": "P-256", "x": "AQAB", "y": "AQAB"})"),
            "a public key in it is damaged");
  Json off_curve = ec().jwk();
  off_curve["y"] = off_curve["x"];
  EXPECT_EQ(fault(off_curve.dump()), "a public key in it is damaged");
  // What is not for us is passed over.
  Json encryption = rsa().jwk("e");
  encryption["use"] = "enc";
  EXPECT_EQ(
      read_public_keys(Json{{"keys", {encryption, ec().jwk("s"), {{"kty", "OKP"}}}}}.dump()).keys.size(), 1U);
  EXPECT_THROW((TokenKeys({KeySource::Kind::PublicFile, "/no/such/file"}, nullptr)), Unavailable);
}

TEST(Base64Url, IsStrictAndReadsBackWhatItWrites) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 70; ++size) {
    std::string bytes(size, '\0');
    for (auto& c : bytes) c = static_cast<char>(random());
    const std::string text = base64url_encoded(bytes);
    EXPECT_EQ(text.find_first_of("+/="), std::string::npos);
    EXPECT_EQ(base64url_decoded(text), bytes);
  }
  EXPECT_EQ(base64url_encoded("fo"), "Zm8");
  for (const char* odd : {"Z", "Zm8=", "Zm9", "Zm 8", "Zm8\n", "Z+8A", "ZmZmZ"}) {
    EXPECT_FALSE(base64url_decoded(odd)) << odd;
  }
}

}  // namespace
}  // namespace odordiff::server

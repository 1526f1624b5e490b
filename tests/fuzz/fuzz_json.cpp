// Any bytes as what clients send: bodies, queries, headers. The readers answer or throw what the server turns
// into a problem document, and what they took is within its bounds. The first byte says which reader.
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "api/job_prompt.h"
#include "api/requests.h"
#include "base/error.h"
#include "observe/trace_context.h"
#include "require.h"
#include "server/batch_stream.h"
#include "server/content_coding.h"
#include "server/gate/client_address.h"
#include "server/gate/jwt.h"
#include "server/generate_query.h"
#include "server/http.h"
#include "server/job_input.h"
#include "server/query.h"
#include "server/webhook_url.h"

namespace {

using namespace odordiff;
using namespace odordiff::server;
using odordiff::fuzz::require;

void check(const generate::Request& request) {
  require(request.count >= 1 && request.count <= api::kMostMolecules, "counts are bounded");
  require(request.effort >= 0.5 && request.effort <= 50, "efforts are bounded");
  require(request.molecular_weight.low <= request.molecular_weight.high, "ranges are the right way round");
}

Request posted(const std::string& text) {
  Request out;
  out.method = "POST";
  out.path = out.target = "/";
  out.body = text;
  return out;
}

void read_headers(const std::string& text) {
  Request request = posted({});
  for (const char* name : {"accept", "x-forwarded-for", "if-none-match", "last-event-id"})
    request.headers.emplace_back(name, text);
  (void)accepts(request, "application/json", true);
  (void)preferred_coding(text);
  (void)names_etag(text, "\"abc\"");
  (void)media_type(text);
  (void)split_target(text);
  (void)observe::parse_traceparent(text);
  (void)parse_webhook_url(text);
  (void)client_address(request, "127.0.0.1",
                       {*AddressRange::parse("127.0.0.0/8"), *AddressRange::parse("fe80::/10")});
  if (const auto range = AddressRange::parse(text)) {
    require(AddressRange::parse(text).has_value(), "address ranges are read alike each time");
  }
  (void)last_event_id(request);
}

// Whatever it holds, nobody signed it: the key is random.
void read_token(const std::string& text) {
  static const auto verifier = [] {
    const auto file = std::filesystem::temp_directory_path() / ("odordiff-fuzz-" + new_request_id());
    std::ofstream(file) << "hs256:" << new_request_id() << new_request_id();
    return std::make_unique<JwtVerifier>(
        JwtOptions{.audience = "fuzz"},
        std::make_shared<TokenKeys>(KeySource{KeySource::Kind::SecretFile, file.string()}, nullptr));
  }();
  try {
    (void)verifier->verify(text, 1'700'000'000);
  } catch (const TokenError&) {
    return;
  }
  require(false, "tokens without a good signature are refused");
}

const std::array<std::function<void(const std::string&)>, 8> kReaders = {
    [](const std::string& text) { check(api::read_generate(api::parse_object(text))); },
    [](const std::string& text) {
      Query query(text);
      const MemberChoice choice(query);
      check(read_generate_query(query));
    },
    [](const std::string& text) { (void)api::read_design(api::parse_object(text)); },
    [](const std::string& text) { (void)api::read_legacy_design(api::parse_object(text)); },
    [](const std::string& text) {
      for (const auto& prompt : read_batch(posted(text)).submission.prompts)
        check(api::read_prompt(prompt).request);
    },
    [](const std::string& text) {
      for (const auto& prompt : read_legacy_batch(posted(text)).submission.prompts)
        check(api::read_prompt(prompt).request);
    },
    [](const std::string& text) { (void)read_batch_stream(api::parse_object(text)); },
    read_headers,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t which = data[0] % (kReaders.size() + 1);
  try {
    if (which == kReaders.size()) {
      read_token(text);
    } else {
      kReaders[which](text);
    }
  } catch (const ProblemError& error) {
    require(error.problem().status >= 400 && error.problem().status < 500,
            "what is wrong is the client's fault");
  } catch (const InvalidInput&) {
  }
  return 0;
}

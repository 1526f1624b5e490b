// Requests and answers as the routes see them, free of the library that reads and writes them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/gate/identity.h"
#include "server/gate/quota.h"

namespace odordiff::server {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;
  std::string target;  // as sent
  std::string path;    // of the target, still percent-encoded
  std::string query;   // likewise, without the question mark
  Headers headers;
  std::string body;
  std::string id;                       // of this request, in answers and the log
  std::string_view route = "none";      // the pattern of its route, which outlives it
  std::vector<std::string> parameters;  // what the route's {…} stand for, decoded
  std::string address = {};             // of the peer; behind the gate, of the site that asks
  std::string local_address = {};       // ours, that the connection came in on
  // What the gate found out.
  std::string subject = {};  // who asks: "key:NAME", "jwt:SUB" or "anonymous"; empty: nobody that we know
  Role role = Role::None;
  std::string caller = {};  // against whom usage counts: the subject, or the address of nobody in particular
  Quota quota = {};         // of the caller
  std::string trace_id = {};                      // 32 hexadecimal digits
  std::string span_id = {}, parent_span_id = {};  // our part of the trace, and whose part that is
  bool sampled = false;                           // its spans are recorded, where spans are
  Headers answer_headers = {};                    // for the head of whatever answer

  // The first header of this name, in any case; empty without one.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type;  // empty: no body
  std::shared_ptr<const std::string> body;
  Headers headers = {};
  bool close = false;      // end the connection behind it
  std::string cause = {};  // of a fault of ours, for the log alone
};

Response text_response(int status, std::string content_type, std::string body);

std::string_view reason_phrase(int status);

// Without spaces and tabs at its ends.
std::string_view trimmed(std::string_view text);

// Takes the first item off a list with commas, trimmed; it may be empty.
std::string_view take_item(std::string_view& list);

bool equal_ignoring_case(std::string_view a, std::string_view b);

// Percent-decoded; nothing where the encoding is broken or a zero byte hides in it.
std::optional<std::string> percent_decoded(std::string_view text);

// Splits the target's origin form, or the absolute form that proxies send; nothing for any other.
struct Target {
  std::string path, query;
  std::string authority = {};  // of the absolute form
};
std::optional<Target> split_target(std::string_view target);

// Whether the Accept header takes `type` ("application/json"): no header takes all. `explicitly`: only when
// the type itself is named, not by a wildcard.
bool accepts(const Request& request, std::string_view type, bool explicitly = false);

// Whether the If-None-Match `list` names `etag`; weak ones compare the same (RFC 9110, 13.1.2).
bool names_etag(std::string_view list, std::string_view etag);

// Whether Origin is this very server, by the name under which it was asked for.
bool comes_from_own_page(const Request& request);

// Type and subtype in lower case, without parameters.
std::string media_type(std::string_view content_type);

// Whether `id` may be taken over from a client into headers and logs: 1 to 64 of letters, digits, "-", "_",
// ".".
bool is_request_id(std::string_view id);
// 128 random bits in hex.
std::string new_request_id();

// Status line and header fields, with the empty line, of the answer to `request`. `length`: of the body;
// nothing for a chunked one.
std::string response_head(const Response& response, std::optional<std::size_t> length, const Request& request,
                          bool keep_alive, bool chunked);

}  // namespace odordiff::server

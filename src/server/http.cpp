#include "server/http.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <initializer_list>

#include "base/hex.h"
#include "base/random.h"

namespace odordiff::server {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// A range of Accept is refused by "q=0".
bool is_refused(std::string_view parameters) {
  const std::size_t at = parameters.find("q=");
  if (at == std::string_view::npos) return false;
  const std::string_view q = parameters.substr(at + 2);
  return q.find_first_of("123456789") == std::string_view::npos;
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return {};
}

bool Request::has_header(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& h) { return equal_ignoring_case(h.first, name); });
}

Response text_response(int status, std::string content_type, std::string body) {
  Response out;
  out.status = status;
  out.content_type = std::move(content_type);
  out.body = std::make_shared<const std::string>(std::move(body));
  return out;
}

std::string_view reason_phrase(int status) {
  static constexpr std::pair<int, std::string_view> kPhrases[] = {
      {101, "Switching Protocols"},
      {200, "OK"},
      {202, "Accepted"},
      {204, "No Content"},
      {304, "Not Modified"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {426, "Upgrade Required"},
      {429, "Too Many Requests"},
      {431, "Request Header api::Fields Too Large"},
      {499, "Client Closed Request"},
      {500, "Internal Server Error"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  };
  for (const auto& [code, phrase] : kPhrases) {
    if (code == status) return phrase;
  }
  return "Unknown";
}

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

std::string_view take_item(std::string_view& list) {
  const std::string_view item = list.substr(0, list.find(','));
  list.remove_prefix(std::min(item.size() + 1, list.size()));
  return trimmed(item);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::optional<Target> split_target(std::string_view target) {
  Target out;
  if (target.starts_with("http://") || target.starts_with("https://")) {
    const std::string_view rest = target.substr(target.find("//") + 2);
    out.authority = rest.substr(0, rest.find_first_of("/?#"));
    if (out.authority.empty()) return std::nullopt;
    target = rest.substr(out.authority.size());
    if (target.empty()) target = "/";
  }
  // A fragment is for the browser alone (RFC 9112, 3.2); a '#' in a SMILES is written %23.
  if (!target.starts_with('/') || target.find('#') != std::string_view::npos) return std::nullopt;
  const std::size_t mark = target.find('?');
  out.path = target.substr(0, mark);
  if (mark != std::string_view::npos) out.query = target.substr(mark + 1);
  return out;
}

bool accepts(const Request& request, std::string_view type, bool explicitly) {
  if (!request.has_header("accept")) return !explicitly;
  std::string_view list = request.header("accept");
  bool taken = false;
  while (!list.empty()) {
    const std::string_view range = take_item(list);
    const std::size_t semicolon = range.find(';');
    const std::string_view name = trimmed(range.substr(0, semicolon));
    const std::string_view parameters =
        semicolon == std::string_view::npos ? "" : range.substr(semicolon + 1);
    if (equal_ignoring_case(name, type)) return !is_refused(parameters);
    const bool wild =
        name == "*/*" || (name.ends_with("/*") && type.starts_with(name.substr(0, name.size() - 1)));
    if (wild && !explicitly && !is_refused(parameters)) taken = true;
  }
  return taken;
}

bool names_etag(std::string_view list, std::string_view etag) {
  if (list == "*") return true;
  for (std::size_t at = list.find(etag); at != std::string_view::npos; at = list.find(etag, at + 1)) {
    const std::size_t end = at + etag.size();
    if (end == list.size() || list[end] == ',' || list[end] == ' ') return true;
  }
  return false;
}

bool comes_from_own_page(const Request& request) {
  const std::string_view origin = request.header("origin");
  std::string_view standard_port;
  if (origin.starts_with("http://")) standard_port = ":80";
  if (origin.starts_with("https://")) standard_port = ":443";
  if (standard_port.empty()) return false;
  const auto without_standard_port = [&](std::string_view authority) {
    if (authority.ends_with(standard_port)) authority.remove_suffix(standard_port.size());
    return authority;
  };
  return equal_ignoring_case(without_standard_port(origin.substr(origin.find("//") + 2)),
                             without_standard_port(request.header("host")));
}

std::string media_type(std::string_view content_type) {
  std::string out(trimmed(content_type.substr(0, content_type.find(';'))));
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool is_request_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '_' || c == '.';
  });
}

std::string new_request_id() {
  std::string out;
  out.reserve(32);
  append_hex(out, random_id());
  append_hex(out, random_id());
  return out;
}

// The Date field's value (RFC 9110, 5.6.7), made anew each second.
static const std::string& http_date() {
  static thread_local std::time_t made_for = -1;
  static thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != made_for) {
    text = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now));
    made_for = now;
  }
  return text;
}

std::string response_head(const Response& response, std::optional<std::size_t> length, const Request& request,
                          bool keep_alive, bool chunked) {
  std::string out;
  out.reserve(512);
  const auto line = [&out](std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) out += part;
    out += "\r\n";
  };
  line({"HTTP/1.1 ", fmt::format_int(response.status).c_str(), " ", reason_phrase(response.status)});
  line({"Date: ", http_date()});
  if (!response.content_type.empty()) line({"Content-Type: ", response.content_type});
  if (length) line({"Content-Length: ", fmt::format_int(*length).c_str()});
  if (chunked) line({"Transfer-Encoding: chunked"});
  // What was said to somebody in particular is not for the caches of others.
  const bool is_private = !request.subject.empty() && request.subject != "anonymous";
  for (const auto& [name, value] : response.headers) {
    if (is_private && name == "Cache-Control" && value.starts_with("public")) {
      line({name, ": private", std::string_view(value).substr(6)});
    } else {
      line({name, ": ", value});
    }
  }
  for (const auto& [name, value] : request.answer_headers) line({name, ": ", value});
  line({"X-Request-ID: ", request.id});
  line({"X-Content-Type-Options: nosniff"});
  if (!keep_alive) line({"Connection: close"});
  line({});
  return out;
}

}  // namespace odordiff::server

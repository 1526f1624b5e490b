#include "server/warm_up.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

#include "api/fields.h"
#include "base/replacement.h"
#include "server/problem.h"

namespace odordiff::server {
namespace {

Request request_of(const WarmUpRequest& wanted) {
  Request out;
  out.method = "POST";
  out.target = out.path = wanted.path;
  out.headers = {{"Content-Type", "application/json"}};
  out.body = wanted.body;
  out.id = new_request_id();
  return out;
}

// Goes through the list; lives as long as an answer is awaited.
class Warming : public std::enable_shared_from_this<Warming> {
 public:
  Warming(std::vector<WarmUpRequest> list, const Router& router, observe::Logger& logger)
      : list_(std::move(list)), router_(router), logger_(logger) {}

  // Asks until an answer has to be awaited, whose arrival calls this again.
  void go_on() {
    while (next_ < list_.size()) {
      Request request = request_of(list_[next_++]);
      try {
        Outcome outcome = router_.find(request)->handle(request);
        if (auto* deferred = std::get_if<Deferred>(&outcome)) {
          call_ = std::make_shared<Call>();
          deferred->start(call_, [self = shared_from_this()](const Response& response) {
            self->count(response.status);
            if (self->call_->ending() == Ending::None) self->go_on();
          });
          return;
        }
        const auto* response = std::get_if<Response>(&outcome);
        count(response == nullptr ? 0 : response->status);  // work and streams are not kept, so not done
      } catch (const Error& error) {
        const Problem problem = problem_of(std::current_exception());
        if (problem.status == 503) break;
        count(problem.status);
      }
    }
    logger_.log(observe::Level::Info, "warmed up", {{"answers", good_}, {"refused", refused_}});
  }

 private:
  void count(int status) { ++(status == 200 ? good_ : refused_); }

  const std::vector<WarmUpRequest> list_;
  const Router& router_;
  observe::Logger& logger_;
  std::size_t next_ = 0;
  int good_ = 0, refused_ = 0;
  std::shared_ptr<Call> call_;
};

}  // namespace

std::vector<WarmUpRequest> read_warm_up(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw Unavailable(fmt::format("cannot read {}: {}", file.string(), std::strerror(errno)));
  std::vector<WarmUpRequest> out;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (api::is_blank(line)) continue;
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object() || json.size() != 2 || !json.contains("path") || !json["path"].is_string() ||
        !json.contains("body") || !json["body"].is_object()) {
      throw InvalidInput(fmt::format("{}, line {}: expected {{\"path\": \"/v1/generate\", \"body\": {{…}}}}",
                                     file.string(), number));
    }
    out.push_back({json["path"].get<std::string>(), json["body"].dump()});
  }
  return out;
}

void write_warm_up(const std::filesystem::path& file, const std::vector<std::string>& hottest) {
  std::string text;
  for (const auto& origin : hottest) {
    const std::size_t end = origin.find('\n');
    const Json body = Json::parse(origin.substr(end + 1), nullptr, false);
    if (body.is_object()) text += Json({{"path", origin.substr(0, end)}, {"body", body}}).dump() + "\n";
  }
  replace_file(file, text, 0600);
}

void warm_up(std::vector<WarmUpRequest> list, const Router& router, observe::Logger& logger) {
  if (!list.empty()) std::make_shared<Warming>(std::move(list), router, logger)->go_on();
}

}  // namespace odordiff::server

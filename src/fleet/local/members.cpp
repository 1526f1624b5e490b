#include "fleet/local/members.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/error.h"

namespace odordiff::fleet {
namespace {

namespace fs = std::filesystem;

// Free ports, held until all are known so that none comes twice.
class Ports {
 public:
  ~Ports() {
    for (const int fd : held_) ::close(fd);
  }
  // `wanted`: 0 for any. Throws Unavailable where it is taken.
  std::uint16_t take(std::uint16_t wanted = 0) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) throw Unavailable("no socket can be had");
    held_.push_back(fd);
    const int yes = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(wanted);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw Unavailable(fmt::format("port {} is taken; give another --port", wanted));
    }
    return ntohs(address.sin_port);
  }
  // The same, and the socket goes on listening.
  std::pair<std::uint16_t, std::shared_ptr<const Listener>> listen(std::uint16_t wanted) {
    const std::uint16_t port = take(wanted);
    auto listener = std::make_shared<const Listener>(held_.back());
    held_.pop_back();
    if (::listen(listener->fd(), SOMAXCONN) != 0)
      throw Unavailable(fmt::format("nothing can listen on port {}", port));
    return {port, std::move(listener)};
  }

 private:
  std::vector<int> held_;
};

void write(const fs::path& path, const std::string& text) {
  std::ofstream out(path);
  out << text;
  if (!out.flush()) throw Unavailable("cannot write " + path.string());
}

// A primary that has lost all its replicas takes no writes: sentinels may have chosen another one, which some
// clients do not know yet, and what those wrote here would be lost when it becomes that one's replica.
std::string redis_text(const Member& member, const fs::path& folder, std::uint16_t primary) {
  std::string out = fmt::format(
      "bind 127.0.0.1\nport {}\ndir {}\ndbfilename {}.rdb\nappendonly yes\nappenddirname {}.aof\nsave \"\"\n"
      "repl-diskless-sync-delay 0\nrepl-ping-replica-period 1\nmaxmemory-policy noeviction\n"
      "min-replicas-to-write 1\n",
      member.port, folder.string(), member.name, member.name);
  if (member.port != primary) out += fmt::format("replicaof 127.0.0.1 {}\n", primary);
  return out;
}

std::string sentinel_text(const Member& member, const fs::path& folder, std::uint16_t primary) {
  return fmt::format(
      "bind 127.0.0.1\nport {}\ndir {}\nsentinel monitor {} 127.0.0.1 {} 2\n"
      "sentinel down-after-milliseconds {} 1000\nsentinel failover-timeout {} 5000\n"
      "sentinel parallel-syncs {} 1\n",
      member.port, folder.string(), kMasterName, primary, kMasterName, kMasterName, kMasterName);
}

// A server is away when it refuses connections, or when it has not answered for seconds: on a busy machine a
// check may take longer than the time between two.
// A request that may not be carried out twice is not sent again once it has left: that is a batch without an
// idempotency key. All others give the same answer each time.
std::string proxy_text(const Listener& listener, const std::vector<Member>& members) {
  // A job is known to the process that took it: the first digits of its id say which (jobs.instance). While
  // that is away the answer is 503, not another one's 404.
  std::string jobs, servers, backends;
  int instance = 0;
  for (const auto& member : members) {
    if (member.kind != Member::Kind::Api) continue;
    jobs +=
        fmt::format("  use_backend job-{} if {{ path_reg ^/(v1/)?jobs/{:02x} }}\n", member.name, ++instance);
    const std::string server = fmt::format("  server {} 127.0.0.1:{}\n", member.name, member.port);
    servers += server;
    backends += fmt::format("\nbackend job-{}\n{}", member.name, server);
  }
  return fmt::format(
      "global\n  maxconn 20000\n  no strict-limits\n\n"
      "defaults\n  mode http\n  timeout connect 1s\n  timeout client 1h\n  timeout server 1h\n  timeout "
      "tunnel 1h\n"
      "  timeout http-request 10s\n  timeout queue 10s\n  timeout check 3s\n  retries 3\n  option redispatch "
      "1\n"
      "  retry-on conn-failure empty-response response-timeout\n\n"
      "frontend odordiff\n  bind fd@{}\n  option forwardfor\n{}  default_backend api\n\n"
      "backend api\n  balance leastconn\n  option httpchk GET /health/ready\n"
      "  acl is_batch path_beg /generate/batch /v1/batches\n"
      "  http-request disable-l7-retry if METH_POST is_batch !{{ req.hdr(idempotency-key) -m found }}\n"
      "  default-server check inter 500ms fall 3 rise 1\n{}{}",
      listener.fd(), jobs, servers, backends);
}

// What an earlier fleet wrote there is put aside, so that it is not taken for this one's.
fs::path fresh_log(const fs::path& path) {
  std::error_code none;
  fs::rename(path, path.string() + ".old", none);
  return path;
}

// The same sentinels as Celery has them: "sentinel://127.0.0.1:26379/0;sentinel://…".
std::string celery_url(const std::vector<Member>& members) {
  std::string out;
  for (const auto& member : members) {
    if (member.kind != Member::Kind::Sentinel) continue;
    out += fmt::format("{}sentinel://127.0.0.1:{}/0", out.empty() ? "" : ";", member.port);
  }
  return out;
}

// Where the program is; empty where it is not. Debian keeps some under sbin, which users' PATH may lack.
std::string find_program(const std::string& program) {
  if (program.find('/') != std::string::npos) return ::access(program.c_str(), X_OK) == 0 ? program : "";
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/sbin:/sbin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = folder + "/" + program;
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

}  // namespace

Listener::~Listener() {
  ::close(fd_);
}

const char* name_of(Member::Kind kind) {
  switch (kind) {
    case Member::Kind::Redis:
      return "redis";
    case Member::Kind::Sentinel:
      return "sentinel";
    case Member::Kind::Api:
      return "api";
    case Member::Kind::Worker:
      return "worker";
    case Member::Kind::Proxy:
      return "haproxy";
  }
  return "unknown";
}

std::string sentinel_url(const std::vector<Member>& members) {
  std::string out = "redis+sentinel://";
  for (const auto& member : members) {
    if (member.kind != Member::Kind::Sentinel) continue;
    out += fmt::format("{}127.0.0.1:{}", out.ends_with('/') ? "" : ",", member.port);
  }
  return fmt::format("{}/{}/0", out, kMasterName);
}

std::vector<std::string> missing_programs(const LocalFleetOptions& options) {
  std::vector<std::string> needed = {"redis-server", "haproxy"};
  if (options.workers > 0) needed.push_back(options.python);
  std::erase_if(needed, [](const std::string& program) { return !find_program(program).empty(); });
  return needed;
}

std::vector<Member> plan_local_fleet(const LocalFleetOptions& options) {
  const fs::path folder = fs::absolute(options.folder);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Unavailable("cannot make " + folder.string() + ": " + error.message());

  struct stat found {};
  if (::lstat(folder.c_str(), &found) != 0 || !S_ISDIR(found.st_mode) || found.st_uid != ::geteuid()) {
    throw Unavailable(folder.string() + " is not a folder of this user; give another --folder");
  }
  if (::chmod(folder.c_str(), 0700) != 0) throw Unavailable("cannot shut " + folder.string() + " to others");

  std::vector<Member> out;
  Ports ports;
  using Kind = Member::Kind;
  const auto [proxy_port, proxy_listener] = ports.listen(options.port);
  const auto add = [&](Kind kind, int number, std::uint16_t port) -> Member& {
    Member member{
        .name = fmt::format("{}-{}", name_of(kind), number), .kind = kind, .port = port, .command = {}};
    member.command.log = fresh_log(folder / (member.name + ".log"));
    return out.emplace_back(std::move(member));
  };
  std::uint16_t primary = 0;
  for (int i = 1; i <= kRedisServers; ++i) {
    Member& member = add(Kind::Redis, i, ports.take());
    if (i == 1) primary = member.port;
    const fs::path file = folder / (member.name + ".conf");
    write(file, redis_text(member, folder, primary));
    member.command.words = {find_program("redis-server"), file.string()};
  }
  for (int i = 1; i <= kSentinels; ++i) {
    Member& member = add(Kind::Sentinel, i, ports.take());
    const fs::path file = folder / (member.name + ".conf");
    write(file, sentinel_text(member, folder, primary));
    member.command.words = {find_program("redis-server"), file.string(), "--sentinel"};
  }
  const std::string redis = sentinel_url(out);
  std::map<std::string, std::string> broker;
  if (options.workers > 0) {
    broker = {{"ODORDIFF_BROKER_URL", celery_url(out)}, {"ODORDIFF_SENTINEL_MASTER", kMasterName}};
  }
  for (int i = 1; i <= options.api; ++i) {
    Member& member = add(Kind::Api, i, ports.take());
    member.command.words = {options.program,
                            "serve",
                            "--port",
                            std::to_string(member.port),
                            "--redis-url",
                            redis,
                            "--jobs-db",
                            (folder / (member.name + ".db")).string(),
                            "--job-instance",
                            std::to_string(i),
                            "--trusted-proxies",
                            "127.0.0.1"};
    member.command.environment = broker;
  }
  for (int i = 1; i <= options.workers; ++i) {
    Member& member = add(Kind::Worker, i, 0);
    member.command.words = {find_program(options.python),
                            "-m",
                            "celery",
                            "-A",
                            "odordiff.celery_app",
                            "worker",
                            "-Q",
                            "generation,batch,optimization,preprocessing",
                            "--concurrency",
                            std::to_string(options.worker_processes),
                            "-n",
                            member.name + "@%h",
                            "--loglevel",
                            "info",
                            "-E"};
    member.command.environment = broker;
  }
  Member& proxy = add(Kind::Proxy, 1, proxy_port);
  proxy.name = "haproxy";
  proxy.command.log = fresh_log(folder / "haproxy.log");
  const fs::path file = folder / "haproxy.cfg";
  proxy.listener = proxy_listener;
  proxy.command.inherited = {proxy_listener->fd()};
  write(file, proxy_text(*proxy_listener, out));
  proxy.command.words = {find_program("haproxy"), "-W", "-db", "-f", file.string()};
  return out;
}

}  // namespace odordiff::fleet

// The audit log: what stands in it and what does not, rotation, erasure, retention.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "base/error.h"
#include "gate_world.h"
#include "running_server.h"
#include "server/gate/audit_log.h"

namespace odordiff::server {
namespace {

constexpr std::int64_t kDay_s = 86'400;

struct Audited {
  Audited() : logger(observe::Level::Info, log.write()) {
    audit = std::make_unique<AuditLog>(
        AuditOptions{folder.path("audit.jsonl"), 90, "0123", [this] { return now.load(); }}, logger);
  }
  void record(const std::string& subject, const std::string& id = "r") const {
    Request request;
    request.method = "POST";
    request.target = request.path = "/v1/molecules/SECRET-PATH";
    request.body = "SECRET-BRIEF";
    request.headers = {{"Authorization", "Bearer SECRET-KEY"}};
    request.subject = subject;
    request.role = Role::Chemist;
    request.address = "203.0.113.9";
    request.id = id;
    request.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
    audit->record(request, "/v1/molecules/{molecule}", 200);
  }
  std::vector<Json> lines(const std::string& name = "audit.jsonl") const {
    std::vector<Json> out;
    std::istringstream in(folder.read(name));
    for (std::string line; std::getline(in, line);) out.push_back(Json::parse(line));
    return out;
  }

  Folder folder;
  KeptLog log;
  observe::Logger logger;
  std::atomic<std::int64_t> now{1'800'000'000};
  std::unique_ptr<AuditLog> audit;
};

TEST(Audit, ALineSaysWhoDidWhatAndNothingThatIsPrivate) {
  const Audited world;
  world.record("key:ada", "r-1");
  const auto lines = world.lines();
  ASSERT_EQ(lines.size(), 1U);
  const Json& line = lines.front();
  EXPECT_EQ(line["time"], "2027-01-15T08:00:00Z");
  EXPECT_EQ(line["subject"], "key:ada");
  EXPECT_EQ(line["role"], "chemist");
  EXPECT_EQ(line["method"], "POST");
  EXPECT_EQ(line["route"], "/v1/molecules/{molecule}");
  EXPECT_EQ(line["status"], 200);
  EXPECT_EQ(line["request_id"], "r-1");
  EXPECT_EQ(line["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(line["address"].get<std::string>().size(), 16U);
  const std::string text = world.folder.read("audit.jsonl");
  EXPECT_EQ(text.find("SECRET"), std::string::npos);
  EXPECT_EQ(text.find("203.0.113.9"), std::string::npos);
  struct stat state {};
  ASSERT_EQ(::stat(world.folder.path("audit.jsonl").c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777, 0600U);
}

TEST(Audit, AfterRotationItGoesOnInANewFile) {
  const Audited world;
  world.record("key:ada");
  std::filesystem::rename(world.folder.path("audit.jsonl"), world.folder.path("audit.jsonl.1"));
  world.record("key:bob");
  EXPECT_EQ(world.lines("audit.jsonl.1").size(), 2U);
  world.audit->reopen();
  world.record("key:eve");
  EXPECT_EQ(world.lines().size(), 1U);
}

TEST(Audit, ErasureTakesOneSubjectOutOfAllFilesAndTheLogGoesOn) {
  const Audited world;
  for (const char* subject : {"key:ada", "key:bob", "key:ada"}) world.record(subject);
  std::filesystem::rename(world.folder.path("audit.jsonl"), world.folder.path("audit.jsonl.1"));
  world.audit->reopen();
  for (const char* subject : {"key:ada", "key:adam", "jwt:ada", "key:ada\"", ""}) world.record(subject);
  world.folder.write("other.jsonl", "{\"subject\":\"key:ada\"}\n");
  EXPECT_EQ(world.audit->erase("key:ada"), 3U);
  EXPECT_EQ(world.audit->erase("key:ada"), 0U);
  EXPECT_EQ(world.lines("audit.jsonl.1").size(), 1U);
  EXPECT_EQ(world.lines().size(), 4U);
  EXPECT_EQ(world.lines("other.jsonl").size(), 1U) << "another file is left alone";
  EXPECT_EQ(world.audit->erase("key:ada\""), 1U);
  world.record("key:bob");
  EXPECT_EQ(world.lines().back()["subject"], "key:bob");
}

TEST(Audit, NothingIsLostWhileOthersAreErased) {
  const Audited world;
  for (int i = 0; i < 3000; ++i) world.record("key:ada");
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 2000; ++i) world.record("key:bob", std::to_string(i));
    done = true;
  });
  std::uint64_t erased = 0;
  while (!done.load()) erased += world.audit->erase("key:ada");
  writer.join();
  EXPECT_EQ(erased, 3000U);
  const auto lines = world.lines();
  ASSERT_EQ(lines.size(), 2000U);
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i]["request_id"], std::to_string(i));
}

TEST(Audit, ALinkedLogIsErasedInItsPlace) {
  Audited world;
  std::filesystem::create_symlink(world.folder.path("audit.jsonl"), world.folder.path("link"));
  AuditLog linked({world.folder.path("link")}, world.logger);
  world.record("key:ada");
  EXPECT_EQ(linked.erase("key:ada"), 1U);
  EXPECT_TRUE(std::filesystem::is_symlink(world.folder.path("link")));
  EXPECT_EQ(world.lines().size(), 0U);
}

TEST(Audit, OldLinesGoAfterTheRetention) {
  Audited world;
  world.record("key:ada");
  world.now += 60 * kDay_s;
  world.record("key:bob");
  EXPECT_EQ(world.audit->drop_old(), 0U);
  world.now += 31 * kDay_s;
  EXPECT_EQ(world.audit->drop_old(), 1U);
  ASSERT_EQ(world.lines().size(), 1U);
  EXPECT_EQ(world.lines().front()["subject"], "key:bob");
  world.audit->set_keep_days(1);
  EXPECT_EQ(world.audit->drop_old(), 1U);
}

TEST(Audit, ATornLineStandsAloneAndIsErasedToo) {
  Audited world;
  world.record("key:ada");
  const std::string whole = world.folder.read("audit.jsonl");
  // A process that ended in the middle of a line, of which another subject's follows.
  world.audit.reset();
  world.folder.write("audit.jsonl", whole + whole.substr(0, whole.find("\"role\"")));
  world.audit = std::make_unique<AuditLog>(AuditOptions{world.folder.path("audit.jsonl"), 90}, world.logger);
  world.record("key:bob");
  std::istringstream in(world.folder.read("audit.jsonl"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(Json::parse(lines[2])["subject"], "key:bob");
  EXPECT_EQ(world.audit->erase("key:ada"), 2U);
  ASSERT_EQ(world.lines().size(), 1U);
  EXPECT_EQ(world.lines()[0]["subject"], "key:bob");
}

TEST(Audit, AFileThatCannotBeWrittenIsSaid) {
  observe::Logger logger(observe::Level::Info, [](std::string_view) {});
  EXPECT_THROW((AuditLog({"/no/such/folder/audit.jsonl"}, logger)), Unavailable);
  KeptLog log;
  observe::Logger kept(observe::Level::Info, log.write());
  AuditLog full({"/dev/full"}, kept);
  for (int i = 0; i < 3; ++i) full.record(Request{}, "none", 200);
  ASSERT_EQ(log.lines.size(), 1U);
  EXPECT_NE(log.lines.front().find("audit lines are being lost"), std::string::npos);
}

}  // namespace
}  // namespace odordiff::server

// What the store promises: kept, once, in order, and a typed error when it cannot.
#include "jobs/store.h"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <set>
#include <thread>

#include "scratch.h"

namespace odordiff::jobs {
namespace {

class StoreTest : public ::testing::Test {
 protected:
  Store::Options options() const {
    Store::Options o;
    o.path = scratch_ / "jobs.db";
    o.now_ms = clock_.reader();
    return o;
  }
  static std::vector<Written> finish(Store& store, std::int64_t job, std::vector<int> indices) {
    std::vector<Finished> finished;
    for (const int index : indices) {
      finished.push_back(
          {.job = job, .index = index, .failed = false, .body = numbered("r", index), .error_kind = {}});
    }
    return store.finish(finished);
  }
  Scratch scratch_;
  HandClock clock_;
};

TEST_F(StoreTest, WhatWasAcceptedIsThereAfterANewStart) {
  std::string id;
  {
    Store store(options());
    Submission job = job_of(3);
    job.priority = 8;
    job.context = "notes";
    id = store.submit(job).id;
  }
  Store store(options());
  const auto status = store.status(id);
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->state, State::Queued);
  EXPECT_EQ(status->total, 3);
  EXPECT_EQ(status->priority, 8);
  EXPECT_EQ(status->owner, "me");
  EXPECT_EQ(status->context, "notes");
  const auto open = store.open_jobs();
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].unfinished, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(store.prompt(open[0].number, 2), "prompt 2");
}

TEST_F(StoreTest, GoesOnFromFinishedPrompts) {
  Store store(options());
  const Accepted job = store.submit(job_of(4));
  finish(store, job.number, {2, 0});
  EXPECT_EQ(store.open_jobs()[0].unfinished, (std::vector<int>{1, 3}));
  EXPECT_EQ(store.status(job.id)->state, State::Running);
  const auto written = finish(store, job.number, {1, 3});
  EXPECT_FALSE(written[0].job_ended);
  EXPECT_TRUE(written[1].job_ended);
  EXPECT_EQ(store.status(job.id)->state, State::Finished);
  EXPECT_TRUE(store.open_jobs().empty());
}

TEST_F(StoreTest, APromptHasOneResultWhoeverFinishesIt) {
  Store store(options());
  const Accepted job = store.submit(job_of(3));
  EXPECT_TRUE(finish(store, job.number, {1})[0].kept);
  const auto again = finish(store, job.number, {1, 1, 0});
  EXPECT_FALSE(again[0].kept);
  EXPECT_FALSE(again[1].kept);
  EXPECT_TRUE(again[2].kept);
  EXPECT_EQ(store.status(job.id)->done, 2);
  EXPECT_EQ(store.results(job.id, "", 10)->results.size(), 2U);
}

TEST_F(StoreTest, FailuresOfPromptsAreRecordedAndTheJobGoesOn) {
  Store store(options());
  const Accepted job = store.submit(job_of(2));
  store.finish(std::vector<Finished>{{.job = job.number,
                                      .index = 0,
                                      .failed = true,
                                      .body = "no such scent",
                                      .error_kind = "invalid_input"}});
  finish(store, job.number, {1});
  const auto status = store.status(job.id);
  EXPECT_EQ(status->state, State::Finished);
  EXPECT_EQ(status->done, 2);
  EXPECT_EQ(status->failed, 1);
  const auto page = store.results(job.id, "", 10);
  EXPECT_TRUE(page->results[0].failed);
  EXPECT_EQ(page->results[0].body, "no such scent");
  EXPECT_EQ(page->results[0].error_kind, "invalid_input");
}

TEST_F(StoreTest, TheSameKeyAndBodyIsTheSameJob) {
  Store store(options());
  Submission job = job_of(2);
  job.idempotency_key = "key";
  const Accepted first = store.submit(job);
  const Accepted second = store.submit(job);
  EXPECT_TRUE(first.created);
  EXPECT_FALSE(second.created);
  EXPECT_EQ(first.id, second.id);
  EXPECT_EQ(first.number, second.number);

  Submission other = job;
  other.prompts.back() += "!";
  EXPECT_THROW(store.submit(other), Conflict);
  other = job;
  other.priority = 6;
  EXPECT_THROW(store.submit(other), InvalidInput);
  other = job;
  other.prompts = {"prompt 0prompt 1"};
  EXPECT_THROW(store.submit(other), Conflict);

  Submission of_another = job;
  of_another.owner = "you";
  EXPECT_TRUE(store.submit(of_another).created);
  job.idempotency_key.reset();
  EXPECT_NE(store.submit(job).id, store.submit(job).id);
}

TEST_F(StoreTest, OneOfManyEqualSubmissionsIsTheJob) {
  Store store(options());
  Submission job = job_of(2);
  job.idempotency_key = "key";
  std::atomic<int> created{0};
  std::vector<std::jthread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      if (store.submit(job).created) ++created;
    });
  }
  callers.clear();
  EXPECT_EQ(created, 1);
  EXPECT_EQ(store.open_jobs().size(), 1U);
}

TEST_F(StoreTest, PagesThroughResultsWithoutMissingThoseThatComeLater) {
  Store store(options());
  const Accepted job = store.submit(job_of(10));
  const Accepted other = store.submit(job_of(10));
  finish(store, job.number, {9, 3});
  finish(store, other.number, {0, 1});
  auto page = store.results(job.id, "", 1);
  EXPECT_EQ(page->results[0].index, 9);
  EXPECT_FALSE(page->complete);
  page = store.results(job.id, page->next, 5);
  ASSERT_EQ(page->results.size(), 1U);
  EXPECT_EQ(page->results[0].index, 3);
  const std::string seen = page->next;
  page = store.results(job.id, seen, 5);
  EXPECT_TRUE(page->results.empty());
  EXPECT_EQ(page->next, seen);
  EXPECT_FALSE(page->complete);
  finish(store, job.number, {0, 1, 2, 4, 5, 6, 7, 8});
  page = store.results(job.id, seen, 8);
  EXPECT_EQ(page->results.size(), 8U);
  EXPECT_TRUE(page->complete);
  EXPECT_EQ(page->results[0].index, 0);
  EXPECT_EQ(store.results(job.id, page->results[5].cursor, 8)->results.size(), 2U);
}

TEST_F(StoreTest, RefusesWhatIsNoCursorAndKnowsWhatItDoesNotKnow) {
  Store store(options());
  const Accepted job = store.submit(job_of(1));
  const std::vector<std::string> wrong{"x", "-1", "1x", " 1", "99999999999999999999", "1;DROP TABLE jobs"};
  for (const auto& cursor : wrong) {
    EXPECT_THROW(store.results(job.id, cursor, 5), InvalidInput) << cursor;
    EXPECT_THROW(store.list("me", cursor, 5), InvalidInput) << cursor;
  }
  EXPECT_FALSE(store.results("no such job", "", 5).has_value());
  EXPECT_FALSE(store.status("' OR 1=1 --").has_value());
  EXPECT_FALSE(store.cancel("").has_value());
}

TEST_F(StoreTest, ListsOneOwnersJobsNewestFirst) {
  Store store(options());
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(store.submit(job_of(1)).id);
    store.submit(job_of(1, "you"));
  }
  auto page = store.list("me", "", 3);
  ASSERT_EQ(page.jobs.size(), 3U);
  EXPECT_EQ(page.jobs[0].id, ids[4]);
  ASSERT_TRUE(page.next.has_value());
  page = store.list("me", *page.next, 3);
  ASSERT_EQ(page.jobs.size(), 2U);
  EXPECT_EQ(page.jobs[1].id, ids[0]);
  EXPECT_FALSE(page.next.has_value());
}

TEST_F(StoreTest, CancellingKeepsWhatIsDoneAndTakesNoMore) {
  Store store(options());
  const Accepted job = store.submit(job_of(3));
  finish(store, job.number, {0});
  EXPECT_EQ(store.cancel(job.id)->state, State::Cancelled);
  EXPECT_FALSE(finish(store, job.number, {1})[0].kept);
  EXPECT_EQ(store.results(job.id, "", 9)->results.size(), 1U);
  EXPECT_TRUE(store.results(job.id, "", 9)->complete);
  EXPECT_TRUE(store.open_jobs().empty());

  const Accepted done = store.submit(job_of(1));
  finish(store, done.number, {0});
  EXPECT_EQ(store.cancel(done.id)->state, State::Finished);
}

TEST_F(StoreTest, JobsExpireWhenTheirTimeIsUp) {
  Store store(options());
  Submission hasty = job_of(2);
  hasty.expires_after_ms = 1000;
  const Accepted job = store.submit(hasty);
  const Accepted patient = store.submit(job_of(1));
  clock_.advance(999);
  EXPECT_TRUE(store.expire_due().empty());
  clock_.advance(1);
  EXPECT_EQ(store.expire_due(), std::vector<std::int64_t>{job.number});
  EXPECT_EQ(store.status(job.id)->state, State::Expired);
  EXPECT_EQ(store.status(patient.id)->state, State::Queued);
  EXPECT_FALSE(finish(store, job.number, {0})[0].kept);
}

TEST_F(StoreTest, EndedJobsAreForgottenAfterTheirRetentionAndOpenOnesNever) {
  Store::Options o = options();
  o.retain_ms = 5000;
  Store store(o);
  Submission submission = job_of(1);
  submission.idempotency_key = "key";
  const Accepted ended = store.submit(submission);
  const Accepted open = store.submit(job_of(1));
  finish(store, ended.number, {0});
  EXPECT_EQ(store.status(ended.id)->deleted_ms, store.now_ms() + 5000);
  clock_.advance(4999);
  EXPECT_EQ(store.delete_old(), 0U);
  clock_.advance(1);
  EXPECT_EQ(store.delete_old(), 1U);
  EXPECT_FALSE(store.status(ended.id).has_value());
  EXPECT_FALSE(store.results(ended.id, "", 1).has_value());
  EXPECT_TRUE(store.status(open.id).has_value());
  EXPECT_TRUE(store.submit(submission).created);
}

TEST_F(StoreTest, ForgetsAnOwnerAltogether) {
  Store store(options());
  Submission secret = job_of(2);
  secret.prompts[0] = "a very secret perfume";
  const Accepted job = store.submit(secret);
  store.finish(std::vector<Finished>{
      {.job = job.number, .index = 1, .failed = false, .body = "a very secret molecule", .error_kind = {}}});
  const Accepted other = store.submit(job_of(1, "you"));
  EXPECT_EQ(store.erase_owner("me"), std::vector<std::int64_t>{job.number});
  EXPECT_FALSE(store.status(job.id).has_value());
  EXPECT_TRUE(store.status(other.id).has_value());
  for (const char* file : {"jobs.db", "jobs.db-wal"}) {
    std::string bytes;
    if (FILE* in = std::fopen((scratch_ / file).c_str(), "rb"); in != nullptr) {
      for (int c = std::fgetc(in); c != EOF; c = std::fgetc(in)) bytes += static_cast<char>(c);
      std::fclose(in);
    }
    EXPECT_EQ(bytes.find("a very secret"), std::string::npos) << file;
  }
}

TEST_F(StoreTest, RefusesWhatIsNoJob) {
  Store::Options o = options();
  o.max_prompts = 3;
  o.max_open_jobs = 2;
  Store store(o);
  EXPECT_THROW(store.submit(job_of(0)), InvalidInput);
  EXPECT_THROW(store.submit(job_of(4)), InvalidInput);
  Submission job = job_of(1);
  for (const int priority : {-1, 11}) {
    job.priority = priority;
    EXPECT_THROW(store.submit(job), InvalidInput);
  }
  job = job_of(1);
  for (const std::int64_t life :
       {std::int64_t{0}, std::int64_t{-5}, std::numeric_limits<std::int64_t>::max()}) {
    job.expires_after_ms = life;
    EXPECT_THROW(store.submit(job), InvalidInput);
  }
  job = job_of(1);
  job.idempotency_key = std::string(256, 'k');
  EXPECT_THROW(store.submit(job), InvalidInput);
  store.submit(job_of(1));
  store.submit(job_of(1));
  EXPECT_THROW(store.submit(job_of(1)), Overloaded);
}

TEST_F(StoreTest, KeepsAnyBytes) {
  Store store(options());
  Submission job = job_of(1);
  job.prompts[0] = std::string("nul \0 and broken \xff utf-8 \xc3", 27);
  const Accepted accepted = store.submit(job);
  EXPECT_EQ(store.prompt(accepted.number, 0), job.prompts[0]);
}

TEST_F(StoreTest, IsReadableForItsOwnerOnly) {
  Store store(options());
  store.submit(job_of(1));
  for (const char* file : {"jobs.db", "jobs.db-wal", "jobs.db.lock"}) {
    const auto permissions = std::filesystem::status(scratch_ / file).permissions();
    EXPECT_EQ(permissions, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write) << file;
  }
}

TEST_F(StoreTest, BelongsToOneProcessAtATime) {
  Store store(options());
  EXPECT_THROW(Store second(options()), Unavailable);
  // Under whatever name.
  std::filesystem::create_symlink(scratch_ / "jobs.db", scratch_ / "link.db");
  std::filesystem::create_symlink("link.db", scratch_ / "second.db");
  Store::Options by_link = options();
  for (const char* name : {"link.db", "second.db"}) {
    by_link.path = scratch_ / name;
    EXPECT_THROW(Store other(by_link), Unavailable) << name;
  }
}

TEST_F(StoreTest, RefusesFilesThatItDoesNotUnderstand) {
  FILE* out = std::fopen((scratch_ / "jobs.db").c_str(), "wb");
  for (int i = 0; i < 5000; ++i) std::fputs("no database ", out);
  std::fclose(out);
  EXPECT_THROW(Store store(options()), Unavailable);
  // Its first page is good, and another is not.
  const std::filesystem::path damaged = scratch_ / "damaged.db";
  Store::Options of_damaged = options();
  of_damaged.path = damaged;
  {
    Store store(of_damaged);
    Submission job = job_of(3);
    job.prompts[0].assign(100'000, 'x');
    store.submit(job);
  }
  {
    std::fstream file(damaged, std::ios::binary | std::ios::in | std::ios::out);
    for (std::streamoff at = 4096; at < 80'000; at += 4096) {
      file.seekp(at);
      file.write("damaged page", 12);
    }
  }
  try {
    const Store store(of_damaged);
    FAIL() << "a damaged database was taken";
  } catch (const Unavailable& error) {
    EXPECT_NE(std::string(error.what()).find("is damaged"), std::string::npos) << error.what();
  }
  Store::Options nowhere = options();
  nowhere.path = scratch_ / "no/such/folder/jobs.db";
  EXPECT_THROW(Store store(nowhere), Unavailable);
}

}  // namespace
}  // namespace odordiff::jobs

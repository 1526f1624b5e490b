// What goes to Celery workers and what comes back, by its bytes; that real workers take it is tested in
// fleet_test.py.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "fleet/celery/broker_url.h"
#include "fleet/celery/message.h"

namespace odordiff::fleet {
namespace {

using Json = nlohmann::ordered_json;

TEST(Celery, EqualPromptsAreTheSameTask) {
  EXPECT_EQ(task_id_of("rose"), task_id_of("rose"));
  EXPECT_NE(task_id_of("rose"), task_id_of("Rose"));
  EXPECT_EQ(task_id_of("rose").size(), 36U);
}

TEST(Celery, EachPriorityHasItsList) {
  EXPECT_EQ(celery_list("batch", 0), "batch");
  EXPECT_EQ(celery_list("batch", 9),
            "batch\x06\x16"
            "9");
}

TEST(Celery, AMessageHoldsTheTaskAndItsArgument) {
  const CeleryTask task{"odordiff.answer_prompt", task_id_of("x"), R"({"form":"v1"})",
                        "odordiff@here",          "batch",         5};
  const Json message = Json::parse(celery_message(task, "tag"));
  EXPECT_EQ(celery_task_id(celery_message(task, "tag")), task.id);
  for (const char* none : {"", "[]", "{}", R"({"headers": 1})", R"({"headers": {"id": 7}})"}) {
    EXPECT_EQ(celery_task_id(none), "");
  }
  EXPECT_FALSE(message["headers"].contains("odordiff_model"));
  CeleryTask own = task;
  own.model_digest = "0123", own.precision = "int8";
  EXPECT_EQ(Json::parse(celery_message(own, "tag"))["headers"]["odordiff_model"],
            Json({{"digest", "0123"}, {"precision", "int8"}}));
  EXPECT_EQ(message["headers"]["task"], task.name);
  EXPECT_EQ(message["headers"]["id"], task.id);
  EXPECT_EQ(message["headers"]["odordiff"], 1);
  EXPECT_EQ(message["properties"]["delivery_tag"], "tag");
  EXPECT_EQ(message["properties"]["delivery_info"]["routing_key"], "batch");
  EXPECT_EQ(message["body"],
            "W1sie1wiZm9ybVwiOlwidjFcIn0iXSx7fSx7ImNhbGxiYWNrcyI6bnVsbCwiZXJyYmFja3MiOm51bGwsImNoYWluIjpudWxs"
            "LCJjaG9yZCI6bnVsbH1d")
      << "base64 of [[argument], {}, {callbacks and the like: null}]";
}

TEST(Celery, ResultsAreReadInBothFormsAndNothingElseIsOne) {
  const auto packed = [](const Json& json) {
    std::string out;
    Json::to_msgpack(json, out);
    return out;
  };
  using State = CeleryResult::State;
  const Json done = {{"status", "SUCCESS"}, {"result", "{}"}};
  for (const auto& bytes : {done.dump(), packed(done)}) {
    const auto result = read_celery_result(bytes);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->state, State::Done);
    EXPECT_EQ(result->text, "{}");
  }
  const Json failed = {
      {"status", "FAILURE"},
      {"result", {{"exc_type", "InvalidInput"}, {"exc_message", {"no word"}}, {"exc_module", "m"}}}};
  const auto refusal = read_celery_result(packed(failed));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->state, State::Failed);
  EXPECT_EQ(refusal->error_type, "InvalidInput");
  EXPECT_EQ(refusal->text, "no word");
  EXPECT_EQ(read_celery_result(packed({{"status", "STARTED"}, {"result", {{"pid", 1}}}}))->state,
            State::Waiting);
  for (const std::string bytes :
       {"", "null", "[]", "{}", R"({"status":1})", R"({"status":"SUCCESS","result":7})", "\xc1\xff"}) {
    EXPECT_FALSE(read_celery_result(bytes)) << bytes;
  }
}

TEST(Celery, BrokersAreNamedAsCeleryNamesThem) {
  const auto sentinels = parse_broker_url("sentinel://:pass@a:1/2;sentinel://b:2/2", "primary");
  EXPECT_EQ(sentinels.mode, redis::Mode::Sentinel);
  EXPECT_EQ(sentinels.addresses, (std::vector<redis::Address>{{"a", 1}, {"b", 2}}));
  EXPECT_EQ(sentinels.master_name, "primary");
  EXPECT_EQ(sentinels.password, "pass");
  EXPECT_EQ(sentinels.database, 2);
  const auto tls = parse_broker_url("rediss://a:1/0?ssl_cert_reqs=required&ssl_ca_certs=/ca.pem", "");
  EXPECT_TRUE(tls.tls.wanted);
  EXPECT_EQ(tls.tls.ca_file, "/ca.pem");
  EXPECT_EQ(parse_broker_url("redis://a:1/3", "").database, 3);
  for (const char* wrong : {"amqp://a", "sentinel://", "sentinel://a:1;redis://b",
                            "redis://a:1?ssl_cert_reqs=none", "http://a"}) {
    EXPECT_THROW((void)parse_broker_url(wrong, "primary"), InvalidInput) << wrong;
  }
}

}  // namespace
}  // namespace odordiff::fleet

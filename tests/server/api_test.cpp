// The API as clients meet it, on the shipped model: the same answers as the pipeline's, and what is wrong by
// name.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

#include "api/answer_json.h"
#include "api/answer_text.h"
#include "api/design_json.h"
#include "api/legacy_json.h"
#include "running_api.h"
#include "server/gate/route_access.h"

namespace odordiff::server {
namespace {

generate::Request small_request(const std::string& brief) {
  generate::Request request;
  request.brief = brief;
  request.count = 2;
  return request;
}

std::vector<std::string> pointers(const Answer& answer) {
  EXPECT_EQ(answer.status, 422) << answer.body;
  std::vector<std::string> out;
  const Json json = Json::parse(answer.body);
  if (!json.contains("errors")) return out;
  for (const auto& error : json["errors"]) out.push_back(error["pointer"].get<std::string>());
  return out;
}

TEST(Api, GenerateGivesTheCommandLinesObject) {
  const Api api;
  const Answer answer = api.ask("POST", "/v1/generate", R"({"brief": "fresh rose", "count": 2, "seed": 7})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  generate::Request request = small_request("fresh rose");
  request.seed = 7;
  EXPECT_EQ(answer.body, api::dump_line(api::answer_json(pipeline().generate(request))));
}

TEST(Api, TheTargetAloneAsksForTheSameAnswerAndCanBeKept) {
  const Api api;
  const Answer posted = api.ask(
      "POST", "/v1/generate",
      R"({"brief": "fresh rose", "count": 2, "seed": 7, "allow_known": true, "logp": {"min": 1, "max": 4}})");
  const std::string target = "/v1/generate?brief=fresh+rose&count=2&seed=7&allow_known=true&logp=1:4";
  const Answer got = api.ask("GET", target);
  ASSERT_EQ(got.status, 200) << got.body;
  EXPECT_EQ(got.body, posted.body);
  EXPECT_EQ(api.cache.stats().misses, 1U) << "one answer, however it was asked for";
  const Answer again = api.ask("GET", target);
  EXPECT_TRUE(again.header("cache-control").starts_with("public, max-age=")) << again.head;
  EXPECT_EQ(api.ask("GET", target, {}, "If-None-Match: " + again.header("etag") + "\r\n").status, 304);
  for (const auto& hot : api.cache.hottest(9)) EXPECT_TRUE(hot.starts_with("/v1/generate\n{")) << hot;
}

TEST(Api, WhatIsWrongInATargetIsNamedAsItIsWrittenThere) {
  const Api api;
  const auto wrong = [&](const std::string& query) {
    return pointers(api.ask("GET", "/v1/generate?" + query));
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(wrong(""), Names{"?brief"});
  EXPECT_EQ(wrong("brief=rose&count=many&seed=-1"), (Names{"?count", "?seed"}));
  EXPECT_EQ(wrong("brief=rose&count=&fields="), (Names{"?fields", "?count"}));
  EXPECT_EQ(wrong("brief=rose&logp=3"), Names{"?logp"});
  EXPECT_EQ(wrong("brief=rose&logp=:"), Names{"?logp"});
  EXPECT_EQ(wrong("brief=rose&logp=4:1"), Names{"?logp"});
  EXPECT_EQ(wrong("brief=rose&smell=1"), Names{"?\"smell\""});
}

TEST(Api, AnswersHoldTheMembersThatAreAskedFor) {
  const Api api;
  const std::string body = R"({"brief": "fresh rose", "count": 2})";
  const Json whole = api.json("POST", "/v1/generate", body);
  const Json chosen = api.json("POST", "/v1/generate?fields=score,smiles", body);
  EXPECT_EQ(chosen["tally"], whole["tally"]);
  ASSERT_EQ(chosen["molecules"].size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& m = whole["molecules"][i];
    EXPECT_EQ(chosen["molecules"][i], (Json{{"smiles", m["smiles"]}, {"score", m["score"]}}));
  }
  const Answer stream =
      api.ask("POST", "/v1/generate?fields=smiles", body, "Accept: application/x-ndjson\r\n");
  EXPECT_NE(stream.body.find(R"("event":"molecule","data":{"rank":1,"smiles":)"), std::string::npos)
      << stream.body;
  EXPECT_EQ(pointers(api.ask("POST", "/v1/generate?fields=smiles,colour", body)),
            std::vector<std::string>{"?fields"});
  EXPECT_EQ(api.ask("POST", "/v1/generate?fields=smiles", body, "Accept: text/csv\r\n").status, 422);
}

TEST(Api, TheEarlierContractIsKeptAndEveryNumberIsTheCandidates) {
  const Api api;
  const Json json =
      api.json("POST", "/generate", R"({"prompt": "fresh rose", "num_molecules": 2, "use_cache": true})");
  std::vector<std::string> members;
  for (const auto& [name, value] : json.items()) members.push_back(name);
  EXPECT_EQ(members, (std::vector<std::string>{"request_id", "prompt", "molecules", "processing_time",
                                               "cache_hit", "error", "timestamp", "model"}));
  const auto answer = pipeline().generate(small_request("fresh rose"));
  ASSERT_EQ(json["molecules"].size(), answer.molecules.size());
  for (std::size_t i = 0; i < answer.molecules.size(); ++i) {
    const auto& m = json["molecules"][i];
    const auto& c = answer.molecules[i];
    EXPECT_EQ(m["smiles"], c.smiles);
    EXPECT_NEAR(m["confidence"].get<double>(), c.score, 1e-4);
    EXPECT_NEAR(m["safety_score"].get<double>(), c.safety.score.value(), 1e-4);
    EXPECT_NEAR(m["synth_score"].get<double>(), c.synthesizability, 1e-4);
    EXPECT_NEAR(m["odor_profile"]["intensity"].get<double>(), c.physical.intensity.value, 0.01);
    EXPECT_NEAR(m["odor_profile"]["longevity_hours"].get<double>(), c.physical.longevity_hours.value, 0.1);
    EXPECT_NEAR(m["odor_profile"]["sillage"].get<double>(), c.physical.sillage.value, 0.01);
    EXPECT_EQ(m["odor_profile"]["primary_notes"], Json(c.primary_notes));
    EXPECT_EQ(c.primary_notes.front(), c.odor[0].name);
    EXPECT_EQ(m["odor_profile"]["character"], c.character);
    EXPECT_EQ(m["estimated_cost"].is_null(), !c.makeability.found);
    EXPECT_EQ(m["properties"], api::candidate_json(c)["properties"]);
  }
  EXPECT_EQ(json["prompt"], "fresh rose");
  EXPECT_EQ(json["error"], nullptr);
  EXPECT_GT(json["processing_time"].get<double>(), 0);
}

TEST(Api, EqualRequestsAreServedFromMemoryWithTheSameBytes) {
  const Api api;
  const std::string body = R"({"brief": "cut grass", "count": 1})";
  const Answer first = api.ask("POST", "/v1/generate", body);
  const Answer again = api.ask("POST", "/v1/generate", R"({"count": 1.0, "seed": 0, "brief": "cut grass"})");
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(api.work.answers.value(), 1U);
  EXPECT_EQ(first.header("etag"), again.header("etag"));
  EXPECT_EQ(again.header("vary"), "Accept, Accept-Encoding");
  EXPECT_TRUE(again.header("cache-control").starts_with("public, max-age=3"));
  const Answer same =
      api.ask("POST", "/v1/generate", body, "If-None-Match: \"x\", W/" + again.header("etag") + "\r\n");
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(api.ask("POST", "/v1/generate", body, "If-None-Match: \"x\"\r\n").status, 200);
  const std::string legacy = R"({"prompt": "cut grass", "num_molecules": 1})";
  const std::string uncached = R"({"prompt": "cut grass", "num_molecules": 1, "use_cache": false})";
  EXPECT_EQ(api.json("POST", "/generate", legacy)["cache_hit"], false);
  EXPECT_EQ(api.json("POST", "/generate", legacy)["cache_hit"], true);
  EXPECT_EQ(api.json("POST", "/generate", uncached)["cache_hit"], false);
  EXPECT_EQ(api.work.answers.value(), 3U);
}

TEST(Api, AnAnswerComesInTheFormThatTheClientNames) {
  const Api api;
  const std::string body = R"({"brief": "fresh rose", "count": 2})";
  const auto answer = pipeline().generate(small_request("fresh rose"));
  const auto as = [&](const std::string& type) {
    const Answer got = api.ask("POST", "/v1/generate", body, "Accept: " + type + "\r\n");
    EXPECT_EQ(got.status, 200) << got.body;
    return got;
  };
  EXPECT_EQ(as("text/csv").body, api::answer_csv(answer));
  EXPECT_EQ(as("chemical/x-mdl-sdfile").body, api::answer_sdf(answer));
  EXPECT_EQ(Json::from_msgpack(as("application/msgpack").body), api::answer_json(answer));
  EXPECT_EQ(as("application/msgpack").header("content-type"), "application/msgpack");
  EXPECT_EQ(as("image/png, application/*;q=0.5").header("content-type"), "application/json");
  EXPECT_EQ(as("*/*, text/csv;q=0.1").header("content-type"), "text/csv");  // by name before by wildcard
  EXPECT_EQ(api.ask("POST", "/v1/generate", body, "Accept: image/png\r\n").status, 406);
}

TEST(Api, LargeAnswersAreCompressedForThoseWhoTakeIt) {
  const Api api;
  const Answer plain = api.ask("GET", "/openapi.json");
  const Answer packed = api.ask("GET", "/openapi.json", {}, "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(packed.header("content-encoding"), "gzip");
  EXPECT_LT(packed.body.size(), plain.body.size() / 3);
  const std::string described = R"({"smiles": ["CCO"], "all": true})";
  EXPECT_EQ(api.ask("POST", "/v1/describe", described, "Accept-Encoding: br\r\n").header("content-encoding"),
            "br");
  EXPECT_EQ(api.ask("GET", "/health", {}, "Accept-Encoding: br\r\n").header("content-encoding"), "");
}

TEST(Api, EqualRequestsAtOnceAreComputedOnce) {
  const Api api;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 30; ++i) {  // far more than workers and queue would take
    clients.push_back(std::make_unique<RawClient>(api.server->port()));
    clients.back()->send(message("POST", "/v1/generate", R"({"brief": "old books", "count": 2})"));
  }
  std::set<std::string> bodies;
  for (auto& client : clients) {
    const Answer answer = client->answer();
    EXPECT_EQ(answer.status, 200);
    bodies.insert(answer.body);
  }
  EXPECT_EQ(bodies.size(), 1U);
  EXPECT_EQ(api.work.answers.value(), 1U);
}

TEST(Api, WhatNobodyWaitsForIsNotFinished) {
  const Api api;
  {
    RawClient client(api.server->port());
    client.send(message("POST", "/v1/generate", R"({"brief": "a cathedral of incense", "count": 100})"));
    while (api.workers.load().working == 0) std::this_thread::yield();
  }
  while (api.workers.load().working > 0) std::this_thread::yield();
  EXPECT_EQ(api.work.answers.value(), 0U);
}

TEST(Api, SynthesizabilityBoundsWhatComesBack) {
  const Api api;
  const Json json = api.json("POST", "/generate",
                             R"({"prompt": "woody amber", "num_molecules": 3, "synthesizability_min": 0.8})");
  ASSERT_FALSE(json["molecules"].empty());
  for (const auto& m : json["molecules"]) EXPECT_GE(m["synth_score"].get<double>(), 0.7999);
}

TEST(Api, FaultsOfBodiesAreNamed) {
  const Api api;
  EXPECT_EQ(pointers(api.ask("POST", "/generate", "{}")), std::vector<std::string>{"/prompt"});
  EXPECT_EQ(
      pointers(api.ask("POST", "/generate", R"({"prompt": "rose", "num_molecules": 101, "colour": 1})")),
      (std::vector<std::string>{"/num_molecules", "/colour"}));
  EXPECT_EQ(pointers(api.ask("POST", "/v1/design", R"({"top": "lemon", "per_note": 0, "category": "soup"})")),
            (std::vector<std::string>{"/category", "/per_note"}));
  EXPECT_EQ(pointers(api.ask("POST", "/v1/describe", R"({"smiles": []})")),
            std::vector<std::string>{"/smiles"});
  EXPECT_EQ(pointers(api.ask("POST", "/v1/describe", R"({"smiles": ["CCO", 5]})")),
            std::vector<std::string>{"/smiles/1"});
  EXPECT_EQ(pointers(api.ask("POST", "/assess/safety", R"({"smiles": "C1CC"})")),
            std::vector<std::string>{"/smiles"});
  EXPECT_EQ(pointers(api.ask("POST", "/v1/generate", R"({"brief": "rose", "like": 5})")),
            std::vector<std::string>{"/like"});
  EXPECT_EQ(api.ask("POST", "/v1/generate", R"({"like": "C1CC"})").status, 422);
  EXPECT_EQ(api.ask("POST", "/generate", "{\"prompt\": \"\xff\"}").status, 400);
  EXPECT_EQ(api.ask("POST", "/generate", R"({"prompt": "rose"})", "Accept: text/html\r\n").status, 406);
  EXPECT_EQ(api.ask("GET", "/generate").header("allow"), "POST");
}

TEST(Api, MoleculesAreDescribedAndAssessedInTheirOrder) {
  const Api api;
  const Json described =
      api.json("POST", "/v1/describe", R"({"smiles": ["CC(=O)OCCC(C)C", "C1CC", "CCO"]})")["molecules"];
  ASSERT_EQ(described.size(), 3U);
  EXPECT_EQ(described[0]["descriptors"].size(), 8U);
  EXPECT_TRUE(described[1].contains("error"));
  EXPECT_EQ(described[2]["canonical_smiles"], "CCO");
  const Json assessed =
      api.json("POST", "/v1/assess", R"({"smiles": ["CC(C)=CCCC(C)=CC=O"], "region": "IFRA"})")["molecules"];
  EXPECT_EQ(assessed[0]["regions"].size(), 1U);
  EXPECT_EQ(assessed[0]["decision"], "accepted");
  const Json legacy = api.json("POST", "/assess/safety", R"({"smiles": "CC(C)=CCCC(C)=CC=O"})");
  EXPECT_EQ(legacy["score"], assessed[0]["score"]);
}

TEST(Api, AMoleculeHasAPageADrawingAndARecord) {
  const Api api;
  EXPECT_EQ(api.json("GET", "/v1/molecules/CC%28%3DO%29OCCC%28C%29C")["formula"], "C7H14O2");
  const Answer svg = api.ask("GET", "/v1/molecules/CC(=O)OCCC(C)C.svg");
  EXPECT_EQ(svg.header("content-type"), "image/svg+xml");
  EXPECT_TRUE(svg.body.starts_with("<svg"));
  const Answer sdf = api.ask("GET", "/v1/molecules/CCO.sdf");
  EXPECT_TRUE(sdf.body.ends_with("$$$$\n"));
  EXPECT_EQ(api.ask("GET", "/v1/molecules/F%2FC=C%2FF.svg").status, 200);  // slashes of stereo
  EXPECT_EQ(api.ask("GET", "/v1/molecules/C1CC").status, 422);
  EXPECT_EQ(api.ask("GET", "/v1/molecules/LFQSCWFLJHTTHZ-UHFFFAOYSA-N").status, 404);
  EXPECT_EQ(api.ask("GET", "/v1/molecules/" + std::string(401, 'C')).status, 404);
}

TEST(Api, AMoleculeOfAnAnswerIsFoundByItsInChIKey) {
  const Api api;
  const Json molecule =
      api.json("POST", "/v1/generate", R"({"brief": "fresh rose", "count": 1})")["molecules"][0];
  const std::string path = "/v1/molecules/" + molecule["inchikey"].get<std::string>();
  EXPECT_EQ(api.json("GET", path)["smiles"], molecule["smiles"]);
  EXPECT_EQ(api.ask("GET", path + ".svg").status, 200);
  EXPECT_EQ(api.ask("GET", path + ".sdf").status, 200);
}

TEST(Api, FragrancesAreDesignedByEitherName) {
  const Api api;
  const Json design = api.json("POST", "/v1/design", R"({"top": "lemon", "per_note": 1})");
  const Json legacy = api.json("POST", "/design/fragrance", R"({"top_notes": "lemon"})");
  EXPECT_EQ(design["brief"]["top"], "lemon");
  EXPECT_EQ(legacy["brief"]["top"], "lemon");
  EXPECT_FALSE(design["formula"].empty());
}

TEST(Api, AStreamedAnswerIsTheAnswerInParts) {
  const Api api;
  const Answer answer = api.ask("POST", "/v1/generate", R"({"brief": "fresh rose", "count": 2})",
                                "Accept: application/x-ndjson\r\n");
  ASSERT_EQ(answer.status, 200);
  std::map<int, Json> molecules;
  Json last;
  int lines = 0;
  std::istringstream text(answer.body);
  for (std::string line; std::getline(text, line);) {
    if (line.empty()) continue;
    const Json event = Json::parse(line);
    EXPECT_EQ(event["id"], ++lines);
    if (event["event"] == "molecule") molecules[event["data"]["rank"].get<int>()] = event["data"];
    last = event;
  }
  EXPECT_EQ(last["event"], "answer");
  const Json whole = api::answer_json(pipeline().generate(small_request("fresh rose")));
  ASSERT_EQ(molecules.size(), whole["molecules"].size());
  for (std::size_t i = 0; i < molecules.size(); ++i) {
    EXPECT_EQ(molecules[static_cast<int>(i) + 1], whole["molecules"][i]);
  }
}

TEST(Api, ABatchIsStreamedPromptByPrompt) {
  const Api api;
  const Answer answer =
      api.ask("POST", "/generate/batch/streaming",
              R"({"prompts": ["rose", "lemon", "musk"], "num_molecules": 1, "chunk_size": 2})");
  EXPECT_EQ(answer.header("content-type"), "text/event-stream");
  const std::regex results("event: results\n");
  EXPECT_EQ(std::distance(std::sregex_iterator(answer.body.begin(), answer.body.end(), results), {}), 2);
  EXPECT_NE(answer.body.find("event: done\ndata: {\"done\":3,\"total\":3"), std::string::npos) << answer.body;
  EXPECT_EQ(
      pointers(api.ask("POST", "/generate/batch/streaming", R"({"prompts": [], "stream_format": "xml"})")),
      (std::vector<std::string>{"/prompts", "/stream_format"}));
}

TEST(Api, HealthFiguresAndMetricsSayWhatHappened) {
  const Api api;
  (void)api.json("POST", "/generate", R"({"prompt": "rose", "num_molecules": 1})");
  EXPECT_EQ(api.json("GET", "/health")["status"], "healthy");
  EXPECT_EQ(api.json("GET", "/health/live")["alive"], true);
  EXPECT_EQ(api.json("GET", "/health/ready")["ready"], true);
  EXPECT_EQ(api.json("GET", "/health/detailed")["components"]["queue"]["capacity"], 8);
  const Json stats = api.json("GET", "/stats");
  EXPECT_EQ(stats["generation"]["answers"], 1);
  EXPECT_EQ(stats["generation"]["molecules"], 1);
  EXPECT_EQ(stats["http"]["by_status"]["200"], 5);
  const std::string page = api.ask("GET", "/metrics").body;
  EXPECT_NE(page.find("odordiff_http_requests_total{method=\"POST\",route=\"/generate\",status=\"200\"} 1\n"),
            std::string::npos);
  EXPECT_NE(page.find("odordiff_answers_total 1\n"), std::string::npos);
}

TEST(Api, APurgeWithoutRedisIsOneOfMemory) {
  const Api api;
  const std::string brief = R"({"brief": "rose", "count": 1, "seed": 1})";
  EXPECT_EQ(api.ask("POST", "/v1/generate", brief).status, 200);
  EXPECT_EQ(api.json("POST", "/v1/cache/purge", R"({"all": true})"),
            (Json{{"purged_here", 1}, {"elsewhere", "none"}, {"edge", "none"}}));
  const Json tiers = api.json("GET", "/stats")["cache"]["tiers"];
  EXPECT_EQ(tiers["memory"]["purged"], 1);
  EXPECT_TRUE(tiers["redis"].is_null());
  EXPECT_FALSE(api.json("GET", "/health/detailed")["components"].contains("redis"));
  for (const char* wrong : {"{}", R"({"all": false})", R"({"all": true, "tags": ["x"]})", R"({"tags": []})",
                            R"({"tags": [1]})", R"({"tags": ["a\r\nX: b"]})", R"({"tags": ["a b"]})"}) {
    EXPECT_EQ(api.ask("POST", "/v1/cache/purge", wrong).status, 422) << wrong;
  }
}

TEST(Api, TheDescriptionHasEveryRouteAndNoOther) {
  const Api api;
  const Json document = api.json("GET", "/openapi.json");
  EXPECT_TRUE(document["openapi"].get<std::string>().starts_with("3.1"));
  std::set<std::string> described, served;
  for (const auto& [path, item] : document["paths"].items()) {
    for (const auto& [method, operation] : item.items()) {
      std::string upper = method;
      std::transform(upper.begin(), upper.end(), upper.begin(),
                     [](unsigned char c) { return std::toupper(c); });
      described.insert(upper + " " + path);
      EXPECT_TRUE(operation.contains("operationId")) << path;
    }
  }
  for (const auto& route : api.router.routes()) served.insert(route->method + " " + route->pattern);
  EXPECT_EQ(described, served);
}

TEST(Api, EveryRouteIsInTheTableOfRolesAndDescribedSo) {
  const Api api;
  const Json document = Json::parse(openapi_document());
  for (const auto& route : api.router.routes()) {
    EXPECT_TRUE(is_in_role_table(route->method, route->pattern)) << route->method << " " << route->pattern;
    std::string method = route->method;
    std::transform(method.begin(), method.end(), method.begin(),
                   [](unsigned char c) { return std::tolower(c); });
    const Json& operation = document["paths"][route->pattern][method];
    const bool open = least_role(route->method, route->pattern) == Role::None;
    EXPECT_EQ(operation.contains("security"), open) << route->pattern;
    for (const char* status : {"401", "403", "421"}) {
      EXPECT_EQ(operation["responses"].contains(status), !open) << route->pattern << " " << status;
    }
    EXPECT_EQ(operation["responses"].contains("429"), !is_probe(route->pattern)) << route->pattern;
  }
}

TEST(Api, AProfileIsTakenWhereItIsAllowed) {
#ifdef ODORDIFF_SANITIZED
  GTEST_SKIP() << "sanitizers and the profiler's signals do not go together";
#endif
  Api api;
  EXPECT_EQ(api.ask("GET", "/debug/pprof/profile?seconds=1").status, 404);
  EXPECT_EQ(api.ask("GET", "/debug/pprof/heap").status, 404);
  api.service.profiling = true;
  for (const char* query :
       {"?seconds=0", "?seconds=61", "?seconds=x", "?seconds=", "?minutes=1", "?seconds=1&x=2"}) {
    EXPECT_EQ(api.ask("GET", std::string("/debug/pprof/profile") + query).status, 422) << query;
  }
  RawClient first(api.server->port());
  first.send(message("GET", "/debug/pprof/profile?seconds=1"));
  const Answer answer = first.answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-type"), "application/octet-stream");
  // Five words: 0, three more follow, version 0, sampling period, padding.
  ASSERT_GE(answer.body.size(), 40U);
  std::array<std::uint64_t, 5> words{};
  std::memcpy(words.data(), answer.body.data(), sizeof words);
  EXPECT_EQ(words[0], 0U);
  EXPECT_EQ(words[1], 3U);
  EXPECT_EQ(words[2], 0U);
  EXPECT_GT(words[3], 0U);
  EXPECT_NE(answer.body.find("server_test"), std::string::npos)
      << "the map of what is loaded stands at the end";
}

TEST(Api, ASubjectIsErasedByWhoeverKnowsIt) {
  Api api;
  std::vector<std::string> asked;
  api.service.erasers = {[&](const std::string& subject, Json& erased) {
                           asked.push_back(subject);
                           erased["jobs"] = 2;
                         },
                         [](const std::string&, Json& erased) { erased["audit_lines"] = 0; }};
  const Json answer = api.json("DELETE", "/v1/privacy/jwt%3Aada%2Flovelace");
  EXPECT_EQ(answer, (Json{{"subject", "jwt:ada/lovelace"}, {"erased", {{"jobs", 2}, {"audit_lines", 0}}}}));
  EXPECT_EQ(asked, std::vector<std::string>{"jwt:ada/lovelace"});
  EXPECT_EQ(api.ask("DELETE", "/v1/privacy/" + std::string(301, 'x')).status, 422);
}

// Each property of the described bodies, just outside its bounds, must be refused by the server by that name.
TEST(Api, TheServerKeepsToItsDescription) {
  const Api api;
  const Json document = Json::parse(openapi_document());
  int tried = 0;
  for (const auto& [path, item] : document["paths"].items()) {
    if (!item.contains("post")) continue;
    const std::string name = item["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"];
    const Json& schema = document["components"]["schemas"][name.substr(name.rfind('/') + 1)];
    EXPECT_EQ(schema["additionalProperties"], false) << name;
    for (const auto& [property, rules] : schema["properties"].items()) {
      std::vector<Json> wrong = {Json::object({{"surely", "wrong"}})};
      const Json types = rules.value("type", Json(""));  // ["number", "null"] where it may be left out
      const std::string type = types.is_array() ? types.front() : types;
      if (type == "integer" || type == "number") {
        wrong.push_back("text");
        wrong.push_back(rules["maximum"].get<double>() * 1.01 + 1);
        if (rules["minimum"] > 0) wrong.push_back(0);
      }
      if (type == "string" && rules.contains("maxLength")) {
        wrong.push_back(std::string(rules["maxLength"].get<std::size_t>() + 1, 'x'));
      }
      if (type == "string" && rules.contains("enum")) wrong.push_back("none of these");
      if (type == "boolean") wrong.push_back(1);
      for (const Json& value : wrong) {
        Json body = Json::object();
        for (const auto& required : schema.value("required", Json::array()))
          body[required.get<std::string>()] = "CCO";
        body[property] = value;
        const auto named = pointers(api.ask("POST", path, body.dump()));
        EXPECT_NE(std::find(named.begin(), named.end(), "/" + property), named.end()) << path << " " << body;
        ++tried;
      }
    }
  }
  EXPECT_GT(tried, 80);
}

}  // namespace
}  // namespace odordiff::server

// The studio's files, and the routes that it alone made necessary.
#include <gtest/gtest.h>

#include "api/answer_json.h"
#include "generate/palette.h"
#include "running_server.h"
#include "server/problem.h"
#include "server/static_files.h"

namespace odordiff::server {
namespace {

Request asking(std::string encoding, std::string if_none_match = {}) {
  Request request;
  request.method = "GET";
  if (!encoding.empty()) request.headers.emplace_back("Accept-Encoding", std::move(encoding));
  if (!if_none_match.empty()) request.headers.emplace_back("If-None-Match", std::move(if_none_match));
  return request;
}

std::string header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return {};
}

TEST(StaticFiles, AreSentCompressedToWhoTakesItAndUnpackedToTheRest) {
  const Response plain = static_file(asking(""), "index.html");
  EXPECT_EQ(plain.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(header(plain, "Content-Encoding"), "");
  EXPECT_TRUE(plain.body->starts_with("<!doctype html>"));
  const Response packed = static_file(asking("br, gzip;q=0.5"), "index.html");
  EXPECT_EQ(header(packed, "Content-Encoding"), "gzip");
  EXPECT_EQ(packed.body->substr(0, 2), "\x1f\x8b");
  EXPECT_LT(packed.body->size(), plain.body->size());
  EXPECT_NE(header(packed, "ETag"), header(plain, "ETag"));
  for (const char* refusing : {"gzip;q=0", "br", "identity", "*;q=0"}) {
    EXPECT_EQ(header(static_file(asking(refusing), "index.html"), "Content-Encoding"), "") << refusing;
  }
  EXPECT_EQ(header(static_file(asking("*"), "index.html"), "Content-Encoding"), "gzip");
}

TEST(StaticFiles, UnpackWhole) {
  for (const auto& file : embedded_files()) {
    const Response response = static_file(asking(""), file.name);
    // The last four bytes of gzip are the length of what was packed.
    std::size_t length = 0;
    for (int i = 4; i >= 1; --i) {
      length = length << 8U |
               static_cast<unsigned char>(file.gzip[file.gzip.size() - 5U + static_cast<std::size_t>(i)]);
    }
    EXPECT_EQ(response.body->size(), length) << file.name;
    EXPECT_NE(response.content_type, "application/octet-stream") << file.name;
  }
}

TEST(StaticFiles, AreKeptForGoodByNameAndPagesAreAskedForAgain) {
  const Response page = static_file(asking(""), "index.html");
  EXPECT_EQ(header(page, "Cache-Control"), "public, no-cache");
  EXPECT_EQ(static_file(asking("", header(page, "ETag")), "index.html").status, 304);
  EXPECT_EQ(static_file(asking("gzip", header(page, "ETag")), "index.html").status, 200);  // another form
  for (const auto& file : embedded_files()) {
    if (!file.name.starts_with("assets/")) continue;
    EXPECT_EQ(header(static_file(asking(""), file.name), "Cache-Control"),
              "public, max-age=31536000, immutable");
  }
}

TEST(StaticFiles, PagesMayLoadFromHereAlone) {
  const std::string policy = header(static_file(asking(""), "index.html"), "Content-Security-Policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'")) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(policy.find("http"), std::string::npos);
}

TEST(StaticFiles, AreThoseOfTheStudioOnly) {
  for (const char* name :
       {"", "index", "../index.html", "assets/", "assets/../index.html", "index.html.gz"}) {
    EXPECT_THROW(static_file(asking(""), name), ProblemError) << name;
  }
}

// The routes on the shipped model.
struct Studio {
  Studio()
      : pipeline({ODORDIFF_MODEL_FOLDER, nn::Precision::F32, 2}),
        work(registry, pipeline),
        workers({2, 8}, registry),
        cache({}, workers, registry),
        service{pipeline, registry, workers, lifecycle, work, cache},
        running(make_router(service)) {}

  Answer get(const std::string& path) const { return running.ask("GET", path); }
  Json json(const std::string& path) const {
    const Answer answer = get(path);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Json::parse(answer.body);
  }
  Answer post(const std::string& path, const Json& body) const {
    return running.ask("POST", path, body.dump());
  }

  generate::Pipeline pipeline;
  observe::Registry registry;
  PipelineMetrics work;
  Lifecycle lifecycle;
  Workers workers;
  AnswerCache cache;
  Service service;
  RunningServer running;
};

const Studio& studio() {
  static const Studio shared;
  return shared;
}

TEST(Studio, PagesAreServed) {
  for (const char* path : {"/", "/docs", "/redoc", "/molecules/CCO/visualize"}) {
    const Answer answer = studio().get(path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_EQ(answer.header("content-type"), "text/html; charset=utf-8") << path;
    EXPECT_NE(answer.body.find("<script type=\"module\""), std::string::npos) << path;
  }
  EXPECT_EQ(studio().get("/favicon.svg").header("content-type"), "image/svg+xml");
  EXPECT_EQ(studio().get("/assets/none.js").status, 404);
  EXPECT_EQ(studio().get("/assets/..%2Findex.html").status, 404);
  // The page is the same for all, so that it costs nothing and tells nothing of what was made here.
  const std::string page = studio().get("/molecules/CCO/visualize").body;
  for (const char* other : {"no-molecule", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N", "BSYNRYMUTXBXSQ-UHFFFAOYSA-N"}) {
    EXPECT_EQ(studio().get("/molecules/" + std::string(other) + "/visualize").body, page) << other;
  }
}

TEST(Studio, ReadsABriefAsTheStreamOfGenerateDoes) {
  const Answer answer = studio().post("/v1/understand", {{"brief", "dewy rose, not sweet"}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json read = Json::parse(answer.body);
  Json streamed = api::brief_json("dewy rose, not sweet", studio().pipeline.explain("dewy rose, not sweet"));
  streamed["model"] = api::model_json(studio().pipeline.identity());
  EXPECT_EQ(read, streamed);
  EXPECT_GT(read["weights"]["rose"], 0);
  EXPECT_LT(read["weights"]["sweet"], 0);
  EXPECT_EQ(studio().post("/v1/understand", {{"brief", " "}}).status, 422);
  EXPECT_EQ(Json::parse(studio().post("/v1/understand", {{"brief", "…"}}).body)["understood"], false);
}

TEST(Studio, NamesTheNearestMaterialsAsThePaletteDoes) {
  const Answer answer = studio().post("/v1/nearest", {{"smiles", "CC(=O)OCCC(C)C"}, {"count", 3}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json near = Json::parse(answer.body);
  const auto expected =
      studio().pipeline.palette().nearest_to_smell(chem::Molecule::parse("CC(=O)OCCC(C)C"), 3);
  ASSERT_EQ(near["materials"].size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(near["materials"][i]["name"], expected[i].material->name);
  EXPECT_EQ(studio().post("/v1/nearest", {{"brief", "dewy rose"}}).status, 200);
  const Answer blank = studio().post("/v1/nearest", {{"brief", "zzxqy"}});
  EXPECT_TRUE(Json::parse(blank.body)["materials"].empty());
  EXPECT_EQ(studio().post("/v1/nearest", Json::object()).status, 422);
  EXPECT_EQ(studio().post("/v1/nearest", {{"brief", "rose"}, {"smiles", "CCO"}}).status, 422);
  EXPECT_EQ(studio().post("/v1/nearest", {{"smiles", "no molecule"}}).status, 422);
}

TEST(Studio, DrawsWhatIsAskedForAndSaysWhatIsWrong) {
  const std::string plain = studio().get("/v1/molecules/CCCO.svg").body;
  EXPECT_NE(plain, studio().get("/v1/molecules/CCCO.svg?attribute=alcoholic").body);
  EXPECT_EQ(studio().get("/v1/molecules/CCCO.svg?attribute=fruit+skin").status, 200);
  EXPECT_NE(plain, studio().get("/v1/molecules/CCCO.svg?highlight=0,3").body);
  EXPECT_NE(
      studio().get("/v1/molecules/CCCO.svg?width=100&height=50").body.find("width='100px' height='50px'"),
      std::string::npos);
  for (const char* wrong : {"attribute=shiny", "highlight=a", "highlight=1,,2", "highlight=99", "width=1",
                            "width=x", "size=3", "dimensions=4"}) {
    EXPECT_EQ(studio().get(std::string("/v1/molecules/CCCO.svg?") + wrong).status, 422) << wrong;
  }
  EXPECT_EQ(studio().get("/v1/molecules/CCCO.svg?attribute=%zz").status, 400);
  EXPECT_EQ(studio().get("/v1/molecules/CCCO.svg?width=50&width=60").status, 400);
}

TEST(Studio, PlacesAMoleculeInSpace) {
  const Answer flat = studio().get("/v1/molecules/CCO.sdf"),
               deep = studio().get("/v1/molecules/CCO.sdf?dimensions=3");
  EXPECT_NE(flat.body.find("  3  2  0"), std::string::npos);
  EXPECT_NE(deep.body.find("  9  8  0"), std::string::npos);  // with hydrogens
  EXPECT_TRUE(deep.body.ends_with("$$$$\n"));
  EXPECT_EQ(studio().get("/v1/molecules/CCO.sdf?dimensions=4").status, 422);
  EXPECT_EQ(studio().get("/v1/molecules/" + std::string(100, 'C') + ".sdf?dimensions=3").status, 422);
}

TEST(Studio, TakesMoleculesApart) {
  const Json parts = studio().json("/v1/molecules/CC(=O)OCCc1ccccc1/fragments");
  ASSERT_FALSE(parts["fragments"].empty());
  EXPECT_EQ(parts["fragments"][0]["smiles"], "OCCc1ccccc1");
  const Json plan = studio().json("/v1/molecules/CC(=O)OCCC(C)C/routes?count=1&max_steps=1");
  ASSERT_EQ(plan["routes"].size(), 1U);
  EXPECT_EQ(plan["routes"][0]["target"]["made_by"]["reaction"], "Fischer esterification");
  EXPECT_EQ(studio().get("/v1/molecules/CCCO.CCCC/routes").status, 422);
  // Nothing is planned to what must never be made: the nerve agent sarin.
  EXPECT_EQ(studio().get("/v1/molecules/CC(C)OP(C)(=O)F/routes").status, 422);
}

}  // namespace
}  // namespace odordiff::server

// Every operation: its answer says what made it, a molecule that cannot be used is named by its member, and
// each fault of a body is told.
#include "api/operations.h"

#include <gtest/gtest.h>

#include <set>

#include "api/answer_json.h"
#include "api/errors.h"
#include "api/job_prompt.h"

namespace odordiff::api {
namespace {

const generate::Pipeline& pipeline() {
  static const generate::Pipeline shipped({.model_folder = ODORDIFF_MODEL_FOLDER, .threads = 2});
  return shipped;
}

Json answer(Operation (*read)(const Json&), const Json& body) {
  return read(body)(pipeline(), nullptr);
}

// The members that the operation complains of.
std::set<std::string> faults(Operation (*read)(const Json&), const Json& body) {
  std::set<std::string> out;
  try {
    (void)answer(read, body);
  } catch (const InvalidFields& error) {
    for (const auto& field : error.errors()) out.insert(field.pointer);
  }
  return out;
}

using Names = std::set<std::string>;

TEST(Operations, SayWhatMadeTheAnswer) {
  const Json made_by = model_json(pipeline().identity());
  const std::pair<Operation (*)(const Json&), Json> asked[] = {
      {describe, {{"smiles", {"CCO", "C1CC"}}}},
      {assess, {{"smiles", {"CCO", "C1CC"}}}},
      {assess_one, {{"smiles", "CCO"}}},
      {understand, {{"brief", "rose"}}},
      {nearest, {{"brief", "rose"}}},
      {nearest, {{"smiles", "CC(=O)OCCC(C)C"}}},
      {judge, {{"smiles", "CC(=O)OCCC(C)C"}}},
      {routes, {{"smiles", "CC(=O)OCCC(C)C"}, {"count", 1}}},
      {design, {{"top", "citrus"}, {"per_note", 1}}},
      {legacy_design, {{"heart_notes", "rose"}}}};
  for (const auto& [read, body] : asked) EXPECT_EQ(answer(read, body).at("model"), made_by) << body.dump();
}

TEST(Operations, NameTheMemberOfAMoleculeThatCannotBeUsed) {
  for (const auto read : {assess_one, nearest, judge, routes}) {
    EXPECT_EQ(faults(read, {{"smiles", "C1CC"}}), Names{"/smiles"});
  }
  for (const auto read : {nearest, judge, routes}) {  // an assessment is made of anything
    EXPECT_EQ(faults(read, {{"smiles", "CC(C)OP(C)(=O)F"}}), Names{"/smiles"});
  }
  const Json listed = answer(describe, {{"smiles", {"CCO", "C1CC", "CCCO"}}})["molecules"];
  ASSERT_EQ(listed.size(), 3U);
  EXPECT_TRUE(listed[1].contains("error"));
  EXPECT_FALSE(listed[2].contains("error")) << "one that is wrong leaves the others in their places";
}

TEST(Operations, TellEveryFaultOfABody) {
  EXPECT_EQ(faults(describe, {{"smiles", 5}, {"all", "yes"}, {"colour", 1}}),
            (Names{"/smiles", "/all", "/colour"}));
  EXPECT_EQ(faults(assess, {{"threshold", 2}, {"region", "Mars"}}),
            (Names{"/smiles", "/threshold", "/region"}));
  EXPECT_EQ(faults(understand, Json::object()), Names{"/brief"});
  EXPECT_EQ(faults(nearest, {{"brief", "rose"}, {"smiles", "CCO"}}), Names{"/smiles"});
  EXPECT_EQ(faults(nearest, {{"count", 0}}), (Names{"/brief", "/count"}));
  EXPECT_EQ(faults(judge, Json::object()), Names{"/smiles"});
  EXPECT_EQ(faults(routes, {{"smiles", "CCO"}, {"max_steps", 4}, {"count", 21}}),
            (Names{"/max_steps", "/count"}));
  EXPECT_EQ(faults(design, {{"per_note", 0}}), (Names{"/top", "/per_note"}));
}

TEST(Operations, StopWhenTheyAreCancelled) {
  const std::atomic<bool> cancelled{true};
  EXPECT_THROW((void)design({{"top", "citrus"}})(pipeline(), &cancelled), Cancelled);
}

TEST(JobPrompt, IsReadAsItWasKept) {
  const auto v1 = read_prompt(v1_prompt({{"brief", "rose"}, {"count", 3}}));
  EXPECT_FALSE(v1.legacy);
  EXPECT_EQ(v1.request.count, 3);
  const auto legacy = read_prompt(legacy_prompt({{"prompt", "musk"}, {"num_molecules", 2}}));
  EXPECT_TRUE(legacy.legacy);
  EXPECT_EQ(legacy.request.brief, "musk");
  for (const char* bad : {"", "[]", "{}", R"({"form": "v1"})", R"({"form": "v1", "request": {"brief": 5}})",
                          R"({"form": "legacy", "request": {"prompt": "rose", "colour": 1}})"}) {
    EXPECT_THROW((void)read_prompt(bad), InvalidInput) << bad;
  }
}

}  // namespace
}  // namespace odordiff::api

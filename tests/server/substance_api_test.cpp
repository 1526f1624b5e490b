// A molecule is the same substance in every writing, by every route; who may be handled, and who proposed.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "running_api.h"

namespace odordiff::server {
namespace {

std::string percent_encoded(const std::string& text) {
  std::ostringstream out;
  for (const unsigned char c : text) {
    if (std::isalnum(c) != 0) {
      out << c;
    } else {
      char code[4];
      std::snprintf(code, sizeof code, "%%%02X", c);
      out << code;
    }
  }
  return out.str();
}

struct Row {
  std::string kind, plain, disguise;
};

std::vector<Row> disguises() {
  std::ifstream file(ODORDIFF_DISGUISES);
  std::vector<Row> out;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream cells(line);
    Row row;
    std::getline(cells, row.kind, '\t');
    std::getline(cells, row.plain, '\t');
    std::getline(cells, row.disguise, '\t');
    out.push_back(row);
  }
  return out;
}

TEST(SubstanceApi, AssessGivesEachWritingTheVerdictOfThePlainOne) {
  const Api api;
  const auto rows = disguises();
  ASSERT_GE(rows.size(), 400U);
  for (std::size_t begin = 0; begin < rows.size(); begin += 100) {
    Json plain = Json::array(), disguised = Json::array();
    for (std::size_t i = begin; i < std::min(begin + 100, rows.size()); ++i) {
      plain.push_back(rows[i].plain);
      disguised.push_back(rows[i].disguise);
    }
    const Json expected = api.json("POST", "/v1/assess", Json{{"smiles", plain}}.dump())["molecules"];
    const Json got = api.json("POST", "/v1/assess", Json{{"smiles", disguised}}.dump())["molecules"];
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(got[i]["smiles"], rows[begin + i].disguise) << "what was written is answered";
      for (const char* member :
           {"decision", "forbidden", "never_proposed", "score", "regions", "in_domain", "tox21"})
        EXPECT_EQ(got[i][member], expected[i][member])
            << rows[begin + i].kind << " " << rows[begin + i].disguise;
    }
  }
}

TEST(SubstanceApi, EveryRouteTreatsEachWritingAlike) {
  const Api api;
  const std::pair<const char*, const char*> pairs[] = {
      {"CC(C)=O", "[CH3:1][C:2](=[O:3])[CH3:4]"},
      {"CC(C)=O", "CC(O)=C"},
      {"CC(C=O)Cc1ccc(C(C)(C)C)cc1", "[CH3:1]C(C=O)Cc1ccc(cc1)C(C)(C)C"},
      {"CC(=O)OCCC(C)C", "[13CH3]C(=O)OCCC(C)C.O"},
      {"CC(C)OP(C)(=O)F", "CC(C)O[P+](C)([O-])F"},
      {"CC(N)Cc1ccccc1", "C[CH:1]([NH3+])Cc1ccccc1.[Cl-]"},
  };
  for (const auto& [plain, disguise] : pairs) {
    for (const char* rest : {"", ".svg", ".sdf", "/fragments", "/routes?max_steps=1&count=1"}) {
      const auto target = [&](const char* smiles) {
        return "/v1/molecules/" + percent_encoded(smiles) + rest;
      };
      const auto expected = api.ask("GET", target(plain)), got = api.ask("GET", target(disguise));
      EXPECT_EQ(got.status, expected.status) << disguise << rest << ": " << got.body;
      if (*rest == '\0' && expected.status == 200) {
        EXPECT_EQ(got.body, expected.body) << disguise;
      }
    }
    for (const char* field : {"like", "keep"}) {
      const auto ask = [&](const char* smiles) {
        return api.ask("POST", "/v1/generate",
                       Json{{"brief", "sweet"}, {"count", 1}, {field, smiles}}.dump());
      };
      EXPECT_EQ(ask(disguise).status, ask(plain).status) << field << " " << disguise;
    }
    const auto near = [&](const char* smiles) {
      return api.ask("POST", "/v1/nearest", Json{{"smiles", smiles}, {"count", 3}}.dump());
    };
    EXPECT_EQ(near(disguise).status, near(plain).status) << disguise;
  }
}

TEST(SubstanceApi, WeaponsAndDrugsAreRefusedByEveryRouteButAssess) {
  const Api api;
  for (const char* smiles :
       {"CC(C)OP(C)(=O)F", "CC(C)O[P+](C)([O-])F", "[13CH3]C(N)Cc1ccccc1", "CCCO[N+](=O)[O-]"}) {
    const std::string at = "/v1/molecules/" + percent_encoded(smiles);
    for (const char* rest : {"", ".svg", ".sdf", "/fragments", "/routes"}) {
      const auto answer = api.ask("GET", at + rest);
      EXPECT_EQ(answer.status, 422) << smiles << rest;
      EXPECT_NE(answer.body.find("controlled or dangerous"), std::string::npos) << answer.body;
    }
    const Json told = api.json("POST", "/v1/describe", Json{{"smiles", {smiles}}}.dump())["molecules"][0];
    EXPECT_TRUE(told.contains("error")) << told;
    EXPECT_EQ(api.ask("POST", "/v1/nearest", Json{{"smiles", smiles}}.dump()).status, 422);
    const Json assessed = api.json("POST", "/v1/assess", Json{{"smiles", {smiles}}}.dump())["molecules"][0];
    EXPECT_EQ(assessed["decision"], "forbidden");
  }
}

TEST(SubstanceApi, AControlledPrecursorIsHandledWithANote) {
  const Api api;
  for (const char* smiles : {"O=Cc1ccc2OCOc2c1", "CC(C)=O", "[13CH3]C(C)=O", "Cc1ccccc1"}) {
    const Json assessed = api.json("POST", "/v1/assess", Json{{"smiles", {smiles}}}.dump())["molecules"][0];
    EXPECT_EQ(assessed["forbidden"], false);
    EXPECT_EQ(assessed["never_proposed"], true);
    EXPECT_NE(assessed["note"].get<std::string>().find("UN Convention 1988"), std::string::npos);
    EXPECT_NE(assessed["regions"]["IFRA"]["verdict"], "controlled");
    const std::string at = "/v1/molecules/" + percent_encoded(smiles);
    EXPECT_EQ(api.ask("GET", at).status, 200);
    EXPECT_EQ(api.ask("GET", at + ".svg").status, 200);
    EXPECT_EQ(api.ask("GET", at + "/routes").status, 422);
  }
}

}  // namespace
}  // namespace odordiff::server

// An answer in every format.
#include "output.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <limits>

#include "answer_json.h"
#include "api/answer_text.h"
#include "scent/descriptors.h"

namespace odordiff::apps {
namespace {

generate::Answer example(std::size_t count = 2) {
  generate::Answer answer;
  answer.brief = "banana, not \"vanilla\" <b>";
  answer.seed = 18446744073709551615ULL;
  answer.model = {"odordiff2", "1", "fp32", "cpu-fma", "0123"};
  answer.understood.understood = true;
  const auto banana = scent::descriptor_index("banana").value();
  const auto vanilla = scent::descriptor_index("vanilla").value();
  answer.understood.weights[banana] = 0.9F;
  answer.understood.weights[vanilla] = -0.6F;
  answer.understood.terms.push_back(
      {"banana", 0, 6, scent::BriefTerm::Source::Lexicon, 1, false, {{banana, 0.9F}}});
  answer.understood.terms.push_back(
      {"not \"vanilla\"", 8, 21, scent::BriefTerm::Source::Lexicon, 1, true, {{vanilla, -0.6F}}});
  answer.understood.terms.push_back({"<b>", 22, 25, scent::BriefTerm::Source::Unknown, 1, false, {}});
  const std::vector<std::string> smiles = {"CC(=O)OCCC(C)C", "COc1cc(C=O)ccc1O"};
  for (std::size_t i = 0; i < count; ++i) {
    const auto molecule = chem::Molecule::parse(smiles[i % smiles.size()]);
    generate::Candidate c;
    c.smiles = molecule.smiles();
    c.formula = molecule.formula();
    c.inchikey = "MLFHJEHSLIIPHL-UHFFFAOYSA-N";
    c.score = 0.123456;
    c.match = 0.5;
    c.odorous = 0.97;
    c.sa_score = 1.5;
    c.synthesizability = 0.944;
    c.novelty = 0.25;
    c.boiling_point_c = 142.04;
    c.vapor_pressure_pa = 0.00123456;
    c.note = "top";
    c.properties = chem::properties(molecule);
    c.odor = {{"banana", 0.91}, {"fruity", 0.5}};
    if (i == 1) c.descends_from = generate::Descent{"COc1cc(C=O)ccc1O", 0.5};
    if (i == 1) c.warnings = {"aldehyde, \"may\" sensitise", "second"};
    answer.molecules.push_back(c);
  }
  return answer;
}

std::vector<std::string> lines(const std::string& text) {
  return CLI::detail::split(text.ends_with('\n') ? text.substr(0, text.size() - 1) : text, '\n');
}

TEST(Formats, AreKnownByTheEndingOfTheFile) {
  EXPECT_EQ(format_of_path("a/b.c/out.sdf"), "sdf");
  EXPECT_EQ(format_of_path("out.html"), "html");
  EXPECT_EQ(format_of_path("out.dat"), "");
  EXPECT_EQ(format_of_path("-"), "");
  EXPECT_EQ(format_of_path("table"), "");
}

TEST(Json, HasTheDocumentedMembers) {
  const auto json = Json::parse(render_json(example(), {}));
  for (const char* key :
       {"brief", "seed", "model", "understood", "weights", "molecules", "stop", "note", "tally"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  EXPECT_FALSE(json.contains("timing_ms"));
  EXPECT_EQ(json["seed"].get<std::uint64_t>(), 18446744073709551615ULL);
  EXPECT_EQ(json["weights"].begin().key(), "banana");
  ASSERT_EQ(json["molecules"].size(), 2U);
  const auto& molecule = json["molecules"][0];
  for (const char* key : {"rank", "smiles", "inchikey", "formula", "score", "match", "odorous",
                          "synthesizability", "sa_score", "novelty", "known", "boiling_point_c",
                          "vapor_pressure_pa", "note", "properties", "odor", "warnings"}) {
    EXPECT_TRUE(molecule.contains(key)) << key;
  }
  EXPECT_TRUE(molecule.at("descends_from").is_null());
  EXPECT_EQ(json["molecules"][1]["descends_from"],
            (Json{{"smiles", "COc1cc(C=O)ccc1O"}, {"similarity", 0.5}}));
  EXPECT_NE(render_table(example(), {}).find("2 descends from COc1cc(C=O)ccc1O (similarity 0.50)"),
            std::string::npos);
  EXPECT_EQ(molecule["score"], 0.1235);
  EXPECT_EQ(molecule["vapor_pressure_pa"], 0.001235);
  EXPECT_EQ(molecule["odor"][0], (Json{{"name", "banana"}, {"probability", 0.91}}));
}

TEST(Json, AddsTimesOnlyWhenAsked) {
  EXPECT_TRUE(answer_json(example(), true).contains("timing_ms"));
}

TEST(Json, SaysNullForWhatIsNotFinite) {
  EXPECT_TRUE(rounded(std::numeric_limits<double>::quiet_NaN(), 3).is_null());
  EXPECT_EQ(rounded(-0.00001, 3).dump(), "0.0");
}

TEST(Json, SurvivesBrokenUtf8) {
  auto answer = example();
  answer.brief = "\xff\xfe";
  EXPECT_TRUE(Json::accept(render_json(answer, {})));
}

TEST(Jsonl, HoldsOneMoleculeALine) {
  const auto rows = lines(render_jsonl(example()));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(Json::parse(rows[1])["rank"], 2);
  EXPECT_EQ(Json::parse(rows[1])["brief"], example().brief);
}

TEST(Csv, QuotesWhatRfc4180Quotes) {
  EXPECT_EQ(api::csv_field("plain"), "plain");
  EXPECT_EQ(api::csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(api::csv_field("say \"x\""), "\"say \"\"x\"\"\"");
  EXPECT_EQ(api::csv_field("two\nlines"), "\"two\nlines\"");
}

TEST(Csv, HasAHeaderAndARowAMolecule) {
  const std::string csv = api::answer_csv(example());
  const auto rows = lines(csv);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_TRUE(rows[0].starts_with("rank,smiles,")) << rows[0];
  EXPECT_TRUE(rows[1].starts_with("1,CC(=O)OCCC(C)C,")) << rows[1];
  EXPECT_NE(rows[2].find("\"aldehyde, \"\"may\"\" sensitise; second\""), std::string::npos) << rows[2];
  EXPECT_TRUE(csv.ends_with("\r\n"));
}

TEST(Sdf, EndsEachRecordAndCarriesTheScores) {
  const std::string sdf = api::answer_sdf(example());
  std::size_t records = 0;
  for (const auto& line : lines(sdf)) records += line == "$$$$";
  EXPECT_EQ(records, 2U);
  EXPECT_NE(sdf.find("M  END\n>  <rank>\n1\n\n"), std::string::npos);
  EXPECT_NE(sdf.find(">  <odor>\nbanana:0.9100;fruity:0.5000\n\n"), std::string::npos);
}

TEST(Svg, DrawsEveryMolecule) {
  for (const std::size_t count : {0U, 1U, 5U}) {
    const std::string svg = render_svg(example(count));
    EXPECT_TRUE(svg.starts_with("<svg xmlns")) << count;
    EXPECT_TRUE(svg.ends_with("</svg>\n")) << count;
    std::size_t drawn = 0;
    for (std::size_t at = svg.find("<title>"); at != std::string::npos; at = svg.find("<title>", at + 1))
      ++drawn;
    EXPECT_EQ(drawn, count);
  }
}

TEST(Html, NeedsNothingElseAndEscapesTheBrief) {
  const std::string html = render_html(example());
  EXPECT_TRUE(html.starts_with("<!doctype html>"));
  for (const char* outside : {"<script", "<link", "<img", "src=", "url(", "@import"}) {
    EXPECT_EQ(html.find(outside), std::string::npos) << outside;
  }
  EXPECT_EQ(html.find("<b>\n"), std::string::npos);
  EXPECT_NE(html.find(R"(<span class="unknown" title="not understood">&lt;b&gt;</span>)"), std::string::npos);
  EXPECT_NE(html.find(R"(<span class="negated")"), std::string::npos);
  EXPECT_NE(html.find("aria-label=\"Structure of CC(=O)OCCC(C)C\""), std::string::npos);
}

TEST(Html, HoldsWithTermsThatOverlapOrLieOutside) {
  auto answer = example();
  answer.understood.terms[1].begin = 3;
  answer.understood.terms[2].end = 4000;
  EXPECT_TRUE(render_html(answer).ends_with("</html>\n"));
}

TEST(XmlEscaping, ReplacesWhatXmlForbids) {
  EXPECT_EQ(xml_escaped("a&b<c>\"'"), "a&amp;b&lt;c&gt;&quot;&#39;");
  EXPECT_EQ(xml_escaped("\x01"), "\xef\xbf\xbd");
  EXPECT_EQ(xml_escaped("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_EQ(xml_escaped("\xc3"), "\xef\xbf\xbd");
  EXPECT_EQ(xml_escaped("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(Table, ShowsAStructureALineInAsciiWhereUtf8IsNotToBeHad) {
  RenderOptions options;
  options.style.utf8 = false;
  const std::string table = render_table(example(), options);
  for (const char* text : {"SMILES", "Formula", "MW", "logP", "b.p. C", "CC(=O)OCCC(C)C", "C7H14O2", "142",
                           "top", "banana, fruity", "seed 18446744073709551615"}) {
    EXPECT_NE(table.find(text), std::string::npos) << text << "\n" << table;
  }
  for (const char c : table) EXPECT_LT(static_cast<unsigned char>(c), 0x80U);
  EXPECT_EQ(table.find('\x1b'), std::string::npos);
}

TEST(Table, HasColoursOnlyWhenAsked) {
  RenderOptions options;
  options.style.color = true;
  EXPECT_NE(render_table(example(), options).find('\x1b'), std::string::npos);
}

TEST(Table, AlignsColumnsByCharactersNotBytes) {
  const auto rows =
      lines(text_table({{"é", false}, {"N", true}}, {{"ééé", "1"}, {"e", "10"}}, {false, true}));
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(display_width(rows[2]), display_width(rows[3]));
}

TEST(Table, LetsNoEscapeSequenceThrough) {
  auto answer = example();
  answer.brief =
      "rose\x1b[2J\xc2\x9b"
      "2J\nmint caf\xc3\xa9";
  const std::string table = render_table(answer, {});
  EXPECT_NE(table.find("rose [2J 2J mint caf\xc3\xa9\n"), std::string::npos) << table;
}

TEST(Table, SaysThePipelinesNote) {
  generate::Answer answer;
  answer.brief = "asdfgh";
  answer.note = "Nothing in the brief was understood.";
  EXPECT_NE(render_table(answer, {}).find("Note: " + answer.note), std::string::npos);
  EXPECT_EQ(answer_json(answer)["note"], answer.note);
}

}  // namespace
}  // namespace odordiff::apps

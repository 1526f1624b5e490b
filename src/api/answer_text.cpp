#include "api/answer_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "chem/depict.h"

namespace odordiff::api {
namespace {

std::string odor_list(const generate::Candidate& m) {
  std::vector<std::string> parts;
  for (const auto& d : m.odor) parts.push_back(fmt::format("{}:{:.4f}", d.name, d.probability));
  return fmt::format("{}", fmt::join(parts, ";"));
}

// A data item of an SD file: its value may not hold a blank line, and newlines would end it.
std::string sd_item(std::string_view name, std::string value) {
  std::replace_if(
      value.begin(), value.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return fmt::format(">  <{}>\n{}\n\n", name, value);
}

}  // namespace

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string answer_csv(const generate::Answer& answer) {
  std::string out =
      "rank,smiles,inchikey,formula,score,match,odorous,synthesizability,sa_score,novelty,known,"
      "molecular_weight,logp,tpsa,boiling_point_c,vapor_pressure_pa,note,odor,warnings,"
      "descends_from,similarity_to_it\r\n";
  int rank = 0;
  for (const auto& m : answer.molecules) {
    const auto& p = m.properties;
    out += fmt::format(
        "{},{},{},{},{:.4f},{:.4f},{:.4f},{:.4f},{:.4f},{:.4f},{},{:.3f},{:.4f},{:.2f},{:.1f},{:.4g},{},{},{}"
        ",{},{}"
        "\r\n",
        ++rank, csv_field(m.smiles), csv_field(m.inchikey), csv_field(m.formula), m.score, m.match, m.odorous,
        m.synthesizability, m.sa_score, m.novelty, m.known, p.molecular_weight, p.logp, p.tpsa,
        m.boiling_point_c, m.vapor_pressure_pa, csv_field(m.note), csv_field(odor_list(m)),
        csv_field(fmt::format("{}", fmt::join(m.warnings, "; "))),
        m.descends_from ? csv_field(m.descends_from->smiles) : "",
        m.descends_from ? fmt::format("{:.4f}", m.descends_from->similarity) : "");
  }
  return out;
}

std::string answer_sdf(const generate::Answer& answer) {
  std::string out;
  int rank = 0;
  for (const auto& m : answer.molecules) {
    out += chem::mol_block(chem::Molecule::parse(m.smiles), m.smiles);
    if (!out.ends_with('\n')) out += '\n';
    out += sd_item("rank", std::to_string(++rank));
    out += sd_item("smiles", m.smiles);
    out += sd_item("inchikey", m.inchikey);
    out += sd_item("formula", m.formula);
    out += sd_item("brief", answer.brief);
    out += sd_item("seed", std::to_string(answer.seed));
    out += sd_item("score", fmt::format("{:.4f}", m.score));
    out += sd_item("match", fmt::format("{:.4f}", m.match));
    out += sd_item("odorous", fmt::format("{:.4f}", m.odorous));
    out += sd_item("sa_score", fmt::format("{:.4f}", m.sa_score));
    out += sd_item("novelty", fmt::format("{:.4f}", m.novelty));
    out += sd_item("molecular_weight", fmt::format("{:.3f}", m.properties.molecular_weight));
    out += sd_item("logp", fmt::format("{:.4f}", m.properties.logp));
    out += sd_item("tpsa", fmt::format("{:.2f}", m.properties.tpsa));
    out += sd_item("boiling_point_c", fmt::format("{:.1f}", m.boiling_point_c));
    out += sd_item("vapor_pressure_pa", fmt::format("{:.4g}", m.vapor_pressure_pa));
    out += sd_item("note", m.note);
    out += sd_item("odor", odor_list(m));
    if (m.descends_from) {
      out += sd_item("descends_from", m.descends_from->smiles);
      out += sd_item("similarity_to_it", fmt::format("{:.4f}", m.descends_from->similarity));
    }
    if (!m.warnings.empty()) out += sd_item("warnings", fmt::format("{}", fmt::join(m.warnings, "; ")));
    out += "$$$$\n";
  }
  return out;
}

}  // namespace odordiff::api

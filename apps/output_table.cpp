// Tables for people: columns as wide as they must be, a rule under the header, notes below.
#include <fmt/format.h>

#include <algorithm>

#include "answer_json.h"
#include "output.h"
#include "scent/descriptors.h"

namespace odordiff::apps {
namespace {

constexpr std::size_t kNotesShown = 4;
constexpr std::size_t kWeightsShown = 8;

// The strongest weights of one sign: "green 0.82, fresh 0.75".
std::string weight_list(const scent::EncodedBrief& read, bool wanted) {
  const Json weights = weights_json(read);
  std::vector<std::string> parts;
  for (const auto& [name, weight] : weights.items()) {
    const double value = weight.get<double>();
    if ((value > 0) == wanted && parts.size() < kWeightsShown) {
      parts.push_back(fmt::format("{} {:.2f}", name, wanted ? value : -value));
    }
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string tally_line(const generate::Tally& t) {
  std::string out = fmt::format("Samples: {} drawn", t.sampled);
  const auto add = [&](int count, const char* what) {
    if (count > 0) out += fmt::format(", {} {}", count, what);
  };
  add(t.invalid, "invalid");
  add(t.duplicate, "duplicate");
  add(t.known, "already known");
  add(t.filtered_structure, "with unwanted structure");
  add(t.filtered_property, "out of the property ranges");
  add(t.filtered_odorless, "probably odorless");
  add(t.filtered_safety, "refused for safety");
  return out;
}

}  // namespace

std::string text_table(const std::vector<TextColumn>& columns,
                       const std::vector<std::vector<std::string>>& rows, const TextStyle& style) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::size_t width = display_width(columns[c].title);
    for (const auto& row : rows) width = std::max(width, display_width(printable(row[c])));
    widths.push_back(width);
  }
  const auto line = [&](const auto& cell_of) {
    std::string out;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (c > 0) out += "  ";
      const std::string cell = printable(cell_of(c));
      if (columns[c].right_aligned) {
        out += pad_left(cell, widths[c]);
      } else {
        out += c + 1 == columns.size() ? cell : pad_right(cell, widths[c]);
      }
    }
    return out.substr(0, out.find_last_not_of(' ') + 1);
  };
  std::string out = bold(line([&](std::size_t c) { return columns[c].title; }), style) + "\n";
  std::string rule;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (c > 0) rule += "  ";
    for (std::size_t i = 0; i < widths[c]; ++i) rule += style.utf8 ? "─" : "-";
  }
  out += faint(rule, style) + "\n";
  for (const auto& row : rows) out += line([&](std::size_t c) { return row[c]; }) + "\n";
  return out;
}

std::string render_table(const generate::Answer& answer, const RenderOptions& options) {
  const TextStyle& style = options.style;
  std::string out;
  const auto fact = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) out += fmt::format("{} {}\n", faint(pad_right(name, 9), style), printable(value));
  };
  fact("Brief", answer.brief);
  fact("Wanted", weight_list(answer.understood, true));
  fact("Unwanted", weight_list(answer.understood, false));
  fact("Model", fmt::format("{} {}, seed {}", answer.model.name, answer.model.version, answer.seed));
  out += "\n";

  const std::vector<TextColumn> columns = {
      {"#", true},     {"SMILES", false}, {"Formula", false},
      {"MW", true},    {"logP", true},    {style.utf8 ? "b.p. °C" : "b.p. C", true},
      {"Note", false}, {"SA", true},      {"Safety", true},
      {"Match", true}, {"Odorous", true}, {"Smells", false}};
  std::vector<std::vector<std::string>> rows;
  for (const auto& m : answer.molecules) {
    std::vector<std::string> smells;
    for (std::size_t i = 0; i < std::min(kNotesShown, m.odor.size()); ++i) smells.push_back(m.odor[i].name);
    rows.push_back(
        {std::to_string(rows.size() + 1), m.smiles + (m.warnings.empty() ? "" : " !"), m.formula,
         fmt::format("{:.1f}", m.properties.molecular_weight), fmt::format("{:.2f}", m.properties.logp),
         fmt::format("{:.0f}", m.boiling_point_c), m.note, fmt::format("{:.1f}", m.sa_score),
         m.safety.score ? fmt::format("{:.2f}", *m.safety.score) : "?", fmt::format("{:.2f}", m.match),
         fmt::format("{:.2f}", m.odorous), fmt::format("{}", fmt::join(smells, ", "))});
  }
  if (!rows.empty()) out += text_table(columns, rows, style);

  std::string notes;
  for (std::size_t i = 0; i < answer.molecules.size(); ++i) {
    for (const auto& warning : answer.molecules[i].warnings)
      notes += fmt::format("! {}: {}\n", i + 1, warning);
  }
  for (std::size_t i = 0; i < answer.molecules.size(); ++i) {
    const auto& from = answer.molecules[i].descends_from;
    if (from)
      notes +=
          fmt::format("{} descends from {} (similarity {:.2f})\n", i + 1, from->smiles, from->similarity);
  }
  if (!answer.note.empty()) notes += fmt::format("Note: {}\n", answer.note);
  if (answer.stop != generate::Stop::Complete) notes += tally_line(answer.tally) + "\n";
  if (options.timing) {
    const auto& t = answer.timing;
    notes += fmt::format("Time: {:.0f} ms (reading {:.0f}, sampling {:.0f}, scoring {:.0f})\n", t.total_ms,
                         t.encode_ms, t.sample_ms, t.score_ms);
  }
  if (!notes.empty() && !rows.empty()) out += "\n";
  return out + notes;
}

}  // namespace odordiff::apps

// Tables for people: columns as wide as they must be and the terminal allows, a rule under the header, notes
// below.
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

// In lines of at most `width` characters, broken behind spaces and commas where there are some.
std::vector<std::string> in_lines(const std::string& text, std::size_t width) {
  std::vector<std::string> out(1);
  std::size_t used = 0;  // characters of the last line
  std::size_t soft = 0;  // bytes of it up to where it is best broken; 0: nowhere
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) ++end;
    if (used == width && text[i] != ' ') {
      std::string rest = soft > 0 ? out.back().substr(soft) : std::string();
      if (soft > 0) out.back().resize(soft);
      out.back().resize(out.back().find_last_not_of(' ') + 1);
      used = display_width(rest);
      out.push_back(std::move(rest));
      soft = 0;
    }
    if (used < width) {  // else a space that the line's end stands for
      out.back() += text.substr(i, end - i);
      ++used;
      if (text[i] == ' ' || text[i] == ',') soft = out.back().size();
    } else {
      soft = out.back().size();
    }
    i = end;
  }
  return out;
}

constexpr std::string_view kGap = "  ";

// As wide as the columns' contents; where that is more than `most` (0: any), the widest columns of text get
// less. Empty where that is not enough.
std::vector<std::size_t> fitted_widths(const std::vector<TextColumn>& columns,
                                       const std::vector<std::vector<std::string>>& rows, std::size_t most) {
  constexpr std::size_t kLeast = 16;
  std::vector<std::size_t> widths;
  std::size_t all = kGap.size() * (columns.size() - 1);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::size_t width = display_width(columns[c].title);
    for (const auto& row : rows) width = std::max(width, display_width(printable(row[c])));
    widths.push_back(width);
    all += width;
  }
  while (most > 0 && all > most) {
    std::size_t* widest = nullptr;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const bool shrinks =
          !columns[c].right_aligned && widths[c] > std::max(kLeast, display_width(columns[c].title));
      if (shrinks && (widest == nullptr || widths[c] > *widest)) widest = &widths[c];
    }
    if (widest == nullptr) return {};
    --*widest;
    --all;
  }
  return widths;
}

// For terminals too narrow for a table: a line for each cell.
std::string records(const std::vector<TextColumn>& columns, const std::vector<std::vector<std::string>>& rows,
                    const TextStyle& style) {
  std::size_t titles = 0;
  for (const auto& column : columns) titles = std::max(titles, display_width(column.title));
  const std::size_t indent = titles + kGap.size(), room = style.width > indent + 8 ? style.width - indent : 8;
  std::string out;
  for (const auto& row : rows) {
    if (&row != &rows.front()) out += "\n";
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (row[c].empty()) continue;
      const auto lines = in_lines(printable(row[c]), room);
      out += faint(pad_right(columns[c].title, indent), style) + lines.front() + "\n";
      for (std::size_t l = 1; l < lines.size(); ++l) out += std::string(indent, ' ') + lines[l] + "\n";
    }
  }
  return out;
}

}  // namespace

std::string text_table(const std::vector<TextColumn>& columns,
                       const std::vector<std::vector<std::string>>& rows, const TextStyle& style) {
  const std::vector<std::size_t> widths = fitted_widths(columns, rows, style.width);
  if (widths.empty()) return records(columns, rows, style);
  const auto line = [&](const auto& cell_of) {
    std::string out;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (c > 0) out += kGap;
      const std::string cell = cell_of(c);
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
    if (c > 0) rule += kGap;
    for (std::size_t i = 0; i < widths[c]; ++i) rule += style.utf8 ? "─" : "-";
  }
  out += faint(rule, style) + "\n";
  for (const auto& row : rows) {
    std::vector<std::vector<std::string>> cells;
    std::size_t lines = 1;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      cells.push_back(in_lines(printable(row[c]), widths[c]));
      lines = std::max(lines, cells.back().size());
    }
    for (std::size_t l = 0; l < lines; ++l) {
      out += line([&](std::size_t c) { return l < cells[c].size() ? cells[c][l] : std::string(); }) + "\n";
    }
  }
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

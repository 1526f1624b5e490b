// The design for terminals and machines.
#include "output_design.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "api/answer_text.h"
#include "base/error.h"
#include "output.h"

namespace odordiff::apps {
namespace {

constexpr std::array kShownHours = {0.0, 0.5, 1.0, 2.0, 4.0, 8.0};
constexpr std::size_t kSmellsShown = 3;

std::vector<std::size_t> shown_points(const generate::Design& design) {
  std::vector<std::size_t> out;
  for (const double h : kShownHours) {
    const std::size_t p = point_at(design, h);
    if (out.empty() || p > out.back()) out.push_back(p);
  }
  return out;
}

}  // namespace

std::string smells(const generate::Ingredient& ingredient, std::size_t most) {
  if (ingredient.solvent) return "odorless solvent";
  std::vector<std::string> names;
  for (const auto& d : ingredient.molecule.odor) {
    if (names.size() < most) names.push_back(d.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

const std::vector<std::string>& design_formats() {
  static const std::vector<std::string> formats = {"table", "json", "csv", "html"};
  return formats;
}

std::string render_design(const generate::Design& design, const std::string& format, const TextStyle& style) {
  if (format == "table") return design_table(design, style);
  if (format == "json") return dump_pretty(design_json(design));
  if (format == "csv") return design_csv(design);
  if (format == "html") return design_html(design);
  throw Internal("no such format of a design: " + format);
}

std::size_t point_at(const generate::Design& design, double hours) {
  const auto& times = design.evaporation.hours;
  const auto nearer = [&](double a, double b) { return std::abs(a - hours) < std::abs(b - hours); };
  return static_cast<std::size_t>(std::min_element(times.begin(), times.end(), nearer) - times.begin());
}

std::string design_table(const generate::Design& design, const TextStyle& style) {
  const std::string degree = style.utf8 ? "\u2030" : "o/oo";
  const std::size_t last = design.evaporation.hours.size() - 1;
  std::string out = fmt::format("{} for {} at {:.3g} % of the product, seed {}\n\n", bold("Formula", style),
                                design.product.name, design.dosage_percent, design.request.seed);
  std::vector<std::vector<std::string>> rows;
  for (const auto& i : design.ingredients) {
    const auto column = static_cast<std::size_t>(&i - design.ingredients.data());
    rows.push_back({note_name(i), fmt::format("{:.1f}", i.parts),
                    i.limited_by.empty() ? "" : fmt::format("{:.1f}", i.most_parts),
                    fmt::format("{:.2g}", i.molecule.vapor_pressure_pa), fmt::format("{:.2f}", i.activity),
                    fmt::format("{:.0f}", 100 * design.evaporation.remaining[last][column]),
                    i.molecule.smiles, smells(i, kSmellsShown)});
  }
  out += text_table({{"Note", false},
                     {"Parts " + degree, true},
                     {"Limit " + degree, true},
                     {"Pa", true},
                     {"Activity", true},
                     {fmt::format("% left at {:.0f} h", design.evaporation.hours[last]), true},
                     {"SMILES", false},
                     {"Smells", false}},
                    rows, style);
  out += fmt::format("\n{}, strength from 0 to 100\n\n", bold("Smell over the hours", style));
  std::vector<TextColumn> columns = {{"Descriptor", false}};
  const auto points = shown_points(design);
  for (const std::size_t p : points)
    columns.push_back({fmt::format("{:.3g} h", design.evaporation.hours[p]), true});
  rows.clear();
  for (std::size_t d = 0; d < design.odor.descriptors.size(); ++d) {
    std::vector<std::string> row = {design.odor.descriptors[d]};
    for (const std::size_t p : points) row.push_back(fmt::format("{:.1f}", design.odor.strength[p][d]));
    rows.push_back(std::move(row));
  }
  out += text_table(columns, rows, style);
  for (const auto& remark : design.remarks) out += fmt::format("\nNote: {}", printable(remark));
  return design.remarks.empty() ? out : out + "\n";
}

std::string design_csv(const generate::Design& design) {
  std::string out =
      "note,parts_per_thousand,limit_parts_per_thousand,limited_by,smiles,inchikey,formula,molecular_weight,"
      "boiling_point_c,"
      "vapor_pressure_pa,activity_coefficient,remaining_1h,remaining_2h,remaining_4h,remaining_8h,odor\r\n";
  for (std::size_t i = 0; i < design.ingredients.size(); ++i) {
    const auto& ingredient = design.ingredients[i];
    const auto& m = ingredient.molecule;
    const auto left = [&](double hours) { return design.evaporation.remaining[point_at(design, hours)][i]; };
    out += fmt::format(
        "{},{:.2f},{:.2f},{},{},{},{},{:.3f},{:.1f},{:.4g},{:.3f},{:.4f},{:.4f},{:.4f},{:.4f},{}\r\n",
        note_name(ingredient), ingredient.parts, ingredient.most_parts, api::csv_field(ingredient.limited_by),
        api::csv_field(m.smiles), api::csv_field(m.inchikey), api::csv_field(m.formula),
        m.properties.molecular_weight, m.boiling_point_c, m.vapor_pressure_pa, ingredient.activity, left(1),
        left(2), left(4), left(8), api::csv_field(smells(ingredient, kSmellsShown)));
  }
  return out;
}

}  // namespace odordiff::apps

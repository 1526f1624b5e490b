// The design as one HTML page that holds everything it shows.
#include <fmt/format.h>

#include "chem/depict.h"
#include "output.h"
#include "output_design.h"

namespace odordiff::apps {
namespace {

constexpr std::size_t kSmellsOnPage = 4;

constexpr std::string_view kDesignStyle = R"css(
:root{color-scheme:light dark;--ink:#1d2327;--dim:#5c666d;--page:#f6f7f5;--card:#fff;--rule:#d9ddda;--line-0:#1b6ca8;--line-1:#b3471d;--line-2:#1f7a3d;--line-3:#7a3ea1;--line-4:#8a6a00;--line-5:#a12a5e;--line-6:#0f7674;--line-7:#555f66}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9e7;--dim:#a2aca6;--page:#171a19;--card:#212524;--rule:#3a413e;--line-0:#7cbcf0;--line-1:#f0a07c;--line-2:#7fd39c;--line-3:#cfa3f0;--line-4:#e3c65c;--line-5:#f09ac0;--line-6:#74d6d3;--line-7:#b5bfc6}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1rem;max-width:72rem;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0 0 .5rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}
p{margin:.25rem 0}.dim{color:var(--dim)}
.plot{display:block;width:100%;height:auto;background:var(--card);border:1px solid var(--rule);border-radius:.5rem}
.grid{stroke:var(--rule);fill:none}.lead{stroke:var(--dim);fill:none;stroke-width:.5}
.line{fill:none;stroke-width:2.2;stroke-linejoin:round}
.tick{fill:var(--dim);font-size:12px}.label{font-size:13px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;background:var(--card)}
caption{text-align:left;color:var(--dim)}
th,td{border-bottom:1px solid var(--rule);padding:.3rem .6rem;text-align:left;vertical-align:middle}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
code{overflow-wrap:anywhere;font-size:.9rem}
.structure{background:#fff;border-radius:.25rem;width:9rem}
.structure svg{display:block;width:100%;height:auto}
@media print{body{max-width:none}tr{break-inside:avoid}}
)css";

std::string formula_rows(const generate::Design& design) {
  std::string out;
  for (std::size_t i = 0; i < design.ingredients.size(); ++i) {
    const auto& ingredient = design.ingredients[i];
    const auto& m = ingredient.molecule;
    const std::string limit = ingredient.limited_by.empty()
                                  ? ""
                                  : fmt::format("{:.1f}<br><span class=\"dim\">{}</span>",
                                                ingredient.most_parts, xml_escaped(ingredient.limited_by));
    out += fmt::format(
        "<tr><td>{}</td><td class=\"number\">{:.1f}</td><td class=\"number\">{}</td>"
        "<td><div class=\"structure\" role=\"img\" aria-label=\"Structure of {}\">{}</div></td>"
        "<td><code>{}</code><br>{}</td><td class=\"number\">{:.2g}</td><td class=\"number\">{:.2f}</td>"
        "<td class=\"number\">{:.0f} %</td></tr>\n",
        note_name(ingredient), ingredient.parts, limit, xml_escaped(m.smiles),
        chem::depict_svg(chem::Molecule::parse(m.smiles)), xml_escaped(m.smiles),
        xml_escaped(smells(ingredient, kSmellsOnPage)), m.vapor_pressure_pa, ingredient.activity,
        100 * design.evaporation.remaining.back()[i]);
  }
  return out;
}

std::string strength_rows(const generate::Design& design) {
  std::string out = "<tr><th scope=\"col\">Hours</th>";
  for (const auto& name : design.odor.descriptors) {
    out += fmt::format("<th scope=\"col\" class=\"number\">{}</th>", xml_escaped(name));
  }
  out += "</tr>\n";
  constexpr std::size_t kRows = 16;
  const std::size_t step = std::max<std::size_t>(1, (design.evaporation.hours.size() - 1) / kRows);
  for (std::size_t t = 0; t < design.evaporation.hours.size(); t += step) {
    out += fmt::format("<tr><th scope=\"row\">{:.2f}</th>", design.evaporation.hours[t]);
    for (const double x : design.odor.strength[t]) out += fmt::format("<td class=\"number\">{:.1f}</td>", x);
    out += "</tr>\n";
  }
  return out;
}

}  // namespace

std::string design_html(const generate::Design& design) {
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>Fragrance "
      "design</title>\n"
      "<style>{}</style>\n</head>\n<body>\n<main>\n<h1>Fragrance design</h1>\n",
      kDesignStyle);
  for (std::size_t n = 0; n < generate::kNotes; ++n) {
    if (design.request.notes.at(n).empty()) continue;
    out += fmt::format("<p><b>{}</b> {}</p>\n", generate::kNoteNames.at(n),
                       xml_escaped(design.request.notes.at(n)));
  }
  if (!design.request.style.empty())
    out += fmt::format("<p><b>style</b> {}</p>\n", xml_escaped(design.request.style));
  out += fmt::format("<p class=\"dim\">{}, IFRA category {}, perfume {:.3g} % of the product, seed {}</p>\n",
                     xml_escaped(design.product.name), design.product.ifra, design.dosage_percent,
                     design.request.seed);
  for (const auto& remark : design.remarks) out += fmt::format("<p>{}</p>\n", xml_escaped(remark));
  out += fmt::format("<h2>Smell over {:.0f} hours</h2>\n{}", design.evaporation.hours.back(),
                     smell_plot(design));
  const auto& film = design.request.film;
  out += fmt::format(
      "<p class=\"dim\">Simulated: a film of {:.0f} g/m² at 25 °C in air of {:.2f} m/s. Strength is "
      "relative; vapour pressures, "
      "strengths and smells are predictions.</p>\n",
      film.grams_per_m2, film.air_speed_m_s);
  out += "<details><summary>The plot as a table</summary>\n<div class=\"scroll\"><table>\n" +
         strength_rows(design) + "</table></div></details>\n";
  out += fmt::format(
      "<h2>Formula</h2>\n<div class=\"scroll\"><table>\n<caption>Parts per thousand</caption>\n<thead><tr>"
      "<th scope=\"col\">Note</th><th scope=\"col\" class=\"number\">Parts</th><th scope=\"col\" "
      "class=\"number\">Limit</th>"
      "<th scope=\"col\">Structure</th><th scope=\"col\">Molecule</th><th scope=\"col\" "
      "class=\"number\">Pa</th>"
      "<th scope=\"col\" class=\"number\">Activity coefficient</th><th scope=\"col\" class=\"number\">Left "
      "after {:.0f} h</th>"
      "</tr></thead>\n<tbody>\n{}</tbody>\n</table></div>\n",
      design.evaporation.hours.back(), formula_rows(design));
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace odordiff::apps

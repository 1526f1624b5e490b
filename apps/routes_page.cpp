// Routes as pictures: the tree of a route in SVG, and the HTML page that holds several.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "chem/depict.h"
#include "output.h"
#include "output_routes.h"

namespace odordiff::apps {
namespace {

using synthesis::Route;
using synthesis::Substance;

constexpr int kRouteCellWidth = 170;
constexpr int kPictureHeight = 110;
constexpr int kRouteCellHeight = kPictureHeight + 44;  // with two lines of caption
constexpr int kArrowWidth = 190;
constexpr int kHeading = 44;
constexpr int kMargin = 10;

constexpr std::string_view kRoutesStyle = R"css(
:root{color-scheme:light dark;--ink:#1d2327;--dim:#5c666d;--page:#f6f7f5;--card:#fff;--line:#d9ddda}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9e7;--dim:#a2aca6;--page:#171a19;--card:#212524;--line:#3a413e}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1rem;max-width:80rem;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem}h2{font-size:1.2rem;overflow-wrap:anywhere}h3{font-size:1rem;margin:.5rem 0}
.dim{color:var(--dim)}
.route{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1rem;margin:1rem 0}
.tree{background:#fff;border-radius:.25rem;overflow-x:auto}
.tree svg{display:block}
table{border-collapse:collapse;margin:.75rem 0 0;width:100%}
th,td{text-align:left;padding:.2rem .75rem .2rem 0;border-top:1px solid var(--line);vertical-align:top}
code{overflow-wrap:anywhere;font-size:.9rem}
@media print{body{max-width:none}.route{break-inside:avoid}}
)css";

int leaves(const Substance& substance) {
  if (substance.buyable()) return 1;
  int out = 0;
  for (const auto& reactant : substance.made_by->reactants) out += leaves(reactant);
  return out;
}

int columns(const Substance& substance) {
  int below = 0;
  if (!substance.buyable()) {
    for (const auto& reactant : substance.made_by->reactants) below = std::max(below, columns(reactant));
  }
  return below + 1;
}

std::string text(int x, int y, std::string_view words, int width_px, double size, bool dim) {
  const auto letters = static_cast<double>(std::max<std::size_t>(display_width(words), 1));
  return fmt::format(
      "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" font-family=\"sans-serif\" font-size=\"{:.1f}\" "
      "fill=\"{}\">{}</text>\n",
      x, y, std::clamp(width_px / (0.62 * letters), 4.0, size), dim ? "#5c666d" : "#1d2327",
      xml_escaped(words));
}

// `words` in lines of about `letters`, broken at spaces.
std::vector<std::string> wrapped(std::string_view words, std::size_t letters) {
  std::vector<std::string> lines(1);
  while (!words.empty()) {
    const std::size_t stop = std::min(words.find(' '), words.size());
    const std::string_view word = words.substr(0, stop);
    if (!lines.back().empty() && lines.back().size() + 1 + word.size() > letters) lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
    words.remove_prefix(std::min(stop + 1, words.size()));
  }
  return lines;
}

// Draws `substance` in column `column`, its branches below `top`, and returns the middle of its cell.
int draw(const Substance& substance, int column, int top, std::string& out) {
  const int x = kMargin + column * (kRouteCellWidth + kArrowWidth);
  const int middle = top + leaves(substance) * kRouteCellHeight / 2;
  const int cell = middle - kRouteCellHeight / 2;
  chem::DepictOptions options;
  options.width_px = kRouteCellWidth;
  options.height_px = kPictureHeight;
  out += fmt::format("<g transform=\"translate({},{})\">\n<title>{}</title>\n{}\n</g>\n", x, cell,
                     xml_escaped(substance.smiles),
                     chem::depict_svg(chem::Molecule::parse(substance.smiles), options));
  const int center = x + kRouteCellWidth / 2;
  out += text(center, cell + kPictureHeight + 14, substance.buyable() ? substance.name : substance.smiles,
              kRouteCellWidth, 12, false);
  out += text(center, cell + kPictureHeight + 30, cost_text(substance.usd_per_kg, true), kRouteCellWidth, 11,
              true);
  if (substance.buyable()) return middle;

  const auto& step = *substance.made_by;
  const int joint = x + kRouteCellWidth + kArrowWidth - 24;
  int below = top;
  for (const auto& reactant : step.reactants) {
    const int at = draw(reactant, column + 1, below, out);
    below += leaves(reactant) * kRouteCellHeight;
    out += fmt::format("<path d=\"M{} {}H{}V{}\" fill=\"none\" stroke=\"#1d2327\"/>\n",
                       x + kRouteCellWidth + kArrowWidth - 4, at, joint, middle);
  }
  out += fmt::format(
      "<path d=\"M{0} {1}H{2}\" fill=\"none\" stroke=\"#1d2327\"/>\n"
      "<path d=\"M{2} {1}l9 -5v10z\" fill=\"#1d2327\"/>\n",
      joint, middle, x + kRouteCellWidth + 4);
  const int arrow = x + kRouteCellWidth + (kArrowWidth - 20) / 2;
  const auto lines = wrapped(step.reaction, 24);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const int up = 7 + 14 * static_cast<int>(lines.size() - 1 - i);
    out += text(arrow, middle - up, lines[i], kArrowWidth - 30, 12, false);
  }
  out += text(arrow, middle + 16, fmt::format("{}, yield {}", step.conditions, yield_text(step.yield, true)),
              kArrowWidth - 30, 11, true);
  return middle;
}

struct Drawing {
  std::string body;
  int width = 0, height = 0;
};

Drawing drawing_of(const Route& route) {
  Drawing out;
  out.height = leaves(route.target) * kRouteCellHeight + 2 * kMargin;
  out.width = columns(route.target) * (kRouteCellWidth + kArrowWidth) - kArrowWidth + 2 * kMargin;
  draw(route.target, 0, kMargin, out.body);
  return out;
}

std::string svg_element(int width, int height, const std::string& body) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n{2}</svg>\n",
      width, height, body);
}

std::string heading(const Route& route, int rank) {
  return fmt::format("Route {}: {}, yield {}, about {}", rank, step_count(route),
                     yield_text(route.yield, true), cost_text(route.usd_per_kg(), true));
}

void add_step_rows(const Substance& substance, std::string& out) {
  if (substance.buyable()) return;
  const auto& step = *substance.made_by;
  for (const auto& reactant : step.reactants) add_step_rows(reactant, out);
  std::string from;
  for (const auto& reactant : step.reactants) {
    if (!from.empty()) from += "<br>";
    from += reactant.buyable() ? xml_escaped(reactant.name)
                               : fmt::format("<code>{}</code>", xml_escaped(reactant.smiles));
  }
  out += fmt::format(
      "<tr><td>{}</td><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>\n",
      xml_escaped(step.reaction), from, xml_escaped(substance.smiles),
      xml_escaped(fmt::format("{}; yield {}", step.conditions_meaning, yield_text(step.yield, true))),
      xml_escaped(step.source));
}

}  // namespace

std::string render_routes_svg(const std::vector<PlannedMolecule>& planned) {
  std::string body;
  int width = 4 * kRouteCellWidth;
  int height = 0;
  const auto line = [&](const std::string& words, int size) {
    body += fmt::format(
        "<text x=\"{}\" y=\"{}\" font-family=\"sans-serif\" font-size=\"{}\" fill=\"#1d2327\">{}</text>\n",
        kMargin, height + kHeading - 14, size, xml_escaped(words));
    height += kHeading;
  };
  for (const auto& entry : planned) {
    line(fmt::format("{}  {}", entry.smiles, entry.name), 16);
    if (!entry.error.empty()) line(fmt::format("error: {}", entry.error), 13);
    int rank = 0;
    for (const auto& route : entry.plan.routes) {
      line(heading(route, ++rank), 13);
      const Drawing drawing = drawing_of(route);
      body += fmt::format("<g transform=\"translate(0,{})\">\n{}</g>\n", height, drawing.body);
      height += drawing.height;
      width = std::max(width, drawing.width);
    }
    const std::string note = plan_note(entry);
    if (!note.empty()) line(note, 13);
  }
  return svg_element(width, height, body);
}

std::string render_routes_html(const std::vector<PlannedMolecule>& planned) {
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n"
      "<title>Routes – OdorDiff</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n<h1>Routes</h1>\n"
      "<p class=\"dim\">{}</p>\n",
      kRoutesStyle, xml_escaped(cost_disclaimer()));
  for (const auto& entry : planned) {
    out += fmt::format("<h2>{} <code>{}</code></h2>\n", xml_escaped(entry.name), xml_escaped(entry.smiles));
    if (!entry.error.empty()) out += fmt::format("<p role=\"alert\">{}</p>\n", xml_escaped(entry.error));
    int rank = 0;
    for (const auto& route : entry.plan.routes) {
      const Drawing drawing = drawing_of(route);
      ++rank;
      out += fmt::format(
          "<section class=\"route\">\n<h3>{}</h3>\n<div class=\"tree\" role=\"img\" "
          "aria-label=\"{}\">{}</div>\n",
          xml_escaped(heading(route, rank)), xml_escaped(heading(route, rank)),
          svg_element(drawing.width, drawing.height, drawing.body));
      out +=
          "<table>\n<tr><th>Reaction</th><th>From</th><th>Gives</th><th>Conditions</th><th>Source</th></"
          "tr>\n";
      add_step_rows(route.target, out);
      out += "</table>\n</section>\n";
    }
    const std::string note = plan_note(entry);
    if (!note.empty()) out += fmt::format("<p role=\"note\">{}</p>\n", xml_escaped(note));
  }
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace odordiff::apps

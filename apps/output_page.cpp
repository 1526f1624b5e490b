// Pictures: the SVG grid, and the HTML page that holds everything it shows.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "answer_json.h"
#include "chem/depict.h"
#include "output.h"
#include "scent/descriptors.h"

namespace odordiff::apps {
namespace {

constexpr int kCellWidth = 300;
constexpr int kCellHeight = 220;
constexpr int kLineHeight = 18;
constexpr int kMaxColumns = 4;
constexpr std::size_t kSmellsOfCandidate = 4;

constexpr std::string_view kPageStyle = R"css(
:root{color-scheme:light dark;--ink:#1d2327;--dim:#5c666d;--page:#f6f7f5;--card:#fff;--line:#d9ddda;--want:#1f6b3a;--avoid:#9c2f2f}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9e7;--dim:#a2aca6;--page:#171a19;--card:#212524;--line:#3a413e;--want:#7fd39c;--avoid:#f09a9a}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1rem;max-width:80rem;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0 0 .5rem;overflow-wrap:anywhere}
p{margin:.25rem 0}
.dim{color:var(--dim)}
.known{border-bottom:2px solid var(--want)}
.negated{border-bottom:2px solid var(--avoid)}
.unknown{color:var(--dim);border-bottom:2px dotted var(--dim)}
.weights{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.4rem;margin:.75rem 0}
.weights li{border:1px solid var(--line);border-radius:1rem;padding:0 .7rem}
.wanted{color:var(--want)}.unwanted{color:var(--avoid)}
.cards{list-style:none;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(18rem,1fr));gap:1rem;margin:1.5rem 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1rem;min-width:0}
.structure{background:#fff;border-radius:.25rem;display:block}
.structure svg{display:block;width:100%;height:auto}
code{overflow-wrap:anywhere;font-size:.9rem}
dl{display:grid;grid-template-columns:auto 1fr;gap:.1rem .75rem;margin:.5rem 0 0}
dt{color:var(--dim)}dd{margin:0}
.warning{color:var(--avoid)}
@media print{body{max-width:none}.card{break-inside:avoid}}
)css";

std::vector<std::string> top_smells(const generate::Candidate& m) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(kSmellsOfCandidate, m.odor.size()); ++i)
    names.push_back(m.odor[i].name);
  return names;
}

// The brief with each term marked by what was made of it.
std::string marked_brief(const generate::Answer& answer) {
  std::string out;
  std::size_t at = 0;
  const std::string_view brief = answer.brief;
  for (const auto& term : answer.understood.terms) {
    if (term.begin < at || term.end > brief.size() || term.begin >= term.end) continue;
    out += xml_escaped(brief.substr(at, term.begin - at));
    const bool unknown = term.source == scent::BriefTerm::Source::Unknown;
    std::string title = unknown ? "not understood" : "";
    for (const auto& [index, weight] : term.descriptors) {
      title +=
          fmt::format("{}{} {:+.2f}", title.empty() ? "" : ", ", scent::descriptor_names().at(index), weight);
    }
    out += fmt::format("<span class=\"{}\" title=\"{}\">{}</span>",
                       unknown        ? "unknown"
                       : term.negated ? "negated"
                                      : "known",
                       xml_escaped(title), xml_escaped(brief.substr(term.begin, term.end - term.begin)));
    at = term.end;
  }
  return out + xml_escaped(brief.substr(at));
}

std::string weight_items(const generate::Answer& answer) {
  std::string out;
  const Json weights = weights_json(answer.understood);
  for (const auto& [name, weight] : weights.items()) {
    const double value = weight.get<double>();
    out += fmt::format("<li class=\"{}\">{}{} {:.2f}</li>", value > 0 ? "wanted" : "unwanted",
                       value > 0 ? "" : "no ", xml_escaped(name), std::abs(value));
  }
  return out.empty() ? out : "<ul class=\"weights\">" + out + "</ul>\n";
}

std::string card(const generate::Candidate& m, std::size_t rank) {
  std::string out = "<li class=\"card\">\n";
  out += fmt::format("<div class=\"structure\" role=\"img\" aria-label=\"Structure of {}\">{}</div>\n",
                     xml_escaped(m.smiles), chem::depict_svg(chem::Molecule::parse(m.smiles)));
  out += fmt::format("<p><b>{}.</b> <code>{}</code></p>\n", rank, xml_escaped(m.smiles));
  out += fmt::format("<p>{}</p>\n<dl>", xml_escaped(fmt::format("{}", fmt::join(top_smells(m), ", "))));
  const auto fact = [&](std::string_view name, const std::string& value) {
    out += fmt::format("<dt>{}</dt><dd>{}</dd>", name, xml_escaped(value));
  };
  fact("Formula", fmt::format("{}, {:.1f} g/mol", m.formula, m.properties.molecular_weight));
  fact("Match", fmt::format("{:.2f}", m.match));
  fact("Odorous", fmt::format("{:.2f}", m.odorous));
  fact("Note", fmt::format("{}, b.p. {:.0f} °C, {:.3g} Pa", m.note, m.boiling_point_c, m.vapor_pressure_pa));
  fact("logP", fmt::format("{:.2f}, TPSA {:.1f} Å²", m.properties.logp, m.properties.tpsa));
  fact("SA score", fmt::format("{:.1f} of 10", m.sa_score));
  fact("Novelty", fmt::format("{:.2f}{}", m.novelty, m.known ? ", a known molecule" : ""));
  if (m.descends_from) {
    fact("Descends from",
         fmt::format("{}, similarity {:.2f}", m.descends_from->smiles, m.descends_from->similarity));
  }
  out += "</dl>\n";
  for (const auto& warning : m.warnings)
    out += fmt::format("<p class=\"warning\">{}</p>\n", xml_escaped(warning));
  return out + "</li>\n";
}

// Length of the UTF-8 sequence at the start of `text` when XML allows its character; else 0.
std::size_t xml_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return lead >= 0x20 || lead == '\t' || lead == '\n' || lead == '\r' ? 1 : 0;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || length > text.size()) return 0;
  unsigned code = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return 0;
    code = (code << 6U) | (byte(i) & 0x3fU);
  }
  constexpr unsigned kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < kLeast[length] || code > 0x10ffff || surrogate || code == 0xfffe || code == 0xffff ? 0
                                                                                                   : length;
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = xml_character(text);
    switch (text.front()) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += length > 0 ? text.substr(0, length) : std::string_view("\xef\xbf\xbd");
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string svg_grid(std::span<const Picture> pictures, int width_px, int height_px) {
  const int count = static_cast<int>(pictures.size());
  const int columns = std::clamp(count, 1, kMaxColumns);
  const int rows = (count + columns - 1) / columns;
  std::size_t lines = 0;
  for (const auto& picture : pictures) lines = std::max(lines, picture.caption.size());
  const int cell_height =
      height_px + static_cast<int>(lines) * kLineHeight + (lines > 0 ? kLineHeight / 2 : 0);
  const int width = columns * width_px;
  const int height = std::max(rows * cell_height, 1);
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n",
      width, height);
  for (int i = 0; i < count; ++i) {
    const auto& picture = pictures[static_cast<std::size_t>(i)];
    chem::DepictOptions options;
    options.width_px = width_px;
    options.height_px = height_px;
    options.highlight_atoms = picture.highlight_atoms;
    options.atom_weights = picture.atom_weights;
    out += fmt::format("<g transform=\"translate({},{})\">\n<title>{}</title>\n{}\n", i % columns * width_px,
                       i / columns * cell_height, xml_escaped(picture.molecule.smiles()),
                       chem::depict_svg(picture.molecule, options));
    for (std::size_t line = 0; line < picture.caption.size(); ++line) {
      const std::string& text = picture.caption[line];
      // Long SMILES shrink to stay within their column; a letter is about 0.6 of the font size wide.
      const auto letters = static_cast<double>(std::max<std::size_t>(display_width(text), 1));
      out += fmt::format(
          "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" font-family=\"sans-serif\" "
          "font-size=\"{:.1f}\">{}</text>\n",
          width_px / 2, height_px + kLineHeight * (static_cast<int>(line) + 1) - 4,
          std::clamp(width_px / (0.6 * letters), 4.0, 13.0), xml_escaped(text));
    }
    out += "</g>\n";
  }
  return out + "</svg>\n";
}

std::string render_svg(const generate::Answer& answer) {
  std::vector<Picture> pictures;
  for (const auto& m : answer.molecules) {
    Picture picture{chem::Molecule::parse(m.smiles), {}, {}, {}};
    picture.caption.push_back(fmt::format("{}. {}", pictures.size() + 1, m.smiles));
    picture.caption.push_back(
        fmt::format("match {:.2f}, {} note, {:.0f} g/mol", m.match, m.note, m.properties.molecular_weight));
    picture.caption.push_back(fmt::format("{}", fmt::join(top_smells(m), ", ")));
    pictures.push_back(std::move(picture));
  }
  return svg_grid(pictures, kCellWidth, kCellHeight);
}

std::string render_html(const generate::Answer& answer) {
  const std::string title = answer.brief.empty() ? "Variations of a molecule" : answer.brief;
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n"
      "<title>{} – OdorDiff</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n",
      xml_escaped(title), kPageStyle);
  out += fmt::format("<h1>{}</h1>\n", answer.brief.empty() ? xml_escaped(title) : marked_brief(answer));
  out += weight_items(answer);
  out += fmt::format("<p class=\"dim\">Model {}, seed {}</p>\n",
                     xml_escaped(answer.model.name + " " + answer.model.version), answer.seed);
  if (!answer.note.empty()) out += fmt::format("<p role=\"note\">{}</p>\n", xml_escaped(answer.note));
  out += "<ol class=\"cards\">\n";
  for (std::size_t i = 0; i < answer.molecules.size(); ++i) out += card(answer.molecules[i], i + 1);
  out +=
      "</ol>\n<p class=\"dim\">Predicted, not measured: have a molecule assessed before anyone smells "
      "it.</p>\n";
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace odordiff::apps

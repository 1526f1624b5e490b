// An answer in each of the formats that `generate` prints.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chem/molecule.h"
#include "generate/pipeline.h"
#include "terminal.h"

namespace odordiff::apps {

// "table", "json", "jsonl", "csv", "sdf", "svg", "html".
const std::vector<std::string>& output_formats();
// The format that the ending of `path` asks for; empty where it says nothing.
std::string format_of_path(const std::string& path);

struct RenderOptions {
  TextStyle style;      // of the table
  bool timing = false;  // wall times in the table and in JSON
};
// REQUIRES: `format` is one of output_formats().
std::string render(const generate::Answer& answer, const std::string& format, const RenderOptions& options);

std::string render_table(const generate::Answer& answer, const RenderOptions& options);
std::string render_json(const generate::Answer& answer, const RenderOptions& options);
std::string render_jsonl(const generate::Answer& answer);  // one molecule a line, with `brief` and `seed`
std::string render_svg(const generate::Answer& answer);    // a grid of structures
std::string render_html(const generate::Answer& answer);   // one page that needs nothing else

// Structures with captions under them, in rows.
struct Picture {
  chem::Molecule molecule;
  std::vector<std::string> caption;
  std::vector<int> highlight_atoms;
  std::vector<double> atom_weights;  // chem::DepictOptions
};
std::string svg_grid(std::span<const Picture> pictures, int width_px, int height_px);

// `text` for XML and HTML text and quoted attributes; bytes that are no UTF-8 or not allowed there become
// U+FFFD.
std::string xml_escaped(std::string_view text);

// Rows of text under a header, columns as wide as their widest cell.
struct TextColumn {
  std::string title;
  bool right_aligned = false;
};
std::string text_table(const std::vector<TextColumn>& columns,
                       const std::vector<std::vector<std::string>>& rows, const TextStyle& style);

}  // namespace odordiff::apps

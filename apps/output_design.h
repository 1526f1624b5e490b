// A fragrance design in each of the formats that `design` prints.
#pragma once

#include <string>
#include <vector>

#include "answer_json.h"
#include "api/design_json.h"
#include "terminal.h"

namespace odordiff::apps {

using api::design_json;
using api::note_name;

// "table", "json", "csv", "html".
const std::vector<std::string>& design_formats();

// REQUIRES: `format` is one of design_formats().
std::string render_design(const generate::Design& design, const std::string& format, const TextStyle& style);

std::string design_table(const generate::Design& design, const TextStyle& style);
std::string design_csv(const generate::Design& design);   // the formula, RFC 4180, with a header line
std::string design_html(const generate::Design& design);  // one page that needs nothing else

// An <svg> of the strength of each descriptor over the hours, coloured by the page's --line-0 to --line-7;
// says what it shows in its title and description.
std::string smell_plot(const generate::Design& design);

// The ingredient's most probable descriptors, `most` of them.
std::string smells(const generate::Ingredient& ingredient, std::size_t most);

// Index of the point of the curve nearest to `hours`.
std::size_t point_at(const generate::Design& design, double hours);

}  // namespace odordiff::apps

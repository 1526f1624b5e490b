// The dispatch over formats, and the formats for machines.
#include "output.h"

#include <algorithm>

#include "answer_json.h"
#include "api/answer_text.h"
#include "base/error.h"

namespace odordiff::apps {

const std::vector<std::string>& output_formats() {
  static const std::vector<std::string> formats = {"table", "json", "jsonl", "csv", "sdf", "svg", "html"};
  return formats;
}

std::string format_of_path(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  if (dot == std::string::npos) return {};
  const std::string ending = path.substr(dot + 1);
  if (ending == "txt") return "table";
  if (ending == "htm") return "html";
  const auto& formats = output_formats();
  return std::find(formats.begin() + 1, formats.end(), ending) == formats.end() ? std::string() : ending;
}

std::string render(const generate::Answer& answer, const std::string& format, const RenderOptions& options) {
  if (format == "table") return render_table(answer, options);
  if (format == "json") return render_json(answer, options);
  if (format == "jsonl") return render_jsonl(answer);
  if (format == "csv") return api::answer_csv(answer);
  if (format == "sdf") return api::answer_sdf(answer);
  if (format == "svg") return render_svg(answer);
  if (format == "html") return render_html(answer);
  throw Internal("no such output format: " + format);
}

std::string render_json(const generate::Answer& answer, const RenderOptions& options) {
  return dump_pretty(answer_json(answer, options.timing));
}

std::string render_jsonl(const generate::Answer& answer) {
  std::string out;
  int rank = 0;
  for (const auto& molecule : answer.molecules) {
    Json line = {{"brief", answer.brief}, {"seed", answer.seed}, {"rank", ++rank}};
    line.update(candidate_json(molecule));
    out += dump_line(line);
  }
  return out;
}

}  // namespace odordiff::apps

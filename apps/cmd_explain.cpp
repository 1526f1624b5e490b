// `odordiff explain`: what the model reads in a brief, term by term.
#include <fmt/format.h>

#include <memory>

#include "answer_json.h"
#include "base/error.h"
#include "cli_tree.h"
#include "commands.h"
#include "model_option.h"
#include "options.h"
#include "output.h"
#include "scent/descriptors.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

struct ExplainOptions {
  std::vector<std::string> words;
  std::string format = "table";
  std::string model;
};

std::string brief_of(const ExplainOptions& options) {
  const bool from_stdin = options.words.size() == 1 && options.words.front() == "-";
  if (!from_stdin && !options.words.empty()) return fmt::format("{}", fmt::join(options.words, " "));
  if (!from_stdin && stdin_is_terminal()) {
    throw InvalidInput("no brief; say what to read: odordiff explain \"fresh-cut grass\"");
  }
  return std::string(trim(read_text("-", 64 * scent::kMaxBriefBytes)));
}

std::string weights_line(const Json& weights, bool wanted) {
  std::vector<std::string> parts;
  for (const auto& [name, weight] : weights.items()) {
    const double value = weight.get<double>();
    if ((value > 0) == wanted) parts.push_back(fmt::format("{} {:.2f}", name, wanted ? value : -value));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string render_explanation(const std::string& brief, const scent::EncodedBrief& read,
                               const TextStyle& style) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& term : read.terms) {
    std::vector<std::string> gives;
    for (const auto& [index, weight] : term.descriptors) {
      gives.push_back(fmt::format("{} {:+.2f}", scent::descriptor_names().at(index), weight));
    }
    rows.push_back({term.text, source_name(term.source), fmt::format("{:.2f}", term.emphasis),
                    term.negated ? "not" : "", fmt::format("{}", fmt::join(gives, ", "))});
  }
  std::string out = fmt::format("{} {}\n\n", faint(pad_right("Brief", 9), style), printable(brief));
  if (!rows.empty()) {
    out += text_table(
        {{"Words", false}, {"Source", false}, {"Emphasis", true}, {"Negated", false}, {"Gives", false}}, rows,
        style);
    out += "\n";
  }
  const Json weights = weights_json(read);
  for (const bool wanted : {true, false}) {
    const std::string line = weights_line(weights, wanted);
    if (!line.empty())
      out += fmt::format("{} {}\n", faint(pad_right(wanted ? "Wanted" : "Unwanted", 9), style), line);
  }
  const std::string note = not_understood_note(read);
  return note.empty() ? out : out + fmt::format("Note: {}\n", note);
}

void run(const ExplainOptions& options) {
  const std::string brief = brief_of(options);
  const auto model = open_model(options.model);
  const scent::EncodedBrief read = scent::BriefEncoder(model.folder).encode(brief);
  if (options.format == "json") {
    Json json = brief_json(brief, read);
    json["model"] = model_json(identity_of(model));
    return write_stdout(dump_pretty(json));
  }
  write_stdout(render_explanation(brief, read, stdout_style()));
}

}  // namespace

void add_explain(CLI::App& root) {
  auto options = std::make_shared<ExplainOptions>();
  auto* app = root.add_subcommand("explain");
  describe_command(
      *app, "odordiff explain \"very fresh linen, a hint of lemon, not sweet\"",
      "Shows what is understood of a brief, term by term.",
      "Each term is named with where its meaning comes from (the scent lexicon, what was learned from "
      "experts' texts, or unknown), its emphasis, whether it is negated, and the odor descriptors it gives.");
  app->add_option("brief", options->words, "The brief to read; - for stdin")->type_name("TEXT");
  add_choice(*app, "--format", options->format, {"table", "json"}, "Form of the answer");
  add_model_option(*app, options->model);
  app->callback([options] { run(*options); });
}

}  // namespace odordiff::apps

// `odordiff generate`: one brief in, ranked molecules out.
#include <fmt/format.h>

#include <memory>

#include "atomic_file.h"
#include "base/error.h"
#include "cli_tree.h"
#include "commands.h"
#include "exit_code.h"
#include "interrupt.h"
#include "options.h"
#include "output.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

struct GenerateOptions {
  RequestOptions request;
  std::vector<std::string> words;
  std::string format = "table";
  CLI::Option* format_option = nullptr;
  std::string output = "-";
  bool timing = false;
};

std::string brief_of(const GenerateOptions& options) {
  const bool from_stdin = options.words.size() == 1 && options.words.front() == "-";
  if (!from_stdin && !options.words.empty()) return fmt::format("{}", fmt::join(options.words, " "));
  if (!from_stdin && !(options.request.like.empty() && options.request.keep.empty())) return {};
  if (!from_stdin && stdin_is_terminal()) {
    throw InvalidInput("no brief; say what it should smell like: odordiff generate \"fresh-cut grass\"");
  }
  const std::string text = read_text("-", 64 * scent::kMaxBriefBytes);
  return std::string(trim(text));
}

void run(const GenerateOptions& options) {
  std::string format = options.format;
  if (options.format_option->count() == 0) {
    const std::string wished = format_of_path(options.output);
    if (!wished.empty()) format = wished;
  }
  generate::Request request = options.request.make_request();
  request.brief = brief_of(options);
  generate::validate(request);

  AtomicFile file(options.output);
  const generate::Pipeline pipeline(options.request.pipeline_options());
  const generate::Answer answer = pipeline.generate(request, &interrupted());

  RenderOptions rendering;
  if (options.output == "-") rendering.style = stdout_style();
  rendering.timing = options.timing;
  file.write(render(answer, format, rendering));
  file.commit();
  if (static_cast<int>(answer.molecules.size()) < request.count) throw Exit{ExitCode::FewerThanAsked};
}

}  // namespace

void add_generate(CLI::App& root) {
  auto options = std::make_shared<GenerateOptions>();
  auto* app = root.add_subcommand("generate");
  describe_command(
      *app, "odordiff generate \"fresh-cut grass after rain, a little ozone\" -n 5",
      "Designs new odorant molecules from a brief in plain English.",
      "Without words the brief is read from stdin, as it is for \"-\". The seed is 0 unless given, and is "
      "printed: the same request with the same seed and model gives the same answer. Ranges are "
      "LOW:HIGH; a side that is left out is open.");
  app->add_option("brief", options->words, "What it should smell like, at most 1,000 characters; - for stdin")
      ->type_name("TEXT");
  add_request_options(*app, options->request);
  options->format_option =
      add_choice(*app, "--format", options->format, output_formats(),
                 "Form of the answer; default: as the ending of --output says, else table");
  app->add_option("-o,--output", options->output, "File to write, whole or not at all; - for stdout")
      ->type_name("FILE")
      ->default_str("-");
  app->add_flag("--timing", options->timing, "Add wall times to the table or the JSON");
  app->callback([options] { run(*options); });
}

}  // namespace odordiff::apps

// `odordiff batch`: many briefs, answered in input order, with a journal that outlives a kill.
#include <fmt/format.h>
#include <sys/stat.h>

#include <memory>
#include <optional>

#include "answer_json.h"
#include "atomic_file.h"
#include "base/error.h"
#include "base/sha256.h"
#include "batch_input.h"
#include "batch_journal.h"
#include "cli_tree.h"
#include "commands.h"
#include "exit_code.h"
#include "interrupt.h"
#include "model_option.h"
#include "options.h"
#include "ordered_work.h"
#include "progress.h"
#include "text_io.h"

namespace odordiff::apps {
namespace {

constexpr std::size_t kMaxInputBytes = std::size_t{1} << 30U;

struct BatchOptions {
  RequestOptions request;
  std::string input = "-";
  CLI::Option* input_option = nullptr;
  std::string output = "-";
  int jobs = 8;
  bool restart = false;
  bool quiet = false;
};

// stdout, a pipe or a device: nothing that could be taken up again.
bool is_stream(const std::string& output) {
  struct stat info = {};
  return output == "-" ||
         (::stat(output.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode));
}

// All that decides what the output will be; two runs with an equal identity write equal lines.
Json work_of(const std::string& input, std::size_t briefs, const generate::Request& r,
             const model::Identity& made_by) {
  Json json;
  json["format"] = "odordiff-batch/1";
  json["input_sha256"] = sha256_hex(input);
  json["briefs"] = briefs;
  json["model"] = api::model_json(made_by);
  json["n"] = r.count;
  json["seed"] = r.seed;
  json["like"] = r.like.value_or("");
  json["keep"] = r.keep.value_or("");
  json["steps"] = r.steps_per_block;
  json["guidance"] = rounded(static_cast<double>(r.guidance), 6);
  json["temperature"] = rounded(static_cast<double>(r.temperature), 6);
  json["effort"] = r.effort;
  json["allow_known"] = r.allow_known;
  json["budget"] = r.budget_seconds;
  json["mw"] = to_string(r.molecular_weight);
  json["logp"] = to_string(r.logp);
  json["tpsa"] = to_string(r.tpsa);
  json["sa"] = to_string(r.sa_score);
  json["similarity"] = to_string(r.similarity);
  json["min_odorous"] = r.min_odorous;
  json["safety_threshold"] = r.safety_threshold;
  return json;
}

WorkResult failure(const BatchItem& item, const std::string& why) {
  Json json = {{"id", item.id}};
  if (!item.request.brief.empty() && item.request.brief.size() <= scent::kMaxBriefBytes) {
    json["brief"] = item.request.brief;
  }
  json["error"] = why;
  return {dump_line(json), true, false};
}

WorkResult answer(const generate::Pipeline& pipeline, const BatchItem& item, const std::atomic<bool>& stop) {
  if (!item.error.empty()) return failure(item, item.error);
  try {
    const generate::Answer made = pipeline.generate(item.request, &stop);
    Json json = {{"id", item.id}};
    json.update(answer_json(made));
    return {dump_line(json), false, static_cast<int>(made.molecules.size()) < item.request.count};
  } catch (const Cancelled&) {
    throw;
  } catch (const std::exception& error) {
    return failure(item, error.what());
  }
}

struct Counts {
  std::size_t failed = 0, fewer = 0;

  void add(bool has_failed, bool has_fewer) {
    failed += has_failed ? 1 : 0;
    fewer += has_fewer ? 1 : 0;
  }
};

void run(const BatchOptions& options) {
  if (options.input_option->count() == 0 && stdin_is_terminal()) {
    throw InvalidInput(
        "no briefs; give a file with one brief a line: odordiff batch briefs.txt -o answers.jsonl");
  }
  const bool streamed = is_stream(options.output);
  if (!streamed) (void)resolve_output(options.output);
  const generate::Request defaults = options.request.make_request();
  const std::string input = read_text(options.input, kMaxInputBytes);
  const std::vector<BatchItem> items = read_batch(input, defaults);
  if (items.empty()) throw InvalidInput("the input holds no line; write one brief a line");

  const generate::PipelineOptions pipeline_options = options.request.pipeline_options();
  const generate::Pipeline pipeline(pipeline_options);
  std::vector<Json> ids;
  for (const auto& item : items) ids.push_back(item.id);

  Counts counts;
  std::optional<AtomicFile> stream;
  std::optional<BatchJournal> journal;
  if (streamed) {
    stream.emplace(options.output);
  } else {
    std::size_t index = 0;
    journal.emplace(options.output, work_of(input, items.size(), defaults, pipeline.identity()), ids,
                    options.restart, [&](const Json& line) {
                      const auto wanted = static_cast<std::size_t>(items[index++].request.count);
                      counts.add(line.contains("error"),
                                 line.contains("molecules") && line["molecules"].size() < wanted);
                    });
  }

  std::size_t done = journal ? journal->finished() : 0;
  bool complete = false;
  {
    Progress progress(items.size(), done, !options.quiet);
    OrderedWork job;
    job.first = done;
    job.count = items.size();
    job.jobs = options.jobs;
    job.window = static_cast<std::size_t>(options.jobs) * 8;
    job.work = [&](std::size_t i, const std::atomic<bool>& stop) { return answer(pipeline, items[i], stop); };
    job.emit = [&](std::size_t, const WorkResult& result) {
      journal ? journal->append(result.line) : stream->write(result.line);
      counts.add(result.failed, result.fewer);
      ++done;
    };
    job.tick = [&] {
      if (journal) journal->sync_when_due();
      progress.update(done);
    };
    complete = run_in_order(job, interrupted());
  }
  if (!complete) {
    throw Cancelled(fmt::format("interrupted after {} of {} briefs{}", done, items.size(),
                                journal ? "; the same command goes on from there" : ""));
  }
  journal ? journal->finish() : stream->commit();
  if (counts.failed > 0) {
    throw InvalidInput(fmt::format("{} of {} briefs failed; the \"error\" on their lines says why",
                                   counts.failed, items.size()));
  }
  if (counts.fewer > 0) {
    write_stderr(
        fmt::format("odordiff: {} of {} briefs gave fewer molecules than asked for; the \"note\" says why\n",
                    counts.fewer, items.size()));
    throw Exit{ExitCode::FewerThanAsked};
  }
}

}  // namespace

void add_batch(CLI::App& root) {
  auto options = std::make_shared<BatchOptions>();
  auto* app = root.add_subcommand("batch");
  describe_command(
      *app, "printf 'ripe pear\\nsmoky leather\\n' | odordiff batch - -n 3",
      "Answers many briefs: one a line in, one JSON object a line out, in input order.",
      "A line is a plain brief or a JSON object with \"brief\" and, when wanted, \"id\", \"n\", \"seed\", "
      "\"like\" and \"keep\". With --output FILE the work is kept in FILE.partial until it is whole; after "
      "a kill the same command goes on where it stopped. A line that fails is answered with an \"error\" "
      "and stops nothing else.");
  options->input_option =
      app->add_option("input", options->input, "File of briefs; - for stdin")->type_name("FILE");
  app->add_option("-o,--output", options->output, "File to write; - for stdout")
      ->type_name("FILE")
      ->default_str("-");
  add_whole(*app, "-j,--jobs", options->jobs, 1, 256, "Briefs in work at a time")->default_str("8");
  app->add_flag("--restart", options->restart, "Begin anew, even where a half-done output is there");
  app->add_flag("-q,--quiet", options->quiet, "No progress bar");
  add_request_options(*app, options->request);
  app->callback([options] { run(*options); });
}

}  // namespace odordiff::apps

// The commands, one file each. add_X() hangs a command and its options into `root`; the command runs at the
// end of CLI::App::parse and speaks through stdout, or throws: odordiff::Error kinds, ClosedPipe or Exit.
#pragma once

#include <CLI/CLI.hpp>

namespace odordiff::apps {

void add_generate(CLI::App& root);
void add_batch(CLI::App& root);
void add_explain(CLI::App& root);
void add_describe(CLI::App& root);
void add_nearest(CLI::App& root);
void add_design(CLI::App& root);
void add_assess(CLI::App& root);
void add_draw(CLI::App& root);
void add_routes(CLI::App& root);
void add_serve(CLI::App& root);
void add_config(CLI::App& root);
void add_evaluate(CLI::App& root);
void add_fleet(CLI::App& root);
void add_keys(CLI::App& root);
void add_models(CLI::App& root);
void add_completion(CLI::App& root);
void add_man(CLI::App& root);
void add_version(CLI::App& root);

}  // namespace odordiff::apps

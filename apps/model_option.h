// `--model`, for every command that loads a model, and what it means.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "model/config.h"
#include "model/identity.h"

namespace odordiff::apps {

// `--model FOLDER`.
void add_model_option(CLI::App& app, std::string& target);

// The folder of the models that were installed with this program, whether or not there are any.
std::filesystem::path installed_models();

// The model that `option` names, as model::find_folder() has it. Throws Unavailable.
std::filesystem::path find_model(const std::string& option);
// The same, with all its files compared. Throws Unavailable where one is missing or damaged.
model::Config open_model(const std::string& option);

// Of what is computed here from this model, in fp32.
model::Identity identity_of(const model::Config& config);

}  // namespace odordiff::apps

#include "diffusion/request.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "chem/smiles_grammar.h"

namespace odordiff::diffusion {
namespace {

constexpr float kLargestGuidance = 100.0F;

void need(bool holds, const std::string& reason) {
  if (!holds) throw InvalidInput(reason);
}

bool finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

void check_vector(const std::vector<float>& values, int wanted, const char* name) {
  need(values.size() == static_cast<std::size_t>(wanted), std::string(name) + " must have " +
                                                              std::to_string(wanted) + " numbers, not " +
                                                              std::to_string(values.size()));
  need(finite(values), std::string(name) + " has a number that is not finite");
}

void check_prefix(const std::vector<chem::TokenId>& prefix, std::size_t which, const SampleRequest& r,
                  const ModelConfig& config) {
  const std::string name = "pinned start " + std::to_string(which + 1);
  need(prefix.size() < static_cast<std::size_t>(r.max_length),
       name + " has " + std::to_string(prefix.size()) + " tokens; max_length " +
           std::to_string(r.max_length) + " leaves no room after it");
  chem::SmilesGrammar grammar(r.max_length);
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    need(prefix[i] > chem::Tokenizer::kUnknown && prefix[i] < config.vocab,
         name + " has a token that is not in the vocabulary, at " + std::to_string(i + 1));
    need(!r.use_grammar || grammar.push(prefix[i]),
         name + " breaks the rules of SMILES at token " + std::to_string(i + 1));
  }
}

void check_length_weights(const SampleRequest& r, const ModelConfig& config) {
  if (r.length_weights.empty()) return;
  check_vector(r.length_weights, config.max_length + 1, "length_weights");
  need(std::all_of(r.length_weights.begin(), r.length_weights.end(), [](float w) { return w >= 0; }),
       "length_weights must not be negative");
  std::size_t longest = 0;
  for (const auto& prefix : r.prefixes) longest = std::max(longest, prefix.size());
  const int from = std::max(r.min_length, static_cast<int>(longest) + 1);
  need(std::any_of(r.length_weights.begin() + from, r.length_weights.begin() + r.max_length + 1,
                   [](float w) { return w > 0; }),
       "length_weights leave no length from " + std::to_string(from) + " to " + std::to_string(r.max_length));
}

}  // namespace

void validate(const SampleRequest& r, const ModelConfig& config) {
  check_vector(r.condition, config.cond_inputs, "condition");
  need(r.count >= 1 && r.count <= 1024, "count must be 1 to 1024, not " + std::to_string(r.count));
  need(std::isfinite(r.temperature) && r.temperature > 0, "temperature must be above 0");
  need(std::fabs(r.guidance) <= kLargestGuidance, "guidance must be -100 to 100");
  if (r.guidance != 0) check_vector(r.unconditional, config.cond_inputs, "unconditional condition");
  need(r.steps_per_block >= 1 && r.steps_per_block <= 4,
       "steps_per_block must be 1 to 4, not " + std::to_string(r.steps_per_block));
  need(r.min_length >= 1, "min_length must be at least 1");
  need(r.max_length <= config.max_length, "max_length must be at most " + std::to_string(config.max_length) +
                                              ", the longest that the model makes");
  need(r.min_length <= r.max_length, "min_length must not be above max_length");
  need(!r.use_grammar || r.max_length <= chem::SmilesGrammar::kMaxTokens,
       "max_length must be at most " + std::to_string(chem::SmilesGrammar::kMaxTokens) + " with the grammar");
  for (std::size_t i = 0; i < r.prefixes.size(); ++i) check_prefix(r.prefixes[i], i, r, config);
  check_length_weights(r, config);
}

std::span<const chem::TokenId> prefix_of(const SampleRequest& r, int k) {
  if (r.prefixes.empty()) return {};
  return r.prefixes[(r.first_index + static_cast<std::uint64_t>(k)) % r.prefixes.size()];
}

Job::Job(const SampleRequest& r, const std::atomic<bool>* cancel_flag, const Model& model)
    : request(r), cancel(cancel_flag), guided(r.guidance != 0), conditional(model.condition(r.condition)) {
  if (guided) unconditional = model.condition(r.unconditional);
  results.resize(static_cast<std::size_t>(r.count));
  for (std::size_t k = 0; k < results.size(); ++k) {
    results[k].index = r.first_index + k;
    results[k].tokens.reserve(static_cast<std::size_t>(r.max_length));
  }
}

}  // namespace odordiff::diffusion

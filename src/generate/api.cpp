// The public API (include/odordiff/odordiff.h) over the pipeline: the one place where its types and errors
// become the library's.
#include <dlfcn.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <new>

#include "base/error.h"
#include "generate/pipeline.h"
#include "model/folder.h"
#include "odordiff/odordiff.h"
#include "scent/descriptors.h"

namespace odordiff {
namespace {

namespace fs = std::filesystem;

template <typename F>
auto translated(F&& call) {
  using Kind = EngineError::Kind;
  try {
    return call();
  } catch (const InvalidInput& error) {
    throw EngineError(Kind::InvalidInput, error.what());
  } catch (const Overloaded& error) {
    throw EngineError(Kind::Overloaded, error.what());
  } catch (const Unavailable& error) {
    throw EngineError(Kind::Unavailable, error.what());
  } catch (const Cancelled& error) {
    throw EngineError(Kind::Cancelled, error.what());
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    throw EngineError(Kind::Internal, error.what());
  }
}

// The folder of the models installed beside this library, wherever the installation was moved to.
fs::path installed_models() {
  Dl_info self{};
  if (dladdr(reinterpret_cast<const void*>(&version), &self) == 0 || self.dli_fname == nullptr) return {};
  std::error_code error;
  const fs::path library = fs::canonical(self.dli_fname, error);
  return (library.parent_path() / ODORDIFF_MODELS_FROM_LIBRARY).lexically_normal();
}

nn::Precision to_internal(Precision precision) {
  switch (precision) {
    case Precision::Fp32:
      return nn::Precision::F32;
    case Precision::Bf16:
      return nn::Precision::BF16;
    case Precision::Int8:
      return nn::Precision::I8;
  }
  throw InvalidInput("precision must be Fp32, Bf16 or Int8");
}

generate::PipelineOptions to_internal(const EngineOptions& options) {
  generate::PipelineOptions out;
  out.model_folder = model::find_folder(options.model_folder, installed_models());
  out.precision = to_internal(options.precision);
  out.threads = options.threads;
  return out;
}

generate::Range to_internal(const GenerateOptions::Range& range) {
  generate::Range out;
  if (range.low) out.low = *range.low;
  if (range.high) out.high = *range.high;
  return out;
}

// Inside, a negative value means "the model's default"; out here that is said by giving none.
float given_or_default(const std::optional<double>& value, const char* name) {
  if (!value) return -1.0F;
  if (!(*value >= 0)) throw InvalidInput(std::string(name) + " must not be negative");
  return static_cast<float>(*value);
}

generate::Request to_internal(const std::string& brief, const GenerateOptions& options) {
  generate::Request out;
  out.brief = brief;
  out.count = options.count;
  out.seed = options.seed;
  if (!options.like.empty()) out.like = options.like;
  if (!options.keep.empty()) out.keep = options.keep;
  out.guidance = given_or_default(options.guidance, "guidance");
  out.temperature = given_or_default(options.temperature, "temperature");
  out.effort = options.effort;
  out.allow_known = options.allow_known;
  out.budget_seconds = options.budget_seconds;
  out.safety_threshold = options.safety_threshold;
  out.molecular_weight = to_internal(options.molecular_weight);
  out.logp = to_internal(options.logp);
  out.tpsa = to_internal(options.tpsa);
  out.sa_score = to_internal(options.sa_score);
  out.similarity = to_internal(options.similarity);
  return out;
}

Molecule to_public(const generate::Candidate& in) {
  Molecule out;
  out.smiles = in.smiles;
  out.inchikey = in.inchikey;
  out.formula = in.formula;
  out.score = in.score;
  out.match = in.match;
  out.odorous = in.odorous;
  out.safety_score = in.safety.score;
  out.novelty = in.novelty;
  out.known = in.known;
  out.sa_score = in.sa_score;
  out.boiling_point_c = in.boiling_point_c;
  out.vapor_pressure_pa = in.vapor_pressure_pa;
  out.note = in.note;
  out.molecular_weight = in.properties.molecular_weight;
  out.logp = in.properties.logp;
  out.tpsa = in.properties.tpsa;
  for (const auto& odor : in.odor) out.odor.push_back({odor.name, odor.probability});
  out.warnings = in.warnings;
  if (in.descends_from) out.descends_from = Descent{in.descends_from->smiles, in.descends_from->similarity};
  return out;
}

Odor odor_of(std::size_t descriptor, float weight) {
  return {std::string(scent::descriptor_names().at(descriptor)), weight};
}

Reading to_public(const scent::EncodedBrief& in) {
  Reading out;
  out.understood = in.understood;
  for (std::size_t i = 0; i < in.weights.size(); ++i) {
    if (in.weights[i] != 0) out.odor.push_back(odor_of(i, in.weights[i]));
  }
  std::stable_sort(out.odor.begin(), out.odor.end(),
                   [](const Odor& a, const Odor& b) { return std::abs(a.weight) > std::abs(b.weight); });
  for (const auto& term : in.terms) {
    Reading::Term& added = out.terms.emplace_back();
    added.text = term.text;
    added.begin = term.begin;
    added.end = term.end;
    added.negated = term.negated;
    for (const auto& [descriptor, weight] : term.descriptors)
      added.odor.push_back(odor_of(descriptor, weight));
  }
  return out;
}

}  // namespace

struct Engine::Impl {
  explicit Impl(const EngineOptions& options) : pipeline(to_internal(options)) {}
  generate::Pipeline pipeline;
};

Engine::Engine(const EngineOptions& options)
    : impl_(translated([&] { return std::make_unique<Impl>(options); })) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

Answer Engine::generate(const std::string& brief, const GenerateOptions& options,
                        const std::atomic<bool>* cancel) const {
  return translated([&] {
    const generate::Answer answer = impl_->pipeline.generate(to_internal(brief, options), cancel);
    Answer out;
    out.molecules.reserve(answer.molecules.size());
    for (const auto& candidate : answer.molecules) out.molecules.push_back(to_public(candidate));
    out.note = answer.note;
    return out;
  });
}

Molecule Engine::describe(const std::string& smiles) const {
  return translated([&] { return to_public(impl_->pipeline.assess(impl_->pipeline.accept(smiles))); });
}

Reading Engine::explain(const std::string& brief) const {
  return translated([&] { return to_public(impl_->pipeline.explain(brief)); });
}

const std::string& Engine::model_name() const {
  return impl_->pipeline.identity().name;
}

const char* version() noexcept {
  return ODORDIFF_VERSION;
}

}  // namespace odordiff

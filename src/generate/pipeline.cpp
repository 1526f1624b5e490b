#include "generate/pipeline.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <unordered_set>

#include "base/error.h"
#include "base/helpers.h"
#include "base/rng.h"
#include "chem/fingerprint.h"
#include "chem/implausible.h"
#include "chem/odorant_window.h"
#include "chem/sa_score.h"
#include "chem/smiles_grammar.h"
#include "chem/tokenizer.h"
#include "diffusion/scheduler.h"
#include "generate/known.h"
#include "generate/odorant_library.h"
#include "generate/palette.h"
#include "generate/ranking.h"
#include "generate/seen_molecules.h"
#include "generate/starting_points.h"
#include "model/folder.h"
#include "model/resources.h"
#include "nn/cpu.h"
#include "scent/physical_model.h"

namespace odordiff::generate {
namespace {

using Clock = std::chrono::steady_clock;
using chem::Molecule;
using chem::Tokenizer;

constexpr double kOversample = 2.0;  // candidates drawn in the first round for each molecule wanted
constexpr int kLeastRound = 6;       // and this many more, so that small requests have a choice too
constexpr int kMostRound = 1000;
constexpr std::size_t kShownDescriptors = 8;  // of an answer's molecule
constexpr int kMostBarrenRounds = 3;          // give up after so many rounds that bring nothing new
constexpr std::size_t kJudgedTogether = 4;    // molecules that share a pass of the predictors
constexpr double kMatchWeight = 0.7, kOdorousWeight = 0.15, kSynthesisWeight = 0.15;
constexpr double kSimilarityPenalty = 0.15;
constexpr std::size_t kSeenMolecules = 20'000;  // found again by their InChIKey; some 5 MB
constexpr int kRouteSteps = 2;  // looked at for each molecule of an answer; `odordiff routes` looks further

double milliseconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

int thread_count(int wanted) {
  return wanted > 0 ? wanted : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

// Why `mol` is no odorant at sight, or empty.
std::string_view why_struck_out(const Molecule& mol) {
  const std::string_view reason = chem::outside_odorant_window(mol);
  return reason.empty() ? chem::implausible_structure(mol) : reason;
}

// Chemistry makes its patterns and tables on first use, some tens of milliseconds that no request should wait
// for.
void warm_up_chemistry() {
  const Molecule mol = Molecule::parse("CC(C)=CCCC(C)(O)C=C");
  (void)why_struck_out(mol);
  (void)chem::properties(mol);
  (void)mol.inchikey();
}

// The descriptors that one word of the brief chiefly asks for and another refuses, with commas.
std::string wanted_and_refused(const scent::EncodedBrief& brief) {
  std::string out;
  for (std::size_t d = 0; d < scent::kDescriptors; ++d) {
    bool wanted = false;
    for (const auto& term : brief.terms) {
      wanted |= !term.negated && !term.descriptors.empty() && term.descriptors.front().first == d;
    }
    if (wanted && brief.weights[d] < 0)
      out += (out.empty() ? "" : ", ") + std::string(scent::descriptor_names()[d]);
  }
  return out;
}

model::Config whole(model::Config config) {
  model::require_whole(config);
  return config;
}

// A molecule on its way through the filters.
struct Draft {
  Molecule mol;
  std::uint64_t key;
  std::uint64_t sample = 0;          // which of the request's samples it is
  std::string_view struck_out = {};  // why it is no odorant at sight; then nothing below is filled in
  scent::OdorPrediction odor = {};
  safety::SafetyReport safety = {};
  chem::Properties properties = {};
  double sa_score = 0, match = 0, score = 0;
  chem::BitFingerprint fingerprint = {};
};

}  // namespace

struct Pipeline::Impl {
  explicit Impl(const PipelineOptions& options)
      : config(whole(model::read_config(options.model_folder))),
        identity(model::identify(config, nn::to_string(options.precision), nn::backend_name(nn::cpu_path()))),
        warm(std::async(std::launch::async, warm_up_chemistry)),
        planner(std::async(std::launch::async,
                           [folder = model::data_path(options.model_folder, "synthesis")] {
                             return std::make_shared<const synthesis::RoutePlanner>(folder);
                           })),
        helpers(thread_count(options.threads)),
        model(std::make_shared<const diffusion::Model>(options.model_folder, options.precision)),
        scheduler(model, {.threads = options.threads, .max_sequences = 256}),
        encoder(options.model_folder),
        ranker(options.model_folder, scent::OdorPredictor::Role::Ranker),
        physical(options.model_folder),
        conscience(model::data_path(options.model_folder, "safety"), options.model_folder),
        known(options.model_folder),
        folder(options.model_folder),
        threads(thread_count(options.threads)),
        sa(model::sa_table_path(options.model_folder)) {
    if (config.retrieval) library.emplace(options.model_folder);
    warm.get();
  }

  // [descriptors][text][has_text][unconditional][domain], docs/model-format.md
  std::vector<float> condition(const scent::EncodedBrief* brief) const {
    std::vector<float> c(static_cast<std::size_t>(model->config().cond_inputs), 0.0F);
    const std::size_t has_text = scent::kDescriptors + scent::kTextWidth;
    c[has_text + 2] = 1;  // the domain of odorants
    if (brief == nullptr || !brief->understood) {
      c[has_text + 1] = 1;
      return c;
    }
    std::copy(brief->weights.begin(), brief->weights.end(), c.begin());
    if (brief->has_text && config.sampling.text_condition) {
      std::copy(brief->text.begin(), brief->text.end(), c.begin() + scent::kDescriptors);
      c[has_text] = 1;
    }
    return c;
  }

  diffusion::SampleRequest sample_request(const Request& request, const scent::EncodedBrief* brief) const {
    diffusion::SampleRequest s;
    s.condition = condition(brief);
    s.unconditional = condition(nullptr);
    s.seed = request.seed;
    s.temperature = request.temperature < 0 ? config.sampling.temperature : request.temperature;
    s.guidance = request.guidance < 0 ? config.sampling.guidance : request.guidance;
    if (s.condition == s.unconditional) s.guidance = 0;
    s.min_length = config.sampling.min_length;
    s.max_length = config.sampling.max_length;
    s.steps_per_block =
        request.steps_per_block == 0 ? config.sampling.steps_per_block : request.steps_per_block;
    return s;
  }

  // Nothing is designed around what may not be handled. Atoms in canonical order, so that each writing of a
  // molecule leads to the same answer.
  Molecule start_of(const std::string& smiles) const {
    return Molecule::parse(conscience.lists().accept(smiles, "nothing is designed with").smiles());
  }

  static bool can_begin(const std::vector<chem::TokenId>& tokens) {
    chem::SmilesGrammar grammar(chem::SmilesGrammar::kMaxTokens);
    return std::all_of(tokens.begin(), tokens.end(),
                       [&](chem::TokenId token) { return grammar.push(token); });
  }

  static void require_writable(const Molecule& mol, const char* purpose) {
    const auto atoms = chem::unwritable_atoms(mol);
    if (atoms.empty()) return;
    std::string list;
    for (const auto& atom : atoms) list += (list.empty() ? "" : ", ") + atom;
    throw InvalidInput("the molecule to " + std::string(purpose) + " holds what is not generated: " + list +
                       "; give a neutral molecule of C, N, O, S, P and halogens");
  }

  // The starts that a molecule to vary or a fragment to keep pins down.
  void pin(const Request& request, diffusion::SampleRequest& s) const {
    if (request.keep) {
      const Molecule plain = start_of(*request.keep);
      require_writable(plain, "keep");
      // Where the writing says where to grow, its own atoms are wanted.
      const Molecule written = Molecule::parse(*request.keep);
      const Molecule scaffold = written.match("[#0]").empty() ? plain : written;
      for (const auto& prefix : chem::growing_prefixes(scaffold, request.seed)) {
        std::vector<chem::TokenId> tokens;
        if (Tokenizer::try_encode(prefix, tokens) && tokens.size() + 2 < 60 && can_begin(tokens))
          s.prefixes.push_back(std::move(tokens));
      }
      if (s.prefixes.empty()) {
        throw InvalidInput(
            "the fragment to keep has no atom with a free hydrogen to grow from (or none where * stands), or "
            "is "
            "too long: " +
            quote_for_message(*request.keep));
      }
    } else if (request.like) {
      const Molecule start = start_of(*request.like);
      require_writable(start, "vary");
      Rng rng(request.seed, 0x6c696b65);
      for (std::uint64_t k = 0; k < 64; ++k) {
        std::vector<chem::TokenId> tokens;
        if (!Tokenizer::try_encode(chem::random_smiles(start, request.seed * 64 + k, true), tokens)) continue;
        if (tokens.size() > 56) continue;
        tokens.resize(tokens.size() * (30 + rng.below(50)) / 100);
        if (!tokens.empty() && can_begin(tokens)) s.prefixes.push_back(std::move(tokens));
      }
      if (s.prefixes.empty()) {
        throw InvalidInput(
            "the molecule to vary is too long, or bonded as the generator writes no molecule: " +
            quote_for_message(*request.like));
      }
    }
  }

  // Known odorants to start from. A molecule to vary or a fragment to keep is a start of its own.
  StartingPoints starting_points(const Request& request, const scent::EncodedBrief& brief) const {
    if (!library || request.like || request.keep || !brief.understood || config.retrieval->share <= 0)
      return {};
    const auto odorants =
        library->best(brief.weights, ranker.base_rates(), static_cast<std::size_t>(config.retrieval->starts),
                      config.retrieval->quality_weight);
    return {*library, *config.retrieval, odorants, request.seed, config.sampling.max_length};
  }

  int first_round(const Request& request, bool starts_at_odorants) const {
    const double wanted = request.effort * (kOversample * request.count + kLeastRound) *
                          (starts_at_odorants ? config.retrieval->samples : 1);
    return std::min(kMostRound, static_cast<int>(std::lround(wanted)));
  }

  // A sentence where the words do not lead where their writer may think; else empty.
  std::string reading_note(const Request& request, const scent::EncodedBrief& brief,
                           const StartingPoints& starts) const {
    if (request.brief.empty()) return {};
    if (!brief.understood) return "Nothing in the brief was understood: these are odorants of any smell.";
    if (const auto both = wanted_and_refused(brief); !both.empty()) {
      return "The brief both wants and refuses " + both + ": it is kept out.";
    }
    const bool wants = std::any_of(brief.weights.begin(), brief.weights.end(), [](float w) { return w > 0; });
    if (wants && starts.empty() && library && !request.like && !request.keep && config.retrieval->share > 0) {
      return "No known odorant is predicted to smell so: nothing leads the search but the words.";
    }
    return {};
  }

  // What a molecule's own predicted smell asks for, when there is no brief to say it.
  scent::EncodedBrief brief_of(const Molecule& mol) const {
    scent::EncodedBrief brief;
    const auto prediction = ranker.predict(mol);
    for (std::size_t d = 0; d < scent::kDescriptors; ++d) {
      if (prediction.probabilities[d] > 0.2F) brief.weights[d] = prediction.probabilities[d];
    }
    brief.probabilities = prediction.probabilities;
    brief.understood = true;
    return brief;
  }

  Candidate finish(const Draft& draft, const StartingPoints& starts = {}) const {
    Candidate c;
    c.descends_from = starts.descent(draft.sample, draft.fingerprint);
    c.smiles = draft.mol.smiles();
    c.inchikey = draft.mol.inchikey();
    c.formula = draft.mol.formula();
    c.score = draft.score;
    c.match = draft.match;
    c.odorous = static_cast<double>(draft.odor.odorous);
    c.sa_score = draft.sa_score;
    c.synthesizability = (10 - draft.sa_score) / 9;
    c.novelty = 1 - known.nearest_similarity(draft.fingerprint);
    c.known = known.known(draft.key);
    c.physical = physical.predict(draft.mol);
    c.boiling_point_c = c.physical.boiling_point_c.value;
    c.vapor_pressure_pa = c.physical.vapor_pressure_pa.value;
    c.note = c.physical.note;
    c.safety = draft.safety;
    if (c.safety.may_be_proposed()) c.makeability = makeability(draft.mol);
    if (!c.safety.forbidden()) seen.add(c.inchikey, c.smiles);
    c.properties = draft.properties;
    const auto p = scent::stated(draft.odor).probabilities;
    for (const std::size_t d : scent::most_probable(p, kShownDescriptors)) {
      c.odor.push_back({std::string(scent::descriptor_names()[d]), p[d]});
    }
    const auto character = scent::character_of(draft.odor, c.physical);
    c.primary_notes = scent::names_of(character.primary);
    c.secondary_notes = scent::names_of(character.secondary);
    c.character = character.line;
    if (!c.physical.outside.empty())
      c.warnings.push_back("its physical estimates mean little: " + c.physical.outside);
    if (!draft.struck_out.empty()) c.warnings.emplace_back(draft.struck_out);
    if (const std::string note = c.safety.note(); !note.empty()) c.warnings.push_back(note);
    if (c.safety.forbidden()) {
      c.warnings.emplace_back("forbidden: " + c.safety.findings.front().name);
    } else if (c.safety.excluded()) {
      c.warnings.emplace_back("safety: " + (c.safety.in_domain ? c.safety.findings.empty()
                                                                     ? std::string("a low score")
                                                                     : c.safety.findings.front().name
                                                               : c.safety.domain_note));
    }
    return c;
  }

  synthesis::Makeability makeability(const Molecule& mol) const {
    try {
      return planner.get()->quick(mol, kRouteSteps);
    } catch (const InvalidInput& error) {  // a fragment, a radical, too large: no planner would take it
      synthesis::Makeability none;
      none.refusal = error.what();
      return none;
    }
  }

  void judge(Draft& draft, const scent::EncodedBrief* brief) const {
    draft.properties = chem::properties(draft.mol);
    draft.sa_score = sa.score(draft.mol);
    draft.fingerprint = chem::morgan_bits(draft.mol);
    if (brief != nullptr)
      draft.match = match_score(brief->weights, draft.odor.probabilities, ranker.base_rates());
    draft.score = kMatchWeight * draft.match + kOdorousWeight * static_cast<double>(draft.odor.odorous) +
                  kSynthesisWeight * (10 - draft.sa_score) / 9;
  }

  // Judges the drafts inside the odorant window, a few at a time on each thread.
  void judge_all(std::vector<Draft>& drafts, const scent::EncodedBrief* brief) const {
    helpers.for_each((drafts.size() + kJudgedTogether - 1) / kJudgedTogether, [&](std::size_t group) {
      std::vector<Draft*> inside;
      std::vector<Molecule> mols;
      for (Draft& draft : std::span(drafts)
                              .subspan(group * kJudgedTogether)
                              .first(std::min(kJudgedTogether, drafts.size() - group * kJudgedTogether))) {
        draft.struck_out = why_struck_out(draft.mol);
        if (!draft.struck_out.empty()) continue;
        inside.push_back(&draft);
        mols.push_back(draft.mol);
      }
      const auto predictions = ranker.predict(mols);
      auto reports = conscience.assess(mols);
      for (std::size_t i = 0; i < inside.size(); ++i) {
        inside[i]->odor = predictions[i];
        inside[i]->safety = std::move(reports[i]);
        judge(*inside[i], brief);
      }
    });
  }

  model::Config config;
  model::Identity identity;
  std::future<void> warm;
  std::shared_future<std::shared_ptr<const synthesis::RoutePlanner>>
      planner;  // its tables load beside the first request
  mutable Helpers helpers;
  mutable SeenMolecules seen{kSeenMolecules};
  std::shared_ptr<const diffusion::Model> model;
  mutable diffusion::Scheduler scheduler;
  scent::BriefEncoder encoder;
  scent::OdorPredictor ranker;
  scent::PhysicalModel physical;
  safety::SafetyAssessor conscience;
  KnownMolecules known;
  std::optional<OdorantLibrary> library;
  std::filesystem::path folder;
  int threads;
  chem::SaScorer sa;
  mutable std::once_flag palette_made;
  mutable std::optional<Palette> palette;  // few ask for it
};

Pipeline::Pipeline(const PipelineOptions& options) : impl_(std::make_unique<Impl>(options)) {}

Pipeline::~Pipeline() = default;

void Pipeline::load_all() const {
  impl_->planner.wait();
}

std::optional<std::string> Pipeline::smiles_of(const std::string& inchikey) const {
  return impl_->seen.smiles_of(inchikey);
}

Answer Pipeline::generate(const Request& request, const std::atomic<bool>* cancel, const Watch& watch) const {
  validate(request);
  const auto started = Clock::now();
  const Impl& impl = *impl_;
  Answer answer;
  answer.brief = request.brief;
  answer.seed = request.seed;
  answer.model = impl.identity;
  std::optional<Molecule> like;
  std::optional<chem::BitFingerprint> like_bits;
  if (request.like) {
    like = impl.start_of(*request.like);
    like_bits = chem::morgan_bits(*like);
  }
  if (!request.brief.empty()) {
    answer.understood = impl.encoder.encode(request.brief);
  } else if (like) {
    answer.understood = impl.brief_of(*like);
  }
  diffusion::SampleRequest sampling = impl.sample_request(request, &answer.understood);
  impl.pin(request, sampling);
  const StartingPoints starts = impl.starting_points(request, answer.understood);
  const auto encoded = Clock::now();
  answer.timing.encode_ms = milliseconds(started, encoded);

  std::vector<Draft> kept;
  std::unordered_set<std::uint64_t> seen;
  if (like) seen.insert(molecule_key(*like));
  Tally& tally = answer.tally;
  const auto wanted = static_cast<std::size_t>(request.count);
  int round_size = impl.first_round(request, !starts.empty());
  int barren = 0;
  answer.stop = Stop::Complete;
  while (true) {
    const auto round_started = Clock::now();
    sampling.count = round_size;
    sampling.first_index = static_cast<std::uint64_t>(tally.sampled);
    if (!starts.empty()) {
      sampling.prefixes =
          starts.prefixes(sampling.first_index, static_cast<std::size_t>(round_size), impl.helpers);
    }
    const auto samples = impl.scheduler.sample(sampling, cancel);
    const auto sampled = Clock::now();
    answer.timing.sample_ms += milliseconds(round_started, sampled);
    tally.sampled += round_size;
    ++tally.rounds;

    // What a molecule says of itself is found out on all threads; what depends on the others, in order.
    std::vector<std::optional<Draft>> read(samples.size());
    impl.helpers.for_each(samples.size(), [&](std::size_t i) {
      if (!samples[i].complete) return;
      if (auto mol = Molecule::try_parse(Tokenizer::decode(samples[i].tokens))) {
        read[i].emplace(Draft{*mol, molecule_key(*mol), samples[i].index});
      }
    });
    std::vector<Draft> fresh;
    for (const auto& draft : read) {
      if (!draft) {
        ++tally.invalid;
      } else if (!seen.insert(draft->key).second) {
        ++tally.duplicate;
      } else if (!request.allow_known && impl.known.known(draft->key)) {
        ++tally.known;
      } else {
        fresh.push_back(*draft);
      }
    }
    impl.judge_all(fresh, &answer.understood);
    const std::size_t before = kept.size();
    for (Draft& draft : fresh) {
      if (!draft.struck_out.empty()) {
        ++tally.filtered_structure;
        continue;
      }
      if (!draft.safety.may_be_proposed() || draft.safety.excluded(request.safety_threshold)) {
        ++tally.filtered_safety;
        continue;
      }
      if (static_cast<double>(draft.odor.odorous) < request.min_odorous) {
        ++tally.filtered_odorless;
        continue;
      }
      const auto& p = draft.properties;
      if (!request.molecular_weight.contains(p.molecular_weight) || !request.logp.contains(p.logp) ||
          !request.tpsa.contains(p.tpsa) || !request.sa_score.contains(draft.sa_score) ||
          (like_bits && !request.similarity.contains(chem::tanimoto(*like_bits, draft.fingerprint)))) {
        ++tally.filtered_property;
        continue;
      }
      kept.push_back(std::move(draft));
    }
    const double score_ms = milliseconds(sampled, Clock::now());
    answer.timing.score_ms += score_ms;
    answer.timing.rounds.push_back(
        {milliseconds(started, round_started), milliseconds(round_started, sampled), score_ms, round_size});
    if (watch.progress) watch.progress({tally, static_cast<int>(kept.size()), request.count});
    if (kept.size() >= wanted) break;
    barren = kept.size() == before ? barren + 1 : 0;
    if (barren >= kMostBarrenRounds && tally.sampled >= 200) {
      answer.stop = Stop::NoneLeft;
      break;
    }
    if (milliseconds(started, Clock::now()) > request.budget_seconds * 1000) {
      answer.stop = Stop::BudgetSpent;
      break;
    }
    // As many more as the yield so far says are needed, with a margin.
    const double yield = std::max(0.05, static_cast<double>(kept.size()) / tally.sampled);
    const auto missing = static_cast<double>(wanted - kept.size());
    round_size = std::clamp(static_cast<int>(std::ceil(1.3 * missing / yield)), 8, kMostRound);
  }

  std::vector<Ranked> ranked;
  ranked.reserve(kept.size());
  for (const Draft& draft : kept) ranked.push_back({draft.score, draft.fingerprint});
  auto order = diverse_order(ranked, wanted, kSimilarityPenalty);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return kept[a].score > kept[b].score; });
  answer.molecules.resize(order.size());
  impl.helpers.for_each(order.size(), [&](std::size_t i) {
    answer.molecules[i] = impl.finish(kept[order[i]], starts);
    if (watch.finished) watch.finished(i, answer.molecules[i]);
  });
  answer.note = impl.reading_note(request, answer.understood, starts);
  if (answer.stop != Stop::Complete) {
    answer.note += (answer.note.empty() ? "" : " ") + std::string("Found ") +
                   std::to_string(answer.molecules.size()) + " of " + std::to_string(request.count) + ": " +
                   (answer.stop == Stop::BudgetSpent ? "the time budget was spent."
                                                     : "no new molecule passes the filters.");
  }
  answer.timing.total_ms = milliseconds(started, Clock::now());
  return answer;
}

Molecule Pipeline::read(const std::string& smiles) const {
  return impl_->conscience.lists().read(smiles);
}

Molecule Pipeline::accept(const std::string& smiles) const {
  return impl_->conscience.lists().accept(smiles, "nothing but a safety report is made of");
}

Candidate Pipeline::assess(const Molecule& given, const scent::EncodedBrief* brief) const {
  const Molecule mol = impl_->conscience.lists().substance(given).whole;
  Draft draft{mol,
              molecule_key(mol),
              0,
              why_struck_out(mol),
              impl_->ranker.predict(mol),
              impl_->conscience.assess(mol)};
  impl_->judge(draft, brief);
  return impl_->finish(draft);
}

std::vector<Pipeline::Smell> Pipeline::smell(std::span<const Molecule> given) const {
  std::vector<Molecule> mols;
  for (const auto& mol : given) mols.push_back(impl_->conscience.lists().substance(mol).whole);
  std::vector<Smell> out;
  const auto estimates = impl_->physical.predict(mols);
  for (auto& odor : impl_->ranker.predict(mols)) {
    auto character = scent::character_of(odor, estimates[out.size()]);
    out.push_back({std::move(odor), std::move(character)});
  }
  return out;
}

std::vector<safety::SafetyReport> Pipeline::safety(std::span<const Molecule> mols) const {
  return impl_->conscience.assess(mols);
}

SamplerLoad Pipeline::load() const {
  const auto stats = impl_->scheduler.stats();
  return {stats.steps, stats.sequences, stats.lanes, stats.active_sequences, stats.waiting_requests};
}

int Pipeline::samples_for(const Request& request) const {
  return impl_->first_round(request, impl_->config.retrieval && !request.like && !request.keep);
}

scent::EncodedBrief Pipeline::explain(const std::string& brief) const {
  return impl_->encoder.encode(brief);
}

std::vector<double> Pipeline::attribution(const Molecule& mol, std::size_t descriptor) const {
  return impl_->ranker.attribution(mol, descriptor);
}

synthesis::Plan Pipeline::routes(const Molecule& mol, const synthesis::RouteOptions& options) const {
  impl_->conscience.lists().refuse_to_propose(mol, "no route is planned to");
  return impl_->planner.get()->routes(impl_->conscience.lists().substance(mol).whole, options);
}

const Palette& Pipeline::palette() const {
  std::call_once(impl_->palette_made, [&] {
    impl_->palette.emplace(shipped_materials(impl_->folder), impl_->ranker, impl_->threads);
  });
  return *impl_->palette;
}

std::vector<std::string> Pipeline::raw_samples(const Request& request) const {
  scent::EncodedBrief encoded;
  if (!request.brief.empty()) encoded = impl_->encoder.encode(request.brief);
  auto sampling = impl_->sample_request(request, request.brief.empty() ? nullptr : &encoded);
  std::vector<std::string> out;
  int count = request.count;
  while (count > 0) {
    sampling.count = std::min(count, 1000);
    for (const auto& sample : impl_->scheduler.sample(sampling)) {
      out.push_back(sample.complete ? Tokenizer::decode(sample.tokens) : std::string());
    }
    sampling.first_index += static_cast<std::uint64_t>(sampling.count);
    count -= sampling.count;
  }
  return out;
}

const model::Identity& Pipeline::identity() const {
  return impl_->identity;
}

KnowledgeOf Pipeline::knowledge_of(const Molecule& mol) const {
  const auto key = molecule_key(mol);
  return impl_->known.known(key)     ? KnowledgeOf::Data
         : impl_->known.derived(key) ? KnowledgeOf::Derived
                                     : KnowledgeOf::None;
}

}  // namespace odordiff::generate

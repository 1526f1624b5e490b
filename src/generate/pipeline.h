// The one way to generate: a brief goes in, ranked molecules come out. The command line, the server, the
// Python module and the workers all call this object.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chem/descriptors.h"
#include "chem/molecule.h"
#include "model/identity.h"
#include "nn/kernels.h"
#include "safety/assessor.h"
#include "scent/brief_encoder.h"
#include "scent/character.h"
#include "scent/odor_predictor.h"
#include "scent/physical_model.h"
#include "synthesis/route_planner.h"

namespace odordiff::generate {

struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool contains(double x) const { return x >= low && x <= high; }
};

struct Request {
  std::string brief;                // may be empty only when `like` is given
  int count = 5;                    // molecules wanted, 1-1000
  std::uint64_t seed = 0;           // same request, same seed, same model: same answer
  std::optional<std::string> like;  // SMILES: variations of this molecule
  std::optional<std::string> keep;  // SMILES: this fragment stands, the rest is designed anew
  int steps_per_block = 0;          // 1-4; 0: the model's default
  float guidance = -1;              // 0-10; negative: the model's default
  float temperature = -1;           // 0.1-2; negative: the model's default
  double effort = 1;           // 0.5-50: how many times the usual samples are drawn before the best are taken
  bool allow_known = false;    // also return molecules that stand in the data tables
  double budget_seconds = 30;  // give up refilling after this long
  Range molecular_weight{80, 320};  // g/mol
  Range logp;
  Range tpsa;                // Å²
  Range sa_score;            // 1-10
  Range similarity;          // Tanimoto to `like`
  double min_odorous = 0.5;  // least predicted probability of being an odorant
  // Least safety score (safety/score.h), 0-1. What is forbidden or a controlled precursor never comes back,
  // whatever stands here.
  double safety_threshold = safety::kDefaultThreshold;
};

struct Descriptor {
  std::string name;
  double probability = 0;
};

// The known odorant that a molecule is a variation of.
struct Descent {
  std::string smiles;
  double similarity =
      0;  // Tanimoto similarity of the two (Morgan fingerprints); 1 - this is how far they differ
};

struct Candidate {
  std::string smiles;  // canonical
  std::string inchikey;
  std::string formula;
  double score = 0;             // what the list is ordered by, [0, 1]; see docs/model.md
  double match = 0;             // agreement of predicted smell with the brief, [0, 1]
  double odorous = 0;           // probability of being an odorant
  double synthesizability = 0;  // SA score mapped to [0, 1]: (10 - sa) / 9
  double sa_score = 0;
  double novelty = 0;                    // 1 - Tanimoto to the nearest labelled odorant
  bool known = false;                    // is in the training data
  std::optional<Descent> descends_from;  // empty for one that was made from nothing, or given
  scent::PhysicalEstimate physical;      // with intervals
  safety::SafetyReport safety;
  synthesis::Makeability makeability;  // the shortest route found within two steps
  double boiling_point_c = 0;          // at 1 atm, estimated: physical's value
  double vapor_pressure_pa = 0;        // at 25 °C, estimated: physical's value
  std::string note;                    // "top", "heart" or "base", from the vapour pressure
  chem::Properties properties;
  std::vector<Descriptor> odor;  // predicted descriptors, most probable first, at most 8
  std::vector<std::string> primary_notes, secondary_notes;  // scent/character.h
  std::string character;                                    // the smell, strength and note in a sentence
  std::vector<std::string> warnings;
};

enum class Stop { Complete, BudgetSpent, NoneLeft };

// What happened to the samples: where they went, so that a short list explains itself.
struct Tally {
  int sampled = 0, invalid = 0, duplicate = 0, known = 0, filtered_structure = 0, filtered_property = 0,
      filtered_odorless = 0, filtered_safety = 0, rounds = 0;
};

struct Timing {
  double encode_ms = 0, sample_ms = 0, score_ms = 0, total_ms = 0;
  struct Round {
    double began_ms = 0, sample_ms = 0, score_ms = 0;  // began: after the request
    int samples = 0;
  };
  std::vector<Round> rounds;
};

struct Answer {
  std::string brief;
  std::uint64_t seed = 0;
  model::Identity model;  // what made it
  scent::EncodedBrief understood;
  std::vector<Candidate> molecules;  // best first
  Stop stop = Stop::Complete;
  std::string note;  // a sentence when fewer came than asked, or nothing was understood; else empty
  Tally tally;
  Timing timing;
};

// How far a running request has come.
struct Progress {
  Tally tally;
  int found = 0, wanted = 0;  // passed every filter; of how many
};

// What a caller may follow while generate() works. Nothing that is called changes the answer.
struct Watch {
  std::function<void(const Progress&)> progress;  // after each round, on the caller's thread
  // Each molecule of the answer with its place in it (from 0), as soon as it is ready; not in order, and from
  // several threads at once.
  std::function<void(std::size_t place, const Candidate&)> finished;
};

// What the sampler has done so far and has to do now.
struct SamplerLoad {
  std::uint64_t steps = 0, sequences = 0;
  std::uint64_t lanes = 0;  // sequences summed over steps: lanes / steps is the mean occupancy
  int active_sequences = 0, waiting_requests = 0;
};

class Palette;

// Where a molecule stands: in the data tables, made from them for the training corpus, or in neither.
enum class KnowledgeOf { None, Derived, Data };

struct PipelineOptions {
  std::filesystem::path model_folder;
  nn::Precision precision = nn::Precision::F32;
  int threads = 0;  // 0: one a core
};

class Pipeline {
 public:
  // Reads and compares every file of the model first. Throws Unavailable.
  explicit Pipeline(const PipelineOptions& options);
  ~Pipeline();

  // Waits for the tables that else load beside the first request; for a process that may fork
  // (base/fork_gate.h).
  void load_all() const;

  // Thread-safe; concurrent calls share the sampler's batches. Throws InvalidInput, Unavailable or Cancelled.
  Answer generate(const Request& request, const std::atomic<bool>* cancel = nullptr,
                  const Watch& watch = {}) const;

  // A molecule from outside, in any writing, as the substance that it is (safety/lists.h): what every edge
  // starts with. Throws InvalidInput for what is no SMILES. accept() does so as well for what may not be
  // handled; a safety report alone is given of that.
  chem::Molecule read(const std::string& smiles) const;
  chem::Molecule accept(const std::string& smiles) const;

  // Judges given molecules the way generated ones are judged (without a brief: match is 0).
  Candidate assess(const chem::Molecule& mol, const scent::EncodedBrief* brief = nullptr) const;

  // The predicted smell, in figures and in words, and the safety, of given molecules, many together at less
  // cost.
  struct Smell {
    scent::OdorPrediction odor;
    scent::Character character;
  };
  std::vector<Smell> smell(std::span<const chem::Molecule> mols) const;
  std::vector<safety::SafetyReport> safety(std::span<const chem::Molecule> mols) const;

  scent::EncodedBrief explain(const std::string& brief) const;
  // How many molecules are drawn for the request at least, known before it is begun: most requests need no
  // more.
  int samples_for(const Request& request) const;

  // How much each atom speaks for a descriptor of the predicted smell, see OdorPredictor::attribution.
  std::vector<double> attribution(const chem::Molecule& mol, std::size_t descriptor) const;
  // Throws as RoutePlanner::routes, and InvalidInput for what is never to be made.
  synthesis::Plan routes(const chem::Molecule& mol, const synthesis::RouteOptions& options) const;
  // The shipped materials that can be smelled, for comparison. The first call predicts their smells, about a
  // second's work; others wait for it. Throws Unavailable.
  const Palette& palette() const;

  // `request.count` raw samples, before any filter, as SMILES, for evaluation; an empty string where the
  // sampler could not finish. An empty brief samples unconditionally. Filters, `like` and `keep` are not
  // looked at.
  std::vector<std::string> raw_samples(const Request& request) const;

  const model::Identity& identity() const;
  SamplerLoad load() const;
  KnowledgeOf knowledge_of(const chem::Molecule& mol) const;
  // Of what was lately generated or assessed here, unless it is forbidden.
  std::optional<std::string> smiles_of(const std::string& inchikey) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Throws InvalidInput with one line when a field is out of its range or ranges contradict.
void validate(const Request& request);

}  // namespace odordiff::generate

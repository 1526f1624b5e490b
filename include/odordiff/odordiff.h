// OdorDiff-2 for programs that link it: a brief goes in, ranked new odorant molecules come out.
//
//     odordiff::Engine engine;
//     for (const auto& molecule : engine.generate("fresh-cut grass after rain").molecules) {
//       std::cout << molecule.smiles << "\n";
//     }
//
// find_package(odordiff REQUIRED) gives the target odordiff::odordiff. Needs C++20.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "odordiff/export.h"

namespace odordiff {

// The only exception that the library throws on purpose (besides std::bad_alloc). what() is one line that
// says what was wrong and what would be right.
class ODORDIFF_API EngineError : public std::runtime_error {
 public:
  enum class Kind {
    InvalidInput,  // the caller gave something wrong
    Overloaded,    // too much at once; the same call may succeed later
    Unavailable,   // the model is missing or damaged
    Cancelled,     // `cancel` was set
    Internal,      // a fault of the library
  };
  EngineError(Kind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  Kind kind() const noexcept { return kind_; }

 private:
  Kind kind_;
};

enum class Precision { Fp32, Bf16, Int8 };

struct EngineOptions {
  std::string model_folder;  // empty: ODORDIFF_MODEL, else the model that was installed with the library
  Precision precision = Precision::Fp32;
  int threads = 0;  // 0: one a core
};

// What to make. Ranges are inclusive; an end that is not given is open.
struct GenerateOptions {
  struct Range {
    std::optional<double> low, high;
  };

  int count = 5;                        // molecules wanted, 1-1000
  std::uint64_t seed = 0;               // same brief, options, model and version: same answer
  std::string like;                     // SMILES: variations of this molecule; the brief may then be empty
  std::string keep;                     // SMILES: this fragment stands, the rest is designed anew
  std::optional<double> guidance;       // 0-10: how strictly the brief is followed
  std::optional<double> temperature;    // 0.1-2: how adventurous
  double effort = 1;                    // 0.5-50: times the usual number of samples to choose the best from
  bool allow_known = false;             // also return molecules that the model was taught
  double budget_seconds = 30;           // a shorter list comes when this is spent
  double safety_threshold = 0.5;        // least safety score, 0-1; what is forbidden never comes back
  Range molecular_weight{80.0, 320.0};  // g/mol
  Range logp;
  Range tpsa;        // Å²
  Range sa_score;    // synthetic accessibility, 1 (easy) to 10 (hard)
  Range similarity;  // Tanimoto to `like`, 0-1
};

struct Odor {
  std::string descriptor;  // one of the 138 odor descriptors, e.g. "grassy"
  double weight = 0;       // in a Molecule: probability, 0-1; in a Reading: -1 (unwanted) to 1 (wanted)
};

// The known odorant that a molecule is a variation of.
struct Descent {
  std::string smiles;
  double similarity = 0;  // Tanimoto similarity of the two, 0-1
};

struct Molecule {
  std::string smiles;  // canonical
  std::string inchikey;
  std::string formula;
  double score = 0;                    // what lists are ordered by, 0-1
  double match = 0;                    // agreement of predicted smell with the brief, 0-1; 0 without a brief
  double odorous = 0;                  // probability of being an odorant at all
  std::optional<double> safety_score;  // 0 (forbidden) - 1 (nothing found); empty: outside the models' domain
  double novelty = 0;                  // 1 - Tanimoto similarity to the nearest labelled odorant
  bool known = false;                  // the model was taught this molecule
  double sa_score = 0;                 // synthetic accessibility, 1 (easy) to 10 (hard)
  double boiling_point_c = 0;          // estimated
  double vapor_pressure_pa = 0;        // at 25 °C, estimated
  std::string note;                    // "top", "heart" or "base"
  double molecular_weight = 0;         // g/mol
  double logp = 0;
  double tpsa = 0;         // Å²
  std::vector<Odor> odor;  // predicted, most probable first
  std::vector<std::string> warnings;
  std::optional<Descent> descends_from;  // empty for one made from nothing, or given
};

struct Answer {
  std::vector<Molecule> molecules;  // best first
  std::string note;  // a sentence when fewer came than asked, or nothing was understood; else empty
};

// How a brief was understood.
struct Reading {
  struct Term {
    std::string text;                // as written
    std::size_t begin = 0, end = 0;  // byte range in the brief
    bool negated = false;
    std::vector<Odor> odor;  // what it contributed, strongest first; empty: not understood
  };
  bool understood = false;  // false: nothing in it could be read as a smell
  std::vector<Odor> odor;   // every descriptor that the brief asks for or against, strongest first
  std::vector<Term> terms;  // in order of the text
};

// Loads a model once and answers many calls, from many threads at a time; concurrent calls share the work of
// the network. Destroying it while a call runs is the caller's fault. Every member throws EngineError.
class ODORDIFF_API Engine {
 public:
  explicit Engine(const EngineOptions& options = {});
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  // `brief` is English, at most 1,000 characters. Setting `cancel` from another thread ends the call soon.
  Answer generate(const std::string& brief, const GenerateOptions& options = {},
                  const std::atomic<bool>* cancel = nullptr) const;
  // Judges a given molecule the way generated ones are judged.
  Molecule describe(const std::string& smiles) const;
  Reading explain(const std::string& brief) const;

  const std::string& model_name() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Of the library, e.g. "0.1.0".
ODORDIFF_API const char* version() noexcept;

}  // namespace odordiff

// Fragrance design: a brief for each note goes in; a formula in parts per thousand that respects each
// ingredient's limit, and how its smell changes over the hours, come out.
//
// For each note the pipeline is asked for molecules that answer the note's words and the style's; those whose
// predicted vapour pressure is of the note's class stay (scent::note_class). The notes share the formula 25 :
// 20 : 55, after Jean Carles (A Method of Creation in Perfumery, Recherches 11 (1961)), unless told
// otherwise. Within a note an ingredient's amount goes as its score times the dilution at which perfumers
// smell it, so that a strong material does not drown the others. What limits leave over is filled with
// triethyl citrate, an odorless solvent of the trade.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "generate/evaporation.h"
#include "generate/formula.h"
#include "generate/headspace.h"
#include "generate/pipeline.h"
#include "generate/product.h"

namespace odordiff::generate {

inline constexpr std::array<const char*, kNotes> kNoteNames = {"top", "heart", "base"};

struct DesignRequest {
  std::array<std::string, kNotes>
      notes;          // words for top, heart and base; an empty one is left out, one at least is needed
  std::string style;  // words added to each, may be empty
  std::string product = "fine-fragrance";
  int per_note = 3;        // ingredients, 1-20
  std::uint64_t seed = 0;  // same request, same seed, same model: same answer
  std::array<double, kNotes> shares{25, 20, 55};
  bool solvent = true;  // false: limits that leave the formula short of 1,000 parts are an error
  std::optional<double> dosage_percent;  // of perfume in the product; default: the product's own
  Range molecular_weight{80, 320};       // g/mol, of every ingredient
  bool allow_known = false;
  std::vector<LimitRule> limits = {usual_limit, ifra_limit};  // the strictest holds
  FilmConditions film;
};

struct Ingredient {
  Candidate molecule;
  std::size_t note = 0;
  bool solvent = false;
  double parts = 0;        // per thousand
  double most_parts = 0;   // its limit in this formula
  std::string limited_by;  // the reason of that limit; empty without one
  double activity = 1;     // coefficient in the fresh film
};

struct Design {
  DesignRequest request;
  Product product;
  double dosage_percent = 0;
  std::vector<Ingredient> ingredients;  // top, heart, base, then the solvent
  Formula formula;
  EvaporationCurve evaporation;  // columns as ingredients
  OdorCurve odor;
  std::vector<std::string> remarks;  // what was dropped, capped or diluted, in sentences
  model::Identity model;             // what made it
};

// Throws InvalidInput whose message names the constraint that cannot be met: an empty or contradictory brief,
// a note that no molecule within the ranges is volatile or heavy enough for, limits that leave no room. Also
// Unavailable and Cancelled.
Design design(const Pipeline& pipeline, const DesignRequest& request,
              const std::atomic<bool>* cancel = nullptr);

// The checks that need no model.
void validate(const DesignRequest& request);

}  // namespace odordiff::generate

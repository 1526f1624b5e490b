#include "generate/design.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "base/error.h"
#include "chem/molar_volume.h"
#include "scent/descriptors.h"

namespace odordiff::generate {
namespace {

constexpr const char* kSolvent = "CCOC(=O)CC(O)(CC(=O)OCC)C(=O)OCC";  // triethyl citrate
constexpr int kTries = 4;         // requests for a note, each with its own seed
constexpr int kDrawnForEach = 6;  // molecules asked for, for each one wanted
constexpr int kFewestDrawn = 12;
constexpr float kAskedFor = 0.5F, kRefused = -0.3F;  // weights of a brief that contradict each other
constexpr double kDriest = 0.2;  // a note that keeps less of its share than this is not there

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, x >= 1000 ? "%.0f" : "%.3g", x);
  return text;
}

std::string words_of(const DesignRequest& request, std::size_t note) {
  return request.style.empty() ? request.notes[note] : request.notes[note] + ", " + request.style;
}

// What the note's class asks of the vapour pressure, for messages.
std::string pressure_wanted(std::size_t note) {
  constexpr const char* kWanted[] = {"above 13 Pa", "0.13 to 13 Pa", "below 0.13 Pa"};
  return kWanted[note];
}

// Words of a note and of the style that ask for and refuse the same smell.
void require_agreement(const Pipeline& pipeline, const DesignRequest& request) {
  if (request.style.empty()) return;
  const auto style = pipeline.explain(request.style);
  for (std::size_t n = 0; n < kNotes; ++n) {
    if (request.notes[n].empty()) continue;
    const auto note = pipeline.explain(request.notes[n]);
    for (std::size_t d = 0; d < scent::kDescriptors; ++d) {
      const bool clash = (note.weights[d] >= kAskedFor && style.weights[d] <= kRefused) ||
                         (note.weights[d] <= kRefused && style.weights[d] >= kAskedFor);
      if (!clash) continue;
      throw InvalidInput("the brief contradicts itself: the " + std::string(kNoteNames[n]) + " note " +
                         (note.weights[d] > 0 ? "asks for" : "refuses") + " \"" +
                         std::string(scent::descriptor_names()[d]) + "\" and the style " +
                         (note.weights[d] > 0 ? "refuses" : "asks for") + " it");
    }
  }
}

struct Picked {
  Candidate molecule;
  double most_parts = kWhole;
  std::string reason;
};

// The strictest limit.
Picked with_limit(const Candidate& candidate, const DesignRequest& request, const Product& product,
                  double dosage) {
  Picked out{candidate, kWhole, {}};
  for (const auto& rule : request.limits) {
    const auto limit = rule(candidate, product);
    if (!limit) continue;
    const double parts = parts_allowed(*limit, dosage);
    if (parts < out.most_parts) {
      out.most_parts = parts;
      out.reason = limit->reason;
    }
  }
  return out;
}

// The molecules of one note, best first. Throws InvalidInput when there is none.
std::vector<Picked> pick(const Pipeline& pipeline, const DesignRequest& request, const Product& product,
                         double dosage, std::size_t note, std::set<std::string>& used,
                         const std::atomic<bool>* cancel) {
  const auto wanted = static_cast<std::size_t>(request.per_note);
  std::vector<Picked> out;
  int seen = 0, prohibited = 0;
  double least = INFINITY, most = 0;
  std::string prohibition;
  for (int attempt = 0; attempt < kTries && out.size() < wanted; ++attempt) {
    Request r;
    r.brief = words_of(request, note);
    r.count = std::max(kFewestDrawn, kDrawnForEach * request.per_note);
    r.seed = request.seed + static_cast<std::uint64_t>(attempt) * 0x9e3779b97f4a7c15ULL;
    r.molecular_weight = request.molecular_weight;
    r.allow_known = request.allow_known;
    const Answer answer = pipeline.generate(r, cancel);
    if (!answer.understood.understood) {
      throw InvalidInput("nothing in the " + std::string(kNoteNames[note]) +
                         " note's words could be read as a smell: " + quote_for_message(request.notes[note]));
    }
    if (answer.molecules.empty()) break;  // another seed would find nothing either
    for (const auto& candidate : answer.molecules) {
      if (used.contains(candidate.smiles)) continue;
      ++seen;
      least = std::min(least, candidate.vapor_pressure_pa);
      most = std::max(most, candidate.vapor_pressure_pa);
      if (candidate.note != kNoteNames[note] || out.size() >= wanted) continue;
      Picked picked = with_limit(candidate, request, product, dosage);
      if (picked.most_parts <= 0) {
        ++prohibited;
        prohibition = picked.reason;
        continue;
      }
      used.insert(candidate.smiles);
      out.push_back(std::move(picked));
    }
  }
  if (!out.empty()) return out;
  const std::string what = "the " + std::string(kNoteNames[note]) + " note cannot be met: ";
  if (prohibited > 0) {
    throw InvalidInput(what + "all " + std::to_string(prohibited) +
                       " molecules found for it are forbidden in " + std::string(product.name) + " (" +
                       prohibition + ")");
  }
  const std::string weights =
      number(request.molecular_weight.low) + " to " + number(request.molecular_weight.high) + " g/mol";
  if (seen == 0) throw InvalidInput(what + "no molecule of " + weights + " was found for its words");
  throw InvalidInput(what + "it needs a vapour pressure " + pressure_wanted(note) + ", and the " +
                     std::to_string(seen) + " molecules of " + weights + " found for " +
                     quote_for_message(words_of(request, note)) + " have " + number(least) + " to " +
                     number(most) + " Pa");
}

FilmComponent film_component(const Ingredient& ingredient) {
  const Candidate& m = ingredient.molecule;
  return {m.properties.molecular_weight, m.vapor_pressure_pa,
          chem::molar_volume_cm3(chem::Molecule::parse(m.smiles)), m.boiling_point_c, ingredient.parts};
}

Odorant odorant(const Ingredient& ingredient) {
  Odorant out;
  out.smells = !ingredient.solvent;
  out.dilution = ingredient.molecule.physical.usual_dilution_percent.value / 100;
  for (const auto& d : ingredient.molecule.odor) out.descriptors.emplace_back(d.name, d.probability);
  return out;
}

// Limits that leave a note without its share, in words; throws where that may not be.
void judge_shortage(Design& design) {
  const auto& formula = design.formula;
  if (formula.solvent_parts < 0.05) return;
  for (std::size_t n = 0; n < kNotes; ++n) {
    const double missing = formula.wanted[n] - formula.given[n];
    if (missing < 0.05) continue;
    const std::string sum = "limits of the " + std::string(kNoteNames[n]) + " note's ingredients sum to " +
                            number(formula.given[n]) + " parts per thousand of the " +
                            number(formula.wanted[n]) + " that it should have in " +
                            std::string(design.product.name);
    if (!design.request.solvent) {
      throw InvalidInput("1,000 parts cannot be reached without solvent: the " + sum +
                         "; allow solvent, ask for more ingredients, or change the shares");
    }
    design.remarks.push_back(
        "The " + sum + "; solvent fills the rest." +
        (formula.given[n] < kDriest * formula.wanted[n] ? " This note will hardly be noticed." : ""));
  }
}

}  // namespace

void validate(const DesignRequest& request) {
  bool any = false;
  double shares = 0;
  for (std::size_t n = 0; n < kNotes; ++n) {
    const bool given = request.notes[n].find_first_not_of(" \t\r\n") != std::string::npos;
    any = any || given;
    if (!(request.shares[n] >= 0) || !std::isfinite(request.shares[n])) {
      throw InvalidInput("the shares of top, heart and base must be 0 or more");
    }
    if (given && request.shares[n] == 0) {
      throw InvalidInput("the " + std::string(kNoteNames[n]) +
                         " note has words but a share of 0: give it a share or no words");
    }
    shares += given ? request.shares[n] : 0;
  }
  if (!any) throw InvalidInput("a design needs words for at least one note: top, heart or base");
  if (!(shares > 0)) throw InvalidInput("the shares of the notes must not all be 0");
  if (request.per_note < 1 || request.per_note > 20) {
    throw InvalidInput("ingredients for each note must be 1 to 20, not " + std::to_string(request.per_note));
  }
  if (request.dosage_percent && !(*request.dosage_percent > 0 && *request.dosage_percent <= 100)) {
    throw InvalidInput("the dosage must be above 0 and at most 100 percent of the product");
  }
  find_product(request.product);
  Request r;
  r.brief = "any";
  r.molecular_weight = request.molecular_weight;
  validate(r);
}

Design design(const Pipeline& pipeline, const DesignRequest& request, const std::atomic<bool>* cancel) {
  validate(request);
  require_agreement(pipeline, request);
  Design out{request, find_product(request.product), 0, {}, {}, {}, {}, {}, pipeline.identity()};
  out.dosage_percent = request.dosage_percent.value_or(out.product.dosage_percent);
  std::set<std::string> used;
  std::vector<FormulaItem> items;
  for (std::size_t n = 0; n < kNotes; ++n) {
    if (request.notes[n].find_first_not_of(" \t\r\n") == std::string::npos) continue;
    auto picked = pick(pipeline, request, out.product, out.dosage_percent, n, used, cancel);
    if (picked.size() < static_cast<std::size_t>(request.per_note)) {
      out.remarks.push_back("The " + std::string(kNoteNames[n]) + " note has " +
                            std::to_string(picked.size()) + " of the " + std::to_string(request.per_note) +
                            " ingredients asked for: no others have a vapour pressure " + pressure_wanted(n) +
                            ".");
    }
    for (auto& p : picked) {
      items.push_back({n, p.molecule.score * p.molecule.physical.usual_dilution_percent.value, p.most_parts});
      out.ingredients.push_back({std::move(p.molecule), n, false, 0, p.most_parts, std::move(p.reason), 1});
    }
  }
  out.formula = share_out(items, request.shares);
  for (std::size_t i = 0; i < items.size(); ++i) out.ingredients[i].parts = out.formula.parts[i];
  judge_shortage(out);
  if (out.formula.solvent_parts > 0) {
    const auto solvent = pipeline.assess(chem::Molecule::parse(kSolvent));
    out.ingredients.push_back({solvent, kNotes, true, out.formula.solvent_parts, kWhole, {}, 1});
  }

  std::vector<FilmComponent> film;
  std::vector<Odorant> odorants;
  for (const auto& ingredient : out.ingredients) {
    film.push_back(film_component(ingredient));
    odorants.push_back(odorant(ingredient));
  }
  out.evaporation = evaporate(film, request.film);
  for (std::size_t i = 0; i < film.size(); ++i)
    out.ingredients[i].activity = out.evaporation.start_activity[i];
  out.odor = odor_over_time(out.evaporation, odorants);
  return out;
}

}  // namespace odordiff::generate

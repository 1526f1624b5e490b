// How good the generator is, measured: the figures of docs/model.md, each with its definition.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "generate/pipeline.h"

namespace odordiff::generate {

// A text about a molecule that no training saw, with the descriptors that experts gave the molecule.
struct HeldOutText {
  std::string text;
  std::vector<std::size_t> descriptors;
};

struct EvaluationOptions {
  int samples = 2000;        // raw samples for each of the two sampling modes
  int fidelity_texts = 200;  // held-out texts to answer
  int molecules_a_text = 10;
  Request settings;  // seed, steps, guidance and temperature are taken from here
  std::function<void(const std::string&)> progress;  // a line now and then
};

struct RawQuality {
  double validity = 0;    // parses and sanitises in RDKit, of all samples
  double uniqueness = 0;  // distinct canonical SMILES without stereo, of the valid
  double novelty = 0;     // of the distinct valid ones, absent from the data tables and the derived corpus
  double internal_diversity =
      0;  // 1 - mean pairwise Tanimoto (Morgan, radius 2, 2,048 bits) of the distinct valid ones
  double in_window = 0;  // of the valid, inside the odorant window (chem/odorant_window.h)
};

struct Evaluation {
  RawQuality unconditioned;
  RawQuality conditioned;  // on held-out texts in turn
  // For each held-out text: the area under the ROC curve with which the mean profile of ten generated
  // molecules, as the judge sees them (not the ranker), orders the true descriptors of the text's molecule
  // before the others.
  double fidelity = 0;
  double fidelity_low = 0, fidelity_high = 0;  // 95 % bootstrap interval over texts
  double fidelity_raw = 0;     // the same for unfiltered, unranked samples: what conditioning alone does
  double fidelity_brief = 0;   // the same for the brief encoder's reading: what perfect obedience would give
  double fidelity_chance = 0;  // the same for molecules generated for another text
  int texts = 0;
  // The brief encoder alone, on every held-out text: the area under the ROC curve with which the
  // probabilities that it reads of one descriptor order the texts, averaged over the descriptors that at
  // least three of the texts' molecules have.
  double brief_auroc = 0;
  int brief_descriptors = 0, brief_texts = 0;
};

Evaluation evaluate(const Pipeline& pipeline, const scent::OdorPredictor& judge,
                    const std::vector<HeldOutText>& texts, const EvaluationOptions& options);

// The longest text of each validation molecule (base/split.h) that has labels, from the data tables
// odor_text.csv and odor_labels.csv in `data`. Throws Unavailable.
std::vector<HeldOutText> held_out_texts(const std::filesystem::path& data);

// Area under the ROC curve; NaN when a class is missing. Ties share their rank.
double auroc(const std::vector<double>& scores, const std::vector<bool>& truth);

}  // namespace odordiff::generate

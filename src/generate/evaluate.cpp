#include "generate/evaluate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <unordered_set>

#include "base/auroc.h"
#include "base/error.h"
#include "base/rng.h"
#include "base/split.h"
#include "chem/fingerprint.h"
#include "chem/odorant_window.h"
#include "generate/known.h"
#include "scent/odor_tables.h"

namespace odordiff::generate {
namespace {

using Profile = std::vector<double>;

RawQuality raw_quality(const Pipeline& pipeline, const std::vector<std::string>& samples) {
  RawQuality q;
  std::unordered_set<std::uint64_t> seen;
  std::vector<chem::BitFingerprint> fingerprints;
  int valid = 0, fresh = 0, window = 0;
  for (const auto& smiles : samples) {
    const auto mol = smiles.empty() ? std::nullopt : chem::Molecule::try_parse(smiles);
    if (!mol) continue;
    ++valid;
    window += chem::outside_odorant_window(*mol).empty() ? 1 : 0;
    if (!seen.insert(molecule_key(*mol)).second) continue;
    fresh += pipeline.knowledge_of(*mol) == KnowledgeOf::None ? 1 : 0;
    if (fingerprints.size() < 1000) fingerprints.push_back(chem::morgan_bits(*mol));
  }
  double similarity = 0;
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < fingerprints.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j, ++pairs)
      similarity += chem::tanimoto(fingerprints[i], fingerprints[j]);
  }
  const auto share = [](std::size_t part, std::size_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  q.validity = share(static_cast<std::size_t>(valid), samples.size());
  q.uniqueness = share(seen.size(), static_cast<std::size_t>(valid));
  q.novelty = share(static_cast<std::size_t>(fresh), seen.size());
  q.in_window = share(static_cast<std::size_t>(window), static_cast<std::size_t>(valid));
  q.internal_diversity = pairs == 0 ? 0 : 1 - similarity / static_cast<double>(pairs);
  return q;
}

Profile mean_profile(const scent::OdorPredictor& judge, const std::vector<std::string>& smiles) {
  std::vector<chem::Molecule> mols;
  for (const auto& s : smiles) {
    if (auto mol = s.empty() ? std::nullopt : chem::Molecule::try_parse(s)) mols.push_back(*mol);
  }
  Profile mean(scent::kDescriptors, 0.0);
  for (const auto& prediction : judge.predict(mols)) {
    for (std::size_t d = 0; d < mean.size(); ++d) {
      mean[d] += static_cast<double>(prediction.probabilities[d]) / static_cast<double>(mols.size());
    }
  }
  return mean;
}

double rank_quality(const Profile& profile, const HeldOutText& text) {
  std::vector<bool> truth(scent::kDescriptors, false);
  for (const auto d : text.descriptors) truth[d] = true;
  return auroc(profile, truth);
}

constexpr int kLeastPositives = 3;  // fewer texts say nothing of a descriptor

void judge_brief_encoder(const Pipeline& pipeline, const std::vector<HeldOutText>& texts, Evaluation& out) {
  std::vector<std::vector<double>> read(scent::kDescriptors);  // [descriptor, text]
  std::vector<std::vector<bool>> truth(scent::kDescriptors, std::vector<bool>(texts.size()));
  for (std::size_t t = 0; t < texts.size(); ++t) {
    const auto brief = pipeline.explain(texts[t].text);
    for (std::size_t d = 0; d < scent::kDescriptors; ++d)
      read[d].push_back(static_cast<double>(brief.probabilities[d]));
    for (const auto d : texts[t].descriptors) truth[d][t] = true;
  }
  double sum = 0;
  for (std::size_t d = 0; d < scent::kDescriptors; ++d) {
    if (std::count(truth[d].begin(), truth[d].end(), true) < kLeastPositives) continue;
    sum += auroc(read[d], truth[d]);
    ++out.brief_descriptors;
  }
  out.brief_texts = static_cast<int>(texts.size());
  out.brief_auroc = out.brief_descriptors == 0 ? 0 : sum / out.brief_descriptors;
}

double mean(const std::vector<double>& v) {
  return v.empty() ? 0 : std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
}

}  // namespace

double auroc(const std::vector<double>& scores, const std::vector<bool>& truth) {
  return odordiff::auroc(
      scores.size(), [&](std::size_t i) { return scores[i]; }, [&](std::size_t i) { return truth[i]; });
}

std::vector<HeldOutText> held_out_texts(const std::filesystem::path& data) {
  const auto labels = scent::read_odor_labels(data / "odor_labels.csv");
  std::map<std::string, std::string> longest;
  for (const auto& text : scent::read_odor_texts(data / "odor_text.csv")) {
    if (!text.validation || !labels.contains(text.smiles) || text.text.size() > 900) continue;
    auto& kept = longest[text.smiles];
    if (text.text.size() > kept.size()) kept = text.text;
  }
  std::vector<HeldOutText> out;
  for (const auto& [smiles, text] : longest) out.push_back({text, labels.at(smiles)});
  return out;
}

Evaluation evaluate(const Pipeline& pipeline, const scent::OdorPredictor& judge,
                    const std::vector<HeldOutText>& texts, const EvaluationOptions& options) {
  if (texts.empty()) throw InvalidInput("no held-out texts to evaluate on");
  const auto say = [&](const std::string& line) {
    if (options.progress) options.progress(line);
  };
  const auto sampled = [&](const std::string& brief, int count, std::uint64_t offset) {
    Request request = options.settings;
    request.brief = brief;
    request.count = count;
    request.seed += offset;
    return pipeline.raw_samples(request);
  };
  Evaluation out;
  judge_brief_encoder(pipeline, texts, out);
  out.unconditioned = raw_quality(pipeline, sampled("", options.samples, 0));
  say("unconditioned samples judged");

  std::vector<std::string> conditioned;
  const int per_text =
      std::max(1, options.samples / static_cast<int>(std::min<std::size_t>(texts.size(), 200)));
  for (std::size_t t = 0; static_cast<int>(conditioned.size()) < options.samples; ++t) {
    for (auto& s : sampled(texts[t % texts.size()].text, per_text, t)) {
      conditioned.push_back(std::move(s));
    }
  }
  out.conditioned = raw_quality(pipeline, conditioned);
  say("conditioned samples judged");

  std::vector<double> full, raw, brief, chance;
  std::vector<Profile> profiles;
  const auto count = std::min<std::size_t>(texts.size(), static_cast<std::size_t>(options.fidelity_texts));
  for (std::size_t t = 0; t < count; ++t) {
    Request request = options.settings;
    request.brief = texts[t].text;
    request.count = options.molecules_a_text;
    const Answer answer = pipeline.generate(request);
    std::vector<std::string> smiles;
    for (const auto& m : answer.molecules) smiles.push_back(m.smiles);
    profiles.push_back(mean_profile(judge, smiles));
    full.push_back(rank_quality(profiles.back(), texts[t]));
    raw.push_back(
        rank_quality(mean_profile(judge, sampled(texts[t].text, options.molecules_a_text, 0)), texts[t]));
    const auto& read = answer.understood.probabilities;
    brief.push_back(rank_quality(Profile(read.begin(), read.end()), texts[t]));
    if ((t + 1) % 50 == 0) say(std::to_string(t + 1) + " texts answered");
  }
  for (std::size_t t = 0; t < count; ++t)
    chance.push_back(rank_quality(profiles[(t + count / 2) % count], texts[t]));
  out.texts = static_cast<int>(count);
  out.fidelity = mean(full);
  out.fidelity_raw = mean(raw);
  out.fidelity_brief = mean(brief);
  out.fidelity_chance = mean(chance);
  std::vector<double> means;
  Rng rng(options.settings.seed, 0x626f6f74);
  for (int b = 0; b < 1000; ++b) {
    double sum = 0;
    for (std::size_t k = 0; k < count; ++k) sum += full[rng.below(static_cast<std::uint32_t>(count))];
    means.push_back(sum / static_cast<double>(count));
  }
  std::sort(means.begin(), means.end());
  out.fidelity_low = means[25];
  out.fidelity_high = means[974];
  return out;
}

}  // namespace odordiff::generate

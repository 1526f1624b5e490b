#include "brief_learner.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/rng.h"
#include "base/split.h"
#include "scent/brief_model.h"
#include "torch_file.h"

namespace odordiff::train {
namespace {

using scent::kDescriptors;
using torch::Tensor;
constexpr auto kRow = static_cast<std::int64_t>(kDescriptors);

// Kernel exp(sharpness (cosine - 1)) and ridge, by ten-fold cross-validation on the lexicon's own words.
constexpr double kSharpness = 4, kRidge = 0.3;
constexpr double kLeastTopHint = 0.2, kLeastHint = 0.08;

constexpr int kLeastUses = 3;             // texts with a term before it has a residual
constexpr std::uint64_t kHeldTenths = 1;  // of the training molecules decide when to stop
constexpr int kEpochs = 10, kBatch = 256;
constexpr double kRate = 2e-3, kResidualDecay = 0.5;
constexpr double kDiagonal = 3;  // logits that a descriptor of a profile gives to itself before learning
// Left out at random in a step: residuals, so that the map learns too, and terms, so that each learns to
// speak alone.
constexpr double kForget = 0.2, kSkip = 0.2;

Tensor cosine_kernel(const Tensor& a, const Tensor& b) {
  return (kSharpness * (a.matmul(b.t()) - 1)).exp();
}

// Rows in 8 bits, each with its scale.
std::pair<Tensor, Tensor> quantised(const Tensor& rows) {
  const Tensor scale = (std::get<0>(rows.abs().max(1)) / 127).clamp_min(1e-8);
  return {(rows / scale.unsqueeze(1)).round().to(torch::kInt8), scale};
}

}  // namespace

MacroAuroc macro_auroc(const Tensor& scores, const Tensor& labels, int least) {
  MacroAuroc out;
  for (std::int64_t d = 0; d < labels.size(1); ++d) {
    const auto positives = labels.select(1, d).sum().item<double>();
    if (positives < least || positives > double(labels.size(0)) - 1) continue;
    out.mean += auroc(scores.select(1, d), labels.select(1, d));
    ++out.descriptors;
  }
  out.mean /= std::max(1, out.descriptors);
  return out;
}

BriefLearner::BriefLearner(const scent::Lexicon& lexicon, const scent::WordVectors& vectors,
                           const std::map<std::string, Tensor>& words)
    : lexicon_(lexicon),
      vectors_(vectors),
      word_vectors_(words.at("words.vectors").to(torch::kFloat32) * words.at("words.scale").unsqueeze(1)) {}

void BriefLearner::guess_profiles() {
  torch::NoGradGuard no_grad;
  std::vector<std::int64_t> at;
  std::vector<Tensor> rows;
  for (const auto& entry : lexicon_.entries()) {
    const auto word = vectors_.find(entry.term);
    if (!word) continue;
    at.push_back(std::int64_t(*word));
    rows.push_back(torch::zeros({kRow}));
    for (const auto& [d, weight] : entry.descriptors) rows.back()[std::int64_t(d)] = weight;
  }
  const Tensor known = word_vectors_.index_select(0, torch::tensor(at)), profiles = torch::stack(rows);
  const Tensor mean = profiles.mean(0);
  const auto guess = [&](const Tensor& x, const Tensor& y, const Tensor& wanted) {
    const Tensor kernel = cosine_kernel(x, x) + kRidge * torch::eye(x.size(0));
    return cosine_kernel(wanted, x).matmul(torch::linalg_solve(kernel, y - mean)) + mean;
  };
  // What the guesses are worth: every tenth word in turn guessed from the others.
  Tensor crossed = torch::zeros_like(profiles);
  const Tensor fold = torch::arange(known.size(0)) % 10;
  for (int f = 0; f < 10; ++f) {
    const Tensor in = (fold != f).nonzero().squeeze(1), out = (fold == f).nonzero().squeeze(1);
    crossed.index_copy_(
        0, out, guess(known.index_select(0, in), profiles.index_select(0, in), known.index_select(0, out)));
  }
  const auto [top, which] = crossed.max(1);
  const Tensor sure = top >= kLeastTopHint;
  const Tensor hit = (profiles.gather(1, which.unsqueeze(1)).squeeze(1) > 0).logical_and(sure);
  std::printf(
      "guessed profiles, cross-validated on %ld words: %.0f %% get one, its first descriptor fits in %.0f "
      "%%\n",
      long(known.size(0)), 100 * sure.to(torch::kFloat32).mean().item<double>(),
      100 * hit.sum().item<double>() / sure.sum().item<double>());

  hints_ = guess(known, profiles, word_vectors_);
  hints_ = torch::where(std::get<0>(hints_.max(1, true)) >= kLeastTopHint, hints_, torch::zeros_like(hints_));
  const Tensor least =
      std::get<0>(hints_.topk(std::int64_t(scent::kHints), 1)).narrow(1, std::int64_t(scent::kHints) - 1, 1);
  hints_ =
      torch::where(hints_ >= least.clamp_min(kLeastHint), hints_, torch::zeros_like(hints_)).clamp_max(1);
}

std::int64_t BriefLearner::unit_of_word(std::size_t word) {
  const auto [it, added] =
      unit_.try_emplace(word, std::int64_t(lexicon_.entries().size() + words_of_units_.size()));
  if (added) words_of_units_.push_back(word);
  return it->second;
}

void BriefLearner::read(const std::vector<std::string>& texts, const std::vector<std::string>& smiles,
                        const Tensor& labels) {
  const scent::BriefReader reader(lexicon_, vectors_);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Example example;
    example.row = std::int64_t(i);
    example.held = split_hash(smiles[i]) / 100 % 10 < kHeldTenths;
    for (const auto& term : reader.read(texts[i]).terms) {
      if (term.unwanted > 0 || term.kind == scent::ReadTerm::Kind::Unknown) continue;
      example.units.push_back(term.kind == scent::ReadTerm::Kind::Entry ? std::int64_t(term.index)
                                                                        : unit_of_word(term.index));
      example.emphasis.push_back(term.emphasis);
    }
    examples_.push_back(std::move(example));
  }
  targets_ = labels;
  add_lexicon_examples();
  build_units();
}

// Each entry is a text of its own, and each one-word entry once more as if the lexicon did not have it.
void BriefLearner::add_lexicon_examples() {
  const Tensor rows = torch::zeros({std::int64_t(lexicon_.entries().size()), kRow});
  for (std::size_t e = 0; e < lexicon_.entries().size(); ++e) {
    const auto& entry = lexicon_.entries()[e];
    for (const auto& [d, weight] : entry.descriptors) rows[std::int64_t(e)][std::int64_t(d)] = weight;
    Example example;
    example.row = targets_.size(0) + std::int64_t(e);
    example.emphasis = {1};
    example.units = {std::int64_t(e)};
    examples_.push_back(example);
    if (const auto word = vectors_.find(entry.term)) {
      example.units = {unit_of_word(*word)};
      examples_.push_back(example);
    }
  }
  targets_ = torch::cat({targets_, rows});
}

void BriefLearner::build_units() {
  const auto entries = std::int64_t(lexicon_.entries().size());
  const auto units = entries + std::int64_t(words_of_units_.size());
  profiles_ = torch::zeros({units, kRow});
  unit_vectors_ = torch::zeros({units, word_vectors_.size(1)});
  for (std::int64_t e = 0; e < entries; ++e) {
    const auto& entry = lexicon_.entries()[std::size_t(e)];
    for (const auto& [d, weight] : entry.descriptors) profiles_[e][std::int64_t(d)] = weight;
    float total = 1e-6F;
    for (const auto& part : scent::split_words(entry.term)) {
      const auto word = vectors_.find_form(part.text);
      if (!word) continue;
      unit_vectors_[e] += vectors_.weight(*word) * word_vectors_[std::int64_t(*word)];
      total += vectors_.weight(*word);
    }
    unit_vectors_[e] /= total;
  }
  for (std::size_t w = 0; w < words_of_units_.size(); ++w) {
    profiles_[entries + std::int64_t(w)] = hints_[std::int64_t(words_of_units_[w])];
    unit_vectors_[entries + std::int64_t(w)] = word_vectors_[std::int64_t(words_of_units_[w])];
  }
  const auto texts = targets_.size(0) - entries;
  std::vector<float> uses(std::size_t(units), 0.F);
  for (const Example& example : examples_) {
    if (example.row >= texts) continue;
    for (const auto unit : example.units) ++uses[std::size_t(unit)];
  }
  const Tensor learnable = torch::tensor(uses) >= kLeastUses;
  learnable_ = learnable.nonzero().squeeze(1);
  residual_of_ = torch::full({units}, learnable_.size(0), torch::kInt64);
  residual_of_.index_copy_(0, learnable_, torch::arange(learnable_.size(0)));
  std::printf("%zu texts, %ld terms in them, %ld of them with a residual\n", examples_.size(), long(units),
              long(learnable_.size(0)));
}

Tensor BriefLearner::rows(const Fit& fit, const Tensor& units, const Tensor& kept) const {
  const Tensor padded = torch::cat({fit.residual * kept, torch::zeros({1, kRow})});
  return profiles_.index_select(0, units).matmul(fit.spread + kDiagonal * torch::eye(kRow)) +
         unit_vectors_.index_select(0, units).matmul(fit.map) +
         padded.index_select(0, residual_of_.index_select(0, units));
}

Tensor BriefLearner::logits(const Fit& fit, const std::vector<std::size_t>& batch, Rng* random) const {
  std::vector<std::int64_t> units, offsets;
  std::vector<float> emphasis, counts;
  for (const auto i : batch) {
    const Example& example = examples_[i];
    offsets.push_back(std::int64_t(units.size()));
    for (std::size_t t = 0; t < example.units.size(); ++t) {
      if (random && example.units.size() > 1 && random->uniform() < kSkip) continue;
      units.push_back(example.units[t]);
      emphasis.push_back(example.emphasis[t]);
    }
    counts.push_back(float(units.size()) - float(offsets.back()));
  }
  const auto [different, at] = torch::_unique(torch::tensor(units, torch::kInt64), true, true);
  Tensor kept = torch::ones({fit.residual.size(0), 1});
  if (random) kept = (torch::rand_like(kept) >= kForget).to(torch::kFloat32);
  const Tensor n = torch::tensor(counts).unsqueeze(1);
  const Tensor bag =
      std::get<0>(torch::embedding_bag(rows(fit, different, kept), at, torch::tensor(offsets, torch::kInt64),
                                       false, 0, false, torch::tensor(emphasis)));
  return fit.bias + fit.length * n.log1p() + (-fit.power * n.clamp_min(1).log()).exp() * bag;
}

Tensor BriefLearner::targets_of(const std::vector<std::size_t>& batch) const {
  std::vector<std::int64_t> rows;
  for (const auto i : batch) rows.push_back(examples_[i].row);
  return targets_.index_select(0, torch::tensor(rows));
}

Tensor BriefLearner::loss_of(const Fit& fit, const std::vector<std::size_t>& batch, Rng& rng) const {
  return torch::binary_cross_entropy_with_logits(logits(fit, batch, &rng), targets_of(batch), {}, {},
                                                 at::Reduction::Sum);
}

BriefLearner::Fit BriefLearner::fit(const std::vector<std::size_t>& learned,
                                    const std::vector<std::size_t>& held, int last_epoch) {
  torch::manual_seed(1);
  Rng rng(1, 0);
  Fit now;
  const Tensor frequency =
      targets_.slice(0, 0, targets_.size(0) - std::int64_t(lexicon_.entries().size())).mean(0);
  now.bias = (frequency.clamp(1e-4, 0.9999).logit() - 1).requires_grad_();
  now.length = torch::zeros({kRow}).requires_grad_();
  now.spread = torch::zeros({kRow, kRow}).requires_grad_();
  now.map = torch::zeros({word_vectors_.size(1), kRow}).requires_grad_();
  now.power = torch::full({1}, 0.3).requires_grad_();
  now.residual = torch::zeros({learnable_.size(0), kRow}).requires_grad_();
  const auto options = [](double decay) {
    return std::make_unique<torch::optim::AdamWOptions>(
        torch::optim::AdamWOptions(kRate).weight_decay(decay));
  };
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(std::vector<Tensor>{now.bias, now.length, now.power, now.map, now.spread}, options(0));
  groups.emplace_back(std::vector<Tensor>{now.residual}, options(kResidualDecay));
  torch::optim::AdamW optimizer(groups, torch::optim::AdamWOptions(kRate));

  Fit best;
  std::vector<std::size_t> order = learned;
  const auto steps = double(kEpochs) * std::ceil(double(order.size()) / kBatch);
  double step = 0;
  for (int epoch = 1; epoch <= last_epoch; ++epoch) {
    for (std::size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[rng.below(std::uint32_t(i))]);
    double total = 0;
    for (std::size_t at = 0; at < order.size(); at += kBatch, ++step) {
      const double rate = kRate * 0.5 * (1 + std::cos(M_PI * step / steps));
      for (auto& group : optimizer.param_groups())
        static_cast<torch::optim::AdamWOptions&>(group.options()).lr(rate);
      const std::vector<std::size_t> batch(order.begin() + long(at),
                                           order.begin() + long(std::min(order.size(), at + kBatch)));
      const Tensor loss = loss_of(now, batch, rng);
      optimizer.zero_grad();
      (loss / double(batch.size())).backward();
      optimizer.step();
      total += loss.item<double>();
    }
    if (held.empty()) continue;
    torch::NoGradGuard no_grad;
    const auto score = macro_auroc(logits(now, held, nullptr), targets_of(held));
    std::printf("epoch %2d: loss %.3f, held-out macro AUROC %.4f (%d), power %.2f\n", epoch,
                total / double(order.size()), score.mean, score.descriptors, now.power.item<double>());
    std::fflush(stdout);
    if (score.mean > best.auroc) {
      best = {now.bias.clone(),  now.length.clone(),   now.spread.clone(), now.map.clone(),
              now.power.clone(), now.residual.clone(), score.mean,         epoch};
    }
  }
  return held.empty() ? now : best;
}

std::map<std::string, Tensor> BriefLearner::learn() {
  std::vector<std::size_t> all, learned, held;
  for (std::size_t i = 0; i < examples_.size(); ++i) {
    all.push_back(i);
    (examples_[i].held ? held : learned).push_back(i);
  }
  const int epoch = fit(learned, held, kEpochs).epoch;
  std::printf("learning anew from all training molecules, %d epochs\n", epoch);
  const Fit best = fit(all, {}, epoch);

  torch::NoGradGuard no_grad;
  const auto entries = std::int64_t(lexicon_.entries().size());
  const Tensor kept = torch::ones({best.residual.size(0), 1});
  const auto [entry_rows, entry_scale] = quantised(rows(best, torch::arange(entries), kept));

  std::vector<std::pair<std::int64_t, std::int64_t>> words;  // vocabulary index, row of the residual
  for (std::size_t w = 0; w < words_of_units_.size(); ++w) {
    const auto row = residual_of_[entries + std::int64_t(w)].item<std::int64_t>();
    if (row < best.residual.size(0)) words.emplace_back(words_of_units_[w], row);
  }
  std::sort(words.begin(), words.end());
  std::vector<std::int64_t> learned_words, rows_of_words;
  for (const auto& [word, row] : words) learned_words.push_back(word), rows_of_words.push_back(row);
  const auto [residual, residual_scale] =
      quantised(best.residual.index_select(0, torch::tensor(rows_of_words, torch::kInt64)));
  const auto [hint, which] = hints_.topk(std::int64_t(scent::kHints), 1);
  return {{"model.bias", best.bias},
          {"model.length", best.length},
          {"model.spread", best.spread + kDiagonal * torch::eye(kRow)},
          {"model.map", best.map},
          {"model.power", best.power},
          {"lexicon.rows", entry_rows},
          {"lexicon.scale", entry_scale},
          {"words.learned", torch::tensor(learned_words, torch::kInt64)},
          {"words.residual", residual},
          {"words.residual_scale", residual_scale},
          {"words.hint_index", (which - scent::kHintOffset).to(torch::kInt8)},
          {"words.hint_weight", (hint / scent::kHintScale).round().to(torch::kInt8)}};
}

}  // namespace odordiff::train

#include "diffusion/sequence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace odordiff::diffusion {
namespace {

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

// Draws an index in proportion to weights[0..n); the last one with a weight when rounding leaves none.
// `total` > 0.
int draw(const double* weights, int n, double total, Rng& rng) {
  const double target = static_cast<double>(rng.uniform()) * total;
  double sum = 0;
  int last = -1;
  for (int i = 0; i < n; ++i) {
    if (!(weights[i] > 0)) continue;
    last = i;
    sum += weights[i];
    if (sum > target) break;
  }
  return last;
}

// Turns scores into weights exp(score - largest); scores of -inf get none. Returns their sum, 0 when there is
// none or when a score is not a number.
double exponentials(double* scores, int n) {
  double largest = -std::numeric_limits<double>::infinity();
  for (int i = 0; i < n; ++i) largest = std::max(largest, scores[i]);
  if (!std::isfinite(largest)) return 0;
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    scores[i] = std::exp(scores[i] - largest);
    sum += scores[i];
  }
  return std::isfinite(sum) ? sum : 0;
}

constexpr int kMostChoices = 1088;  // more than any vocabulary or length

// The shortest length in [from, to] that a molecule with this start can have; `from` when none will do.
int shortest(std::span<const chem::TokenId> prefix, int from, int to) {
  for (int length = from; length <= to; ++length) {
    chem::SmilesGrammar grammar(length);
    for (const chem::TokenId t : prefix) grammar.push(t);
    if (grammar.allowed().any()) return length;
  }
  return from;
}

}  // namespace

Sequence::Sequence(const Model& model)
    : config_(model.config()), cache_floats_(model.cache_floats()), tokens_(size(config_.max_length)) {
  memory_[0].resize(cache_floats_);
  for (auto& l : logits_) l.resize(size(config_.block) * size(config_.vocab));
}

void Sequence::start(Job& job, int k) {
  job_ = &job;
  k_ = k;
  const SampleRequest& r = job.request;
  rng_ = Rng(r.seed, r.first_index + static_cast<std::uint64_t>(k));
  if (job.guided && memory_[1].empty()) memory_[1].resize(cache_floats_);
  for (int i = 0; i < 2; ++i) caches_[i] = {memory_[i].data(), 0};
  const auto prefix = prefix_of(r, k);
  written_ = static_cast<int>(prefix.size());
  length_ = draw_length(prefix);
  grammar_ = chem::SmilesGrammar(length_);
  std::fill(tokens_.begin(), tokens_.end(), chem::Tokenizer::kMask);
  std::copy(prefix.begin(), prefix.end(), tokens_.begin());
  if (r.use_grammar) {
    for (const chem::TokenId t : prefix) grammar_.push(t);
  }
  log_probability_ = 0;
  chosen_ = 0;
  begin_block(written_ / config_.block * config_.block);
}

int Sequence::draw_length(std::span<const chem::TokenId> prefix) {
  const SampleRequest& r = job_->request;
  const int from = std::max(r.min_length, static_cast<int>(prefix.size()) + 1);
  const int room = r.use_grammar && !prefix.empty() ? shortest(prefix, from, r.max_length) : from;
  int length = draw_length_from(room);
  if (length < 0) length = draw_length_from(from);
  return length < 0 ? r.max_length : length;
}

int Sequence::draw_length_from(int from) {
  const SampleRequest& r = job_->request;
  const int n = r.max_length - from + 1;
  std::array<double, kMostChoices> weights;
  const auto factor = [&](int i) {
    return r.length_weights.empty() ? 1.0F : r.length_weights[size(from + i)];
  };
  for (int i = 0; i < n; ++i) {
    weights[size(i)] = factor(i) > 0 ? static_cast<double>(job_->conditional.length_logits[size(from + i)])
                                     : -std::numeric_limits<double>::infinity();
  }
  if (!(exponentials(weights.data(), n) > 0)) return -1;
  double total = 0;
  for (int i = 0; i < n; ++i) {
    weights[size(i)] *= static_cast<double>(factor(i));
    total += weights[size(i)];
  }
  return total > 0 ? from + draw(weights.data(), n, total, rng_) : -1;
}

void Sequence::begin_block(int start) {
  block_start_ = start;
  block_end_ = std::min(start + config_.block, length_);
  steps_left_ = job_->request.steps_per_block;
}

int Sequence::rows() const {
  const int open = feeding() ? 0 : block_end_ - block_start_;
  return lanes() * (open + std::min(pending(), config_.block));
}

int Sequence::next_choices() const {
  return (block_end_ - written_ + steps_left_ - 1) / steps_left_;
}

void Sequence::fill(Lane* out) {
  const std::span<const chem::TokenId> tokens(tokens_);
  const int cached = caches_[0].tokens;
  for (int i = 0; i < lanes(); ++i) {
    Lane& lane = out[i];
    lane.condition = i == 0 ? &job_->conditional : &job_->unconditional;
    lane.cache = &caches_[i];
    lane.length = length_;
    lane.finished = tokens.subspan(size(cached), size(std::min(pending(), config_.block)));
    lane.block_start = cached + static_cast<int>(lane.finished.size());
    lane.tokens = tokens.subspan(size(lane.block_start), feeding() ? 0 : size(block_end_ - block_start_));
    lane.logits = logits_[i].data();
    lane.first_wanted = feeding() ? 0 : written_ - block_start_;
    lane.wanted = feeding() ? 0 : next_choices();
  }
}

bool Sequence::advance() {
  if (caches_[0].tokens < block_start_) return false;
  const int commit = next_choices();
  --steps_left_;
  for (int i = 0; i < commit; ++i) {
    if (!choose(written_)) return true;
  }
  if (written_ < block_end_) return false;
  if (block_end_ == length_) return true;
  begin_block(block_end_);
  return false;
}

bool Sequence::choose(int position) {
  const SampleRequest& r = job_->request;
  const std::size_t row = size(position - block_start_) * size(config_.vocab);
  const float* conditional = logits_[0].data() + row;
  const float* unconditional = logits_[1].data() + row;
  chem::SmilesGrammar::TokenSet allowed;
  allowed.set();
  if (r.use_grammar) allowed = grammar_.allowed();
  std::array<double, kMostChoices> weights;
  for (int t = 0; t < config_.vocab; ++t) {
    const bool open = t > chem::Tokenizer::kUnknown && allowed[size(t)];
    float score = conditional[t];
    if (job_->guided) score = (1.0F + r.guidance) * score - r.guidance * unconditional[t];
    weights[size(t)] = open ? static_cast<double>(score) / static_cast<double>(r.temperature)
                            : -std::numeric_limits<double>::infinity();
  }
  const double total = exponentials(weights.data(), config_.vocab);
  if (!(total > 0)) return false;
  const int token = draw(weights.data(), config_.vocab, total, rng_);
  if (token < 0) return false;
  tokens_[size(position)] = static_cast<chem::TokenId>(token);
  if (r.use_grammar && !grammar_.push(static_cast<chem::TokenId>(token))) return false;
  ++written_;
  ++chosen_;
  log_probability_ += std::log(weights[size(token)] / total);
  return true;
}

void Sequence::publish() const {
  Sample& sample = job_->results[size(k_)];
  sample.tokens.assign(tokens_.begin(), tokens_.begin() + written_);
  sample.complete = written_ == length_ && (!job_->request.use_grammar || grammar_.complete());
  sample.mean_log_probability = chosen_ == 0 ? 0.0F : static_cast<float>(log_probability_ / chosen_);
}

}  // namespace odordiff::diffusion

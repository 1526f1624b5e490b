#include "network_work.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string_view>

#include "diffusion/crew.h"

namespace odordiff::bench {
namespace {

using diffusion::ConditionState;
using diffusion::KeyValueCache;
using diffusion::Lane;

constexpr int kChunkRows = 96;  // as the scheduler cuts a step

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

std::vector<float> condition(const diffusion::ModelConfig& config, bool conditional) {
  std::vector<float> c(size(config.cond_inputs), 0.0F);
  const std::size_t has_text = config.descriptors.size() + size(config.text_width);
  c[has_text + 2] = 1;  // the domain of odorants
  if (!conditional) c[has_text + 1] = 1;
  for (std::size_t d = 0; conditional && d < config.descriptors.size(); ++d) {
    const std::string_view name = config.descriptors[d];
    c[d] = name == "green" || name == "woody" ? 1.0F : name == "sweet" ? -0.5F : 0.0F;
  }
  return c;
}

}  // namespace

struct Ours::Impl {
  Impl(const std::filesystem::path& folder, nn::Precision precision, int threads)
      : model(std::make_shared<const diffusion::Model>(folder, precision)),
        scheduler(model, {.threads = threads}),
        crew(threads),
        scratch(size(threads)) {}

  struct Chunk {
    int first = 0, count = 0;
  };

  static void run_chunk(void* self, int chunk, int worker) {
    Impl& impl = *static_cast<Impl*>(self);
    const Chunk& c = impl.chunks[size(chunk)];
    impl.model->step(std::span(impl.lanes).subspan(size(c.first), size(c.count)), impl.scratch[size(worker)]);
  }

  // All lanes, cut into equal chunks, as many for each thread.
  void step() {
    int rows = 0;
    for (const Lane& lane : lanes) rows += static_cast<int>(lane.tokens.size() + lane.finished.size());
    const int all = static_cast<int>(lanes.size());
    const int rounds = (rows + kChunkRows * crew.threads() - 1) / (kChunkRows * crew.threads());
    const int pieces = std::min(rounds * crew.threads(), all);
    chunks.clear();
    for (int i = 0; i < pieces; ++i)
      chunks.push_back({all * i / pieces, all * (i + 1) / pieces - all * i / pieces});
    crew.run(pieces, run_chunk, this);
  }

  void make_room(std::size_t n) {
    while (memory.size() < n) {
      memory.emplace_back(model->cache_floats());
      logits.emplace_back(size(model->config().block) * size(model->config().vocab));
    }
    caches.resize(memory.size());
    lanes.resize(n);
  }

  std::shared_ptr<const diffusion::Model> model;
  diffusion::Scheduler scheduler;
  diffusion::Crew crew;
  std::vector<nn::Workspace> scratch;
  std::vector<std::vector<float>> memory, logits;
  std::vector<KeyValueCache> caches;
  std::vector<Lane> lanes;
  std::vector<Chunk> chunks;
};

Ours::Ours(const std::filesystem::path& folder, nn::Precision precision, int threads)
    : impl_(std::make_unique<Impl>(folder, precision, threads)) {}
Ours::~Ours() = default;

const diffusion::Model& Ours::model() const {
  return *impl_->model;
}

void Ours::generate(const NetworkWork& work) {
  (void)impl_->scheduler.sample(work.request);
}

void Ours::step(const NetworkWork& work, int sequences, bool with_finished) {
  static const std::vector<chem::TokenId> tokens(size(kStepLength), 2);
  const int block = impl_->model->config().block;
  const ConditionState states[2] = {impl_->model->condition(work.request.condition),
                                    impl_->model->condition(work.request.unconditional)};
  impl_->make_room(2 * size(sequences));
  const std::span<const chem::TokenId> all(tokens);
  for (std::size_t i = 0; i < impl_->lanes.size(); ++i) {
    impl_->caches[i] = {impl_->memory[i].data(),
                        with_finished ? kStepTokensBefore - block : kStepTokensBefore};
    impl_->lanes[i] = {
        &states[i % 2],
        &impl_->caches[i],
        kStepLength,
        kStepTokensBefore,
        all.subspan(size(kStepTokensBefore), size(block)),
        with_finished ? all.subspan(size(kStepTokensBefore - block), size(block)) : all.first(0),
        impl_->logits[i].data()};
  }
  impl_->step();
}

std::vector<std::vector<float>> Ours::logits(const NetworkWork& work) {
  const auto& config = impl_->model->config();
  const ConditionState states[2] = {impl_->model->condition(work.request.condition),
                                    impl_->model->condition(work.request.unconditional)};
  std::vector<std::vector<chem::TokenId>> written;
  for (const auto& s : work.sequences) written.emplace_back(s.size(), chem::Tokenizer::kMask);
  impl_->make_room(2 * work.sequences.size());
  for (std::size_t i = 0; i < impl_->caches.size(); ++i) impl_->caches[i] = {impl_->memory[i].data(), 0};
  std::vector<std::vector<float>> out;
  const std::size_t each = size(config.block) * size(config.vocab);
  for (const Pass& pass : passes(work, config.block)) {
    impl_->make_room(2 * size(pass.sequences));
    for (std::size_t i = 0; i < impl_->lanes.size(); ++i) {
      const auto& tokens = written[i / 2];
      const std::span<const chem::TokenId> all(tokens);
      const std::size_t start = size(pass.block_start);
      const std::size_t open = std::min(size(config.block), tokens.size() - start);
      impl_->lanes[i] = {
          &states[i % 2],
          &impl_->caches[i],
          static_cast<int>(tokens.size()),
          pass.block_start,
          all.subspan(start, open),
          pass.with_finished ? all.subspan(start - size(config.block), size(config.block)) : all.first(0),
          impl_->logits[i].data()};
    }
    for (auto& l : impl_->logits) std::fill(l.begin(), l.end(), 0.0F);
    impl_->step();
    auto& flat = out.emplace_back();
    for (std::size_t i = 0; i < impl_->lanes.size(); ++i) {
      flat.insert(flat.end(), impl_->logits[i].begin(),
                  impl_->logits[i].begin() + static_cast<std::ptrdiff_t>(each));
    }
    for (std::size_t k = 0; k < size(pass.sequences); ++k) {
      written[k][size(pass.position)] = work.sequences[k][size(pass.position)];
    }
  }
  return out;
}

NetworkWork make_network_work(const std::filesystem::path& folder, int count) {
  const auto model = std::make_shared<const diffusion::Model>(folder, nn::Precision::F32);
  NetworkWork work;
  auto& r = work.request;
  r.condition = condition(model->config(), true);
  r.unconditional = condition(model->config(), false);
  r.count = count;
  r.seed = 1;
  r.temperature = 0.8F;
  r.guidance = 1;
  r.min_length = 6;
  r.max_length = 42;
  diffusion::Scheduler scheduler(model, {.threads = 1});
  for (auto& sample : scheduler.sample(r)) work.sequences.push_back(std::move(sample.tokens));
  std::stable_sort(work.sequences.begin(), work.sequences.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return work;
}

std::vector<Pass> passes(const NetworkWork& work, int block) {
  std::vector<Pass> out;
  int alive = static_cast<int>(work.sequences.size());
  for (int position = 0;; ++position) {
    while (alive > 0 && work.sequences[size(alive - 1)].size() <= size(position)) --alive;
    if (alive == 0) return out;
    const int start = position / block * block;
    out.push_back({position, start, alive, position == start && start > 0});
  }
}

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

}  // namespace odordiff::bench

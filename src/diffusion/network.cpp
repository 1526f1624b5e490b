#include "diffusion/network.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/error.h"
#include "nn/kernel_table.h"

namespace odordiff::diffusion {
namespace {

std::size_t size(int n) {
  return static_cast<std::size_t>(n);
}

nn::Linear linear(const nn::SafeTensors& w, const std::string& name, int out, int in, nn::Precision precision,
                  nn::Activation activation = nn::Activation::None) {
  return nn::Linear(w.at(name + ".weight", {out, in}).f32(), w.at(name + ".bias", {out}).f32(), out, in,
                    precision, activation);
}

nn::Embedding embedding(const nn::SafeTensors& w, const std::string& name, int rows, int width,
                        nn::Precision precision) {
  return nn::Embedding(w.at(name, {rows, width}).f32(), rows, width, precision);
}

}  // namespace

Network::Network(const ModelConfig& c, const nn::SafeTensors& w, nn::Precision precision)
    : config_(c),
      key_stride_((c.max_length + 7) / 8 * 8),
      token_(embedding(w, "token_embedding", c.vocab, c.width, precision)),
      position_(embedding(w, "position_embedding", c.max_length, c.width, precision)),
      remaining_(embedding(w, "remaining_embedding", c.max_length + 1, c.width, precision)),
      condition1_(linear(w, "condition.fc1", c.cond_hidden, c.cond_inputs, precision, nn::Activation::Silu)),
      // The condition is used through silu only, so its last layer ends with one.
      condition2_(linear(w, "condition.fc2", c.width, c.cond_hidden, precision, nn::Activation::Silu)),
      final_modulation_(linear(w, "final.modulation", 2 * c.width, c.width, precision)),
      head_(linear(w, "head", c.vocab, c.width, precision)),
      length_(linear(w, "length", c.max_length + 1, c.width, precision)) {
  layers_.reserve(size(c.layers));
  for (int n = 0; n < c.layers; ++n) {
    const std::string at = "layers." + std::to_string(n) + ".";
    layers_.push_back({linear(w, at + "modulation", 6 * c.width, c.width, precision),
                       linear(w, at + "qkv", 3 * c.width, c.width, precision),
                       linear(w, at + "out", c.width, c.width, precision),
                       linear(w, at + "fc1", c.ffn, c.width, precision, nn::Activation::Gelu),
                       linear(w, at + "fc2", c.width, c.ffn, precision)});
  }
}

std::size_t Network::weight_bytes() const {
  std::size_t bytes = token_.weight_bytes() + position_.weight_bytes() + remaining_.weight_bytes() +
                      condition1_.weight_bytes() + condition2_.weight_bytes() +
                      final_modulation_.weight_bytes() + head_.weight_bytes() + length_.weight_bytes();
  for (const Layer& l : layers_) {
    bytes += l.modulation.weight_bytes() + l.qkv.weight_bytes() + l.out.weight_bytes() +
             l.fc1.weight_bytes() + l.fc2.weight_bytes();
  }
  return bytes;
}

std::size_t Network::cache_floats() const {
  return size(config_.layers) * size(config_.width) * (size(key_stride_) + size(config_.max_length));
}

float* Network::keys(const Lane& lane, int layer) const {
  return lane.cache->data +
         size(layer) * size(config_.width) * (size(key_stride_) + size(config_.max_length));
}

float* Network::values(const Lane& lane, int layer) const {
  return keys(lane, layer) + size(config_.width) * size(key_stride_);
}

ConditionState Network::condition(std::span<const float> c) const {
  if (c.size() != size(config_.cond_inputs)) {
    throw InvalidInput("the condition must have " + std::to_string(config_.cond_inputs) + " numbers, not " +
                       std::to_string(c.size()));
  }
  nn::Workspace scratch;
  const std::size_t width = size(config_.width);
  std::vector<float> hidden(size(config_.cond_hidden));
  std::vector<float> s(width);
  condition1_(c.data(), hidden.data(), 1, scratch);
  condition2_(hidden.data(), s.data(), 1, scratch);
  ConditionState state;
  state.layer_modulation.resize(layers_.size() * 6 * width);
  state.final_modulation.resize(2 * width);
  state.length_logits.resize(size(config_.max_length) + 1);
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    layers_[l].modulation(s.data(), state.layer_modulation.data() + l * 6 * width, 1, scratch);
  }
  final_modulation_(s.data(), state.final_modulation.data(), 1, scratch);
  length_(s.data(), state.length_logits.data(), 1, scratch);
  return state;
}

// All of a step's rows: the open tokens of every lane, then the finished ones of every lane, so that the last
// layer can leave the finished rows out once their keys and values are made.
struct Network::Buffers {
  float* x;     // [rows, width]
  float* h;     // [rows, width]
  float* d;     // [rows, width]
  float* wide;  // [rows, max(3 width, ffn)]; logits at the end
  float* probabilities;
};

template <class Use>
void Network::for_each(std::span<const Lane> lanes, int open, bool with_finished, Use use) {
  int row = 0;
  for (const Lane& lane : lanes) {
    const int n = static_cast<int>(lane.tokens.size());
    if (n > 0) use(Rows{&lane, row, n, lane.block_start});
    row += n;
  }
  if (!with_finished) return;
  row = open;
  for (const Lane& lane : lanes) {
    const int n = static_cast<int>(lane.finished.size());
    if (n > 0) use(Rows{&lane, row, n, lane.block_start - n});
    row += n;
  }
}

void Network::embed(const Rows& rows, std::span<const chem::TokenId> tokens, float* x) const {
  const std::size_t width = size(config_.width);
  for (int i = 0; i < rows.count; ++i) {
    float* at = x + size(rows.first + i) * width;
    std::fill(at, at + width, 0.0F);
    token_.add(tokens[size(i)], at);
    position_.add(rows.position + i, at);
    remaining_.add(rows.lane->length - rows.position - i, at);
  }
}

void Network::store(int layer, const Rows& rows, const float* qkv) const {
  const std::size_t width = size(config_.width);
  float* k = keys(*rows.lane, layer) + rows.position;
  float* v = values(*rows.lane, layer) + size(rows.position) * width;
  const float* first = qkv + size(rows.first) * 3 * width;
  const std::size_t count = size(rows.count);
  // Token by token inside: the keys of a block lie side by side in one cache line.
  for (std::size_t d = 0; d < width; ++d) {
    for (std::size_t i = 0; i < count; ++i) k[d * size(key_stride_) + i] = first[i * 3 * width + width + d];
  }
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(v + i * width, first + i * 3 * width + 2 * width, width * sizeof(float));
  }
}

void Network::attend(int layer, std::span<const Lane> lanes, int open, bool with_finished, Buffers& b) const {
  const std::size_t width = size(config_.width);
  for_each(lanes, open, true, [&](const Rows& rows) { store(layer, rows, b.wide); });
  for_each(lanes, open, with_finished, [&](const Rows& rows) {
    nn::Attention a;
    a.q = b.wide + size(rows.first) * 3 * width;
    a.q_stride = 3 * config_.width;
    a.queries = rows.count;
    a.keys = keys(*rows.lane, layer);
    a.key_stride = key_stride_;
    a.values = values(*rows.lane, layer);
    a.count = rows.position + rows.count;  // all before the block, and the block itself
    a.heads = config_.heads;
    a.head_width = config_.width / config_.heads;
    a.out = b.h + size(rows.first) * width;
    a.probabilities = b.probabilities;
    nn::kernels().attention(a);
  });
}

void Network::step(std::span<Lane> lanes, nn::Workspace& scratch) const {
  int open = 0;
  int all = 0;
  for (const Lane& lane : lanes) {
    const int n = static_cast<int>(lane.tokens.size());
    const int finished = static_cast<int>(lane.finished.size());
    if (lane.cache->tokens + finished != lane.block_start || lane.block_start + n > lane.length ||
        lane.length > config_.max_length || n > config_.block || finished > config_.block) {
      throw Internal("a lane's block does not follow its finished tokens");
    }
    open += n;
    all += n + finished;
  }
  const std::size_t width = size(config_.width);
  const std::size_t rows = size(all);
  const std::size_t wide = size(std::max({3 * config_.width, config_.ffn, config_.vocab}));
  auto* memory = static_cast<float*>(
      scratch.get(0, (rows * (3 * width + wide) + 4 * size(key_stride_)) * sizeof(float)));
  Buffers b{};
  b.probabilities = memory;
  b.x = b.probabilities + 4 * key_stride_;
  b.h = b.x + rows * width;
  b.d = b.h + rows * width;
  b.wide = b.d + rows * width;

  for_each(lanes, open, true,
           [&](const Rows& r) { embed(r, r.first < open ? r.lane->tokens : r.lane->finished, b.x); });
  for (int l = 0; l < config_.layers; ++l) {
    const Layer& layer = layers_[size(l)];
    const auto part = [&](const Rows& r, int which) {
      return r.lane->condition->layer_modulation.data() + (size(l) * 6 + size(which)) * width;
    };
    const auto norm = [&](bool with_finished, int shift, int scale) {
      for_each(lanes, open, with_finished, [&](const Rows& r) {
        const std::size_t at = size(r.first) * width;
        nn::modulated_norm(b.x + at, part(r, shift), part(r, scale), b.h + at, r.count, config_.width);
      });
    };
    const auto add = [&](bool with_finished, int gate) {
      for_each(lanes, open, with_finished, [&](const Rows& r) {
        const std::size_t at = size(r.first) * width;
        nn::gated_add(b.x + at, part(r, gate), b.d + at, r.count, config_.width);
      });
    };
    norm(true, 0, 1);
    layer.qkv(b.h, b.wide, all, scratch);
    const bool with_finished = l + 1 < config_.layers;
    const int needed = with_finished ? all : open;
    attend(l, lanes, open, with_finished, b);
    layer.out(b.h, b.d, needed, scratch);
    add(with_finished, 2);
    norm(with_finished, 3, 4);
    layer.fc1(b.h, b.wide, needed, scratch);
    layer.fc2(b.wide, b.d, needed, scratch);
    add(with_finished, 5);
  }
  for_each(lanes, open, false, [&](const Rows& r) {
    const float* shift = r.lane->condition->final_modulation.data();
    const std::size_t at = size(r.first) * width;
    nn::modulated_norm(b.x + at, shift, shift + width, b.h + at, r.count, config_.width);
  });
  head_(b.h, b.wide, open, scratch);
  const std::size_t vocab = size(config_.vocab);
  for_each(lanes, open, false, [&](const Rows& r) {
    std::memcpy(r.lane->logits, b.wide + size(r.first) * vocab, size(r.count) * vocab * sizeof(float));
  });
  for (const Lane& lane : lanes) lane.cache->tokens = lane.block_start;
}

}  // namespace odordiff::diffusion

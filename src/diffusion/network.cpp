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
      key_room_((c.max_length + 7) / 8 * 8),
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
  return size(config_.layers) * size(config_.width) * (size(key_room_) + size(config_.max_length));
}

float* Network::keys(const Lane& lane, int layer) const {
  return lane.cache->data + size(layer) * size(config_.width) * (size(key_room_) + size(config_.max_length));
}

float* Network::values(const Lane& lane, int layer) const {
  return keys(lane, layer) + size(config_.width) * size(key_room_);
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

struct Network::Buffers {
  float* x;     // [rows, width]
  float* h;     // [rows, width]
  float* d;     // [rows, width]
  float* wide;  // [rows, max(3 width, ffn)]; logits at the end
  float* probabilities;
};

// Some rows of one lane, one after another in the step's buffers and in their sequence.
struct Network::Rows {
  const Lane* lane;
  int first;   // row in the buffers
  int source;  // the row that it was among all rows
  int count;
  int position;  // of the first in its sequence
  int keys;      // tokens that these may see
};

// The rows of a step: the open tokens of every lane, then the finished ones of every lane. What comes after
// the last layer's attention is needed for the wanted ones of the open tokens only: they then lie one after
// another.
class Network::Batch {
 public:
  Batch(std::span<const Lane> lanes, const ModelConfig& config) : lanes_(lanes) {
    for (const Lane& lane : lanes) {
      const int n = static_cast<int>(lane.tokens.size());
      const int finished = static_cast<int>(lane.finished.size());
      if (lane.cache->tokens + finished != lane.block_start || lane.block_start + n > lane.length ||
          lane.length > config.max_length || n > config.block || finished > config.block ||
          lane.first_wanted < 0 || lane.first_wanted > n) {
        throw Internal("a lane's block does not follow its finished tokens");
      }
      open_ += n;
      all_ += n + finished;
      wanted_ += wanted(lane);
    }
  }

  int all() const { return all_; }
  int wanted() const { return wanted_; }
  bool is_open(const Rows& rows) const { return rows.source < open_; }

  template <class Use>
  void each(bool wanted_only, Use use) const {
    int first = 0;
    int source = 0;
    for (const Lane& lane : lanes_) {
      const int open = static_cast<int>(lane.tokens.size());
      const int n = wanted_only ? wanted(lane) : open;
      const int skipped = wanted_only ? lane.first_wanted : 0;
      if (n > 0)
        use(Rows{&lane, first, source + skipped, n, lane.block_start + skipped, lane.block_start + open});
      first += n;
      source += open;
    }
    if (wanted_only) return;
    for (const Lane& lane : lanes_) {
      const int n = static_cast<int>(lane.finished.size());
      if (n > 0) use(Rows{&lane, first, first, n, lane.block_start - n, lane.block_start});
      first += n;
    }
  }

 private:
  static int wanted(const Lane& lane) {
    return std::clamp(static_cast<int>(lane.tokens.size()) - lane.first_wanted, 0, std::max(lane.wanted, 0));
  }

  std::span<const Lane> lanes_;
  int open_ = 0, all_ = 0, wanted_ = 0;
};

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
  const std::size_t row = 3 * width;
  float* k = keys(*rows.lane, layer);
  float* v = values(*rows.lane, layer) + size(rows.position) * width;
  const float* from = qkv + size(rows.first) * row;
  const auto place = [&](int position) { return k + size(position / 8 * 8) * width + size(position % 8); };
  int i = 0;
  // Four tokens that lie side by side, the usual block, at one go.
  if (rows.count == 4 && rows.position % 4 == 0) {
    float* at = place(rows.position);
    const float* key = from + width;
    for (std::size_t d = 0; d < width; ++d) {
      const float four[4] = {key[d], key[row + d], key[2 * row + d], key[3 * row + d]};
      std::memcpy(at + d * 8, four, sizeof four);
    }
    i = 4;
  }
  for (; i < rows.count; ++i) {
    float* at = place(rows.position + i);
    const float* key = from + size(i) * row + width;
    for (std::size_t d = 0; d < width; ++d) at[d * 8] = key[d];
  }
  for (i = 0; i < rows.count; ++i) {
    std::memcpy(v + size(i) * width, from + size(i) * row + 2 * width, width * sizeof(float));
  }
}

void Network::attend(int layer, const Rows& rows, const Buffers& b) const {
  const std::size_t width = size(config_.width);
  nn::Attention a;
  a.q = b.wide + size(rows.source) * 3 * width;
  a.q_stride = 3 * config_.width;
  a.queries = rows.count;
  a.keys = keys(*rows.lane, layer);
  a.key_room = key_room_;
  a.values = values(*rows.lane, layer);
  a.count = rows.keys;
  a.heads = config_.heads;
  a.head_width = config_.width / config_.heads;
  a.out = b.h + size(rows.first) * width;
  a.probabilities = b.probabilities;
  nn::kernels().attention(a);
}

// What follows attention in a layer; attention's result is in b.h.
void Network::project_and_feed_forward(int index, const Batch& batch, bool wanted_only, Buffers& b,
                                       nn::Workspace& scratch) const {
  const Layer& layer = layers_[size(index)];
  const std::size_t width = size(config_.width);
  const int rows = wanted_only ? batch.wanted() : batch.all();
  const auto part = [&](const Rows& r, int which) {
    return r.lane->condition->layer_modulation.data() + (size(index) * 6 + size(which)) * width;
  };
  const auto add = [&](int gate) {
    batch.each(wanted_only, [&](const Rows& r) {
      const std::size_t at = size(r.first) * width;
      nn::gated_add(b.x + at, part(r, gate), b.d + at, r.count, config_.width);
    });
  };
  layer.out(b.h, b.d, rows, scratch);
  add(2);
  batch.each(wanted_only, [&](const Rows& r) {
    const std::size_t at = size(r.first) * width;
    nn::modulated_norm(b.x + at, part(r, 3), part(r, 4), b.h + at, r.count, config_.width);
  });
  layer.fc1(b.h, b.wide, rows, scratch);
  layer.fc2(b.wide, b.d, rows, scratch);
  add(5);
}

void Network::step(std::span<Lane> lanes, nn::Workspace& scratch) const {
  const Batch batch(lanes, config_);
  const std::size_t width = size(config_.width);
  const std::size_t rows = size(batch.all());
  const std::size_t wide = size(std::max({3 * config_.width, config_.ffn, config_.vocab}));
  auto* memory =
      static_cast<float*>(scratch.get(0, (rows * (3 * width + wide) + 4 * size(key_room_)) * sizeof(float)));
  Buffers b{};
  b.probabilities = memory;
  b.x = b.probabilities + 4 * key_room_;
  b.h = b.x + rows * width;
  b.d = b.h + rows * width;
  b.wide = b.d + rows * width;

  batch.each(false,
             [&](const Rows& r) { embed(r, batch.is_open(r) ? r.lane->tokens : r.lane->finished, b.x); });
  for (int l = 0; l < config_.layers; ++l) {
    batch.each(false, [&](const Rows& r) {
      const float* shift = r.lane->condition->layer_modulation.data() + size(l) * 6 * width;
      const std::size_t at = size(r.first) * width;
      nn::modulated_norm(b.x + at, shift, shift + width, b.h + at, r.count, config_.width);
    });
    layers_[size(l)].qkv(b.h, b.wide, batch.all(), scratch);
    batch.each(false, [&](const Rows& r) { store(l, r, b.wide); });
    const bool wanted_only = l + 1 == config_.layers;
    batch.each(wanted_only, [&](const Rows& r) {
      attend(l, r, b);
      if (r.first != r.source) {
        std::memmove(b.x + size(r.first) * width, b.x + size(r.source) * width,
                     size(r.count) * width * sizeof(float));
      }
    });
    project_and_feed_forward(l, batch, wanted_only, b, scratch);
  }
  batch.each(true, [&](const Rows& r) {
    const float* shift = r.lane->condition->final_modulation.data();
    const std::size_t at = size(r.first) * width;
    nn::modulated_norm(b.x + at, shift, shift + width, b.h + at, r.count, config_.width);
  });
  head_(b.h, b.wide, batch.wanted(), scratch);
  const std::size_t vocab = size(config_.vocab);
  batch.each(true, [&](const Rows& r) {
    std::memcpy(r.lane->logits + size(r.position - r.lane->block_start) * vocab,
                b.wide + size(r.first) * vocab, size(r.count) * vocab * sizeof(float));
  });
  for (const Lane& lane : lanes) lane.cache->tokens = lane.block_start;
}

}  // namespace odordiff::diffusion

#include "safety/known_substances.h"

#include <algorithm>
#include <bit>

#include "base/error.h"
#include "base/split.h"
#include "chem/substance.h"

namespace odordiff::safety {
namespace {

constexpr std::size_t kWords = std::size(chem::BitFingerprint{}.words);

std::vector<std::uint32_t> set_bits(const std::uint64_t* words) {
  std::vector<std::uint32_t> bits;
  for (std::size_t w = 0; w < kWords; ++w) {
    for (std::uint64_t left = words[w]; left != 0; left &= left - 1) {
      bits.push_back(static_cast<std::uint32_t>(w * 64 + static_cast<std::size_t>(std::countr_zero(left))));
    }
  }
  return bits;
}

}  // namespace

std::uint64_t known_key(const chem::Molecule& mol) {
  return split_hash(chem::substance_key(mol));
}

KnownSubstances::Index KnownSubstances::read(const nn::SafeTensors& file, const std::string& name) {
  Index index;
  const auto keys = file.at(name + ".keys").u64();
  index.keys.assign(keys.begin(), keys.end());
  if (!std::is_sorted(index.keys.begin(), index.keys.end())) {
    throw Unavailable("damaged table of known substances " + file.path().string() + ": keys are not sorted");
  }
  const auto& tensor = file.at(name + ".fingerprints");
  if (tensor.shape.size() != 2 || tensor.shape[1] != static_cast<std::int64_t>(kWords)) {
    throw Unavailable("damaged table of known substances " + file.path().string() +
                      ": fingerprints are not [n, 32]");
  }
  const auto words = tensor.u64();
  index.by_bit.resize(kWords * 64);
  for (std::size_t i = 0; i < words.size() / kWords; ++i) {
    const auto bits = set_bits(words.data() + i * kWords);
    for (const auto bit : bits) index.by_bit[bit].push_back(static_cast<std::uint32_t>(i));
    index.bit_count.push_back(static_cast<std::uint16_t>(bits.size()));
  }
  return index;
}

KnownSubstances::KnownSubstances(const std::filesystem::path& model_folder) {
  const nn::SafeTensors file(model_folder / "safety_known.safetensors");
  toxins_ = read(file, "toxins");
  flavourings_ = read(file, "flavourings");
}

double KnownSubstances::Index::nearest(const std::vector<std::uint32_t>& bits) const {
  std::vector<std::uint16_t> shared(bit_count.size(), 0);
  for (const auto bit : bits) {
    for (const auto molecule : by_bit[bit]) ++shared[molecule];
  }
  double best = 0;
  for (std::size_t i = 0; i < shared.size(); ++i) {
    const double either = static_cast<double>(bits.size()) + bit_count[i] - shared[i];
    if (shared[i] > 0) best = std::max(best, shared[i] / either);
  }
  return best;
}

Likeness KnownSubstances::compare(const chem::Molecule& mol, const chem::BitFingerprint& fingerprint) const {
  const auto bits = set_bits(fingerprint.words);
  const auto key = known_key(mol);
  return {toxins_.nearest(bits), flavourings_.nearest(bits),
          std::binary_search(toxins_.keys.begin(), toxins_.keys.end(), key),
          std::binary_search(flavourings_.keys.begin(), flavourings_.keys.end(), key)};
}

void write_known_substances(const std::filesystem::path& file, KnownList toxins, KnownList flavourings) {
  std::map<std::string, nn::TensorView> tensors;
  const auto add = [&](const std::string& name, KnownList& list) {
    std::sort(list.keys.begin(), list.keys.end());
    tensors[name + ".keys"] = {
        nn::DType::U64, {static_cast<std::int64_t>(list.keys.size())}, std::as_bytes(std::span(list.keys))};
    tensors[name + ".fingerprints"] = {
        nn::DType::U64,
        {static_cast<std::int64_t>(list.fingerprints.size()), static_cast<std::int64_t>(kWords)},
        std::as_bytes(std::span(list.fingerprints))};
  };
  add("toxins", toxins);
  add("flavourings", flavourings);
  nn::write_safetensors(file, tensors);
}

}  // namespace odordiff::safety

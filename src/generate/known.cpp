#include "generate/known.h"

#include <algorithm>

#include "base/rng.h"
#include "chem/substance.h"

namespace odordiff::generate {

std::uint64_t molecule_key(const chem::Molecule& mol) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : chem::substance_key(mol)) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return mix64(hash);
}

KnownMolecules::KnownMolecules(const std::filesystem::path& folder)
    : file_(folder / "known.safetensors"),
      known_(file_.at("known").u64()),
      derived_(file_.at("derived").u64()) {
  const auto words = file_.at("fingerprints").u64();
  constexpr std::size_t kWords = std::size(chem::BitFingerprint{}.words);
  odorants_.resize(words.size() / kWords);
  for (std::size_t i = 0; i < odorants_.size(); ++i) {
    std::copy_n(words.begin() + static_cast<std::ptrdiff_t>(i * kWords), kWords, odorants_[i].words);
    odorant_bits_.push_back(chem::bits_set(odorants_[i]));
  }
}

bool KnownMolecules::known(std::uint64_t key) const {
  return std::binary_search(known_.begin(), known_.end(), key);
}

bool KnownMolecules::derived(std::uint64_t key) const {
  return std::binary_search(derived_.begin(), derived_.end(), key);
}

double KnownMolecules::nearest_similarity(const chem::BitFingerprint& bits) const {
  const int mine = chem::bits_set(bits);
  double best = 0;
  for (std::size_t i = 0; i < odorants_.size(); ++i) {
    const int theirs = odorant_bits_[i];
    // Not even all of the smaller in the larger would come closer.
    if (std::min(mine, theirs) <= best * std::max(mine, theirs)) continue;
    const int both = chem::bits_in_both(bits, odorants_[i]);
    best = std::max(best, static_cast<double>(both) / (mine + theirs - both));
  }
  return best;
}

void write_known(const std::filesystem::path& file, std::vector<std::uint64_t> known,
                 std::vector<std::uint64_t> derived, const std::vector<chem::BitFingerprint>& odorants) {
  for (auto* keys : {&known, &derived}) {
    std::sort(keys->begin(), keys->end());
    keys->erase(std::unique(keys->begin(), keys->end()), keys->end());
  }
  const auto view = [](const std::vector<std::uint64_t>& v) {
    return nn::TensorView{nn::DType::U64, {static_cast<std::int64_t>(v.size())}, std::as_bytes(std::span(v))};
  };
  nn::write_safetensors(file, {{"known", view(known)},
                               {"derived", view(derived)},
                               {"fingerprints",
                                {nn::DType::U64,
                                 {static_cast<std::int64_t>(odorants.size()),
                                  static_cast<std::int64_t>(std::size(chem::BitFingerprint{}.words))},
                                 std::as_bytes(std::span(odorants))}}});
}

}  // namespace odordiff::generate

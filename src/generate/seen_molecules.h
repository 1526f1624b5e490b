// The structures of late, by InChIKey: a key is a checksum, from which no structure follows.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace odordiff::generate {

// Keeps the latest molecules, at least `kept` of them and at most twice as many. Thread-safe.
class SeenMolecules {
 public:
  explicit SeenMolecules(std::size_t kept) : kept_(kept) {}

  void add(const std::string& inchikey, const std::string& smiles);
  std::optional<std::string> smiles_of(const std::string& inchikey) const;

 private:
  using Generation = std::unordered_map<std::string, std::string>;

  std::size_t kept_;
  mutable std::mutex mutex_;
  Generation young_, old_;
};

}  // namespace odordiff::generate

// What a safety report of an ordinary odorant costs, part by part: CPU time of one thread, microseconds a
// molecule. Reads SMILES, one a line, from stdin and keeps those of 12 to 20 heavy atoms.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "chem/descriptors.h"
#include "safety/alerts.h"
#include "safety/assessor.h"

int main() {
  using namespace odordiff;
  const std::clock_t began = std::clock();
  const safety::SafetyAssessor assessor(ODORDIFF_SAFETY_DATA, ODORDIFF_MODEL_FOLDER);
  std::printf("load %.0f ms\n", 1e3 * static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC);
  const safety::AlertTable alerts(ODORDIFF_SAFETY_DATA);
  const safety::RegulatoryTables tables(ODORDIFF_SAFETY_DATA);
  const safety::Tox21Model tox21(ODORDIFF_MODEL_FOLDER);
  const safety::KnownSubstances known(ODORDIFF_MODEL_FOLDER);

  std::vector<std::string> smiles;
  for (std::string line; std::getline(std::cin, line) && smiles.size() < 1024;) {
    const auto mol = chem::Molecule::try_parse(line.substr(0, line.find_first_of(" ,\t")));
    if (mol && mol->heavy_atoms() >= 12 && mol->heavy_atoms() <= 20) smiles.push_back(mol->smiles());
  }
  if (smiles.empty()) return 1;
  std::vector<chem::Molecule> mols;
  const auto parse_anew = [&] {  // a handle remembers its descriptors, so each run gets new ones
    mols.clear();
    for (const auto& s : smiles) mols.push_back(chem::Molecule::parse(s));
  };
  const auto in_batches = [&](const auto& work) {
    for (std::size_t i = 0; i < mols.size(); i += 64) {
      work(std::span<const chem::Molecule>(mols).subspan(i, std::min<std::size_t>(64, mols.size() - i)));
    }
  };
  const auto describe = [&] {
    for (const auto& mol : mols) chem::descriptor_vector(mol);
  };
  const auto measure = [&](const char* name, bool described, const std::function<void()>& work) {
    double best = 1e30;
    for (int run = 0; run < 5; ++run) {
      parse_anew();
      if (described) describe();
      const std::clock_t start = std::clock();
      work();
      best = std::min(best, 1e6 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
    }
    std::printf("%-34s %6.0f\n", name, best / static_cast<double>(mols.size()));
  };
  std::printf("%zu molecules, microseconds each:\n", smiles.size());
  measure("alerts", true, [&] {
    for (const auto& mol : mols) alerts.match(mol);
  });
  measure("lists", true, [&] {
    for (const auto& mol : mols) tables.match(mol);
  });
  measure("likeness", true, [&] {
    for (const auto& mol : mols) known.compare(mol, chem::morgan_bits(mol));
  });
  measure("Tox21, descriptors at hand", true, [&] { in_batches([&](auto batch) { tox21.predict(batch); }); });
  measure("forbids()", true, [&] {
    for (const auto& mol : mols) assessor.forbids(mol);
  });
  measure("assess(), descriptors at hand", true,
          [&] { in_batches([&](auto batch) { assessor.assess(batch); }); });
  measure("assess(), descriptors included", false,
          [&] { in_batches([&](auto batch) { assessor.assess(batch); }); });
  return 0;
}

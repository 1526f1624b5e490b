// What a look at makeability costs beside parsing the molecule, on one thread. Run: routes_bench DATA_FOLDER
// SMILES_FILE (data/synthesis; one SMILES a line, what follows it is ignored).
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "synthesis/route_planner.h"

namespace {

using odordiff::chem::Molecule;
using odordiff::synthesis::RoutePlanner;

// Processor time, so that a busy machine tells the same.
double thread_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Timed {
  std::vector<double> ms;
  int found = 0;

  double quantile(double q) const {
    return ms[static_cast<std::size_t>(q * static_cast<double>(ms.size() - 1))];
  }
};

Timed timed(const std::vector<Molecule>& molecules, const std::function<bool(const Molecule&)>& look) {
  Timed out;
  for (const auto& mol : molecules) {
    const double begin = thread_ms();
    out.found += look(mol) ? 1 : 0;
    out.ms.push_back(thread_ms() - begin);
  }
  std::sort(out.ms.begin(), out.ms.end());
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: routes_bench DATA_FOLDER SMILES_FILE\n");
    return 2;
  }
  try {
    const RoutePlanner planner(argv[1]);
    std::vector<Molecule> molecules;
    std::ifstream in(argv[2]);
    for (std::string line; std::getline(in, line);) {
      const auto mol = Molecule::try_parse(line.substr(0, line.find_first_of(" \t\r")));
      if (mol && mol->heavy_atoms() >= 2 && mol->heavy_atoms() <= 60 &&
          mol->smiles().find('.') == std::string::npos) {
        molecules.push_back(*mol);
      }
    }
    if (molecules.empty()) throw odordiff::InvalidInput("no molecule in " + std::string(argv[2]));
    std::printf("%zu molecules\n%-22s %8s %8s %8s %8s %10s\n", molecules.size(), "", "found", "p50 ms",
                "p90 ms", "max ms", "x parsing");
    const Timed parsing =
        timed(molecules, [](const Molecule& mol) { return Molecule::try_parse(mol.smiles()).has_value(); });
    const auto print = [&](const char* name, const Timed& t) {
      std::printf("%-22s %8d %8.2f %8.2f %8.1f %10.1f\n", name, t.found, t.quantile(0.5), t.quantile(0.9),
                  t.quantile(1), t.quantile(0.5) / parsing.quantile(0.5));
    };
    print("parsing", parsing);
    for (int steps = 1; steps <= 3; ++steps) {
      const std::string name = "quick, " + std::to_string(steps) + " steps";
      print(name.c_str(),
            timed(molecules, [&](const Molecule& mol) { return planner.quick(mol, steps).found; }));
    }
    print("routes, 3 steps",
          timed(molecules, [&](const Molecule& mol) { return !planner.routes(mol).routes.empty(); }));
    return 0;
  } catch (const odordiff::Error& error) {
    std::fprintf(stderr, "routes_bench: %s\n", error.what());
    return 2;
  }
}

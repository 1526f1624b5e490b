// Build step: converts rdkit-data's SA score table into the flat file that the engine maps.
#include <cstdio>

#include "base/error.h"
#include "chem/sa_score.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: odordiff_sa_table_tool fpscores.pkl.gz OUT\n");
    return 2;
  }
  try {
    odordiff::chem::SaScorer::convert(argv[1], argv[2]);
    return 0;
  } catch (const odordiff::Error& error) {
    std::fprintf(stderr, "odordiff_sa_table_tool: %s\n", error.what());
    return 1;
  }
}

// Prints the library's version, then what a missing model sounds like; with "model", also designs two
// molecules.
#include <odordiff/odordiff.h>

#include <iostream>
#include <string>

int main(int argc, char** argv) {
  std::cout << odordiff::version() << "\n";
  try {
    odordiff::EngineOptions options;
    options.model_folder = "/nonexistent";
    odordiff::Engine engine(options);
    return 1;
  } catch (const odordiff::EngineError& error) {
    if (error.kind() != odordiff::EngineError::Kind::Unavailable) return 2;
    std::cout << error.what() << "\n";
  }
  if (argc < 2 || std::string(argv[1]) != "model") return 0;

  odordiff::Engine engine;
  odordiff::GenerateOptions options;
  options.count = 2;
  options.seed = 7;
  for (const auto& molecule : engine.generate("fresh-cut grass after rain", options).molecules) {
    std::cout << molecule.smiles << " " << molecule.score << "\n";
    if (engine.describe(molecule.smiles).smiles != molecule.smiles) return 3;
  }
  if (!engine.explain("fresh-cut grass").understood) return 4;
  try {
    engine.describe("not a molecule");
    return 5;
  } catch (const odordiff::EngineError& error) {
    return error.kind() == odordiff::EngineError::Kind::InvalidInput ? 0 : 6;
  }
}

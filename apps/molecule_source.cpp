#include "molecule_source.h"

#include <unistd.h>

#include "base/error.h"
#include "chem/substance.h"

namespace odordiff::apps {
namespace {

GivenSmiles read_molecule(std::string smiles, std::string name) {
  GivenSmiles out{std::move(smiles), std::move(name), std::nullopt, {}};
  try {
    out.molecule = chem::parse_plain(out.smiles);
  } catch (const InvalidInput& error) {
    out.error = error.what();
  }
  return out;
}

}  // namespace

MoleculeSource::MoleculeSource(const std::vector<std::string>& arguments, const std::string& example)
    : arguments_(arguments), lines_(STDIN_FILENO) {
  stdin_ = arguments.empty() || (arguments.size() == 1 && arguments.front() == "-");
  if (arguments.empty() && stdin_is_terminal()) throw InvalidInput("no molecule; give SMILES: " + example);
}

std::optional<GivenSmiles> MoleculeSource::next() {
  if (!stdin_) {
    if (next_ == arguments_.size()) return std::nullopt;
    return read_molecule(arguments_[next_++], {});
  }
  const auto line = lines_.next();
  if (!line) return std::nullopt;
  auto entry = read_smiles_line(*line);
  return read_molecule(std::move(entry.smiles), std::move(entry.name));
}

}  // namespace odordiff::apps

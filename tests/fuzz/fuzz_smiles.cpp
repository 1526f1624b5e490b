// Any bytes as SMILES: parsing answers or throws InvalidInput, what parses is canonical, tokens give back
// their text, and what the grammar calls complete is a molecule.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/error.h"
#include "chem/molecule.h"
#include "chem/smiles_grammar.h"
#include "chem/tokenizer.h"

namespace {

using odordiff::chem::Molecule;
using odordiff::chem::SmilesGrammar;
using odordiff::chem::TokenId;
using odordiff::chem::Tokenizer;

void require(bool holds, const char* promise, const std::string& about) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s: %s\n", promise, about.c_str());
  std::abort();
}

void parse(const std::string& smiles) {
  const auto tried = Molecule::try_parse(smiles);
  try {
    const Molecule mol = Molecule::parse(smiles);
    require(tried.has_value() && tried->smiles() == mol.smiles(), "parse and try_parse agree", smiles);
    require(Molecule::try_parse(mol.smiles()).has_value(), "a canonical SMILES parses", mol.smiles());
  } catch (const odordiff::InvalidInput&) {
    require(!tried.has_value(), "parse and try_parse agree", smiles);
  }
}

void tokenize(const std::string& smiles) {
  std::vector<TokenId> tokens;
  if (Tokenizer::try_encode(smiles, tokens)) {
    require(Tokenizer::decode(tokens) == smiles, "tokens give back their text", smiles);
  }
}

// The bytes choose among what the grammar allows: byte 0 the length, byte k the token at place k.
void walk_grammar(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return;
  const int length = 1 + data[0] % SmilesGrammar::kMaxTokens;
  SmilesGrammar grammar(length);
  std::vector<TokenId> tokens;
  for (std::size_t at = 1; at < size && !grammar.complete(); ++at) {
    const auto allowed = grammar.allowed();
    if (allowed.none()) return;
    std::size_t left = data[at] % allowed.count();
    TokenId token = 0;
    while (!allowed.test(token) || left-- > 0) ++token;
    require(grammar.push(token), "what is allowed can be pushed", Tokenizer::decode(tokens));
    tokens.push_back(token);
  }
  if (grammar.complete()) {
    const std::string smiles = Tokenizer::decode(tokens);
    require(static_cast<int>(tokens.size()) == length, "a complete string has the wanted length", smiles);
    require(Molecule::try_parse(smiles).has_value(), "a complete string is a molecule", smiles);
  }
}

// Any tokens, allowed or not: push answers, and a refusal changes nothing.
void push_anything(const std::uint8_t* data, std::size_t size) {
  SmilesGrammar grammar(SmilesGrammar::kMaxTokens);
  const auto vocabulary = Tokenizer::vocabulary().size();
  for (std::size_t at = 0; at < size && grammar.position() < grammar.length(); ++at) {
    const int before = grammar.position();
    const bool taken = grammar.push(static_cast<TokenId>(data[at] % vocabulary));
    require(grammar.position() == before + (taken ? 1 : 0), "a refused token is not counted",
            std::to_string(data[at]));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  parse(text);
  tokenize(text);
  walk_grammar(data, size);
  push_anything(data, size);
  return 0;
}

// Drawings and mol blocks.
#include "chem/depict.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "base/error.h"

namespace odordiff::chem {
namespace {

const Molecule& vanillin() {
  static const Molecule mol = Molecule::parse("COc1cc(C=O)ccc1O");
  return mol;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Depict, IsOneSvgElementWithoutProlog) {
  const std::string svg = depict_svg(vanillin());
  EXPECT_EQ(svg.rfind("<svg", 0), 0U) << svg.substr(0, 80);
  EXPECT_EQ(svg.find("<?xml"), std::string::npos);
  EXPECT_TRUE(contains(svg, "width='300px' height='220px'"));
  EXPECT_EQ(svg.find("<svg", 1), std::string::npos);
  const auto end = svg.find("</svg>");
  ASSERT_NE(end, std::string::npos);
  EXPECT_EQ(svg.find_first_not_of(" \r\n", end + 6), std::string::npos);
}

TEST(Depict, DrawsTheSameTwice) {
  EXPECT_EQ(depict_svg(vanillin()), depict_svg(Molecule::parse("COc1cc(C=O)ccc1O")));
}

TEST(Depict, PaintsABackgroundOnlyWhenAsked) {
  EXPECT_FALSE(contains(depict_svg(vanillin()), "<rect"));
  DepictOptions options;
  options.transparent = false;
  EXPECT_TRUE(contains(depict_svg(vanillin(), options), "<rect"));
}

TEST(Depict, PutsAHaloAroundHighlightedAtoms) {
  DepictOptions options;
  options.highlight_atoms = {4, 5};
  EXPECT_FALSE(contains(depict_svg(vanillin()), "<ellipse"));
  EXPECT_TRUE(contains(depict_svg(vanillin(), options), "<ellipse"));
}

TEST(Depict, RefusesAtomsAndSizesThatAreNotThere) {
  DepictOptions options;
  options.highlight_atoms = {11};
  EXPECT_THROW(depict_svg(vanillin(), options), InvalidInput);
  options.highlight_atoms = {-1};
  EXPECT_THROW(depict_svg(vanillin(), options), InvalidInput);
  options = {};
  options.width_px = 0;
  EXPECT_THROW(depict_svg(vanillin(), options), InvalidInput);
  options.width_px = 1'000'000;
  EXPECT_THROW(depict_svg(vanillin(), options), InvalidInput);
}

TEST(Depict, DrawsSingleAtomsAndSalts) {
  for (const auto* smiles : {"C", "O", "[Na+].[Cl-]", "[H][H]", "*"}) {
    EXPECT_TRUE(contains(depict_svg(Molecule::parse(smiles)), "</svg>")) << smiles;
  }
}

TEST(MolBlock, HasItsTitleCoordinatesAndEnd) {
  const std::string block = mol_block(vanillin(), "vanillin");
  EXPECT_EQ(block.rfind("vanillin\n", 0), 0U);
  EXPECT_TRUE(contains(block, " 11 11  0")) << block;
  EXPECT_TRUE(contains(block, "V2000"));
  EXPECT_TRUE(contains(block, "M  END\n"));
  EXPECT_EQ(block, mol_block(vanillin(), "vanillin"));
}

TEST(MolBlock, KeepsATitleToOneLine) {
  EXPECT_EQ(mol_block(vanillin(), "two\nlines").rfind("two lines\n", 0), 0U);
}

TEST(MolBlock, RefusesMoreAtomsThanTheFormatCounts) {
  std::string methanes = "C";
  for (int i = 1; i < 1000; ++i) methanes += ".C";
  EXPECT_THROW(mol_block(Molecule::parse(methanes), ""), InvalidInput);
}

// In bond lengths, of the drawing of `smiles`.
double least_distance(const std::string& smiles) {
  std::istringstream block(mol_block(Molecule::parse(smiles), ""));
  std::string line;
  for (int i = 0; i < 4; ++i) std::getline(block, line);
  const int atoms = std::stoi(line.substr(0, 3));
  std::vector<std::pair<double, double>> places;
  for (int i = 0; i < atoms; ++i) {
    std::getline(block, line);
    places.emplace_back(std::stod(line.substr(0, 10)), std::stod(line.substr(10, 10)));
  }
  double least = 1;
  for (std::size_t i = 0; i < places.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double x = places[i].first - places[j].first, y = places[i].second - places[j].second;
      least = std::min(least, std::sqrt(x * x + y * y) / 1.5);
    }
  }
  return least;
}

TEST(Depict, NoAtomLiesOnAnother) {
  for (const char* cage : {"NC12CC(C1)(OC2C)C", "CC1(C)C2CCC1(C)C(=O)C2", "C1C2CC3CC1CC(C2)C3",
                           "CC12CCC3C(C)(C)CCCC3(C)C1CCO2"}) {
    EXPECT_GT(least_distance(cage), 0.3) << cage;
  }
  std::ifstream blocks(ODORDIFF_DATA "/synthesis/blocks.tsv");
  ASSERT_TRUE(blocks);
  std::size_t drawn = 0;
  for (std::string line; std::getline(blocks, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::string smiles = line.substr(0, line.find('\t'));
    if (!Molecule::try_parse(smiles)) continue;
    EXPECT_GT(least_distance(smiles), 0.25) << smiles;
    ++drawn;
  }
  EXPECT_GT(drawn, 500U);
}

}  // namespace
}  // namespace odordiff::chem

// Drawings and mol blocks.
#include "chem/depict.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace odordiff::chem

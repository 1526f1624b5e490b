// What a brief comes to: emphasis, negation, phrases, what is told of each term, and what is refused.
#include "scent/brief_encoder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "brief_fixture.h"

namespace odordiff::scent {
namespace {

std::string complaint_about(const std::string& brief) {
  try {
    read_brief(brief);
  } catch (const InvalidInput& error) {
    return error.what();
  }
  return "";
}

const BriefTerm* term_of(const EncodedBrief& brief, const std::string& text) {
  for (const auto& term : brief.terms) {
    if (term.text == text) return &term;
  }
  return nullptr;
}

float likeness(const EncodedBrief& a, const EncodedBrief& b) {
  float sum = 0;
  for (std::size_t i = 0; i < kTextWidth; ++i) sum += a.text[i] * b.text[i];
  return sum;
}

TEST(BriefEncoder, EveryDescriptorNamesItself) {
  for (const auto name : descriptor_names()) {
    const auto brief = read_brief(std::string(name));
    EXPECT_TRUE(brief.understood) << name;
    EXPECT_FLOAT_EQ(weight_of(brief, std::string(name)), 1) << name;
  }
}

TEST(BriefEncoder, EmphasisOrdersWhatIsWanted) {
  const auto brief = read_brief("very smoky with a hint of vanilla");
  EXPECT_GT(weight_of(brief, "smoky"), weight_of(brief, "vanilla"));
  EXPECT_GT(weight_of(brief, "vanilla"), 0);
  for (const char* weak :
       {"a hint of rose", "slightly rosy", "a touch of rose", "a little rose", "faint rose"}) {
    EXPECT_LT(weight_of(read_brief(weak), "rose"), 0.75F) << weak;
    EXPECT_LT(chance_of(read_brief(weak), "rose"), chance_of(read_brief("rose"), "rose")) << weak;
  }
  for (const char* strong :
       {"very rosy and green", "mostly rose and green", "heavy on rose and a little green",
        "dominant rose and a bit of green", "rose-heavy, green"}) {
    const auto read = read_brief(strong);
    EXPECT_GE(weight_of(read, "rose"), weight_of(read, "green")) << strong;
    ASSERT_FALSE(read.terms.empty());
    EXPECT_GT(read.terms.front().emphasis, 1) << strong;
  }
}

TEST(BriefEncoder, EmphasisEndsWithItsSmellOrItsClause) {
  const auto brief = read_brief("very sweet rose, green and a hint of vanilla and very woody");
  EXPECT_GT(term_of(brief, "sweet")->emphasis, 1);
  EXPECT_FLOAT_EQ(term_of(brief, "rose")->emphasis, 1);
  EXPECT_FLOAT_EQ(term_of(brief, "green")->emphasis, 1);
  EXPECT_LT(term_of(brief, "vanilla")->emphasis, 1);
  EXPECT_GT(term_of(brief, "woody")->emphasis, 1);
}

TEST(BriefEncoder, AWordAfterTheSmellCanWeakenIt) {
  EXPECT_LT(read_brief("jasmine undertones").terms.front().emphasis, 1);
  EXPECT_LT(read_brief("with rose in the background").terms.front().emphasis, 1);
}

TEST(BriefEncoder, NegationReachesOverListsAndStopsAtBut) {
  const auto list = read_brief("no vanilla, musk or amber, just cedar");
  EXPECT_LT(weight_of(list, "vanilla"), 0);
  EXPECT_LT(weight_of(list, "musk"), 0);
  EXPECT_LT(weight_of(list, "amber"), 0);
  EXPECT_GT(weight_of(list, "cedar"), 0);
  const auto turned = read_brief("not sweet but fruity");
  EXPECT_LT(weight_of(turned, "sweet"), 0);
  EXPECT_GT(weight_of(turned, "fruity"), 0);
  const auto both = read_brief("floral but not fruity or green");
  EXPECT_GT(weight_of(both, "floral"), 0);
  EXPECT_LT(weight_of(both, "fruity"), 0);
  EXPECT_LT(weight_of(both, "green"), 0);
  EXPECT_GT(weight_of(read_brief("not sweet. Green."), "green"), 0);
  EXPECT_GT(weight_of(read_brief("no sugar and a little mint"), "mint"), 0);
  EXPECT_LT(weight_of(read_brief("without sugar and mint"), "mint"), 0);
}

TEST(BriefEncoder, MildNegationIsMilder) {
  EXPECT_LT(weight_of(read_brief("not sweet"), "sweet"), weight_of(read_brief("less sweet"), "sweet"));
  EXPECT_LT(weight_of(read_brief("never too sweet"), "sweet"), 0);
}

TEST(BriefEncoder, WhatOnlyLooksLikeNegationIsNone) {
  for (const char* brief :
       {"not only green but also sweet", "nothing but green", "never enough green", "no. 5, green"}) {
    EXPECT_GT(weight_of(read_brief(brief), "green"), 0) << brief;
  }
}

TEST(BriefEncoder, AComparisonDoesNotNameASmell) {
  const auto brief = read_brief("less sweet than honey");
  EXPECT_LT(weight_of(brief, "sweet"), 0);
  EXPECT_EQ(term_of(brief, "honey"), nullptr);
}

TEST(BriefEncoder, NegationTakesOnlyWhatAWordChieflyMeans) {
  const auto brief = read_brief("sweet honey, no vanilla");
  EXPECT_LT(weight_of(brief, "vanilla"), 0);
  EXPECT_GT(weight_of(brief, "sweet"), 0);
}

TEST(BriefEncoder, TheLongestPhraseCounts) {
  const auto brief = read_brief("lily of the valley");
  ASSERT_EQ(brief.terms.size(), 1U);
  EXPECT_EQ(brief.terms.front().text, "lily of the valley");
  EXPECT_GT(weight_of(brief, "muguet"), 0);
  EXPECT_EQ(strongest(read_brief("lily-of-the-valley"), 3), strongest(brief, 3));
}

TEST(BriefEncoder, WordsAreKnownInOtherForms) {
  EXPECT_GT(weight_of(read_brief("Roses"), "rose"), 0);
  EXPECT_GT(weight_of(read_brief("lemony"), "lemon"), 0);
  EXPECT_GT(weight_of(read_brief("cherries"), "cherry"), 0);
  EXPECT_GT(weight_of(read_brief("peach-like"), "peach"), 0);
  EXPECT_GT(weight_of(read_brief("cr\xc3\xa8me br\xc3\xbbl\xc3\xa9\x65"), "caramellic"), 0);
  EXPECT_EQ(read_brief("my brother").terms.front().descriptors.size(), 0U) << "a brother is no broth";
}

TEST(BriefEncoder, ASlipOfThePenIsForgiven) {
  const auto brief = read_brief("strawbery and vanila");
  EXPECT_GT(weight_of(brief, "strawberry"), 0);
  EXPECT_GT(weight_of(brief, "vanilla"), 0);
  ASSERT_NE(term_of(brief, "strawbery"), nullptr) << "told as written";
  EXPECT_EQ(term_of(brief, "strawbery")->source, BriefTerm::Source::Lexicon);
}

TEST(BriefEncoder, WordsOutsideTheLexiconSpeakThroughTheirNeighbours) {
  const auto brief = read_brief("a barn");
  ASSERT_EQ(brief.terms.size(), 1U);
  EXPECT_EQ(brief.terms.front().source, BriefTerm::Source::Learned);
  EXPECT_TRUE(brief.understood);
}

TEST(BriefEncoder, UnknownWordsAreToldAndGiveNoDirection) {
  const auto brief = read_brief("asdfgh qwertzu");
  EXPECT_FALSE(brief.understood);
  EXPECT_FALSE(brief.has_text);
  ASSERT_EQ(brief.terms.size(), 2U);
  EXPECT_EQ(brief.terms.front().source, BriefTerm::Source::Unknown);
  for (const float weight : brief.weights) EXPECT_EQ(weight, 0);
  for (const float x : brief.text) EXPECT_EQ(x, 0);
  EXPECT_TRUE(read_brief("asdfgh rose").understood);
}

TEST(BriefEncoder, TermsPointIntoTheBrief) {
  const std::string brief = "\xc3\x89picea: old books\xe2\x80\x94no vanilla, grandmother\xe2\x80\x99s rose";
  const auto read = read_brief(brief);
  std::size_t last = 0;
  for (const auto& term : read.terms) {
    EXPECT_EQ(term.text, brief.substr(term.begin, term.end - term.begin));
    EXPECT_GE(term.begin, last);
    last = term.end;
    EXPECT_LE(term.descriptors.size(), 5U);
    for (std::size_t i = 1; i < term.descriptors.size(); ++i) {
      EXPECT_GE(std::abs(term.descriptors[i - 1].second), std::abs(term.descriptors[i].second));
    }
  }
  ASSERT_NE(term_of(read, "old books"), nullptr);
  ASSERT_NE(term_of(read, "vanilla"), nullptr);
  EXPECT_TRUE(term_of(read, "vanilla")->negated);
  EXPECT_LT(term_of(read, "vanilla")->descriptors.front().second, 0);
}

TEST(BriefEncoder, TheDirectionIsSparse) {
  const auto read = read_brief(
      "rose, lemon, mint, smoke, leather, vanilla, hay, honey, cedar, moss, musk, apple, pear, plum");
  EXPECT_LE(strongest(read, kDescriptors).size(), 12U);
  EXPECT_GE(strongest(read, kDescriptors).size(), 8U);
}

TEST(BriefEncoder, TheTextVectorFollowsTheMeaning) {
  const auto rain = read_brief("rain on leaves"), storm = read_brief("a wet storm in the forest");
  const auto cake = read_brief("chocolate cake with cream");
  EXPECT_GT(likeness(rain, storm), likeness(rain, cake));
  EXPECT_NEAR(likeness(rain, rain), 1, 1e-5);
  EXPECT_NEAR(likeness(read_brief("rose, no vanilla"), read_brief("rose")), 1, 1e-5)
      << "the unwanted stays out";
}

TEST(BriefEncoder, RefusesWhatIsNoBriefAndSaysWhatWouldBe) {
  for (const char* blank : {"", "   ", "\n\t", "...!?", "\xe2\x80\x94"}) {
    EXPECT_NE(complaint_about(blank).find("blank"), std::string::npos) << blank;
  }
  EXPECT_NE(complaint_about(std::string(1001, 'a')).find("at most 1,000"), std::string::npos);
  EXPECT_NE(complaint_about(std::string(4001, ' ')).find("at most 1,000"), std::string::npos);
  EXPECT_EQ(complaint_about(std::string(1000, 'a')), "");
  std::string thousand;
  for (int i = 0; i < 1000; ++i) thousand += "\xc3\xa9";
  EXPECT_EQ(complaint_about(thousand), "") << "characters count, not bytes";
  for (const char* broken :
       {"rose \xff", "\xc3", "\xed\xa0\x80", "\xc0\xaf", "\xf5\x80\x80\x80", "ros\xe9"}) {
    EXPECT_NE(complaint_about(broken).find("UTF-8"), std::string::npos);
  }
}

TEST(BriefEncoder, SaysWhichFileOfAModelIsMissing) {
  try {
    const BriefEncoder encoder("/nowhere");
    FAIL();
  } catch (const Unavailable& error) {
    EXPECT_NE(std::string(error.what()).find("brief.safetensors"), std::string::npos);
  }
}

}  // namespace
}  // namespace odordiff::scent

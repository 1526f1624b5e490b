// How a brief is cut into words.
#include "scent/brief_text.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace odordiff::scent {
namespace {

TEST(BriefText, FoldsCaseAccentsAndPossessives) {
  EXPECT_EQ(fold_phrase("Cr\xc3\xa8me BR\xc3\x9bL\xc3\x89\x45"), "creme brulee");
  EXPECT_EQ(fold_phrase("grandmother's kitchen"), "grandmother kitchen");
  EXPECT_EQ(fold_phrase("grandmother\xe2\x80\x99s kitchen"), "grandmother kitchen");
  EXPECT_EQ(fold_phrase("don't"), "dont");
  EXPECT_EQ(fold_phrase("L'Heure d'orange"), "l heure d orange");
  EXPECT_EQ(fold_phrase("\xc5\x93illet \xc3\x86gean Stra\xc3\x9f\x65"), "oeillet aegean strasse");
  EXPECT_EQ(fold_phrase("e\xcc\x81t\xc3\xa9"), "ete") << "combining accents too";
  EXPECT_EQ(fold_phrase("fresh-cut\xe2\x80\x91grass"), "fresh cut grass");
}

// As text comes out of documents and phones.
TEST(BriefText, FoldsWhatStandsForPlainLetters) {
  EXPECT_EQ(fold_phrase("\uFB02oral co\uFB00ee \uFB01ne a\uFB03nity ba\uFB04e \uFB05one"),
            "floral coffee fine affinity baffle stone");
  EXPECT_EQ(fold_phrase("\uFF32\uFF2F\uFF33\uFF25\u3000musk"), "rose musk");
  EXPECT_EQ(fold_phrase("\U0001D42B\U0001D428\U0001D42C\U0001D41E"), "rose") << "mathematical letters";
  EXPECT_EQ(fold_phrase("ro\u00ADse mu\u200Bsk \uFEFFamber"), "rose musk amber");
  EXPECT_EQ(fold_phrase("R\u00D8SE \u0141ily \u0130ris"), "rose lily iris");
  EXPECT_EQ(fold_phrase("grandmother\uFF07s"), "grandmother");
  EXPECT_EQ(fold_phrase("musk\u2122 100\u00B5g"), "musktm 100\u03BCg");
}

TEST(BriefText, EveryDashThatTiesWordsIsAHyphen) {
  for (const char* dash :
       {"-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212", "\uFE63", "\uFF0D"}) {
    const auto words = split_words(std::string("musk") + dash + "free");
    ASSERT_EQ(words.size(), 2U) << dash;
    EXPECT_TRUE(words[1].joined && !words[1].starts_clause) << dash;
    const auto apart = split_words(std::string("musk ") + dash + " rose");
    ASSERT_EQ(apart.size(), 2U) << dash;
    EXPECT_FALSE(apart[1].joined) << dash;
  }
  EXPECT_TRUE(split_words("rose\u2014no musk")[1].starts_clause);
  EXPECT_TRUE(split_words("rose\u2014freesia")[1].starts_clause);
}

TEST(BriefText, KnowsWhereWordsStoodAndWhatStoodBefore) {
  const std::string text = "Rose,  fresh-cut. Hay";
  const auto words = split_words(text);
  ASSERT_EQ(words.size(), 4U);
  for (const auto& word : words) {
    std::string written = text.substr(word.begin, word.end - word.begin);
    std::transform(written.begin(), written.end(), written.begin(),
                   [](char c) { return static_cast<char>(std::tolower(c)); });
    EXPECT_EQ(written, word.text);
  }
  EXPECT_TRUE(words[1].starts_clause && words[1].comma_before);
  EXPECT_TRUE(words[2].joined && !words[2].starts_clause);
  EXPECT_TRUE(words[3].starts_clause && !words[3].comma_before);
}

TEST(BriefText, CountsCharactersAndRefusesWhatIsNotUtf8) {
  EXPECT_EQ(count_characters("ros\xc3\xa9"), 4U);
  EXPECT_EQ(count_characters("\xf0\x9f\x8c\xb9"), 1U);
  EXPECT_EQ(count_characters(""), 0U);
  for (const char* broken :
       {"\x80", "\xc3", "\xe2\x82", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xbf\xbf", "\xf4\x90\x80\x80"}) {
    EXPECT_FALSE(count_characters(broken));
  }
}

TEST(BriefText, OffersTheFormsAWordMayHave) {
  const auto has = [](const std::string& word, const std::string& form) {
    const auto forms = word_forms(word);
    return forms.front() == word && std::find(forms.begin(), forms.end(), form) != forms.end();
  };
  EXPECT_TRUE(has("roses", "rose"));
  EXPECT_TRUE(has("berries", "berry"));
  EXPECT_TRUE(has("peaches", "peach"));
  EXPECT_TRUE(has("leaves", "leaf"));
  EXPECT_TRUE(has("lemony", "lemon"));
  EXPECT_TRUE(has("smoky", "smoke"));
  EXPECT_TRUE(has("nutty", "nut"));
  EXPECT_TRUE(has("sweetish", "sweet"));
  EXPECT_TRUE(has("roselike", "rose"));
  EXPECT_TRUE(has("sweetness", "sweet"));
  EXPECT_TRUE(has("smokiness", "smoky"));
  EXPECT_FALSE(has("grass", "gras"));
}

}  // namespace
}  // namespace odordiff::scent

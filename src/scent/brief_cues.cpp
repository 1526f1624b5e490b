#include "scent/brief_cues.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

namespace odordiff::scent {
namespace {

using Kind = Cue::Kind;

struct Group {
  Kind kind;
  float value;
  std::string_view phrases;  // separated by '|'
};

constexpr float kSome = 0.6F;  // of a negation that leaves a little: "less sweet"

constexpr Group kGroups[] = {
    {Kind::Negate, 1,
     "no|without|without any|without the|nothing|none of|nor|neither|avoid|avoids|avoiding|free "
     "of|free from|"
     "devoid of|lack of|lacking|lacks|absence of|minus|sans|exclude|excludes|excluding|except|except "
     "for|omit|omitting|"
     "skip|skip the|leave out|leave out the|rid of|instead of|rather than|as opposed to|other than|anything "
     "but|"
     "stay away from|keep away from|steer clear of|clear of|far from|away "
     "from|hate|hates|dislike|dislikes|dont want|"
     "do not want|dont like|do not like|dont need|dont use|dont include|dont add|"
     "should not|must not|mustnt|cant stand|cannot stand|can not stand|cant "
     "bear|dont|doesnt|do not|"
     "does not|zero|unlike|hold the|ban|remove|removing|cut out|never any|no "
     "more|allergic to|"
     "with no|with none of|but no|but not|and no|and not|no hint of|no trace of|not a hint of|not a trace of|"
     "without a hint of|without a trace of|without being|without becoming|without getting|no sign of|not "
     "any|not a"},
    {Kind::NegateNext, 1,
     "not|isnt|arent|wasnt|shouldnt|never|non|un|anti|not at all|doesnt smell|does not smell|not in the "
     "least|"
     "not remotely|not even|not a bit|by no means|in no way|nowhere near|far from being"},
    {Kind::NegateNext, kSome,
     "less|less of|less of the|fewer|reduce|reduce the|reduced|tone down|tone down the|not too|not too "
     "much|not very|"
     "not overly|never too|not so|not that|not as|not really|without too much|no excess|not "
     "excessively|nothing too|"
     "nothing overly|isnt too|not overwhelmingly|never overly|without being too|without being overly|not "
     "much|go easy on|"
     "easy on|light on|low on|dial down|dial down the|cut back on|cut the|never cloyingly|not cloyingly|not "
     "at all too|hardly|barely|scarcely|hardly any|scarcely any|not quite|but not too|and not too|yet not "
     "too|but not very|and not very|but not overly|but hardly|but barely|nearly no|almost no|"
     "not particularly|not especially|not terribly|not exactly|not all that|not quite so|a lot less|much "
     "less|"
     "far less|a bit less|a little less|slightly less|somewhat less|way less|even less|no more than a "
     "little"},
    {Kind::NegateJoined, kSome, "low"},
    {Kind::NegateAll, 1,
     "unwanted|not wanted|avoided|excluded|forbidden|banned|left out|is out|are out|no thanks|not "
     "welcome|unwelcome|"
     "not allowed|not needed|not desired|undesired|is absent|are absent|removed|not included"},
    {Kind::Complain, kSome, "too|too much|overly|excessively|excess of|cloyingly"},
    {Kind::Cancel, 1.3F,
     "not only|not just|not merely|not simply|nothing but|none other than|not without|no doubt|cant get "
     "enough|"
     "never enough|not enough|not get enough of|cant get enough of|never get enough of|not unlike|not "
     "dissimilar to|not dissimilar from|not un|no less than|nothing "
     "less than|"
     "nothing beats|nothing like|no wonder|no matter|more or less|no longer than|not to mention|no "
     "problem|why not"},
    {Kind::Degree, 1.4F,
     "very|intensely|strongly|extremely|deeply|heavily|super|hugely|overwhelmingly|powerfully|mainly|mostly|"
     "predominantly|primarily|above "
     "all|especially|particularly|truly|exceptionally|incredibly|decidedly|distinctly|"
     "insanely|highly|richly|unmistakably|really|so|boldly|utterly|thoroughly|most of all|first and "
     "foremost|chiefly|"
     "largely|wildly|ultra|hyper|extra|always|definitely|absolutely|boldly|vividly"},
    {Kind::Degree, 0.5F,
     "slightly|faintly|subtly|lightly|mildly|vaguely|gently|somewhat|softly|delicately|quietly|"
     "a little|"
     "a bit|a little bit|a tad|a tiny bit|a touch|rather less|semi|almost|remotely|kind "
     "of|sort of|"
     "ever so slightly|only just|fleetingly|a shade|marginally"},
    {Kind::Amount, 1.4F,
     "lots of|a lot of|plenty of|loads of|heavy on|heavy on the|full of|bursting with|loaded with|packed "
     "with|"
     "dominated by|overdose of|an overdose of|tons of|rich in|dripping with|drenched in|soaked in|a big|big "
     "on|"
     "strong notes of|strong note of|mountains of|a blast of|a burst of|burst of|blast of|a heap of|heaps "
     "of|masses of|"
     "emphasis on|focus on|focused on|centred on|centered on|centred around|centered around|built "
     "around|based on|"
     "strong|intense|heavy|powerful|dominant|prominent|bold|more|more of|extra dose of|a wave of|an "
     "explosion of|"
     "explosion of|overflowing with|dense with|saturated with|a strong|an intense|a heavy|a dominant|a bold"},
    {Kind::Amount, 0.45F,
     "a hint of|hint of|hints of|hint|a touch of|touch of|touches of|a little of|a bit of|bit of|a trace "
     "of|trace of|"
     "traces of|a whisper of|whisper of|whispers of|a dash of|dash of|a pinch of|pinch of|a suggestion "
     "of|suggestion of|"
     "a nuance of|nuance of|nuances of|undertone of|undertones of|an undertone of|a drop of|drop of|drops "
     "of|a sprinkle of|"
     "sprinkle of|a splash of|splash of|an echo of|echo of|echoes of|a breath of|breath of|a wisp of|wisp "
     "of|wisps of|"
     "a tinge of|tinge of|a shade of|shade of|a trickle of|a glimmer of|a background of|background of|"
     "a spot of|a soupcon of|soupcon of|a ghost of|ghost of|a memory of a|a kiss of|kiss of|"
     "a flicker of|small amount of|a small amount of|barely any|barely there|hardly there|just a hint "
     "of|only a hint of|just a touch "
     "of|"
     "only a touch of|a tiny hint of|a soft touch of|a soft hint of|"
     "tiny bit of|a tiny bit of|a little bit of|little|a slight hint of|a subtle hint of|"
     "a faint hint of|a very faint|a very slight|undercurrent of|an undercurrent of|touched with|touched "
     "by|tinged with|"
     "brushed with|softened by|a shadow of|shadow of|a veil of|veil of"},
    {Kind::Amount, 0.6F,
     "faint|a faint|subtle|a subtle|slight|a slight|light|a light|mild|a mild|delicate|a "
     "delicate|muted|restrained|"
     "discreet|quiet|a quiet"},
    {Kind::After, 1.4F,
     "dominant|heavy|forward|dominates|overdose|overload|bomb|explosion|predominates|centric"},
    {Kind::After, 0.5F,
     "undertone|undertones|nuance|nuances|undercurrent|in the background|in the distance|backnote|back "
     "note|tinge|"
     "tinged|tint|tinted|whisper|accent|accents|hint|hints|touch|touches|background|in the far distance"},
    {Kind::Free, 1, "free"},
    {Kind::End, 1,
     "but|but rather|yet|however|though|although|with|with a|with "
     "some|while|whereas|just|only|because|since|then|also|"
     "plus|add|instead|rather|still|when|where|under|beneath|on|in|at|after|before|during|behind|between|"
     "over|against|"
     "give me|please|i want|i would like|id like|we want|want|wants|make it|make|should be|let it|keep "
     "it|turning|into"},
    {Kind::Than, 0.5F, "than"},
    {Kind::Than, 1, "as"},
    {Kind::And, 1, "and"},
    {Kind::Or, 1, "or"},
    {Kind::Filler, 1,
     "a|an|the|of|to|is|are|was|be|being|been|it|its|that|this|these|those|which|who|i|me|my|we|our|us|you|"
     "your|for|from|"
     "by|like|some|any|all|am|im|has|have|having|had|would|could|should|will|can|may|might|must|do|does|did|"
     "there|here|"
     "something|anything|everything|someone|everyone|thing|things|one|smell|smells|smelling|smelled|smelly|"
     "scent|scents|"
     "scented|odor|odors|odour|odours|aroma|aromas|fragrance|fragrances|perfume|perfumes|note|notes|accord|"
     "accords|type|types|kind|sort|character|characters|feel|feeling|feels|sense|quality|style|reminiscent|"
     "evoking|"
     "evokes|evocative|reminds|reminding|imagine|think|thinking|molecule|molecules|ingredient|ingredients|"
     "compound|"
     "material|create|need|needs|needed|looking|suggesting|suggests|quite|what|how|why|if|than|too "
     "late|about|around|up|"
     "down|out|off|let|us|their|his|her|he|she|they|them|at "
     "all|much|many|bit|get|gets|got|gives|giving|again|"
     "such|other|another|same|every|each|both|either|well|maybe|perhaps|nice|good|best|great|lovely|pleasant|"
     "beautiful|"
     "wonderful|overall|top|heart|base|middle|opening|drydown|dry "
     "down|facet|facets|aspect|aspects|impression|effect|"
     "profile|direction|idea|brief|design|please make|so that|such as|as if|as though|as well as|as well|not "
     "yet|"
     "reminiscing|through|across|within|among|inside|near|next|now|always|ever|even|come|comes|coming|go|"
     "going|"
     "smells like|smell of|smells of|smell like|a scent of|scent of|tenacity|persistent|ii|etc|e|g"},
};

using Table =
    std::unordered_map<std::string_view, std::vector<std::pair<std::vector<std::string_view>, Cue>>>;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t stop = text.find(separator);
    parts.push_back(text.substr(0, stop));
    if (stop == std::string_view::npos) return parts;
    text.remove_prefix(stop + 1);
  }
}

// By first word, longest phrase first; of equal phrases the first group counts.
Table make_table() {
  Table table;
  for (const Group& group : kGroups) {
    for (const std::string_view phrase : split(group.phrases, '|')) {
      auto words = split(phrase, ' ');
      auto& cues = table[words.front()];
      cues.emplace_back(std::move(words), Cue{group.kind, group.value});
    }
  }
  for (auto& [first, cues] : table) {
    std::stable_sort(cues.begin(), cues.end(),
                     [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  }
  return table;
}

}  // namespace

std::optional<CueMatch> find_cue(std::span<const BriefWord> words, std::size_t at) {
  static const Table table = make_table();
  const auto found = table.find(words[at].text);
  if (found == table.end()) return std::nullopt;
  for (const auto& [phrase, cue] : found->second) {
    if (phrase.size() > words.size() - at) continue;
    bool same = true;
    for (std::size_t i = 1; same && i < phrase.size(); ++i) {
      same = words[at + i].text == phrase[i] && !words[at + i].starts_clause;
    }
    if (same) return CueMatch{cue, phrase.size()};
  }
  return std::nullopt;
}

}  // namespace odordiff::scent

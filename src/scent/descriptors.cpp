#include "scent/descriptors.h"

#include <algorithm>
#include <numeric>

namespace odordiff::scent {
namespace {

// Sorted, so that an index is found by bisection.
constexpr std::array<std::string_view, kDescriptors> kNames = {
    "alcoholic",   "aldehydic",  "alliaceous",    "almond",     "amber",     "animal",     "anisic",
    "apple",       "apricot",    "aromatic",      "balsamic",   "banana",    "beefy",      "bergamot",
    "berry",       "bitter",     "black currant", "brandy",     "burnt",     "buttery",    "cabbage",
    "camphoreous", "caramellic", "cedar",         "celery",     "chamomile", "cheesy",     "cherry",
    "chocolate",   "cinnamon",   "citrus",        "clean",      "clove",     "cocoa",      "coconut",
    "coffee",      "cognac",     "cooked",        "cooling",    "cortex",    "coumarinic", "creamy",
    "cucumber",    "dairy",      "dry",           "earthy",     "ethereal",  "fatty",      "fermented",
    "fishy",       "floral",     "fresh",         "fruit skin", "fruity",    "garlic",     "gassy",
    "geranium",    "grape",      "grapefruit",    "grassy",     "green",     "hawthorn",   "hay",
    "hazelnut",    "herbal",     "honey",         "hyacinth",   "jasmin",    "juicy",      "ketonic",
    "lactonic",    "lavender",   "leafy",         "leathery",   "lemon",     "lily",       "malty",
    "meaty",       "medicinal",  "melon",         "metallic",   "milky",     "mint",       "muguet",
    "mushroom",    "musk",       "musty",         "natural",    "nutty",     "odorless",   "oily",
    "onion",       "orange",     "orangeflower",  "orris",      "ozone",     "peach",      "pear",
    "phenolic",    "pine",       "pineapple",     "plum",       "popcorn",   "potato",     "powdery",
    "pungent",     "radish",     "raspberry",     "ripe",       "roasted",   "rose",       "rummy",
    "sandalwood",  "savory",     "sharp",         "smoky",      "soapy",     "solvent",    "sour",
    "spicy",       "strawberry", "sulfurous",     "sweaty",     "sweet",     "tea",        "terpenic",
    "tobacco",     "tomato",     "tropical",      "vanilla",    "vegetable", "vetiver",    "violet",
    "warm",        "waxy",       "weedy",         "winey",      "woody"};

// Those that say how something smells, sorted; the others name materials.
constexpr std::array<std::string_view, 72> kQualities = {
    "alcoholic", "aldehydic",  "alliaceous", "animal",      "anisic",     "aromatic",  "balsamic", "beefy",
    "bitter",    "burnt",      "buttery",    "camphoreous", "caramellic", "cheesy",    "clean",    "cooked",
    "cooling",   "coumarinic", "creamy",     "dairy",       "dry",        "earthy",    "ethereal", "fatty",
    "fermented", "fishy",      "floral",     "fresh",       "fruity",     "gassy",     "grassy",   "green",
    "herbal",    "juicy",      "ketonic",    "lactonic",    "leafy",      "leathery",  "malty",    "meaty",
    "medicinal", "metallic",   "milky",      "musty",       "natural",    "nutty",     "odorless", "oily",
    "phenolic",  "powdery",    "pungent",    "ripe",        "roasted",    "rummy",     "savory",   "sharp",
    "smoky",     "soapy",      "solvent",    "sour",        "spicy",      "sulfurous", "sweaty",   "sweet",
    "terpenic",  "tropical",   "vegetable",  "warm",        "waxy",       "weedy",     "winey",    "woody"};

}  // namespace

const std::array<std::string_view, kDescriptors>& descriptor_names() {
  return kNames;
}

std::optional<std::size_t> descriptor_index(std::string_view name) {
  const auto it = std::lower_bound(kNames.begin(), kNames.end(), name);
  if (it == kNames.end() || *it != name) return std::nullopt;
  return static_cast<std::size_t>(it - kNames.begin());
}

bool names_material(std::size_t descriptor) {
  return !std::binary_search(kQualities.begin(), kQualities.end(), kNames.at(descriptor));
}

std::vector<std::size_t> most_probable(const DescriptorVector& probabilities, std::size_t count) {
  std::vector<std::size_t> order(kDescriptors);
  std::iota(order.begin(), order.end(), std::size_t{0});
  count = std::min(count, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](std::size_t a, std::size_t b) {
                      return probabilities[a] != probabilities[b] ? probabilities[a] > probabilities[b]
                                                                  : a < b;
                    });
  order.resize(count);
  return order;
}

}  // namespace odordiff::scent

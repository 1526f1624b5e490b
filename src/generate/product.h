// What a perfume goes into, and how much of an ingredient that allows.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "generate/pipeline.h"

namespace odordiff::generate {

// A product category. `ifra` is the category of the IFRA Standards (51st Amendment, guidance on the use of
// IFRA Standards) whose limits hold for it; `dosage_percent` is a usual share of perfume in the product, a
// convention of the trade that a caller may replace.
struct Product {
  std::string_view key, name, ifra;
  double dosage_percent;
};

std::span<const Product> products();
// Throws InvalidInput that lists the keys.
const Product& find_product(std::string_view key);

// The most of one ingredient that may be used, and why.
struct UseLimit {
  double percent = 100;
  enum class Of {
    Formula,
    Product
  } of = Of::Formula;  // of the perfume itself, or of the finished product that holds it
  std::string reason;
};

// Empty: no limit. Must be thread-safe.
using LimitRule = std::function<std::optional<UseLimit>(const Candidate&, const Product&)>;

// What perfumers would use at most, as learned from their tables (scent/physical_model.h): of the formula.
std::optional<UseLimit> usual_limit(const Candidate& candidate, const Product& product);

// The least limit that an IFRA Standard sets for the molecule in the product's category: of the product.
std::optional<UseLimit> ifra_limit(const Candidate& candidate, const Product& product);

// `limit` in parts per thousand of a perfume that is `dosage_percent` of the product.
double parts_allowed(const UseLimit& limit, double dosage_percent);

}  // namespace odordiff::generate

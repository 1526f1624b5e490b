#include "generate/product.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "generate/formula.h"

namespace odordiff::generate {
namespace {

constexpr std::array kProducts = {
    Product{"fine-fragrance", "Fine fragrance, hydroalcoholic", "4", 20},
    Product{"eau-de-toilette", "Eau de toilette, hydroalcoholic", "4", 8},
    Product{"lip", "Lip product", "1", 1},
    Product{"deodorant", "Deodorant", "2", 1},
    Product{"eye", "Eye or face make-up", "3", 0.5},
    Product{"body-lotion", "Body lotion", "5A", 0.5},
    Product{"face-cream", "Face cream", "5B", 0.3},
    Product{"hand-cream", "Hand cream", "5C", 0.4},
    Product{"baby-lotion", "Baby cream or lotion", "5D", 0.2},
    Product{"mouthwash", "Mouthwash or toothpaste", "6", 0.5},
    Product{"hair-leave-on", "Hair product left on", "7B", 0.5},
    Product{"soap", "Soap, shampoo or shower gel", "9", 1},
    Product{"household-cleaner", "Household cleaner or detergent", "10A", 0.5},
    Product{"air-spray", "Household air spray", "10B", 1},
    Product{"candle", "Candle or reed diffuser, no skin contact", "12", 8},
};

}  // namespace

std::span<const Product> products() {
  return kProducts;
}

const Product& find_product(std::string_view key) {
  const auto found =
      std::find_if(kProducts.begin(), kProducts.end(), [&](const Product& p) { return p.key == key; });
  if (found != kProducts.end()) return *found;
  std::string keys;
  for (const auto& p : kProducts) keys += (keys.empty() ? "" : ", ") + std::string(p.key);
  throw InvalidInput("no product category is called " + quote_for_message(std::string(key)) + "; known are " +
                     keys);
}

std::optional<UseLimit> usual_limit(const Candidate& candidate, const Product&) {
  return UseLimit{candidate.physical.usual_dilution_percent.value, UseLimit::Of::Formula,
                  "what perfumers use of materials like it"};
}

std::optional<UseLimit> ifra_limit(const Candidate& candidate, const Product& product) {
  std::optional<UseLimit> out;
  for (const auto& region : candidate.safety.regions) {
    for (const auto& limit : region.limits) {
      if (limit.category != product.ifra || (out && out->percent <= limit.percent)) continue;
      out = UseLimit{limit.percent, UseLimit::Of::Product, "IFRA Standard, category " + limit.category};
    }
  }
  return out;
}

double parts_allowed(const UseLimit& limit, double dosage_percent) {
  const double of_formula =
      limit.of == UseLimit::Of::Formula ? limit.percent : 100 * limit.percent / dosage_percent;
  return std::clamp(of_formula / 100, 0.0, 1.0) * kWhole;
}

}  // namespace odordiff::generate

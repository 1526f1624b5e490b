// What a route would cost: the model behind every cost in USD/kg, an estimate from price classes and classes
// of conditions, good for comparing routes and for "tens or thousands of dollars?", not for an offer.
//
// A building block costs the interval of its price class. A step that makes product P in yield y from
// reactants R_i, one mole each (as many as the template draws), costs per kg of P
//     low  = (sum_i low(R_i)  M(R_i)) / (M(P) y_high) + run_low
//     high = (sum_i high(R_i) M(R_i)) / (M(P) y_low)  + run_high
// where run is the cost of running a step under its class of conditions (conditions.tsv), which pays for
// everything that is not drawn. Solvent recovery, capital, batch size, purification to odor grade and
// licences are not modelled.
#pragma once

#include <cmath>

namespace odordiff::synthesis {

struct Interval {
  double low = 0;
  double high = 0;
  // The middle on a logarithmic scale, which is how intervals of prices and yields are compared here.
  double middle() const { return std::sqrt(low * high); }
};

}  // namespace odordiff::synthesis

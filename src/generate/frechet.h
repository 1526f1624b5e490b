// How far two sets of feature vectors lie apart, taken as normal distributions (Fréchet 1957; for generated
// molecules: Preuer et al., J. Chem. Inf. Model. 58 (2018) 1736).
#pragma once

#include <vector>

namespace odordiff::generate {

// |mean a - mean b|² + trace(A + B - 2 (A B)^½) with covariances A and B. Rows are vectors of equal width;
// NaN when a set has fewer than two.
double frechet_distance(const std::vector<std::vector<double>>& a, const std::vector<std::vector<double>>& b);

}  // namespace odordiff::generate

// How a thin film of fragrance evaporates: Raoult's law with activity coefficients, and mass transfer into
// moving air. The flux of component i into air that holds none of it is k_i γ_i x_i p_i / (R T) mol m⁻² s⁻¹.
//
// x_i is its mole fraction in the film; p_i its vapour pressure at 25 °C (scent/physical_model.h).
//
// k_i = 0.0067 (18 / M_i)^(1/3) u^0.78 m/s: Matthiessen's correlation as the US EPA prints it (Risk
// Management Program Guidance for Offsite Consequence Analysis, EPA 550-B-99-009 (1999), appendix D) and as
// Kasting & Miller use it for fragrance on skin (J. Pharm. Sci. 95 (2006) 268); u is the speed of the air in
// m/s, M in g/mol.
//
// γ_i: regular solution theory (Hildebrand & Scott 1950) with the Flory-Huggins entropy of mixing (Flory
// 1942): ln γ_i = V_i (δ_i - δ)² / (R T) + ln(φ_i / x_i) + 1 - φ_i / x_i, where φ are volume fractions,
// δ = Σ φ_i δ_i, and δ_i² = (ΔH_i - R T) / V_i. ΔH_i is the mean enthalpy of vaporisation between 25 °C and
// the boiling point, as the vapour pressure and the boiling point give it by Clausius and Clapeyron. The
// theory knows no hydrogen bonds, so ln γ is held within ±ln 20. Where δ cannot be had (boiling below 25 °C),
// γ is 1.
//
// The equations are stiff: half-lives run from seconds to years (Hairer & Wanner, Solving Ordinary
// Differential Equations II, Springer 1996, on why explicit steps fail here). They are solved by exponential
// steps, n_i(t + h) = n_i(t) exp(-h λ_i), with λ_i the mean of the rates at both ends, a Magnus step of
// second order. Amounts stay positive and what leaves the film is what is in the air, whatever the step; the
// step is chosen so that the first-order solution agrees.
#pragma once

#include <vector>

namespace odordiff::generate {

struct FilmComponent {
  double molecular_weight = 0;   // g/mol
  double vapor_pressure_pa = 0;  // pure, at 25 °C
  double molar_volume_cm3 = 0;   // per mol
  double boiling_point_c = 0;    // at 1 atm
  double grams = 0;              // in the film at the start, in any common unit
};

struct FilmConditions {
  double grams_per_m2 =
      20;  // 2 mg/cm², a finite dose as in skin absorption tests (OECD Guidance 28: 1 to 5 mg/cm²)
  double air_speed_m_s = 0.15;  // of a room without draught (below the 0.2 m/s of ISO 7730)
  double hours = 8;
  int points = 97;     // equally spaced in time, both ends included
  bool ideal = false;  // all activity coefficients 1
};

struct EvaporationCurve {
  std::vector<double> hours;                   // [points]
  std::vector<std::vector<double>> remaining;  // [points][components], share of the start, 1 to 0
  std::vector<std::vector<double>>
      evaporated_g;  // [points][components], integral of the flux, unit of `grams`
  std::vector<std::vector<double>> pressure_pa;  // [points][components], partial pressure over the film
  std::vector<double> start_activity;            // [components], γ at the start
};

// Throws InvalidInput for no component, or values that are not positive.
EvaporationCurve evaporate(const std::vector<FilmComponent>& film, const FilmConditions& conditions);

// k_i above, m/s.
double mass_transfer_m_s(double molecular_weight, double air_speed_m_s);

// Hildebrand's δ, MPa^½; 0 where it cannot be had.
double solubility_parameter(const FilmComponent& component);

// γ for amounts in mol.
std::vector<double> activity_coefficients(const std::vector<FilmComponent>& film,
                                          const std::vector<double>& moles);

}  // namespace odordiff::generate

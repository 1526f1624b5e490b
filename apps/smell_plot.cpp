// The plot of a design's smell over the hours, as SVG that a screen reader can speak.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "output.h"
#include "output_design.h"

namespace odordiff::apps {
namespace {

constexpr double kWidth = 760, kHeight = 380;
constexpr double kLeft = 56, kRight = 150, kTop = 18, kBottom = 48;
constexpr double kLabelGap = 16;
// Lines differ in more than colour.
constexpr const char* kDashes[] = {"", "8 4", "2 4", "12 4 2 4", "5 3", "1 3", "14 4", "8 3 2 3 2 3"};

// Where labels stand so that none covers another: in the order of `wanted`, at least a gap apart.
std::vector<double> spread(const std::vector<double>& wanted, double low, double high) {
  std::vector<std::size_t> order(wanted.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
  std::vector<double> out(wanted.size());
  double next = low;
  for (const std::size_t i : order) {
    out[i] = std::max(wanted[i], next);
    next = out[i] + kLabelGap;
  }
  double most = high;
  for (auto i = order.rbegin(); i != order.rend(); ++i) {
    out[*i] = std::min(out[*i], most);
    most = out[*i] - kLabelGap;
  }
  return out;
}

}  // namespace

std::string smell_plot(const generate::Design& design) {
  const auto& hours = design.evaporation.hours;
  const auto& odor = design.odor;
  const double last = hours.back();
  double greatest = 1;
  for (const auto& at : odor.strength) {
    for (const double x : at) greatest = std::max(greatest, x);
  }
  const double plot_width = kWidth - kLeft - kRight;
  const double plot_height = kHeight - kTop - kBottom;
  const auto x = [&](double h) { return kLeft + h / last * plot_width; };
  const auto y = [&](double s) { return kTop + (1 - s / greatest) * plot_height; };

  std::string described;
  for (std::size_t d = 0; d < odor.descriptors.size(); ++d) {
    described += fmt::format("{}{} from {:.0f} to {:.0f}", d == 0 ? "" : "; ", odor.descriptors[d],
                             odor.strength.front()[d], odor.strength.back()[d]);
  }
  std::string out = fmt::format(
      "<svg class=\"plot\" role=\"img\" aria-labelledby=\"plot-title plot-text\" viewBox=\"0 0 {} {}\" "
      "xmlns=\"http://www.w3.org/2000/svg\">\n<title id=\"plot-title\">Smell over {:.0f} hours</title>\n"
      "<desc id=\"plot-text\">Strength of each descriptor at the start and at the end: {}.</desc>\n",
      kWidth, kHeight, last, xml_escaped(described));
  for (int tick = 0; tick <= 4; ++tick) {
    const double s = greatest * tick / 4;
    out += fmt::format(
        "<path class=\"grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/><text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" "
        "text-anchor=\"end\">{:.0f}</text>\n",
        kLeft, y(s), kWidth - kRight, kLeft - 8, y(s) + 4, s);
  }
  for (int tick = 0; tick <= 8; ++tick) {
    const double h = last * tick / 8;
    out +=
        fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{:.3g}</text>\n",
                    x(h), kHeight - kBottom + 18, h);
  }
  out += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">hours</text>\n",
                     kLeft + plot_width / 2, kHeight - 8);
  std::vector<double> ends;
  for (std::size_t d = 0; d < odor.descriptors.size(); ++d) ends.push_back(y(odor.strength.back()[d]));
  const auto labels = spread(ends, kTop + 6, kHeight - kBottom);
  for (std::size_t d = 0; d < odor.descriptors.size(); ++d) {
    std::string path;
    for (std::size_t t = 0; t < hours.size(); ++t) {
      path += fmt::format("{}{:.1f} {:.1f}", t == 0 ? "M" : "L", x(hours[t]), y(odor.strength[t][d]));
    }
    const std::size_t style = d % std::size(kDashes);
    out += fmt::format(
        "<path class=\"line\" style=\"stroke:var(--line-{0})\" stroke-dasharray=\"{1}\" d=\"{2}\"/>\n"
        "<path class=\"lead\" d=\"M{3:.1f} {4:.1f}L{5:.1f} {6:.1f}\"/>"
        "<text class=\"label\" style=\"fill:var(--line-{0})\" x=\"{7:.1f}\" y=\"{8:.1f}\">{9}</text>\n",
        style, kDashes[style], path, x(last) + 2, ends[d], x(last) + 12, labels[d], x(last) + 16,
        labels[d] + 4, xml_escaped(odor.descriptors[d]));
  }
  return out + "</svg>\n";
}

}  // namespace odordiff::apps

// The 138 odor descriptors (GoodScents and Leffingwell, as merged by OpenPOM), in the order that every model
// uses.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace odordiff::scent {

inline constexpr std::size_t kDescriptors = 138;
using DescriptorVector = std::array<float, kDescriptors>;

const std::array<std::string_view, kDescriptors>& descriptor_names();
std::optional<std::size_t> descriptor_index(std::string_view name);
// Whether it names what smells (violet, sandalwood, garlic), not how something smells (sweet, creamy, fresh).
bool names_material(std::size_t descriptor);
// The indices of the `count` greatest, greatest first, ties by index.
std::vector<std::size_t> most_probable(const DescriptorVector& probabilities, std::size_t count);

}  // namespace odordiff::scent

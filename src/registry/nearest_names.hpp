#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace furiosa::registry {

/// Those of `names` that a person who typed `wanted` most likely meant, nearest first, at most three.
std::vector<std::string_view> nearest_names(std::string_view wanted, std::span<const std::string_view> names);

} // namespace furiosa::registry

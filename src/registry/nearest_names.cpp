#include "registry/nearest_names.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>

namespace furiosa::registry {

namespace {

char lower(char c)
{
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

/// Levenshtein's distance, without regard to case.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i != a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j != b.size(); ++j) {
            const std::size_t substituted = diagonal + (lower(a[i]) != lower(b[j]));
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substituted});
        }
    }
    return row.back();
}

} // namespace

std::vector<std::string_view> nearest_names(std::string_view wanted, std::span<const std::string_view> names)
{
    constexpr std::size_t longest_name = 128; // nobody means a name that is longer
    const auto typed = wanted.substr(0, longest_name);
    std::vector<std::pair<std::size_t, std::string_view>> near;
    for (const auto name : names) {
        const auto d = distance(typed, name.substr(0, longest_name));
        if (d <= std::max<std::size_t>(2, typed.size() / 2))
            near.emplace_back(d, name);
    }
    std::ranges::sort(near); // by distance, then by name
    std::vector<std::string_view> result;
    for (std::size_t i = 0; i != std::min<std::size_t>(3, near.size()); ++i)
        result.push_back(near[i].second);
    return result;
}

} // namespace furiosa::registry

#pragma once

#include <cstddef>
#include <cstdint>

namespace furiosa::operators {

/// The mean of numbers and the mean of their squared distances from it, that of a population.
struct Moments
{
    double mean;
    double variance;
};

/// The moments of what `at(i)` gives for i in [0, count): NaN if there is nothing. In two passes, which lose
/// least.
template <class At>
Moments moments_of(std::int64_t count, At at)
{
    double sum = 0, squares = 0;
    for (std::int64_t i = 0; i != count; ++i)
        sum += at(i);
    const double mean = sum / static_cast<double>(count);
    for (std::int64_t i = 0; i != count; ++i) {
        const double distance = at(i) - mean;
        squares += distance * distance;
    }
    return {mean, squares / static_cast<double>(count)};
}

} // namespace furiosa::operators

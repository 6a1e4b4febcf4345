#pragma once

#include <cmath>

namespace zoo {

/// About how the elements of a tensor are distributed, over its channels and places.
struct Moments
{
    double mean = 0;
    double variance = 1;

    double mean_square() const noexcept { return mean * mean + variance; }
};

/// Of two independent tensors.
inline Moments sum(const Moments& a, const Moments& b)
{
    return {a.mean + b.mean, a.variance + b.variance};
}

inline Moments product(const Moments& a, const Moments& b)
{
    const auto mean = a.mean * b.mean;
    return {mean, a.mean_square() * b.mean_square() - mean * mean};
}

/// What a function of each element makes of normally distributed ones.
template <class Function>
Moments apply(Function&& function, const Moments& x)
{
    constexpr int steps = 400;
    constexpr double reach = 6; // standard deviations
    double total = 0;
    double mean = 0;
    double mean_square = 0;
    for (int i = 0; i <= steps; ++i) {
        const auto t = reach * (2.0 * i / steps - 1);
        const auto density = std::exp(-t * t / 2);
        const double y = function(x.mean + std::sqrt(x.variance) * t);
        total += density;
        mean += density * y;
        mean_square += density * y * y;
    }
    mean /= total;
    return {mean, mean_square / total - mean * mean};
}

} // namespace zoo

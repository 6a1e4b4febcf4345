#pragma once

#include "zoo/moments.hpp"

#include <cstdint>
#include <random>
#include <vector>

namespace zoo {

/// Random numbers that are the same everywhere: the engine is fixed by the standard, its distributions are
/// not.
class RandomWeights
{
public:
    explicit RandomWeights(std::uint32_t seed) : engine_(seed) {}

    /// `count` filters of `fan_in` weights each, which make elements of that variance out of `inputs`.
    std::vector<float> filters(std::int64_t count, std::int64_t fan_in, const Moments& inputs,
                               double variance = 1);

    /// Elements around `mean`, uniform and with that standard deviation.
    std::vector<float> around(double mean, double deviation, std::int64_t count);

private:
    /// Uniform, of mean 0 and variance 1.
    double unit();

    std::mt19937 engine_;
};

} // namespace zoo

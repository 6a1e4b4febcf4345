#include "zoo/random_weights.hpp"

#include <cmath>
#include <numeric>
#include <span>

namespace zoo {

namespace {

/// Takes the mean out of a filter. What an activation leaves has a mean that all channels share; a filter
/// that sees it adds the same offset at each place, and after some tens of layers nothing of the image is
/// left beside that.
void centre(std::span<float> filter)
{
    const auto mean = std::accumulate(filter.begin(), filter.end(), 0.0) / static_cast<double>(filter.size());
    for (auto& weight : filter)
        weight -= static_cast<float>(mean);
}

} // namespace

std::vector<float> RandomWeights::filters(std::int64_t count, std::int64_t fan_in, const Moments& inputs,
                                          double part)
{
    const auto length = static_cast<std::size_t>(fan_in);
    const bool centred = length > 25; // a depthwise filter would be left with edges alone
    const auto variance = centred ? inputs.variance : inputs.mean_square();
    const auto deviation = 1 / std::sqrt(part * static_cast<double>(fan_in) * variance);
    auto weights = around(0, deviation, count * fan_in);
    if (centred)
        for (std::size_t begin = 0; begin != weights.size(); begin += length)
            centre(std::span(weights).subspan(begin, length));
    return weights;
}

std::vector<float> RandomWeights::around(double mean, double deviation, std::int64_t count)
{
    std::vector<float> elements(static_cast<std::size_t>(count));
    for (auto& element : elements)
        element = static_cast<float>(mean + deviation * unit());
    return elements;
}

double RandomWeights::unit()
{
    constexpr double half_width = 1.7320508075688772; // sqrt(3)
    return half_width * (static_cast<double>(engine_()) / 2147483648.0 - 1);
}

} // namespace zoo

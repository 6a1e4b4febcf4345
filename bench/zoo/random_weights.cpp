#include "zoo/random_weights.hpp"

#include <cmath>

namespace zoo {

std::vector<float> RandomWeights::filters(std::int64_t count, std::int64_t fan_in, const Moments& inputs,
                                          double variance)
{
    return around(0, std::sqrt(variance / (static_cast<double>(fan_in) * inputs.mean_square())),
                  count * fan_in);
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

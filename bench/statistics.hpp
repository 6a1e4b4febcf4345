#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;

inline double microseconds(Clock::duration duration)
{
    return std::chrono::duration<double, std::micro>(duration).count();
}

/// The value below which `fraction` of the samples lie.
inline double percentile(std::vector<double> samples, double fraction)
{
    if (samples.empty())
        return 0;
    const auto place = static_cast<std::size_t>(fraction * static_cast<double>(samples.size() - 1));
    std::nth_element(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(place), samples.end());
    return samples[place];
}

inline double median(std::vector<double> samples)
{
    return percentile(std::move(samples), 0.5);
}

/// How long a call takes, in microseconds.
template <class F>
double time_of(F&& function)
{
    const auto started = Clock::now();
    function();
    return microseconds(Clock::now() - started);
}

} // namespace bench

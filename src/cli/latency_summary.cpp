#include "cli/latency_summary.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace furiosa::cli {

LatencySummary summarize(std::vector<double> latencies)
{
    if (latencies.empty())
        return {};
    std::ranges::sort(latencies);
    const auto count = static_cast<double>(latencies.size());
    const auto percentile = [&](double percent) {
        const auto rank = std::clamp(std::ceil(percent / 100 * count), 1.0, count);
        return latencies[static_cast<std::size_t>(rank) - 1];
    };
    LatencySummary summary;
    summary.min = latencies.front();
    summary.mean = std::accumulate(latencies.begin(), latencies.end(), 0.0) / count;
    summary.p50 = percentile(50);
    summary.p95 = percentile(95);
    summary.p99 = percentile(99);
    summary.p99_9 = percentile(99.9);
    summary.max = latencies.back();
    return summary;
}

} // namespace furiosa::cli

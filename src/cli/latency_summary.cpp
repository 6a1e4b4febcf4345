#include "cli/latency_summary.hpp"

#include <algorithm>
#include <numeric>

namespace furiosa::cli {

LatencySummary summarize(std::vector<double> latencies)
{
    if (latencies.empty())
        return {};
    std::ranges::sort(latencies);
    const auto count = latencies.size();
    const auto percentile = [&](std::size_t per_mille) { // whole numbers: 99.9 % of 1000 are 999
        return latencies[std::max<std::size_t>((per_mille * count + 999) / 1000, 1) - 1];
    };
    LatencySummary summary;
    summary.min = latencies.front();
    summary.mean = std::accumulate(latencies.begin(), latencies.end(), 0.0) / static_cast<double>(count);
    summary.p50 = percentile(500);
    summary.p95 = percentile(950);
    summary.p99 = percentile(990);
    summary.p99_9 = percentile(999);
    summary.max = latencies.back();
    return summary;
}

} // namespace furiosa::cli

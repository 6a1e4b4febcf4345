#pragma once

#include <vector>

namespace furiosa::cli {

/// In the unit of what was measured. A percentile is the smallest value that so many of all do not exceed.
struct LatencySummary
{
    double min = 0;
    double mean = 0;
    double p50 = 0;
    double p95 = 0;
    double p99 = 0;
    double p99_9 = 0;
    double max = 0;
};

/// All zeros of nothing.
LatencySummary summarize(std::vector<double> latencies);

} // namespace furiosa::cli

#include "cli/latency_summary.hpp"

#include <catch2/catch.hpp>

#include <numeric>

TEST_CASE("percentiles are values that were measured")
{
    std::vector<double> latencies(1000);
    std::iota(latencies.rbegin(), latencies.rend(), 1.0); // 1000, 999, …
    const auto summary = furiosa::cli::summarize(latencies);
    CHECK(summary.min == 1);
    CHECK(summary.mean == Approx(500.5));
    CHECK(summary.p50 == 500);
    CHECK(summary.p95 == 950);
    CHECK(summary.p99 == 990);
    CHECK(summary.p99_9 == 999);
    CHECK(summary.max == 1000);
}

TEST_CASE("one measurement is everything, and none is zero")
{
    const auto one = furiosa::cli::summarize({7});
    CHECK((one.min == 7 && one.p50 == 7 && one.p99_9 == 7 && one.max == 7 && one.mean == 7));
    CHECK(furiosa::cli::summarize({}).max == 0);
}

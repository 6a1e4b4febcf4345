#include "http/range_plan.hpp"

#include <catch2/catch.hpp>

using furiosa::ByteRange;
using furiosa::http::RangePlan;

TEST_CASE("ranges are given out from the front, and the tail is not cut too small")
{
    RangePlan plan({{0, 250}}, 100, 60);
    CHECK(plan.take(0)->range == ByteRange{0, 100});
    CHECK(plan.take(1)->range == ByteRange{100, 250});
}

TEST_CASE("who finds nothing left takes over half of the largest range under way")
{
    RangePlan plan({{0, 1000}}, 1000, 100);
    plan.take(0);
    plan.advance(0, 200);
    const auto taken = plan.take(1);
    CHECK(taken->range == ByteRange{600, 1000});
    CHECK(taken->shortened == 0u);
    CHECK(plan.end_of(0) == 600);
}

TEST_CASE("a range that is nearly done is left to whom it belongs")
{
    RangePlan plan({{0, 1000}}, 1000, 100);
    plan.take(0);
    plan.advance(0, 850);
    CHECK_FALSE(plan.take(1));
}

TEST_CASE("what a lane gives back is given out again")
{
    RangePlan plan({{0, 100}, {300, 400}}, 100, 10);
    plan.take(0);
    plan.advance(0, 40);
    plan.give_back(0);
    CHECK(plan.take(1)->range == ByteRange{40, 100});
    CHECK(plan.take(1)->range == ByteRange{300, 400});
}

TEST_CASE("nothing missing, nothing given out")
{
    RangePlan plan({}, 100, 10);
    CHECK_FALSE(plan.take(0));
}

#include "store/range_set.hpp"

#include <catch2/catch.hpp>

using furiosa::ByteRange;
using furiosa::store::RangeSet;

TEST_CASE("ranges that overlap or touch are one")
{
    RangeSet set;
    set.insert({10, 20});
    set.insert({30, 40});
    set.insert({20, 25});
    set.insert({50, 50});
    CHECK(set.present() == std::vector<ByteRange>{{10, 25}, {30, 40}});
    set.insert({0, 100});
    CHECK(set.present() == std::vector<ByteRange>{{0, 100}});
    CHECK(set.total() == 100);
}

TEST_CASE("what is missing is what lies between")
{
    RangeSet set;
    CHECK(set.missing(10) == std::vector<ByteRange>{{0, 10}});
    set.insert({0, 3});
    set.insert({5, 8});
    CHECK(set.missing(10) == std::vector<ByteRange>{{3, 5}, {8, 10}});
    CHECK(set.missing(8) == std::vector<ByteRange>{{3, 5}});
    CHECK(set.end_of_run(0) == 3);
    CHECK(set.end_of_run(3) == 3);
    CHECK(set.end_of_run(6) == 8);
}

#include "compiler/memory_plan.hpp"

#include <catch2/catch.hpp>

#include <numeric>
#include <random>

using namespace furiosa;
using compiler::Lifetime;

namespace {

bool share_memory(std::uint64_t a, std::uint64_t a_size, std::uint64_t b, std::uint64_t b_size)
{
    return a < b + b_size && b < a + a_size;
}

} // namespace

TEST_CASE("tensors that live at the same time never share memory")
{
    std::mt19937 random(1);
    for (int round = 0; round != 200; ++round) {
        std::vector<Lifetime> lifetimes(1 + random() % 60);
        std::uint64_t sum = 0;
        for (auto& lifetime : lifetimes) {
            lifetime.size = random() % 10'000;
            lifetime.first = random() % 50;
            lifetime.last = lifetime.first + random() % 10;
            sum += (lifetime.size + 63) / 64 * 64;
        }
        const auto plan = compiler::plan_memory(lifetimes);
        REQUIRE(plan.offsets.size() == lifetimes.size());
        CHECK(plan.size <= sum);
        for (std::size_t i = 0; i != lifetimes.size(); ++i) {
            CHECK(plan.offsets[i] % 64 == 0);
            CHECK(plan.offsets[i] + lifetimes[i].size <= plan.size);
            for (std::size_t j = 0; j != i; ++j) {
                const bool live_together = lifetimes[i].first <= lifetimes[j].last && lifetimes[j].first <= lifetimes[i].last;
                if (live_together && share_memory(plan.offsets[i], lifetimes[i].size, plan.offsets[j], lifetimes[j].size))
                    FAIL("tensors " << i << " and " << j << " overlap in round " << round);
            }
        }
    }
}

TEST_CASE("a chain needs the memory of its two largest neighbours")
{
    std::vector<Lifetime> chain;
    for (std::size_t i = 0; i != 10; ++i)
        chain.push_back({1024, i, i + 1});
    CHECK(compiler::plan_memory(chain).size == 2048);
    CHECK(compiler::plan_memory({}).size == 0);
}

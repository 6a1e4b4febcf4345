#include "device/cpu/team.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <chrono>

using furiosa::device::cpu::Team;

TEST_CASE("a team does every part once, and no worker two at a time")
{
    const int threads = GENERATE(1, 2, 4);
    Team team(threads);
    CHECK(team.size() == threads);
    for (int round = 0; round != 2000; ++round) {
        std::array<std::atomic<int>, 9> done{};
        std::array<std::atomic<int>, 4> at_work{};
        std::atomic<bool> apart = true;
        team.run(static_cast<int>(done.size()), [&](int part, int worker) {
            if (worker < 0 || worker >= threads || at_work[static_cast<std::size_t>(worker)]++ != 0)
                apart = false;
            ++done[static_cast<std::size_t>(part)];
            --at_work[static_cast<std::size_t>(worker)];
        });
        REQUIRE(apart);
        for (const auto& times : done)
            REQUIRE(times == 1);
        if (round % 500 == 0) // let the helpers fall asleep
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

TEST_CASE("no parts are no work")
{
    Team team(2);
    team.run(0, [](int, int) { FAIL(); });
}

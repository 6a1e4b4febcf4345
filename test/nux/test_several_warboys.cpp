// One session on several elements and cards of Warboys.

#include "nux/machine.hpp"
#include "support/thread_niceness.hpp"
#include "support/throws_errc.hpp"

using namespace furiosa;
using test::Machine;
using test::NuxFixture;
using Names = std::vector<std::string>;

TEST_CASE("a session works on all elements that it asks for, each of which is a session of the runtime")
{
    const auto [device, sessions, target] = GENERATE(table<const char*, std::size_t, const char*>(
        {{"warboy(1)*2", 2, "warboy"}, {"npu:0:0,npu:1:1", 2, "warboy"}, {"npu:0,npu:1:0-1", 2, "warboy-2pe"},
         {"warboy(1)*4", 4, "warboy"}}));
    NuxFixture f;
    Machine machine;
    {
        auto session = machine.create(device);
        CHECK(session.device() == device);
        CHECK(session.target() == target);
        CHECK(session.concurrency() == 4 * sessions);
        CHECK(session.lost_devices().empty());
        CHECK(f.nux.nux_stand_in_sessions_alive() == sessions);
        CHECK(test::niceness_of_threads("furiosa-npu-", 3 * sessions) == std::set{::getpriority(PRIO_PROCESS, 0)});
        f.nux.nux_stand_in_hold();
        auto runs = machine.run_many(session, 100);
        f.nux.nux_stand_in_wait_for_started(sessions); // one on each
        f.nux.nux_stand_in_let_go();
        CHECK(machine.are_right(runs));
    }
    machine.shut_down();
}

TEST_CASE("elements and fused pairs, which take different programs, are not for one session")
{
    NuxFixture f;
    Machine machine;
    CHECK_THROWS_ERRC(machine.create("npu:0:0,npu:1:0-1"), errc::not_supported);
    CHECK(machine.create("npu:0:0,npu:1:0")); // nothing of them is occupied
    machine.shut_down();
}

TEST_CASE("an element that is slow is given less")
{
    NuxFixture f;
    Machine machine;
    f.nux.nux_stand_in_set_device_latency("npu:0:0", 60'000'000);
    {
        auto session = machine.create("npu:0:0,npu:0:1");
        f.nux.nux_stand_in_hold();
        auto runs = machine.run_many(session, 100);
        f.nux.nux_stand_in_let_go();
        f.nux.nux_stand_in_wait_for_started(97); // all but three of those that the slow one keeps ready
        CHECK(f.nux.nux_stand_in_device_runs_started("npu:0:0") == 1);
        CHECK(f.nux.nux_stand_in_device_runs_started("npu:0:1") == 96);
        REQUIRE(f.nux.nux_stand_in_terminate("npu:0:0") == 0);
        CHECK(machine.are_right(runs));
    }
    machine.shut_down();
}

TEST_CASE("when one of several devices dies, the others do its work, and the session says which one it was")
{
    SessionOptions options("npu:0:0,npu:1:0");
    options.input_queue_size = GENERATE(0u, 10u); // with places, and without
    NuxFixture f;
    Machine machine;
    {
        auto session = machine.create(options);
        auto runs = machine.run_many_until_death(session, 20, 2, "npu:0:0");
        f.nux.nux_stand_in_let_go();
        CHECK(machine.are_right(runs));
        CHECK(session.lost_devices() == Names{"npu:0:0"});
        CHECK_THAT(session.summary(), Catch::Contains("npu:0:0 is lost"));
        CHECK(f.nux.nux_stand_in_device_runs_started("npu:1:0") == 20);

        SECTION("the dead one is given back, and can be had anew; the living one cannot")
        {
            auto other = machine.create("npu:0:0");
            CHECK(machine.run(other, 4).get().at(0).as<float>()[0] == 8);
            CHECK_THROWS_ERRC(machine.create("npu:1:0"), errc::device_busy);
        }
        SECTION("when the last one dies, runs are lost")
        {
            auto last = machine.run_many_until_death(session, 20, 22, "npu:1:0");
            for (auto& run : last)
                CHECK_THROWS_ERRC(run.get(), errc::device_lost);
            CHECK(session.lost_devices() == Names{"npu:0:0", "npu:1:0"});
        }
    }
    machine.shut_down();
}

TEST_CASE("when a card dies, the other one does the work of all its elements")
{
    NuxFixture f;
    Machine machine;
    {
        auto session = machine.create("warboy(1)*4");
        auto runs = machine.run_many_until_death(session, 40, 4, "npu:0");
        f.nux.nux_stand_in_let_go();
        CHECK(machine.are_right(runs));
        CHECK(session.lost_devices() == Names{"npu:0:0", "npu:0:1"});
    }
    machine.shut_down();
}

TEST_CASE("a device that dies while nothing runs costs no run")
{
    NuxFixture f;
    Machine machine;
    {
        auto session = machine.create("warboy(1)*2");
        REQUIRE(f.nux.nux_stand_in_terminate("npu:0:1") == 0);
        auto runs = machine.run_many(session, 50);
        CHECK(machine.are_right(runs));
        CHECK(session.lost_devices() == Names{"npu:0:1"});
    }
    machine.shut_down();
}

#include "nux/nux_fixture.hpp"

#include <algorithm>
#include <chrono>
#include <future>

using namespace furiosa::test;
using namespace furiosa::test::nux;
using namespace std::chrono_literals;

TEST_CASE_METHOD(NuxFixture, "runs come back with their contexts and outputs, in their order when one worker runs them")
{
    const auto session = open_async(options());
    for (std::uintptr_t i = 1; i != 5; ++i)
        REQUIRE(run(session, i, static_cast<float>(i)) == success);
    for (std::uintptr_t i = 1; i != 5; ++i)
        CHECK(next(session) == doubled(i, static_cast<float>(i)));
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "runs that are released one by one come back in the order in which they were given")
{
    void* const wish = options();
    nux.nux_session_option_set_worker_num(wish, 2);
    const auto session = open_async(wish);
    nux.nux_stand_in_hold();
    for (std::uintptr_t i = 1; i != 4; ++i) {
        REQUIRE(run(session, i, static_cast<float>(i)) == success);
        nux.nux_stand_in_wait_for_started(std::min<std::uintptr_t>(i, 2)); // so that it is known which one is older
    }
    for (std::uintptr_t i = 1; i != 4; ++i) {
        nux.nux_stand_in_release(1);
        CHECK(next(session) == doubled(i, static_cast<float>(i)));
    }
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "several workers hold several runs at once")
{
    void* const wish = options();
    nux.nux_session_option_set_worker_num(wish, 3);
    const auto session = open_async(wish);
    nux.nux_stand_in_hold();
    for (std::uintptr_t i = 0; i != 3; ++i)
        REQUIRE(run(session, i, 1) == success);
    nux.nux_stand_in_wait_for_started(3); // comes back only if no run waits for another one
    nux.nux_stand_in_let_go();
    for (int i = 0; i != 3; ++i)
        CHECK(next(session).code == success);
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "a full input queue lets the caller wait until there is room")
{
    void* const wish = options();
    nux.nux_session_option_set_input_queue_size(wish, 1);
    const auto session = open_async(wish);
    nux.nux_stand_in_hold();
    REQUIRE(run(session, 1, 1) == success); // on the device
    nux.nux_stand_in_wait_for_started(1);
    REQUIRE(run(session, 2, 2) == success); // in the queue
    void* const in = inputs(session.model, 3);
    void* const context = reinterpret_cast<void*>(3);
    auto third =
        std::async(std::launch::async, [&] { return nux.nux_async_session_run(session.session, context, in); });
    CHECK(third.wait_for(20ms) == std::future_status::timeout);
    nux.nux_stand_in_release(1);
    CHECK(third.get() == success);
    nux.nux_stand_in_let_go();
    for (std::uintptr_t i = 1; i != 4; ++i)
        CHECK(next(session) == doubled(i, static_cast<float>(i)));
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "a full completion queue holds the workers back")
{
    void* const wish = options();
    nux.nux_session_option_set_output_queue_size(wish, 1);
    const auto session = open_async(wish);
    for (std::uintptr_t i = 1; i != 4; ++i)
        REQUIRE(run(session, i, 1) == success);
    nux.nux_stand_in_wait_for_started(2); // the first one fills the queue, the second one has no place in it
    auto third = std::async(std::launch::async, [&] { nux.nux_stand_in_wait_for_started(3); });
    CHECK(third.wait_for(20ms) == std::future_status::timeout);
    for (std::uintptr_t i = 1; i != 4; ++i)
        CHECK(next(session) == doubled(i, 1));
    third.get();
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "a run that fails comes back with its code and without outputs")
{
    const auto session = open_async(options());
    nux.nux_stand_in_fail_next_run(internal);
    REQUIRE(run(session, 1, 1) == success);
    CHECK(next(session) == failed(1, internal));
    REQUIRE(run(session, 2, 1) == success);
    CHECK(next(session) == doubled(2, 1));
    close(session);
}

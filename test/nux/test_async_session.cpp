#include "nux/nux_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>

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

TEST_CASE_METHOD(NuxFixture, "destroying a session brings all of its runs back as terminated, and then the end")
{
    const auto session = open_async(options());
    nux.nux_stand_in_hold();
    for (std::uintptr_t i = 1; i != 4; ++i)
        REQUIRE(run(session, i, 1) == success);
    nux.nux_stand_in_wait_for_started(1);
    nux.nux_async_session_destroy(session.session);
    CHECK(nux.nux_stand_in_sessions_alive() == 0);
    for (std::uintptr_t i = 1; i != 4; ++i)
        CHECK(next(session) == failed(i, session_terminated));
    CHECK(next(session) == ended());
    nux.nux_completion_queue_destroy(session.queue);
}

TEST_CASE_METHOD(NuxFixture, "destroying a session whose completion queue is full loses nothing")
{
    void* const wish = options();
    nux.nux_session_option_set_output_queue_size(wish, 1);
    const auto session = open_async(wish);
    REQUIRE(run(session, 1, 1) == success);
    REQUIRE(run(session, 2, 1) == success);
    nux.nux_stand_in_wait_for_started(2);
    nux.nux_async_session_destroy(session.session);
    CHECK(next(session) == doubled(1, 1));
    CHECK(next(session).context == 2);
    CHECK(next(session) == ended());
    nux.nux_completion_queue_destroy(session.queue);
}

TEST_CASE_METHOD(NuxFixture, "who waits for room in a session that is destroyed is told that it was terminated")
{
    void* const wish = options();
    nux.nux_session_option_set_input_queue_size(wish, 1);
    const auto session = open_async(wish);
    nux.nux_stand_in_hold();
    REQUIRE(run(session, 1, 1) == success);
    nux.nux_stand_in_wait_for_started(1);
    REQUIRE(run(session, 2, 1) == success);
    void* const in = inputs(session.model, 1);
    auto third =
        std::async(std::launch::async, [&] { return nux.nux_async_session_run(session.session, nullptr, in); });
    CHECK(third.wait_for(20ms) == std::future_status::timeout); // it waits in there
    nux.nux_async_session_destroy(session.session);
    CHECK(third.get() == session_terminated);
    nux.nux_completion_queue_destroy(session.queue);
}

TEST_CASE_METHOD(NuxFixture, "destroying the completion queue sends home who waits in it, and runs go on unseen")
{
    const auto session = open_async(options());
    auto waiting = std::async(std::launch::async, [&] { return next(session); });
    CHECK(waiting.wait_for(20ms) == std::future_status::timeout);
    nux.nux_completion_queue_destroy(session.queue);
    CHECK(waiting.get() == ended());
    for (std::uintptr_t i = 0; i != 20; ++i) // more than all queues hold
        CHECK(run(session, i, 1) == success);
    nux.nux_async_session_destroy(session.session);
}

TEST_CASE_METHOD(NuxFixture, "waiting for a completion ends with the time, and says so")
{
    const auto session = open_async(options());
    void* context = nullptr;
    void* outputs = nullptr;
    int code = success;
    CHECK_FALSE(nux.nux_completion_queue_next_timeout(session.queue, 1, &context, &outputs, &code));
    CHECK(code == queue_wait_timeout);
    REQUIRE(run(session, 7, 1) == success);
    REQUIRE(nux.nux_completion_queue_next_timeout(session.queue, ~0ull, &context, &outputs, &code));
    CHECK(code == success);
    CHECK(context == reinterpret_cast<void*>(7));
    nux.nux_tensor_array_destroy(outputs);
    nux.nux_async_session_destroy(session.session);
    CHECK_FALSE(nux.nux_completion_queue_next_timeout(session.queue, ~0ull, &context, &outputs, &code));
    CHECK(code == session_terminated);
    nux.nux_completion_queue_destroy(session.queue);
}

TEST_CASE_METHOD(NuxFixture, "threads that submit, fetch, and destroy at the same time get each run back once")
{
    void* const wish = options();
    nux.nux_session_option_set_worker_num(wish, 2);
    const auto session = open_async(wish);
    std::atomic<int> taken = 0;
    const auto submit = [&](std::uintptr_t thread) {
        for (std::uintptr_t i = 0; i != 1000; ++i) {
            void* const in = nux.nux_tensor_array_allocate_inputs(session.model);
            if (!in ||
                nux.nux_async_session_run(session.session, reinterpret_cast<void*>(thread * 1000 + i), in) != success)
                break;
            ++taken;
        }
    };
    std::vector<int> seen(2000);
    auto fetch = std::async(std::launch::async, [&] {
        for (auto completion = next(session); completion.got; completion = next(session))
            ++seen[completion.context];
    });
    std::thread first(submit, 0);
    std::thread second(submit, 1);
    nux.nux_stand_in_wait_for_started(100);
    nux.nux_async_session_destroy(session.session);
    first.join();
    second.join();
    fetch.get();
    CHECK(std::ranges::count(seen, 1) == taken);
    CHECK(std::ranges::count(seen, 0) == 2000 - taken);
    CHECK(nux.nux_stand_in_misuses() <= 2); // by each thread that came too late
    nux.nux_completion_queue_destroy(session.queue);
    nux.nux_stand_in_reset();
}

#include "nux/nux_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <semaphore>
#include <thread>

using namespace furiosa::test;
using namespace furiosa::test::nux;
using namespace std::chrono_literals;

namespace {

std::counting_semaphore<> freed(0);
std::counting_semaphore<> may_free(0);

void tell(std::uint8_t*, std::uintptr_t)
{
    freed.release();
}

void wait_for_leave(std::uint8_t*, std::uintptr_t)
{
    freed.release();
    may_free.acquire();
}

} // namespace

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

TEST_CASE_METHOD(NuxFixture, "destroying the completion queue throws away what nobody fetched")
{
    const auto session = open_async(options());
    nux.nux_stand_in_hold();
    REQUIRE(run(session, 1, 1) == success);
    REQUIRE(run(session, 2, 1) == success);
    nux.nux_stand_in_release(1);
    nux.nux_stand_in_wait_for_started(2);
    CHECK(nux.nux_stand_in_tensor_arrays_alive() == 3); // outputs of the first run, inputs and outputs of the second
    nux.nux_completion_queue_destroy(session.queue);
    CHECK(nux.nux_stand_in_tensor_arrays_alive() == 2);
    nux.nux_async_session_destroy(session.session);
}

TEST_CASE_METHOD(NuxFixture, "inputs are gone when their run is done, also if nobody fetches it")
{
    void* const wish = options();
    nux.nux_session_option_set_output_queue_size(wish, 1);
    const auto session = open_async(wish);
    std::vector<float> memory(4, 1);
    for (int i = 0; i != 2; ++i) { // the second one does not get into the queue
        void* const in = nux.nux_tensor_array_create_inputs(session.model);
        REQUIRE(nux.tensor_set_buffer(nux.nux_tensor_array_get(in, 0), bytes(memory), 16, tell) == success);
        REQUIRE(nux.nux_async_session_run(session.session, nullptr, in) == success);
        CHECK(freed.try_acquire_for(10s));
    }
    CHECK(next(session) == doubled(0, 1));
    CHECK(next(session) == doubled(0, 1));
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "the completion queue does not end before the last run is back")
{
    void* const wish = options("npu:0");
    nux.nux_session_option_set_worker_num(wish, 2);
    const auto session = open_async(wish);
    std::vector<float> memory(4, 1);
    void* const in = nux.nux_tensor_array_create_inputs(session.model);
    REQUIRE(nux.tensor_set_buffer(nux.nux_tensor_array_get(in, 0), bytes(memory), 16, wait_for_leave) == success);
    REQUIRE(nux.nux_async_session_run(session.session, nullptr, in) == success);
    REQUIRE(freed.try_acquire_for(10s)); // now one worker is busy, and the other one is not
    REQUIRE(nux.nux_stand_in_terminate("npu:0") == success);
    auto waiting = std::async(std::launch::async, [&] { return next(session); });
    CHECK(waiting.wait_for(20ms) == std::future_status::timeout);
    may_free.release();
    CHECK(waiting.get() == doubled(0, 1)); // it had been computed before
    CHECK(next(session) == ended());
    close(session);
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

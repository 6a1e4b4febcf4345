#include "nux/nux_fixture.hpp"

#include <thread>

using namespace furiosa::test;
using namespace furiosa::test::nux;

TEST_CASE_METHOD(NuxFixture, "a session computes on the calling thread, into outputs that had no memory")
{
    const auto session = open(options());
    void* const in = inputs(session.model, 1.5f);
    void* const out = nux.nux_tensor_array_create_outputs(session.model);
    CHECK(nux.nux_session_run(session.session, in, out) == success);
    CHECK(values(out) == std::vector<float>(4, 3.0f));
    nux.nux_tensor_array_destroy(in);
    nux.nux_tensor_array_destroy(out);
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "a batch is as large as the options say")
{
    void* const wish = options();
    nux.nux_session_option_set_batch_size(wish, 3);
    const auto session = open(wish);
    CHECK(nux.nux_tensor_dim(nux.nux_input_desc(session.model, 0), 0) == 3);
    CHECK(nux.nux_tensor_len(nux.nux_output_desc(session.model, 0)) == 12);
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "a run that is to fail gives the code, and the next one is well")
{
    const auto session = open(options());
    void* const in = inputs(session.model, 1);
    void* const out = nux.nux_tensor_array_allocate_outputs(session.model);
    nux.nux_stand_in_fail_next_run(execution_failed);
    CHECK(nux.nux_session_run(session.session, in, out) == execution_failed);
    CHECK(nux.nux_session_run(session.session, in, out) == success);
    CHECK(nux.nux_stand_in_runs_started() == 2);
    nux.nux_tensor_array_destroy(in);
    nux.nux_tensor_array_destroy(out);
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "inputs without memory, and arrays of another session or direction, are refused")
{
    const auto session = open(options("npu:0:0"));
    const auto other = open(options("npu:0:1"));
    void* const in = inputs(session.model, 1);
    void* const bare = nux.nux_tensor_array_create_inputs(session.model);
    void* const out = nux.nux_tensor_array_create_outputs(session.model);
    void* const foreign = inputs(other.model, 1);
    CHECK(nux.nux_session_run(session.session, bare, out) == invalid_inputs);
    CHECK(nux.nux_session_run(session.session, foreign, out) == invalid_inputs);
    CHECK(nux.nux_session_run(session.session, out, in) == invalid_inputs);
    CHECK(nux.nux_session_run(session.session, in, in) == invalid_outputs);
    CHECK(nux.nux_stand_in_runs_started() == 0);
    for (void* const array : {in, bare, out, foreign})
        nux.nux_tensor_array_destroy(array);
    close(session);
    close(other);
}

TEST_CASE_METHOD(NuxFixture, "a run takes at least the latency of its device")
{
    using Clock = std::chrono::steady_clock;
    nux.nux_stand_in_set_latency(3'600'000'000); // nobody waits so long
    REQUIRE(nux.nux_stand_in_set_device_latency("npu:0:0-1", 20'000) == success);
    const auto session = open(options("npu:0:1"));
    void* const in = inputs(session.model, 1);
    void* const out = nux.nux_tensor_array_create_outputs(session.model);
    const auto before = Clock::now();
    CHECK(nux.nux_session_run(session.session, in, out) == success);
    CHECK(Clock::now() - before >= std::chrono::milliseconds(20));
    CHECK(nux.nux_stand_in_set_device_latency("npu:7", 1) == creation_failed);
    nux.nux_tensor_array_destroy(in);
    nux.nux_tensor_array_destroy(out);
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "destroying a session ends the run of another thread in it")
{
    nux.nux_stand_in_hold();
    const auto session = open(options());
    void* const in = inputs(session.model, 1);
    void* const out = nux.nux_tensor_array_create_outputs(session.model);
    int code = success;
    std::thread runner([&] { code = nux.nux_session_run(session.session, in, out); });
    nux.nux_stand_in_wait_for_started(1);
    close(session);
    runner.join();
    CHECK(code == session_terminated);
    nux.nux_tensor_array_destroy(in);
    nux.nux_tensor_array_destroy(out);
}

#include "nux/nux_fixture.hpp"

using namespace furiosa::test;
using namespace furiosa::test::nux;

TEST_CASE_METHOD(NuxFixture, "devices are named in both notations")
{
    const auto [names, code] = GENERATE(table<const char*, int>({
        {"npu:0", success},
        {"npu:1:1", success},
        {"npu:0:0-1", success},
        {"npu0", success},
        {"npu0pe1", success},
        {"npu1pe0-1", success},
        {"npu:0:0,npu1pe0-1", success},
        {"", success},
        {"npu:2", creation_failed},
        {"npu:0:2", creation_failed},
        {"npu:0:1-0", creation_failed},
        {"npu:0:0,npu:0", creation_failed},
        {"npu:0,", creation_failed},
        {"npu:", creation_failed},
        {"npu:99999999999999999999", creation_failed},
        {"npu0pe0-4294967295", creation_failed},
        {"cpu", creation_failed},
    }));
    CAPTURE(names);
    Session session;
    REQUIRE(create(doubling(), options(names), session) == code);
    if (code == success)
        close(session);
}

TEST_CASE_METHOD(NuxFixture, "a device in use is busy, also for those that share elements with it")
{
    const auto pair = open(options("npu:0:0-1"));
    Session session;
    CHECK(create(doubling(), options("npu:0:1"), session) == device_busy);
    CHECK(create_async(doubling(), options("npu:0"), session) == device_busy);
    CHECK(create(doubling(), options("npu:1:0,npu0pe0"), session) == device_busy);
    close(open_async(options("npu:1:0")));
    close(pair);
    close(open(options("npu:0:1")));
}

TEST_CASE_METHOD(NuxFixture, "without a name a session takes the first card that is free")
{
    const auto first = open(options());
    const auto second = open(options());
    Session session;
    CHECK(create(doubling(), options(), session) == device_busy);
    CHECK(create(doubling(), options("npu:1:0"), session) == device_busy);
    close(first);
    close(open(options("npu:0")));
    close(second);
}

TEST_CASE_METHOD(NuxFixture, "there are the devices that the stand-in was told")
{
    CHECK(nux.nux_stand_in_set_devices("npu:3:0-2,npu:3") == creation_failed);
    CHECK(nux.nux_stand_in_set_devices("npu:3:0-2") == success);
    Session session;
    CHECK(create(doubling(), options("npu:0"), session) == creation_failed);
    CHECK(create(doubling(), options("npu:3:0"), session) == creation_failed);
    close(open(options("npu:3:0-2")));
    close(open(options("npu:3")));
    nux.nux_stand_in_reset();
    close(open(options("npu:0")));
}

TEST_CASE_METHOD(NuxFixture,
                 "a device that is terminated gives all runs back, takes no more, and is free once its session is destroyed")
{
    const auto session = open_async(options("npu:0:0"));
    const auto other = open_async(options("npu:0:1"));
    nux.nux_stand_in_hold();
    for (std::uintptr_t i = 1; i != 4; ++i)
        REQUIRE(run(session, i, 1) == success);
    REQUIRE(run(other, 9, 1) == success);
    nux.nux_stand_in_wait_for_started(2);
    CHECK(nux.nux_stand_in_terminate("npu:0:0") == success);
    CHECK(run(session, 5, 1) == session_terminated);
    for (std::uintptr_t i = 1; i != 4; ++i)
        CHECK(next(session) == failed(i, session_terminated));
    CHECK(next(session) == ended());

    nux.nux_stand_in_let_go();
    CHECK(next(other) == doubled(9, 1));
    Session another;
    CHECK(create(doubling(), options("npu:0:0"), another) == device_busy);
    CHECK(nux.nux_stand_in_is_taken("npu:0:0"));
    close(session);
    CHECK_FALSE(nux.nux_stand_in_is_taken("npu:0:0"));
    const auto anew = open_async(options("npu:0:0"));
    REQUIRE(run(anew, 1, 2) == success);
    CHECK(next(anew) == doubled(1, 2));
    close(anew);
    close(other);
}

TEST_CASE_METHOD(NuxFixture,
                 "sessions of the calling thread are terminated with a device that shares elements with theirs")
{
    const auto session = open(options("npu:1:1"));
    CHECK(nux.nux_stand_in_terminate("npu:1:0") == success);
    void* const in = inputs(session.model, 1);
    void* const out = nux.nux_tensor_array_create_outputs(session.model);
    CHECK(nux.nux_session_run(session.session, in, out) == success);
    CHECK(nux.nux_stand_in_terminate("npu:1:0-1") == success);
    CHECK(nux.nux_session_run(session.session, in, out) == session_terminated);
    CHECK(nux.nux_stand_in_terminate("npu:5") == creation_failed);
    nux.nux_tensor_array_destroy(in);
    nux.nux_tensor_array_destroy(out);
    close(session);
}

TEST_CASE_METHOD(NuxFixture, "a device that falls silent answers nothing any more, until its session is destroyed")
{
    const auto session = open_async(options("npu:0:0"));
    nux.nux_stand_in_hold();
    REQUIRE(run(session, 1, 1) == success);
    REQUIRE(run(session, 2, 1) == success);
    nux.nux_stand_in_wait_for_started(1);
    CHECK(nux.nux_stand_in_fall_silent("npu:0:0") == success);
    CHECK(run(session, 3, 1) == session_terminated);
    void* context = nullptr;
    void* outputs = nullptr;
    int code = success;
    CHECK_FALSE(nux.nux_completion_queue_next_timeout(session.queue, 1, &context, &outputs, &code));
    CHECK(code == queue_wait_timeout);
    nux.nux_async_session_destroy(session.session);
    CHECK(next(session) == ended());
    nux.nux_completion_queue_destroy(session.queue);
}

#include "device/queue_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

namespace asio = boost::asio;
using namespace furiosa;
using namespace std::chrono_literals;
using test::QueueFixture;
using test::Submission;

TEST_CASE("cancelling a run that waits removes it, the device never sees it")
{
    const auto type = GENERATE(asio::cancellation_type::terminal, asio::cancellation_type::partial,
                               asio::cancellation_type::total);
    QueueFixture f;
    f.hardware->hold();
    auto made = f.submissions(3);
    asio::cancellation_signal stop;
    f.submit(*f.queue, made[0]);
    f.submit(*f.queue, made[1], asio::bind_cancellation_slot(stop.slot(), f.handler(made[1])));
    f.submit(*f.queue, made[2]);
    stop.emit(type);
    f.loop.run_one();
    CHECK(made[1].error() == errc::cancelled);
    CHECK(made[1].error() == boost::system::errc::operation_canceled);
    f.hardware->let_go();
    f.run();
    CHECK(f.hardware->started() == std::vector{0, 2});
    CHECK(made[1].completions == 1);
}

TEST_CASE("cancelling a run under way completes it when the device lets go of its buffers")
{
    QueueFixture f;
    f.hardware->hold();
    Submission submission{1};
    asio::cancellation_signal stop;
    f.submit(*f.queue, submission, asio::bind_cancellation_slot(stop.slot(), f.handler(submission)));
    stop.emit(asio::cancellation_type::terminal);
    stop.emit(asio::cancellation_type::total); // once more does no harm
    f.loop.poll();
    CHECK_FALSE(submission.done());
    f.hardware->let_go();
    f.run();
    CHECK(submission.completions == 1);
    CHECK(submission.error() == errc::cancelled);
}

TEST_CASE("cancelling a run that is done has no effect")
{
    QueueFixture f;
    Submission submission{1};
    asio::cancellation_signal stop;
    f.submit(*f.queue, submission, asio::bind_cancellation_slot(stop.slot(), f.handler(submission)));
    f.run();
    stop.emit(asio::cancellation_type::terminal);
    CHECK(submission.completions == 1);
    CHECK_FALSE(submission.failure);
}

TEST_CASE("cancelling a queue leaves the other queues of the device alone")
{
    QueueFixture f;
    f.hardware->hold();
    auto made = f.submissions(3);
    f.submit(*f.queue, made[0]);
    f.submit(*f.queue, made[1]);
    const auto other = f.make_queue();
    f.submit(*other, made[2]);
    f.queue->cancel();
    f.hardware->let_go();
    f.run();
    CHECK(made[0].error() == errc::cancelled);
    CHECK(made[1].error() == errc::cancelled);
    CHECK_FALSE(made[2].failure);
    SECTION("and the queue itself can be used again")
    {
        Submission again{7};
        f.submit(*f.queue, again);
        f.run();
        CHECK(again.output == 7);
    }
}

namespace {

asio::awaitable<void> run_with_timeout(QueueFixture& f, Submission& submission, bool& timed_out)
{
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer deadline(f.loop, 1ms);
    const auto inputs = submission.inputs();
    const auto outputs = submission.outputs();
    const auto outcome = co_await (f.queue->async_submit(f.program, inputs, outputs, asio::use_awaitable) ||
                                   deadline.async_wait(asio::use_awaitable));
    timed_out = outcome.index() == 1;
}

} // namespace

TEST_CASE("a timeout drops a run that waits too long")
{
    QueueFixture f;
    f.hardware->hold();
    auto made = f.submissions(2);
    f.submit(*f.queue, made[0]);
    bool timed_out = false;
    asio::co_spawn(f.loop, run_with_timeout(f, made[1], timed_out), [&](std::exception_ptr failure) {
        CHECK_FALSE(failure);
        f.hardware->let_go();
    });
    f.run();
    CHECK(timed_out);
    CHECK(f.hardware->started() == std::vector{0});
    CHECK(made[0].output == 0);
}

TEST_CASE("destroying the context ends what is under way with queue_closed")
{
    Submission submission{3};
    asio::io_context loop;
    const auto hardware = test::TestDevice::make();
    hardware->hold();
    {
        Context context(1);
        const auto device = std::make_shared<device::Device>(context, "test", hardware->make_driver());
        device::DeviceQueue queue(loop.get_executor(), device);
        const auto program =
            queue.async_load(test::copy_program(), asio::bind_executor(context.io_executor(), asio::use_future)).get();
        const std::array inputs{asio::const_buffer(&submission.input, sizeof(int))};
        const std::array outputs{asio::mutable_buffer(&submission.output, sizeof(int))};
        queue.async_submit(program, inputs, outputs, [&](std::exception_ptr failure) {
            ++submission.completions;
            submission.failure = failure;
        });
        device->close();
        hardware->let_go();
        loop.run();
    }
    CHECK(submission.completions == 1);
    CHECK(submission.error() == errc::queue_closed);
}

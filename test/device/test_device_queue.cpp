#include "device/queue_fixture.hpp"
#include "support/throws_errc.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include <numeric>
#include <random>

namespace asio = boost::asio;
using namespace furiosa;
using namespace std::chrono_literals;
using test::QueueFixture;
using test::Submission;

TEST_CASE("a submitted run answers into the caller's buffer")
{
    QueueFixture f;
    Submission submission{42};
    f.submit(*f.queue, submission);
    f.run();
    CHECK(submission.completions == 1);
    CHECK_FALSE(submission.failure);
    CHECK(submission.output == 42);
}

TEST_CASE("a handler never runs inside the initiating call, and runs on the queue's executor")
{
    QueueFixture f;
    Submission submission{1};
    f.submit(*f.queue, submission);
    f.hardware->wait_for_started(1);
    CHECK_FALSE(submission.done());
    f.run();
    CHECK(submission.thread == std::this_thread::get_id());
}

TEST_CASE("a handler's associated executor goes before the queue's")
{
    QueueFixture f;
    asio::thread_pool elsewhere(1);
    Submission submission{1};
    f.submit(*f.queue, submission, asio::bind_executor(elsewhere, f.handler(submission)));
    elsewhere.join();
    CHECK(submission.done());
    CHECK(submission.thread != std::this_thread::get_id());
}

namespace {

asio::awaitable<void> submit_with_coroutine_tokens(QueueFixture& f, std::vector<Submission>& made)
{
    std::vector<std::array<asio::const_buffer, 1>> in;
    std::vector<std::array<asio::mutable_buffer, 1>> out;
    for (auto& submission : made) {
        in.push_back(submission.inputs());
        out.push_back(submission.outputs());
    }
    co_await f.queue->async_submit(f.program, in[0], out[0], asio::use_awaitable);
    const auto [failure] = co_await f.queue->async_submit(f.program, in[1], out[1], asio::as_tuple(asio::use_awaitable));
    made[1].failure = failure;
    auto later = f.queue->async_submit(f.program, in[2], out[2], asio::deferred);
    co_await std::move(later)(asio::use_awaitable);
}

} // namespace

TEST_CASE("submissions take any completion token")
{
    QueueFixture f;
    auto made = f.submissions(4);
    asio::co_spawn(f.loop, submit_with_coroutine_tokens(f, made), [](std::exception_ptr failure) { CHECK_FALSE(failure); });
    f.run();
    CHECK(made[0].output == 0);
    CHECK(made[1].output == 1);
    CHECK_FALSE(made[1].failure);
    CHECK(made[2].output == 2);

    auto future = f.submit(*f.queue, made[3], asio::use_future);
    f.run();
    CHECK_NOTHROW(future.get());
    CHECK(made[3].output == 3);
}

TEST_CASE("the runs of one queue start in the order in which they were submitted")
{
    QueueFixture f(3);
    auto made = f.submissions(100);
    for (auto& submission : made)
        f.submit(*f.queue, submission);
    f.run();
    std::vector<int> expected(100);
    std::iota(expected.begin(), expected.end(), 0);
    CHECK(f.hardware->started() == expected);
    for (const auto& submission : made)
        CHECK(submission.output == submission.input);
}

TEST_CASE("the device gets no more runs than it takes, the others wait")
{
    QueueFixture f(2);
    f.hardware->hold();
    auto made = f.submissions(50);
    for (auto& submission : made)
        f.submit(*f.queue, submission);
    CHECK(f.hardware->started().size() == 2);
    f.hardware->release(1);
    f.hardware->wait_for_started(3);
    CHECK(f.hardware->started().size() == 3);
    f.hardware->let_go();
    f.run();
    CHECK(f.hardware->started().size() == 50);
}

TEST_CASE("the queues of one device take turns")
{
    QueueFixture f;
    f.hardware->hold();
    auto greedy = f.submissions(20);
    for (auto& submission : greedy)
        f.submit(*f.queue, submission);
    const auto other = f.make_queue();
    std::vector<Submission> modest(3);
    for (auto& submission : modest) {
        submission.input = 100;
        f.submit(*other, submission);
    }
    f.hardware->let_go();
    f.run();
    const auto started = f.hardware->started();
    const auto last_modest = std::find(started.rbegin(), started.rend(), 100);
    // Three of the one and at most four of the other: nobody starves behind a long line.
    CHECK(std::distance(last_modest, started.rend()) <= 7);
}

TEST_CASE("what a driver reports arrives as it is, and the next run is not affected")
{
    QueueFixture f;
    f.hardware->fail_next_run(std::make_exception_ptr(Error(errc::device_failed, "the fan stopped")));
    auto made = f.submissions(2);
    for (auto& submission : made)
        f.submit(*f.queue, submission);
    f.run();
    CHECK(made[0].error() == errc::device_failed);
    CHECK_FALSE(made[1].failure);
    CHECK(made[1].output == 1);
}

TEST_CASE("a program that the device refuses fails to load")
{
    QueueFixture f;
    f.hardware->fail_next_load(std::make_exception_ptr(Error(errc::device_failed, "no memory left on the card")));
    CHECK_THROWS_ERRC(f.load(*f.queue), errc::device_failed);
    CHECK_THROWS_ERRC(f.load(*f.queue, test::copy_program(1, "warboy-2pe")), errc::program_target_mismatch);
    CHECK_NOTHROW(f.load(*f.queue));
}

TEST_CASE("buffers that do not fit the program are refused before the device sees them")
{
    QueueFixture f;
    Submission submission;
    std::array<int, 2> two{};
    const std::array input{asio::const_buffer(two.data(), sizeof two)};
    const std::array output{asio::mutable_buffer(&submission.output, sizeof(int))};
    f.queue->async_submit(f.program, input, output, f.handler(submission));
    f.run();
    CHECK(submission.error() == errc::wrong_shape);

    f.queue->async_submit(f.program, {}, output, f.handler(submission));
    f.run();
    CHECK(submission.error() == errc::wrong_tensor_count);
    CHECK(f.hardware->started().empty());
}

TEST_CASE("a program of another device, or none, is refused")
{
    QueueFixture f;
    QueueFixture other;
    Submission submission{1};
    f.program = other.program;
    f.submit(*f.queue, submission);
    f.run();
    CHECK(submission.error() == errc::invalid_argument);

    f.program = {};
    f.submit(*f.queue, submission);
    f.run();
    CHECK(submission.error() == errc::invalid_argument);
}

TEST_CASE("a loaded program stays on the device as long as a run of it lives")
{
    QueueFixture f;
    f.hardware->hold();
    Submission submission{5};
    f.submit(*f.queue, submission);
    f.program = {};
    CHECK(f.hardware->loaded_programs() == 1);
    f.hardware->let_go();
    f.run();
    CHECK(submission.output == 5);
    CHECK(f.hardware->loaded_programs() == 0);
}

TEST_CASE("closing a queue ends what waits at once, what runs when the device lets go, and whatever comes after")
{
    QueueFixture f;
    f.hardware->hold();
    auto made = f.submissions(3);
    f.submit(*f.queue, made[0]);
    f.submit(*f.queue, made[1]);
    f.queue->close();
    f.submit(*f.queue, made[2]);
    f.loop.restart();
    f.loop.run_one();
    f.loop.run_one();
    CHECK_FALSE(made[0].done()); // its buffers are the device's still
    CHECK(made[1].error() == errc::queue_closed);
    CHECK(made[2].error() == errc::queue_closed);
    f.hardware->let_go();
    f.run();
    CHECK(made[0].completions == 1);
    CHECK(made[0].error() == errc::queue_closed);
}

TEST_CASE("destruction of a queue completes everything exactly once")
{
    QueueFixture f(2);
    f.hardware->hold();
    auto made = f.submissions(10);
    for (auto& submission : made)
        f.submit(*f.queue, submission);
    f.queue.reset();
    f.hardware->let_go();
    f.run();
    for (const auto& submission : made) {
        CHECK(submission.completions == 1);
        CHECK(submission.error() == errc::queue_closed);
    }
}

TEST_CASE("a queue that is moved keeps its submissions")
{
    QueueFixture f;
    f.hardware->hold();
    Submission submission{9};
    f.submit(*f.queue, submission);
    device::DeviceQueue moved(std::move(*f.queue));
    f.queue.reset();
    f.hardware->let_go();
    f.run();
    CHECK_FALSE(submission.failure);
    CHECK(submission.output == 9);
}

TEST_CASE("a loop that is destroyed first drops its handlers and leaks nothing")
{
    const auto hardware = test::TestDevice::make();
    Context context(1);
    auto device = std::make_shared<device::Device>(context, "test", hardware->make_driver());
    const auto alive = std::make_shared<int>(0);
    int input = 0;
    int output = 0;
    {
        asio::io_context loop;
        device::DeviceQueue queue(loop.get_executor(), device);
        const auto program =
            queue.async_load(test::copy_program(), asio::bind_executor(context.io_executor(), asio::use_future)).get();
        const std::array inputs{asio::const_buffer(&input, sizeof input)};
        const std::array outputs{asio::mutable_buffer(&output, sizeof output)};
        queue.async_submit(program, inputs, outputs, [alive](std::exception_ptr) { FAIL("nobody runs this loop"); });
        // When the second answers elsewhere, the completion of the first is on the loop.
        queue.async_submit(program, inputs, outputs, asio::bind_executor(context.io_executor(), asio::use_future)).get();
        CHECK(alive.use_count() == 2);
    }
    CHECK(alive.use_count() == 1);
}

TEST_CASE("ten thousand runs from several threads, some of them cancelled, each complete exactly once")
{
    QueueFixture f(4);
    constexpr std::size_t threads = 4;
    constexpr std::size_t runs = 2500;
    std::vector<std::vector<Submission>> made(threads, f.submissions(runs));
    const auto work = asio::make_work_guard(f.loop);
    std::jthread loop_thread([&] { f.loop.run(); });
    std::atomic<std::size_t> completed = 0;
    std::array<std::atomic<std::size_t>, threads> completed_of{};
    std::atomic<std::size_t> cancelled = 0;
    {
        std::vector<std::jthread> submitters;
        for (std::size_t t = 0; t != threads; ++t)
            submitters.emplace_back([&, t] {
                const auto queue = f.make_queue();
                std::mt19937 random(static_cast<unsigned>(t));
                for (auto& submission : made[t]) {
                    f.submit(*queue, submission, [&, t](std::exception_ptr failure) {
                        ++submission.completions;
                        cancelled += failure != nullptr;
                        ++completed_of[t];
                        ++completed;
                    });
                    if (random() % 64 == 0)
                        queue->cancel();
                }
                // Some queues wait for their answers, the others go while runs are under way.
                while (t % 2 == 0 && completed_of[t].load() != runs)
                    std::this_thread::yield();
            });
    }
    while (completed.load() != threads * runs)
        std::this_thread::yield();
    f.loop.stop();
    loop_thread.join();
    for (const auto& of_thread : made)
        for (const auto& submission : of_thread)
            REQUIRE(submission.completions == 1);
    CHECK(cancelled.load() != 0);
}

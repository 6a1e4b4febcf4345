#include "device/queue_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

namespace asio = boost::asio;
using namespace furiosa;
using device::DeviceQueue;
using device::QueueLimits;
using device::QueuePlace;
using test::QueueFixture;
using test::Submission;

namespace {

constexpr std::size_t capacity = 8;

struct LimitedFixture : QueueFixture
{
    explicit LimitedFixture(const QueueLimits& limits)
        : QueueFixture(capacity), limited(loop.get_executor(), device, limits)
    {
        hardware->hold();
    }

    /// Asks for a place, and keeps it in `places`.
    void reserve(asio::cancellation_slot slot = {})
    {
        auto keep = [this](std::exception_ptr failure, QueuePlace place) {
            failures.push_back(code_of(failure));
            places.push_back(std::move(place));
        };
        asio::co_spawn(loop, limited.reserve(), asio::bind_cancellation_slot(slot, std::move(keep)));
    }

    void poll()
    {
        loop.restart();
        loop.poll();
    }

    DeviceQueue limited;
    std::vector<boost::system::error_code> failures;
    std::vector<QueuePlace> places;
};

QueueLimits running(std::size_t count)
{
    QueueLimits limits;
    limits.running = count;
    return limits;
}

QueueLimits places(std::size_t count)
{
    QueueLimits limits;
    limits.places = count;
    return limits;
}

QueueLimits results(std::size_t count)
{
    QueueLimits limits;
    limits.results = count;
    return limits;
}

} // namespace

TEST_CASE("a queue has no more runs on the device than it may, whatever the device would take")
{
    LimitedFixture f(running(2));
    auto submissions = f.submissions(5);
    for (auto& submission : submissions)
        f.submit(f.limited, submission);
    CHECK(f.hardware->started() == std::vector{0, 1});

    Submission other(100); // another queue of the device has its share all the same
    f.submit(*f.queue, other);
    CHECK(f.hardware->started() == std::vector{0, 1, 100});

    f.hardware->release(1);
    f.hardware->wait_for_started(4);
    CHECK(f.hardware->started().back() == 2);
    f.hardware->let_go();
    f.run();
    for (const auto& submission : submissions)
        CHECK((submission.completions == 1 && submission.output == submission.input));
}

TEST_CASE("results that their loop does not take stop the device")
{
    LimitedFixture f(results(3));
    f.hardware->let_go();
    auto submissions = f.submissions(7);
    for (auto& submission : submissions)
        f.submit(f.limited, submission);
    f.hardware->wait_for_started(3);
    Submission other(100); // comes behind them on a device that works them off in order
    f.submit(*f.queue, other);
    f.hardware->wait_for_started(4);
    CHECK(f.hardware->started() == std::vector{0, 1, 2, 100});
    f.run();
    CHECK(f.hardware->started().size() == 8);
    for (const auto& submission : submissions)
        CHECK(submission.completions == 1);
}

TEST_CASE("a result whose loop goes without taking it does not count for ever")
{
    LimitedFixture f(results(1));
    f.hardware->let_go();
    Submission left;
    {
        asio::io_context gone;
        f.submit(f.limited, left, asio::bind_executor(gone.get_executor(), f.handler(left)));
        Submission behind(7);
        f.submit(*f.queue, behind);
        f.run(); // the device works them off in order: now the first one's completion is in its loop
    }
    Submission next(1);
    f.submit(f.limited, next);
    f.run();
    CHECK(next.output == 1);
    CHECK(left.completions == 0);
}

TEST_CASE("places are given in the order in which they were asked for, together with runs")
{
    LimitedFixture f(places(2));
    f.reserve();
    Submission run(1);
    f.poll();
    f.submit(f.limited, run);
    f.reserve();
    Submission late(2);
    f.poll();
    f.submit(f.limited, late);
    f.poll();
    CHECK(f.places.size() == 1);
    CHECK(f.hardware->started() == std::vector{1});

    f.places.clear(); // the second reservation comes before the run behind it
    f.poll();
    CHECK(f.places.size() == 1);
    CHECK(f.hardware->started() == std::vector{1});
    f.hardware->release(1);
    f.hardware->wait_for_started(2);
    CHECK(f.hardware->started() == std::vector{1, 2});
    f.hardware->let_go();
    f.run();
    CHECK((run.output == 1 && late.output == 2));
}

TEST_CASE("whoever holds a place submits without waiting for another")
{
    LimitedFixture f(places(1));
    f.reserve();
    f.poll();
    REQUIRE(f.places.size() == 1);
    Submission with_place(1);
    Submission without(2);
    f.submit(f.limited, without);
    f.limited.async_submit(f.places[0], f.program, with_place.inputs(), with_place.outputs(), f.handler(with_place));
    CHECK(f.hardware->started() == std::vector{1});
    f.hardware->let_go();
    f.poll();
    CHECK(without.completions == 0); // the place is held until it is given back
    f.places.clear();
    f.run();
    CHECK((with_place.output == 1 && without.output == 2));
}

TEST_CASE("a wait for a place can be cancelled, and closing the queue ends it")
{
    LimitedFixture f(places(1));
    asio::cancellation_signal stop;
    f.reserve();
    f.poll();
    f.reserve(stop.slot());
    f.reserve();
    f.poll();
    stop.emit(asio::cancellation_type::terminal);
    f.poll();
    REQUIRE(f.failures.size() == 2);
    CHECK(f.failures[1] == errc::cancelled);
    f.limited.close();
    f.poll();
    REQUIRE(f.failures.size() == 3);
    CHECK(f.failures[2] == errc::queue_closed);
}

TEST_CASE("a wait for a place is cancelled, too, when the place is on its way, which is free again then")
{
    LimitedFixture f(places(1));
    asio::cancellation_signal stop;
    boost::system::error_code seen;
    const auto wait = [&]() -> asio::awaitable<void> {
        try {
            co_await f.limited.reserve();
        } catch (const Error& error) {
            seen = error.code();
        }
    };
    f.reserve();
    f.poll();
    asio::co_spawn(f.loop, wait, asio::bind_cancellation_slot(stop.slot(), asio::detached));
    f.poll();
    asio::post(f.loop, [&] {
        f.places.clear(); // now it is given to the second
        stop.emit(asio::cancellation_type::terminal);
    });
    f.poll();
    CHECK(seen == errc::cancelled);
    f.reserve();
    f.poll();
    REQUIRE(f.failures.size() == 2);
    CHECK_FALSE(f.failures[1]);
}

TEST_CASE("a place that nobody takes any more is free again")
{
    LimitedFixture f(places(1));
    {
        asio::io_context gone;
        asio::co_spawn(gone, f.limited.reserve(), [](std::exception_ptr, QueuePlace) {});
        gone.poll_one(); // asks; the place comes to a loop that ends
    }
    f.reserve();
    f.poll();
    CHECK(f.places.size() == 1);
}

TEST_CASE("a queue without that limit gives places at once")
{
    LimitedFixture f(running(1));
    for (int i = 0; i != 100; ++i)
        f.reserve();
    f.poll();
    CHECK(f.places.size() == 100);
}

TEST_CASE("a cancelled run gives its place to the next")
{
    LimitedFixture f(places(2));
    Submission first(1);
    Submission second(2);
    asio::cancellation_signal stop;
    f.submit(f.limited, first);
    QueueLimits one = running(1);
    one.places = 2;
    DeviceQueue narrow(f.loop.get_executor(), f.device, one);
    Submission a(10);
    Submission b(11);
    Submission c(12);
    f.submit(narrow, a);
    f.submit(narrow, b, asio::bind_cancellation_slot(stop.slot(), f.handler(b)));
    f.submit(narrow, c);
    stop.emit(asio::cancellation_type::total);
    f.poll();
    CHECK(b.error() == errc::cancelled);
    f.submit(f.limited, second);
    f.hardware->let_go();
    f.run();
    CHECK((a.output == 10 && b.output == -1 && c.output == 12));
    CHECK((first.output == 1 && second.output == 2));
}

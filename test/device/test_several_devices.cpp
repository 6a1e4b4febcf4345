// A device of several members: who is given what, and what becomes of the runs of one that dies.

#include "device/queue_fixture.hpp"
#include "support/throws_errc.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <optional>

namespace asio = boost::asio;
using namespace furiosa;
using device::DeviceQueue;
using device::QueueLimits;
using test::QueueFixture;
using test::Submission;

namespace {

using Ints = std::vector<int>;
using Names = std::vector<std::string>;

/// Members of two runs each, which keep what they are given.
struct HeldFixture : QueueFixture
{
    explicit HeldFixture(std::string_view cards = "ab") : QueueFixture(2, cards)
    {
        for (const auto& member : members)
            member->hold();
    }

    using QueueFixture::submit;
    void submit(std::vector<Submission>& submissions)
    {
        for (auto& submission : submissions)
            submit(*queue, submission);
    }
    /// Returns when all that the member had has come back.
    void lose(std::size_t member)
    {
        members[member]->lose();
        members[member]->wait_for_completed(members[member]->started().size());
    }
    Ints started(std::size_t member) const { return members[member]->started(); }
    void finish()
    {
        for (const auto& member : members)
            member->let_go();
        run();
    }
};

bool is_right(const Submission& submission)
{
    return submission.completions == 1 && !submission.failure && submission.output == submission.input;
}

bool is_lost(const Submission& submission)
{
    return submission.completions == 1 && submission.error() == errc::device_lost;
}

} // namespace

TEST_CASE("each run is given to the least loaded member, as long as one has room")
{
    HeldFixture f;
    CHECK(f.device->capacity() == 4);
    auto runs = f.submissions(8);
    f.submit(runs);
    CHECK(f.started(0) == Ints{0, 2});
    CHECK(f.started(1) == Ints{1, 3});
    f.members[1]->release(2);
    f.members[1]->wait_for_started(4);
    CHECK(f.started(0) == Ints{0, 2});
    CHECK(f.started(1) == Ints{1, 3, 4, 5});
    f.finish();
    CHECK(std::ranges::all_of(runs, is_right));
}

TEST_CASE("the runs of a member that dies are given to the others, in their order and before what waits")
{
    HeldFixture f;
    auto runs = f.submissions(7);
    f.submit(runs);
    f.lose(0);
    CHECK(f.program.lost_members() == Names{"test:0"});
    f.loop.poll();
    CHECK(std::ranges::none_of(runs, &Submission::done));
    f.finish();
    CHECK(std::ranges::all_of(runs, is_right));
    CHECK(f.started(0) == Ints{0, 2});
    CHECK(f.started(1) == Ints{1, 3, 0, 2, 4, 5, 6});
}

TEST_CASE("a member that is dead is given nothing more")
{
    HeldFixture f("abc");
    f.lose(1);
    auto runs = f.submissions(4);
    f.submit(runs);
    CHECK(f.started(0) == Ints{0, 2});
    CHECK(f.started(1).empty());
    CHECK(f.started(2) == Ints{1, 3});
    f.finish();
    CHECK(std::ranges::all_of(runs, is_right));
}

TEST_CASE("a run is given to another member once: when that dies, too, it is lost")
{
    HeldFixture f("abc");
    auto runs = f.submissions(3);
    f.submit(runs);
    f.lose(0);
    CHECK(f.started(1) == Ints{1, 0});
    f.lose(1);
    CHECK(f.started(2) == Ints{2, 1});
    f.finish();
    CHECK(is_lost(runs[0]));
    CHECK(is_right(runs[1]));
    CHECK(is_right(runs[2]));
    CHECK(f.program.lost_members() == Names{"test:0", "test:1"});
}

TEST_CASE("a run is given to another card, if there is one, before it is given to another member of the one that died")
{
    HeldFixture f("aab");
    auto runs = f.submissions(5);
    f.submit(runs);
    f.lose(0);
    CHECK(f.started(0) == Ints{0, 3});
    CHECK(f.started(1) == Ints{1, 4});
    CHECK(f.started(2) == Ints{2, 0}); // and run 3 waits
    auto later = f.submissions(1);
    f.submit(later);
    f.members[1]->release(1);
    f.members[1]->wait_for_completed(1);
    CHECK(f.started(1) == Ints{1, 4, 0}); // which need not wait for it
    f.lose(1);
    f.finish();
    CHECK(f.started(2) == Ints{2, 0, 3, 4, 0});
    CHECK(std::ranges::all_of(runs, is_right));
    CHECK(is_right(later[0]));
}

TEST_CASE("a run is given to another member of the card that died when there is no other card")
{
    HeldFixture f("aa");
    auto runs = f.submissions(2);
    f.submit(runs);
    f.lose(0);
    CHECK(f.started(1) == Ints{1, 0});
    f.finish();
    CHECK(std::ranges::all_of(runs, is_right));
}

TEST_CASE("when no member is left, what was queued and what comes fails as lost")
{
    HeldFixture f;
    auto runs = f.submissions(8);
    f.submit(runs);
    f.lose(0);
    f.lose(1);
    f.run();
    CHECK(std::ranges::all_of(runs, is_lost));
    auto later = f.submissions(1);
    f.submit(later);
    f.run();
    CHECK(is_lost(later[0]));
}

TEST_CASE("a run that fails on a member that lives is not given to another")
{
    HeldFixture f;
    auto runs = f.submissions(2);
    f.members[0]->fail_next_run(std::make_exception_ptr(Error(errc::device_failed, "no")));
    f.submit(runs);
    f.finish();
    CHECK(runs[0].error() == errc::device_failed);
    CHECK(is_right(runs[1]));
    CHECK(f.started(1) == Ints{1});
    CHECK(f.program.lost_members().empty());
}

TEST_CASE("what the members of a device lose with their work, cancelled or closed, is not given again")
{
    HeldFixture f;
    auto runs = f.submissions(2);
    asio::cancellation_signal stop;
    f.submit(*f.queue, runs[0], asio::bind_cancellation_slot(stop.slot(), f.handler(runs[0])));
    f.submit(*f.queue, runs[1]);
    boost::system::error_code expected;
    SECTION("cancelled")
    {
        stop.emit(asio::cancellation_type::terminal);
        expected = errc::cancelled;
    }
    SECTION("closed")
    {
        f.queue.reset();
        expected = errc::queue_closed;
    }
    f.lose(0);
    f.loop.run_one();
    CHECK(runs[0].error() == expected);
    f.finish();
    CHECK(f.started(1) == Ints{1});
    CHECK(runs[1].completions == 1);
}

TEST_CASE("a run that waits to be given again can be cancelled at once")
{
    HeldFixture f;
    auto runs = f.submissions(4);
    asio::cancellation_signal stop;
    f.submit(*f.queue, runs[0], asio::bind_cancellation_slot(stop.slot(), f.handler(runs[0])));
    for (std::size_t i = 1; i != runs.size(); ++i)
        f.submit(*f.queue, runs[i]);
    f.lose(0);
    stop.emit(asio::cancellation_type::terminal);
    f.loop.run_one();
    CHECK(runs[0].error() == errc::cancelled);
    f.finish();
    CHECK(f.started(1) == Ints{1, 3, 2});
}

TEST_CASE("the limits of a queue hold for runs that are given again")
{
    HeldFixture f;
    QueueLimits limits;
    SECTION("running") { limits.running = 2; }
    SECTION("results") { limits.results = 2; }
    SECTION("places") { limits.places = 2; }
    f.queue = std::make_unique<DeviceQueue>(f.loop.get_executor(), f.device, limits);
    auto runs = f.submissions(5);
    f.submit(runs);
    CHECK(f.started(0) == Ints{0});
    CHECK(f.started(1) == Ints{1});
    f.lose(0);
    CHECK(f.started(1) == Ints{1, 0});
    f.finish();
    CHECK(std::ranges::all_of(runs, is_right));
    CHECK(f.started(1) == Ints{1, 0, 2, 3, 4});
}

TEST_CASE("a run that holds a place keeps it while it is given again")
{
    HeldFixture f("abc"); // with room for more than the queue lets in
    QueueLimits limits;
    limits.places = 2;
    f.queue = std::make_unique<DeviceQueue>(f.loop.get_executor(), f.device, limits);
    auto runs = f.submissions(1);
    std::optional<device::QueuePlace> place;
    asio::co_spawn(f.loop, f.queue->reserve(), [&](std::exception_ptr, device::QueuePlace got) { place = std::move(got); });
    f.loop.poll();
    REQUIRE(place);
    f.queue->async_submit(*place, f.program, runs[0].inputs(), runs[0].outputs(), f.handler(runs[0]));
    f.lose(0);
    auto others = f.submissions(2);
    f.submit(others); // for whom one place is left
    CHECK(f.started(1) == Ints{0});
    CHECK(f.started(2) == Ints{0});
    place.reset();
    CHECK(f.started(1) == Ints{0, 1});
    f.finish();
    CHECK(is_right(runs[0]));
    CHECK(std::ranges::all_of(others, is_right));
}

TEST_CASE("a program is on all members, or it is not loaded")
{
    QueueFixture f(1, "abc");
    for (const auto& member : f.members)
        CHECK(member->loaded_programs() == 1);
    f.members[1]->fail_next_load(std::make_exception_ptr(Error(errc::out_of_memory, "full")));
    CHECK_THROWS_ERRC(f.load(*f.queue), errc::out_of_memory);
    for (const auto& member : f.members)
        CHECK(member->loaded_programs() == 1);
}

namespace {

/// How many answers were wrong, until `enough`.
asio::awaitable<unsigned> ask(QueueFixture& f, int first, const std::atomic<bool>& enough)
{
    unsigned wrong = 0;
    for (int i = 0; i < 1000 || !enough; ++i) {
        Submission submission(first + i);
        const auto inputs = submission.inputs();
        const auto outputs = submission.outputs();
        co_await f.queue->async_submit(f.program, inputs, outputs, asio::use_awaitable);
        wrong += submission.output != submission.input;
    }
    co_return wrong;
}

void wait_for_more(const test::TestDevice& member)
{
    member.wait_for_completed(member.started().size() + 100);
}

} // namespace

TEST_CASE("while two of three members die under load, each run is answered, and right")
{
    constexpr int coroutines = 8;
    QueueFixture f(2, "abc");
    std::atomic<int> ended = 0;
    std::atomic<unsigned> wrong = 0;
    std::atomic<bool> enough = false;
    for (int i = 0; i != coroutines; ++i)
        asio::co_spawn(asio::make_strand(f.loop), ask(f, i * 1'000'000, enough),
                       [&](std::exception_ptr failure, unsigned count) {
                           ++ended;
                           wrong += failure ? 1 : count;
                       });
    std::jthread killer([&] {
        f.members[0]->wait_for_started(500);
        f.members[0]->lose();
        wait_for_more(*f.members[2]); // whatever was about to be given to the dead one has been
        f.members[0]->wait_for_completed(f.members[0]->started().size());
        // What it had goes first: none of that is under way any more a hundred runs later, to be lost a second time.
        wait_for_more(*f.members[1]);
        wait_for_more(*f.members[2]);
        f.members[1]->lose();
        wait_for_more(*f.members[2]);
        enough = true;
    });
    {
        std::jthread second([&] { f.loop.run(); });
        f.loop.run();
    }
    CHECK(ended == coroutines);
    CHECK(wrong == 0);
    CHECK(f.program.lost_members() == Names{"test:0", "test:1"});
}

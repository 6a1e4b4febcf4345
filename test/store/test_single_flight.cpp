#include "store/store_fixture.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include <future>

namespace asio = boost::asio;
using namespace furiosa;
using test::request_for;
using test::StoreFixture;

namespace {

/// A source that gives its bytes when the test opens the gate.
class Gate : public std::enable_shared_from_this<Gate>
{
public:
    explicit Gate(Context& context) : opened_(context.io_executor(), asio::steady_timer::time_point::max()) {}

    store::Source source(std::string content)
    {
        return [self = shared_from_this(), content](ByteSink& sink) { return self->wait_and_pour(self, sink, content); };
    }

    void open()
    {
        asio::post(opened_.get_executor(), asio::use_future([this] {
                       is_open_ = true;
                       opened_.cancel();
                   }))
            .get();
    }

    /// Blocks until the source was asked.
    void wait_until_asked() { asked.wait(0); }

    std::atomic<int> asked = 0;
    std::atomic<bool> cancelled = false;

private:
    asio::awaitable<void> wait_and_pour(std::shared_ptr<Gate>, ByteSink& sink, std::string content)
    {
        ++asked;
        asked.notify_all();
        boost::system::error_code error;
        if (!is_open_)
            co_await opened_.async_wait(asio::redirect_error(asio::use_awaitable, error));
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) {
            cancelled = true;
            throw_error(errc::cancelled, "the source was cancelled");
        }
        co_await sink.start(0, content.size());
        co_await test::pour(sink, content);
    }

    asio::steady_timer opened_;
    bool is_open_ = false; // on the I/O thread
};

struct Waiter
{
    asio::cancellation_signal stop;
    std::future<SharedBytes> result;
};

void start(StoreFixture& f, Gate& gate, Waiter& waiter)
{
    waiter.result = asio::co_spawn(f.context.io_executor(), f.store.fetch(request_for("abc"), gate.source("abc")),
                                   asio::bind_cancellation_slot(waiter.stop.slot(), asio::use_future));
}

/// Cancels on the executor that the waiter runs on, and returns when that is done.
void cancel(StoreFixture& f, Waiter& waiter)
{
    asio::post(f.context.io_executor(),
               asio::use_future([&] { waiter.stop.emit(asio::cancellation_type::terminal); }))
        .get();
}

bool was_cancelled(Waiter& waiter)
{
    try {
        waiter.result.get();
        return false;
    } catch (const Error& error) {
        return error.code() == errc::cancelled;
    }
}

} // namespace

TEST_CASE("however many want a blob at once, the source is asked once")
{
    StoreFixture f;
    const auto gate = std::make_shared<Gate>(f.context);
    std::vector<Waiter> waiters(64);
    for (auto& waiter : waiters)
        start(f, *gate, waiter);
    gate->open();
    for (auto& waiter : waiters)
        CHECK(waiter.result.get().text() == "abc");
    CHECK(gate->asked == 1);
    CHECK(f.store.counters().downloads == 1);
    CHECK(f.store.counters().joined + f.store.counters().hits == 63);
}

TEST_CASE("a waiter that is cancelled leaves alone")
{
    StoreFixture f;
    const auto gate = std::make_shared<Gate>(f.context);
    std::vector<Waiter> waiters(3);
    for (auto& waiter : waiters)
        start(f, *gate, waiter);
    gate->wait_until_asked();
    cancel(f, waiters[0]); // the one that started it
    CHECK(was_cancelled(waiters[0]));
    gate->open();
    CHECK(waiters[1].result.get().text() == "abc");
    CHECK(waiters[2].result.get().text() == "abc");
    CHECK_FALSE(gate->cancelled);
}

TEST_CASE("when the last waiter has left, the download ends too, and the next one starts afresh")
{
    StoreFixture f;
    const auto gate = std::make_shared<Gate>(f.context);
    std::vector<Waiter> waiters(2);
    for (auto& waiter : waiters)
        start(f, *gate, waiter);
    gate->wait_until_asked();
    for (auto& waiter : waiters)
        cancel(f, waiter);
    for (auto& waiter : waiters)
        CHECK(was_cancelled(waiter));

    const auto second = std::make_shared<Gate>(f.context);
    Waiter later;
    start(f, *second, later);
    second->open();
    CHECK(later.result.get().text() == "abc");
    CHECK(second->asked == 1);
    CHECK(gate->cancelled);
    CHECK(f.file_count() == 1);
}

TEST_CASE("destroying the context ends the downloads under way")
{
    auto f = std::make_unique<StoreFixture>();
    Waiter waiter;
    start(*f, *std::make_shared<Gate>(f->context), waiter);
    auto cancelled = std::async(std::launch::async, [&] { return was_cancelled(waiter); });
    f.reset();
    CHECK(cancelled.get());
}

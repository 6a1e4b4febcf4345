#include <furiosa/core/async_call.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/core/error.hpp>
#include "support/counting_allocator.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>
#include <string>
#include <thread>

namespace asio = boost::asio;
using namespace furiosa;

namespace {

asio::awaitable<std::string> answer()
{
    co_await asio::post(asio::use_awaitable);
    co_return "answer";
}

asio::awaitable<std::string> wait_for_ever()
{
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::use_awaitable);
    co_return "never";
}

template <class Make, class Token>
auto call(Context& context, asio::io_context& loop, Make make, Token&& token)
{
    return detail::async_call<std::string>(context.io_executor(), loop.get_executor(), make,
                                           std::forward<Token>(token));
}

} // namespace

TEST_CASE("a call completes for any completion token")
{
    Context context(1);
    asio::io_context loop;

    SECTION("callback, on the loop's own thread")
    {
        std::thread::id thread;
        std::string got;
        call(context, loop, answer, [&](std::exception_ptr, std::string s) {
            thread = std::this_thread::get_id();
            got = s;
        });
        CHECK(got.empty());
        loop.run();
        CHECK(got == "answer");
        CHECK(thread == std::this_thread::get_id());
    }
    SECTION("use_future")
    {
        auto future = call(context, loop, answer, asio::use_future);
        loop.run();
        CHECK(future.get() == "answer");
    }
    SECTION("use_awaitable, as_tuple and deferred")
    {
        const auto run = [](Context& c, asio::io_context& l) -> asio::awaitable<void> {
            const auto first = co_await call(c, l, answer, asio::use_awaitable);
            CHECK(first == "answer");
            auto [exception, text] = co_await call(c, l, answer, asio::as_tuple(asio::use_awaitable));
            CHECK_FALSE(exception);
            CHECK(text == "answer");
            auto operation = call(c, l, answer, asio::deferred);
            const auto third = co_await std::move(operation)(asio::use_awaitable);
            CHECK(third == "answer");
        };
        auto done = asio::co_spawn(loop, run(context, loop), asio::use_future);
        loop.run();
        done.get();
    }
}

TEST_CASE("a call honours the handler's executor and allocator")
{
    Context context(1);
    asio::io_context fallback;
    asio::thread_pool other(1);
    test::AllocationCount count;
    bool on_other = false;
    call(context, fallback, answer,
         asio::bind_allocator(test::CountingAllocator<void>(count),
                              asio::bind_executor(other, [&](std::exception_ptr, std::string) {
                                  on_other = other.get_executor().running_in_this_thread();
                              })));
    other.join();
    CHECK(on_other);
    CHECK(count.allocations > 0);
    CHECK(count.allocations == count.deallocations);
}

TEST_CASE("a cancellation of any type ends the call once, on the caller's executor")
{
    const auto type = GENERATE(asio::cancellation_type::terminal, asio::cancellation_type::partial,
                               asio::cancellation_type::total);
    Context context(1);
    asio::io_context loop;
    asio::cancellation_signal signal;
    int completions = 0;
    boost::system::error_code code;
    call(context, loop, wait_for_ever,
         asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr exception, std::string) {
             ++completions;
             code = code_of(exception);
         }));
    asio::post(loop, [&] { signal.emit(type); });
    loop.run();
    CHECK(completions == 1);
    CHECK(code == errc::cancelled);
    signal.emit(type); // after completion: nobody listens
    CHECK(loop.poll() == 0);
}

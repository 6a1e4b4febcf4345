#include <furiosa/core/context.hpp>
#include <furiosa/core/run_until_complete.hpp>
#include "support/throws_errc.hpp"

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <string>
#include <thread>

namespace asio = boost::asio;
using namespace furiosa;

namespace {

asio::awaitable<std::string> greet(std::string name)
{
    co_await asio::post(asio::use_awaitable);
    co_return "hello " + name;
}

asio::awaitable<void> fail()
{
    co_await asio::post(asio::use_awaitable);
    throw Error(errc::not_found, "nothing here");
}

struct NoDefault
{
    explicit NoDefault(int v) : value(v) {}
    int value;
};

} // namespace

TEST_CASE("run_until_complete returns the result of the awaitable")
{
    CHECK(run_until_complete(greet("world")) == "hello world");
}

TEST_CASE("run_until_complete lets exceptions through")
{
    CHECK_THROWS_ERRC(run_until_complete(fail()), errc::not_found);
}

TEST_CASE("run_until_complete needs no default constructor of the result")
{
    const auto make = []() -> asio::awaitable<NoDefault> { co_return NoDefault(3); };
    CHECK(run_until_complete(make()).value == 3);
}

TEST_CASE("run_until_complete works from several threads at once")
{
    std::string a, b;
    {
        std::jthread one([&] { a = run_until_complete(greet("one")); });
        std::jthread two([&] { b = run_until_complete(greet("two")); });
    }
    CHECK(a == "hello one");
    CHECK(b == "hello two");
}

TEST_CASE("run_until_complete from inside a loop of its own is refused, not a deadlock")
{
    const auto nested = []() -> asio::awaitable<void> {
        run_until_complete(greet("me"));
        co_return;
    };
    CHECK_THROWS_ERRC(run_until_complete(nested()), errc::would_deadlock);
}

TEST_CASE("run_until_complete on a worker of a context is refused")
{
    Context context(1);
    const auto nested = [](Context& c) -> asio::awaitable<void> {
        co_await c.offload([] { run_until_complete(greet("me")); });
    };
    CHECK_THROWS_ERRC(run_until_complete(nested(context)), errc::would_deadlock);
}

TEST_CASE("run_until_complete drives the caller's loop, and refuses to from its handlers")
{
    asio::io_context loop;
    CHECK(run_until_complete(loop, greet("loop")) == "hello loop");
    CHECK(run_until_complete(loop, greet("again")) == "hello again");

    bool refused = false;
    loop.restart();
    asio::post(loop, [&] {
        try {
            run_until_complete(loop, greet("inside"));
        } catch (const Error& error) {
            refused = error.code() == errc::would_deadlock;
        }
    });
    loop.run();
    CHECK(refused);
}

TEST_CASE("a loop that somebody stops ends run_until_complete with an error")
{
    asio::io_context loop;
    const auto stop = [](asio::io_context& l) -> asio::awaitable<void> {
        l.stop();
        co_await asio::post(asio::use_awaitable);
    };
    CHECK_THROWS_ERRC(run_until_complete(loop, stop(loop)), errc::cancelled);
}

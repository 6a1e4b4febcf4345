#include <furiosa/core/context.hpp>
#include <furiosa/core/run_until_complete.hpp>
#include "support/address_space_limit.hpp"
#include "support/thread_niceness.hpp"
#include "support/throws_errc.hpp"

#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace asio = boost::asio;
using namespace furiosa;

namespace {

struct Log : Context::Service
{
    explicit Log(Context&, std::string n = "default", std::vector<std::string>* e = nullptr) : name(n), events(e) {}
    ~Log() override { note("destroyed"); }
    void shutdown() noexcept override { note("shut down"); }
    void note(const char* what)
    {
        if (events)
            events->push_back(name + " " + what);
    }
    std::string name;
    std::vector<std::string>* events;
};

struct User : Log
{
    explicit User(Context& context, std::vector<std::string>* e) : Log(context, "user", e), log(context.use<Log>()) {}
    Log& log;
};

asio::awaitable<std::thread::id> thread_of_offload(Context& context)
{
    co_return co_await context.offload([] { return std::this_thread::get_id(); });
}

} // namespace

TEST_CASE("a context holds one service of each kind")
{
    Context context(1);
    auto& log = context.emplace<Log>("mine");
    CHECK(&context.use<Log>() == &log);
    CHECK(log.name == "mine");
    CHECK_THROWS_ERRC(context.emplace<Log>("other"), errc::invalid_argument);
}

TEST_CASE("a service that nobody configured is made on first use")
{
    Context context(1);
    CHECK(context.use<Log>().name == "default");
}

TEST_CASE("services shut down and are destroyed last made first")
{
    std::vector<std::string> events;
    {
        Context context(1);
        context.emplace<Log>("log", &events);
        context.emplace<User>(&events);
    }
    CHECK(events == std::vector<std::string>{"user shut down", "log shut down", "user destroyed", "log destroyed"});
}

TEST_CASE("offloaded work runs on a worker and the coroutine goes on where it was")
{
    Context context(1);
    const auto check = [](Context& c) -> asio::awaitable<void> {
        const auto here = std::this_thread::get_id();
        const auto there = co_await thread_of_offload(c);
        CHECK(there != here);
        CHECK(std::this_thread::get_id() == here);
    };
    run_until_complete(check(context));
}

TEST_CASE("an exception in offloaded work reaches the coroutine")
{
    Context context(1);
    const auto fail = [](Context& c) -> asio::awaitable<void> {
        co_await c.offload([] { throw Error(errc::disk_full, "no space"); });
    };
    CHECK_THROWS_ERRC(run_until_complete(fail(context)), errc::disk_full);
}

TEST_CASE("a move-only result comes back from offloaded work")
{
    Context context(1);
    const auto make = [](Context& c) -> asio::awaitable<int> {
        auto p = co_await c.offload([] { return std::make_unique<int>(7); });
        co_return *p;
    };
    CHECK(run_until_complete(make(context)) == 7);
}

TEST_CASE("workers stand back, but not the threads that they start for work that somebody waits for")
{
    using Niceness = std::set<int>;
    const int here = ::getpriority(PRIO_PROCESS, 0);
    Context context(1);
    const auto look = [&] {
        return context.run_in_front([] {
            pthread_setname_np(pthread_self(), "test-front");
            return test::niceness_of_threads("test-front");
        });
    };
    run_until_complete(thread_of_offload(context)); // the worker is there
    CHECK(test::niceness_of_threads("furiosa-worker") == Niceness{std::min(here + 10, 19)});
    CHECK(run_until_complete(context.offload(look)) == Niceness{here});
    CHECK_THROWS_ERRC(context.run_in_front([] { throw_error(errc::io_error, "no"); }), errc::io_error);
}

#ifndef FURIOSA_SANITIZED // which take address space themselves
TEST_CASE("a context whose threads cannot all be started is an error, and waits for none of them")
{
    const test::AddressSpaceLimit limit(256 << 20);
    CHECK_THROWS_ERRC(Context(1000), errc::out_of_memory);
}
#endif

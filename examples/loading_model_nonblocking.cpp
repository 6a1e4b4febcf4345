// Loads a model while the event loop goes on: a ticker on the same, single-threaded loop shows that it does.

#include "support/static_server.hpp"

#include <furiosa/furiosa.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// The longest time between two ticks, as long as `loading` is true.
asio::awaitable<void> tick(const bool& loading, std::chrono::steady_clock::duration& longest)
{
    asio::steady_timer timer(co_await asio::this_coro::executor);
    auto last = std::chrono::steady_clock::now();
    while (loading) {
        timer.expires_after(100us);
        co_await timer.async_wait(asio::use_awaitable);
        const auto now = std::chrono::steady_clock::now();
        longest = std::max(longest, now - last);
        last = now;
    }
}

asio::awaitable<void> load(std::string registry, bool& loading)
{
    furiosa::ProgressBar bar;
    furiosa::LoadOptions options(registry);
    options.on_progress = bar.add("digits");
    const auto model = co_await furiosa::load_model("digits", options);
    fmt::print("loaded {} from {}\n", model.name(), model.registry());
    loading = false;
}

} // namespace

int main()
{
    const examples::StaticServer server(FURIOSA_EXAMPLES_REGISTRY);
    asio::io_context loop(1);
    bool loading = true;
    bool failed = false;
    std::chrono::steady_clock::duration longest{};

    asio::co_spawn(loop, tick(loading, longest), [](std::exception_ptr) {});
    asio::co_spawn(loop, load(server.uri(), loading), [&](std::exception_ptr exception) {
        loading = false;
        try {
            if (exception)
                std::rethrow_exception(exception);
        } catch (const std::exception& error) {
            fmt::print(stderr, "{}\n", error.what());
            failed = true;
        }
    });
    loop.run();
    fmt::print("the loop was never away for more than {} us\n",
               std::chrono::duration_cast<std::chrono::microseconds>(longest).count());
    return failed ? 1 : 0;
}

// Gives up on a server that says nothing: with a timeout, and by cancelling. Every operation of the library takes part
// in Asio's cancellation, so its awaitable operators and cancellation signals work as they do for sockets.

#include <furiosa/furiosa.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <chrono>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;

namespace {

/// Whether the timer went off first.
asio::awaitable<bool> load_with_timeout(std::string registry)
{
    asio::steady_timer deadline(co_await asio::this_coro::executor, 50ms);
    const auto outcome =
        co_await (furiosa::load_model("digits", registry) || deadline.async_wait(asio::use_awaitable));
    co_return outcome.index() == 1;
}

/// What a handler sees whose operation is cancelled.
furiosa::errc load_and_cancel(const std::string& registry)
{
    asio::io_context loop(1);
    asio::cancellation_signal stop;
    auto result = furiosa::errc{};
    furiosa::async_load_model(loop.get_executor(), "digits", registry,
                              asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr failure, furiosa::Model) {
                                  result = static_cast<furiosa::errc>(furiosa::code_of(failure).value());
                              }));
    asio::steady_timer timer(loop, 50ms);
    timer.async_wait([&](boost::system::error_code) { stop.emit(asio::cancellation_type::terminal); });
    loop.run();
    return result;
}

} // namespace

int main()
{
    // It takes connections and never answers.
    asio::io_context silent_loop;
    asio::ip::tcp::acceptor silent(silent_loop, {asio::ip::address_v4::loopback(), 0});
    const auto registry = fmt::format("http://127.0.0.1:{}", silent.local_endpoint().port());

    try {
        const bool timed_out = furiosa::run_until_complete(load_with_timeout(registry));
        fmt::print("with a timeout: {}\n", timed_out ? "gave up after 50 ms" : "loaded?");
        const auto result = load_and_cancel(registry);
        fmt::print("with a cancellation signal: {}\n", make_error_code(result).message());
        return timed_out && result == furiosa::errc::cancelled ? 0 : 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 2;
    }
}

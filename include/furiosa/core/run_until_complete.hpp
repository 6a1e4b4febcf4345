#pragma once

#include <furiosa/core/loop_guard.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <variant>

namespace furiosa {

namespace detail {

[[noreturn]] void throw_loop_is_running();
[[noreturn]] void throw_loop_was_stopped();

/// Shared with the coroutine, which may outlive the call when somebody stops the loop.
template <class T>
struct Outcome
{
    std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> value;
    std::exception_ptr exception;
};

template <class T>
boost::asio::awaitable<void> record(boost::asio::awaitable<T> operation, std::shared_ptr<Outcome<T>> outcome)
{
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(operation);
            outcome->value.emplace();
        } else {
            outcome->value.emplace(co_await std::move(operation));
        }
    } catch (...) {
        outcome->exception = std::current_exception();
    }
}

template <class T>
T drive(boost::asio::io_context& loop, boost::asio::awaitable<T> operation)
{
    LoopGuard guard;
    auto outcome = std::make_shared<Outcome<T>>();
    boost::asio::co_spawn(loop, record(std::move(operation), outcome), boost::asio::detached);
    while (!outcome->value && !outcome->exception)
        if (loop.run_one() == 0)
            throw_loop_was_stopped();
    if (outcome->exception)
        std::rethrow_exception(outcome->exception);
    if constexpr (!std::is_void_v<T>)
        return std::move(*outcome->value);
}

} // namespace detail

/// Runs an awaitable to its end on a loop of its own and returns its result: the blocking API, whole.
///
///     auto model = furiosa::run_until_complete(furiosa::load_model("digits"));
///
/// Exceptions come through. May be called from any thread that does not run a loop of this library: from inside
/// another run_until_complete, or from a thread of a Context, it throws errc::would_deadlock.
template <class T>
T run_until_complete(boost::asio::awaitable<T> operation)
{
    detail::LoopGuard::require_none();
    boost::asio::io_context loop(1);
    return detail::drive(loop, std::move(operation));
}

/// The same on the caller's loop, which runs in this thread until the operation has ended; what else is
/// queued there runs beside it. Throws errc::would_deadlock when called from a handler of that very loop, and
/// errc::cancelled when somebody stops the loop meanwhile.
template <class T>
T run_until_complete(boost::asio::io_context& loop, boost::asio::awaitable<T> operation)
{
    detail::LoopGuard::require_none();
    if (loop.get_executor().running_in_this_thread())
        detail::throw_loop_is_running();
    loop.restart();
    return detail::drive(loop, std::move(operation));
}

} // namespace furiosa

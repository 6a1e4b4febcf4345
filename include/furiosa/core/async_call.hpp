#pragma once

#include <furiosa/core/post_gate.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace furiosa::detail {

/// The completion signature of an operation that gives a T: the exception says what went wrong.
template <class T>
struct CallSignature
{
    using type = void(std::exception_ptr, T);
};
template <>
struct CallSignature<void>
{
    using type = void(std::exception_ptr);
};

/// Hands a cancellation that is asked for on the caller's executor to a coroutine that runs on another.
class CancellationBridge
{
public:
    explicit CancellationBridge(boost::asio::any_io_executor home) : home_(std::move(home)) {}

    boost::asio::cancellation_slot slot() noexcept { return signal_->slot(); }

    void listen(boost::asio::cancellation_slot caller)
    {
        if (!caller.is_connected())
            return;
        caller.assign([home = home_, signal = signal_](boost::asio::cancellation_type) {
            boost::asio::post(home, [signal] { signal->emit(boost::asio::cancellation_type::terminal); });
        });
    }

private:
    boost::asio::any_io_executor home_;
    std::shared_ptr<boost::asio::cancellation_signal> signal_ =
        std::make_shared<boost::asio::cancellation_signal>();
};

/// Runs the coroutine that `make()` returns on `home`; completes as an Asio operation of the caller.
///
/// The handler runs on its associated executor (`fallback` if it has none), through its associated allocator,
/// exactly once and never inside this call. Cancellation of any type reaches the coroutine as terminal.
template <class T, class Make, class Token>
auto async_call(boost::asio::any_io_executor home, boost::asio::any_io_executor fallback, Make make, Token&& token)
{
    namespace asio = boost::asio;
    auto initiate = []<class Handler>(Handler handler, asio::any_io_executor home, asio::any_io_executor fallback,
                                      Make make) {
        auto executor = asio::get_associated_executor(handler, fallback);
        auto caller_slot = asio::get_associated_cancellation_slot(handler);
        CancellationBridge bridge(home);
        bridge.listen(caller_slot);
        auto complete = [handler = std::move(handler), work = asio::make_work_guard(executor), caller_slot,
                         bridge](std::exception_ptr exception, auto... result) mutable {
            auto allocator = asio::get_associated_allocator(handler);
            const auto executor = work.get_executor();
            // The work goes with the handler: once that has run, the caller's loop may be gone.
            auto invoke = [handler = std::move(handler), work = std::move(work), caller_slot, exception,
                           ... result = std::move(result)]() mutable {
                if (caller_slot.is_connected())
                    caller_slot.clear();
                std::move(handler)(exception, std::move(result)...);
            };
            post_from_outside(executor, asio::bind_allocator(allocator, std::move(invoke)));
        };
        asio::co_spawn(home, std::move(make), asio::bind_cancellation_slot(bridge.slot(), std::move(complete)));
    };
    return asio::async_initiate<Token, typename CallSignature<T>::type>(std::move(initiate), token, std::move(home),
                                                                       std::move(fallback), std::move(make));
}

} // namespace furiosa::detail

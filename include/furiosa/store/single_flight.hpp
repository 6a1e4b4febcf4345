#pragma once

#include <furiosa/core/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace furiosa::store {

/// Lets however many coroutines want the same thing share one attempt at getting it.
///
/// The first one to ask for a key starts the flight; all get its result or its error. A waiter that is cancelled
/// leaves alone; when the last one has left, the flight itself is cancelled. Nothing is remembered after landing.
/// All members, and the coroutines that `join` gives, belong on one single-threaded executor.
template <class Key, class T>
class SingleFlight
{
public:
    explicit SingleFlight(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    /// The result of the flight for `key`; `start()` gives the coroutine that does the work.
    template <class Start>
    boost::asio::awaitable<T> join(Key key, Start start)
    {
        auto flight = find_or_start(std::move(key), std::move(start));
        ++flight->waiters;
        if (!flight->landed)
            co_await flight->landing.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        const bool last = --flight->waiters == 0;
        if (!flight->landed) {
            if (last) {
                forget(*flight); // a newcomer starts afresh rather than share in the cancellation
                flight->stop.emit(boost::asio::cancellation_type::terminal);
            }
            throw Error(errc::cancelled, "cancelled while waiting for it to arrive");
        }
        if (flight->exception)
            std::rethrow_exception(flight->exception);
        co_return *flight->result;
    }

    /// Cancels every flight. Their waiters see errc::cancelled.
    void cancel_all()
    {
        for (auto& [key, flight] : std::map(flights_))
            flight->stop.emit(boost::asio::cancellation_type::terminal);
    }

    bool is_in_flight(const Key& key) const { return flights_.contains(key); }

private:
    struct Flight
    {
        Flight(const boost::asio::any_io_executor& executor, Key k)
            : landing(executor, boost::asio::steady_timer::time_point::max()), key(std::move(k))
        {
        }
        boost::asio::steady_timer landing; // waiters sleep on it; landing cancels it
        boost::asio::cancellation_signal stop;
        Key key;
        std::size_t waiters = 0;
        bool landed = false;
        std::exception_ptr exception;
        std::optional<T> result;
    };

    template <class Start>
    std::shared_ptr<Flight> find_or_start(Key key, Start start)
    {
        if (const auto found = flights_.find(key); found != flights_.end())
            return found->second;
        auto flight = std::make_shared<Flight>(executor_, key);
        flights_.emplace(std::move(key), flight);
        auto land = [this, flight](std::exception_ptr exception) {
            const bool cancelled = code_of(exception) == boost::asio::error::operation_aborted;
            if (cancelled)
                exception = std::make_exception_ptr(Error(errc::cancelled, "it was cancelled"));
            flight->exception = exception;
            flight->landed = true;
            forget(*flight);
            flight->landing.cancel();
        };
        boost::asio::co_spawn(executor_, fly(flight, std::move(start)),
                              boost::asio::bind_cancellation_slot(flight->stop.slot(), land));
        return flight;
    }

    template <class Start>
    static boost::asio::awaitable<void> fly(std::shared_ptr<Flight> flight, Start start)
    {
        flight->result.emplace(co_await start());
    }

    void forget(const Flight& flight)
    {
        if (const auto found = flights_.find(flight.key); found != flights_.end() && found->second.get() == &flight)
            flights_.erase(found);
    }

    boost::asio::any_io_executor executor_;
    std::map<Key, std::shared_ptr<Flight>> flights_;
};

} // namespace furiosa::store

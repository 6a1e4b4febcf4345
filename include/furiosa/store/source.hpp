#pragma once

#include <furiosa/core/byte_sink.hpp>
#include <furiosa/core/error.hpp>

#include <boost/asio/awaitable.hpp>
#include <concepts>
#include <functional>
#include <utility>

namespace furiosa::store {

/// Where the store gets the bytes of one resource: the registry's transports, bound to its places.
///
///     Source source = [](RangedSink& sink) { return bring_it_into(sink); };
struct Source
{
    using Pull = std::function<boost::asio::awaitable<void>(RangedSink&)>;

    Source() = default;
    template <std::invocable<RangedSink&> F>
    Source(F function) : pull(std::move(function))
    {
    }

    /// Brings what the sink lacks. Runs on the I/O executor of the Context.
    Pull pull;
    /// Told that what came is not what was asked for. True: the next `pull` will ask elsewhere. Empty: there is
    /// nowhere else.
    std::function<bool(const Error&)> refuse;
};

} // namespace furiosa::store

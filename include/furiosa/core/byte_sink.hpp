#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace furiosa {

/// Where a transport puts the bytes of one resource: a file in the store, a string in memory.
///
/// The transport calls from the I/O executor of the Context, one call at a time:
///
///     co_await sink.start(0, 1000);
///     auto room = co_await sink.prepare();     // waits while the sink is behind
///     sink.commit(read_into(room));            // any number up to room.size()
///     …                                        // until all have come
///
/// The one who made the sink, not the transport, says afterwards whether the bytes are the right ones.
class ByteSink
{
public:
    virtual ~ByteSink() = default;

    /// A body begins: its first byte is number `offset` of the resource, which has `total` bytes if that is known.
    /// A second start at offset 0 throws away what came before; another offset must equal `position()`.
    /// Throws what stands against taking the body: too large, disk full.
    virtual boost::asio::awaitable<void> start(std::uint64_t offset, std::optional<std::uint64_t> total) = 0;

    /// Room for the next bytes, never empty; the same room again if nothing was committed.
    virtual boost::asio::awaitable<std::span<std::byte>> prepare() = 0;

    /// The first `count` bytes of the room are there. Throws errc::body_too_large when they are too many.
    virtual void commit(std::size_t count) = 0;

    /// How many bytes of the resource have come: where a transport resumes.
    virtual std::uint64_t position() const noexcept = 0;
};

} // namespace furiosa

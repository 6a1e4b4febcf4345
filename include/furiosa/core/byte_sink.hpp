#pragma once

#include <furiosa/core/byte_range.hpp>

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

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

    /// Room for the next bytes, the same again if nothing was committed; empty when no more are wanted.
    virtual boost::asio::awaitable<std::span<std::byte>> prepare() = 0;

    /// The first `count` bytes of the room are there. Throws errc::body_too_large when they are too many.
    virtual void commit(std::size_t count) = 0;

    /// How many bytes of the resource have come: where a transport resumes.
    virtual std::uint64_t position() const noexcept = 0;
};

/// A sink that takes parts of one resource of known size in any order, several at once: a file in the store.
///
/// As a plain ByteSink it takes the resource from the front, from the first byte that is missing.
class RangedSink : public ByteSink
{
public:
    /// A sink for some of the bytes: its `position()` counts in the whole resource.
    class Part : public ByteSink
    {
    public:
        virtual std::uint64_t end() const noexcept = 0;
        /// Wants no more than the bytes before `end`, which must lie well ahead of `position()`.
        virtual void set_end(std::uint64_t end) noexcept = 0;
    };

    virtual std::uint64_t size() const noexcept = 0;
    /// What has not come yet, in order.
    virtual std::vector<ByteRange> missing() const = 0;
    /// The entity tag or date of the resource that the bytes here are of: RFC 9110, section 8.8. Empty: unknown.
    virtual std::string validator() const = 0;
    virtual void set_validator(std::string validator) = 0;
    /// Takes bytes of that range. Parts must not overlap; the sink outlives them.
    virtual std::unique_ptr<Part> part(ByteRange range) = 0;
};

} // namespace furiosa

#pragma once

#include <furiosa/core/byte_sink.hpp>

#include <string>

namespace furiosa::test {

/// Keeps what comes, in rooms of a given size.
class MemorySink : public ByteSink
{
public:
    explicit MemorySink(std::size_t room = 4096) : room_(room, '\0') {}

    boost::asio::awaitable<void> start(std::uint64_t offset, std::optional<std::uint64_t> t) override
    {
        ++starts;
        total = t;
        bytes.resize(offset);
        co_return;
    }
    boost::asio::awaitable<std::span<std::byte>> prepare() override { co_return std::as_writable_bytes(std::span(room_)); }
    void commit(std::size_t count) override { bytes.append(room_, 0, count); }
    std::uint64_t position() const noexcept override { return bytes.size(); }

    std::string bytes;
    std::optional<std::uint64_t> total;
    int starts = 0;

private:
    std::string room_;
};

} // namespace furiosa::test

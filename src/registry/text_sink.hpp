#pragma once

#include <furiosa/core/byte_sink.hpp>

#include <string>

namespace furiosa::registry {

/// Keeps a small resource in memory. It grows as bytes come, not as a server promises.
class TextSink final : public ByteSink
{
public:
    boost::asio::awaitable<void> start(std::uint64_t offset, std::optional<std::uint64_t>) override
    {
        if (offset == 0)
            size_ = 0;
        co_return;
    }

    boost::asio::awaitable<std::span<std::byte>> prepare() override
    {
        if (text_.size() - size_ < least_room)
            text_.resize(std::max(2 * text_.size(), size_ + 4 * least_room));
        co_return std::as_writable_bytes(std::span(text_).subspan(size_));
    }

    void commit(std::size_t count) override { size_ += count; }
    std::uint64_t position() const noexcept override { return size_; }

    std::string take()
    {
        text_.resize(size_);
        return std::move(text_);
    }

private:
    static constexpr std::size_t least_room = 4096;

    std::string text_;
    std::size_t size_ = 0;
};

} // namespace furiosa::registry

#pragma once

#include "store/range_set.hpp"

#include <furiosa/core/byte_sink.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

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

/// Keeps what comes, in any order, in its place.
class RangedMemorySink : public RangedSink
{
public:
    explicit RangedMemorySink(std::uint64_t size, std::size_t room = 4096) : bytes(size, '\0'), room_size_(room) {}

    class MemoryPart : public Part
    {
    public:
        MemoryPart(RangedMemorySink& sink, ByteRange range) : sink_(sink), position_(range.first), end_(range.last) {}

        boost::asio::awaitable<void> start(std::uint64_t, std::optional<std::uint64_t>) override { co_return; }
        boost::asio::awaitable<std::span<std::byte>> prepare() override
        {
            const auto count = std::min<std::uint64_t>(sink_.room_size_, end_ - position_);
            co_return std::as_writable_bytes(std::span(sink_.bytes)).subspan(position_, count);
        }
        void commit(std::size_t count) override
        {
            sink_.present_.insert({position_, position_ + count});
            position_ += count;
        }
        std::uint64_t position() const noexcept override { return position_; }
        std::uint64_t end() const noexcept override { return end_; }
        void set_end(std::uint64_t end) noexcept override { end_ = end; }

    private:
        RangedMemorySink& sink_;
        std::uint64_t position_;
        std::uint64_t end_;
    };

    boost::asio::awaitable<void> start(std::uint64_t offset, std::optional<std::uint64_t>) override
    {
        if (offset == 0)
            present_.clear();
        whole_.emplace(*this, ByteRange{offset, bytes.size()});
        co_return;
    }
    boost::asio::awaitable<std::span<std::byte>> prepare() override { return whole_->prepare(); }
    void commit(std::size_t count) override { whole_->commit(count); }
    std::uint64_t position() const noexcept override { return whole_ ? whole_->position() : present_.end_of_run(0); }
    std::uint64_t size() const noexcept override { return bytes.size(); }
    std::vector<ByteRange> missing() const override { return present_.missing(bytes.size()); }
    std::string validator() const override { return validator_; }
    void set_validator(std::string validator) override { validator_ = std::move(validator); }
    std::unique_ptr<Part> part(ByteRange range) override
    {
        ++parts;
        return std::make_unique<MemoryPart>(*this, range);
    }

    /// As if these bytes had come from a resource with that validator.
    void adopt(ByteRange range, std::string_view content, std::string validator)
    {
        bytes.replace(range.first, range.size(), content.substr(range.first, range.size()));
        present_.insert(range);
        validator_ = std::move(validator);
    }

    std::string bytes;
    int parts = 0;

private:
    std::size_t room_size_;
    store::RangeSet present_;
    std::string validator_;
    std::optional<MemoryPart> whole_;
};

} // namespace furiosa::test

#include "store/blob_writer.hpp"

#include "store/blob_writer_back.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace furiosa::store {

namespace asio = boost::asio;

/// Fills one room after another with the bytes of a range.
class BlobWriter::PartSink final : public RangedSink::Part
{
public:
    /// A `last` part ends with the resource: what comes behind it is an error, not merely unwanted.
    PartSink(BlobWriter& writer, ByteRange range, bool last)
        : writer_(writer), position_(range.first), end_(range.last), last_(last)
    {
    }
    PartSink(const PartSink&) = delete;
    PartSink& operator=(const PartSink&) = delete;
    ~PartSink() override { flush(); }

    asio::awaitable<void> start(std::uint64_t offset, std::optional<std::uint64_t> total) override
    {
        writer_.check_total(total);
        if (offset != position_)
            throw_error(errc::malformed_response, "{}: bytes from {} came, but those from {} were to come",
                        writer_.request_.name, offset, position_);
        co_return;
    }

    asio::awaitable<std::span<std::byte>> prepare() override
    {
        if (position_ >= end_)
            co_return last_ ? std::span(surplus_) : std::span<std::byte>();
        if (!room_) {
            room_ = co_await writer_.take_room();
            room_->offset = position_;
        }
        const auto wanted = std::min<std::uint64_t>(room_size - room_->filled, end_ - position_);
        co_return std::span(room_->bytes.get() + room_->filled, static_cast<std::size_t>(wanted));
    }

    void commit(std::size_t count) override
    {
        if (count == 0)
            return;
        if (position_ >= end_)
            throw_error(errc::size_mismatch, "{}: more bytes came than the {} that the manifest says",
                        writer_.request_.name, writer_.request_.size);
        room_->filled += count;
        position_ += count;
        if (room_->filled == room_size || position_ >= end_)
            flush();
    }

    std::uint64_t position() const noexcept override { return position_; }
    std::uint64_t end() const noexcept override { return end_; }
    void set_end(std::uint64_t end) noexcept override { end_ = end; }

    void flush()
    {
        if (!room_)
            return;
        auto room = std::move(*std::exchange(room_, std::nullopt));
        if (room.filled != 0)
            writer_.hand_over(std::move(room));
        else
            writer_.return_room(std::move(room));
    }

private:
    BlobWriter& writer_;
    std::uint64_t position_;
    std::uint64_t end_;
    bool last_;
    std::optional<Room> room_;
    std::array<std::byte, 16> surplus_;
};

BlobWriter::BlobWriter(Context& context, const BlobRequest& request, std::filesystem::path root,
                       ProgressFunction progress)
    : context_(context), request_(request), root_(std::move(root)), progress_(std::move(progress)),
      back_(std::make_shared<Back>(*this)),
      room_came_back_(context.io_executor(), asio::steady_timer::time_point::max())
{
    rooms_ = static_cast<std::size_t>(std::min<std::uint64_t>(request.size / room_size + 1, max_rooms));
    const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(request.size, room_size));
    for (std::size_t i = 0; i != rooms_; ++i)
        free_.push_back({std::make_unique_for_overwrite<std::byte[]>(bytes), 0, 0});
}

BlobWriter::~BlobWriter()
{
    whole_.reset(); // hands its last bytes over
    back_->forget_writer();
    // To close a large file takes longer than this thread has.
    asio::post(context_.workers(), [back = std::move(back_)]() mutable { back.reset(); });
}

asio::awaitable<void> BlobWriter::open(bool anew)
{
    co_await context_.offload([this, anew] { back_->open(root_, anew); });
    if (const auto& journal = back_->adopted()) {
        adopted_ = true;
        accepted_ = journal->ranges;
        validator_ = journal->validator;
    }
    report(); // where it begins
}

void BlobWriter::discard() noexcept
{
    back_->discard();
}

void BlobWriter::set_validator(std::string validator)
{
    if (validator == validator_)
        return;
    validator_ = validator;
    back_->set_validator(std::move(validator));
}

void BlobWriter::check_total(std::optional<std::uint64_t> total) const
{
    if (total && *total != request_.size)
        throw_error(errc::size_mismatch, "{}: {} bytes are offered, but the manifest says {}", request_.name, *total,
                    request_.size);
}

std::uint64_t BlobWriter::position() const noexcept
{
    return whole_ ? whole_->position() : accepted_.end_of_run(0);
}

asio::awaitable<void> BlobWriter::start(std::uint64_t offset, std::optional<std::uint64_t> total)
{
    check_total(total);
    const auto here = position();
    if (offset != 0 && offset != here)
        throw_error(errc::malformed_response, "{}: bytes from {} came, but those from {} were to come", request_.name,
                    offset, here);
    if (offset == 0 && (here != 0 || !accepted_.present().empty()))
        co_await restart();
    if (!whole_)
        whole_ = std::make_unique<PartSink>(*this, ByteRange{offset, request_.size}, true);
}

asio::awaitable<void> BlobWriter::restart()
{
    whole_.reset();
    co_await wait_for_rooms(rooms_);
    co_await context_.offload([this] { back_->clear(); });
    accepted_.clear();
    adopted_ = false;
}

asio::awaitable<std::span<std::byte>> BlobWriter::prepare()
{
    return whole_->prepare();
}

void BlobWriter::commit(std::size_t count)
{
    whole_->commit(count);
}

std::unique_ptr<RangedSink::Part> BlobWriter::part(ByteRange range)
{
    return std::make_unique<PartSink>(*this, range, false);
}

asio::awaitable<void> BlobWriter::wait_for_rooms(std::size_t free)
{
    while (!failure_ && free_.size() < free) {
        co_await room_came_back_.async_wait(asio::as_tuple(asio::use_awaitable));
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            throw_error(errc::cancelled, "{}: cancelled while it was being written", request_.name);
    }
    if (failure_)
        std::rethrow_exception(failure_);
}

asio::awaitable<BlobWriter::Room> BlobWriter::take_room()
{
    co_await wait_for_rooms(1);
    auto room = std::move(free_.back());
    free_.pop_back();
    room.filled = 0;
    co_return room;
}

void BlobWriter::hand_over(Room room)
{
    accepted_.insert({room.offset, room.offset + room.filled});
    back_->push(context_, std::move(room));
    report();
}

void BlobWriter::report()
{
    if (progress_)
        progress_({accepted_.total(), request_.size});
}

void BlobWriter::take_back(Room room, std::exception_ptr failure)
{
    if (failure && !failure_)
        failure_ = failure;
    if (room.bytes)
        free_.push_back(std::move(room));
    room_came_back_.cancel();
}

asio::awaitable<void> BlobWriter::finish(std::filesystem::path blob)
{
    whole_.reset();
    if (!accepted_.missing(request_.size).empty())
        throw_error(errc::size_mismatch, "{}: {} bytes came, but the manifest says {}", request_.name, accepted_.total(),
                    request_.size);
    co_await wait_for_rooms(rooms_);
    co_await context_.offload([this, &blob] { back_->finish(blob); });
}

asio::awaitable<void> BlobWriter::close()
{
    whole_.reset();
    co_await context_.offload([this] { back_->close(); });
}

} // namespace furiosa::store

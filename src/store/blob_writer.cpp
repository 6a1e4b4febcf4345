#include "store/blob_writer.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <mutex>

namespace furiosa::store {

namespace asio = boost::asio;

/// Owned by the writer and by the worker's job. The job alone touches the file and the hasher while it runs.
struct BlobWriter::Back : std::enable_shared_from_this<Back>
{
    explicit Back(BlobWriter& w) : writer(&w), hasher(w.request_.digest.algorithm) {}

    void push(Context& context, Room room)
    {
        std::lock_guard lock(mutex);
        filled.push_back(std::move(room));
        if (!std::exchange(job_runs, true))
            asio::post(context.workers(),
                       [self = shared_from_this(), io = context.io_executor()] { self->work_off(io); });
    }

    std::optional<Room> pop()
    {
        std::lock_guard lock(mutex);
        if (filled.empty()) {
            job_runs = false;
            return std::nullopt;
        }
        auto room = std::move(filled.front());
        filled.pop_front();
        return room;
    }

    void work_off(const asio::any_io_executor& io)
    {
        while (auto room = pop()) {
            std::exception_ptr failure;
            try {
                const std::span<const std::byte> bytes(room->bytes.get(), room->filled);
                file->append(bytes);
                hasher.update(bytes);
            } catch (...) {
                failure = std::current_exception();
            }
            asio::post(io, [self = shared_from_this(), room = std::move(*room), failure]() mutable {
                if (self->writer)
                    self->writer->take_back(std::move(room), failure);
            });
        }
    }

    BlobWriter* writer; // only looked at on the I/O thread; null when the writer is gone
    std::mutex mutex;
    std::deque<Room> filled;
    bool job_runs = false;
    std::optional<PartialFile> file;
    Hasher hasher;
};

BlobWriter::BlobWriter(Context& context, const BlobRequest& request, std::filesystem::path root,
                       ProgressFunction progress)
    : context_(context), request_(request), root_(std::move(root)), progress_(std::move(progress)),
      back_(std::make_shared<Back>(*this)),
      room_came_back_(context.io_executor(), asio::steady_timer::time_point::max())
{
    rooms_ = static_cast<std::size_t>(std::min<std::uint64_t>(request.size / room_size + 1, max_rooms));
    for (std::size_t i = 0; i != rooms_; ++i)
        free_.push_back({std::make_unique_for_overwrite<std::byte[]>(room_size), 0});
}

BlobWriter::~BlobWriter()
{
    back_->writer = nullptr;
    std::lock_guard lock(back_->mutex);
    back_->filled.clear();
}

void BlobWriter::open_file()
{
    back_->file.emplace(root_, request_.digest.hex().substr(0, 16));
    back_->file->reserve(request_.size);
}

asio::awaitable<void> BlobWriter::start(std::uint64_t offset, std::optional<std::uint64_t> total)
{
    if (total && *total != request_.size)
        throw_error(errc::size_mismatch, "{}: {} bytes are offered, but the manifest says {}", request_.name, *total,
                    request_.size);
    if (offset != 0 && offset != position_)
        throw_error(errc::malformed_response, "{}: bytes from {} came, but those from {} were to come", request_.name,
                    offset, position_);
    if (!back_->file)
        co_await context_.offload([this] { open_file(); });
    else if (offset == 0 && position_ != 0)
        co_await restart();
}

asio::awaitable<void> BlobWriter::restart()
{
    if (current_)
        free_.push_back(std::move(*std::exchange(current_, std::nullopt)));
    co_await wait_for_rooms(rooms_);
    co_await context_.offload([this] {
        back_->file->clear();
        back_->hasher.finish();
    });
    position_ = 0;
}

asio::awaitable<void> BlobWriter::wait_for_rooms(std::size_t free)
{
    while (!failure_ && free_.size() < free) {
        co_await room_came_back_.async_wait(asio::as_tuple(asio::use_awaitable));
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            throw_error(errc::cancelled, "{}: cancelled while it was being written", request_.name);
    }
    rethrow_failure();
}

void BlobWriter::rethrow_failure() const
{
    if (failure_)
        std::rethrow_exception(failure_);
}

asio::awaitable<std::span<std::byte>> BlobWriter::prepare()
{
    if (current_ && current_->filled == room_size)
        hand_over();
    if (!current_) {
        co_await wait_for_rooms(1);
        current_ = std::move(free_.back());
        free_.pop_back();
        current_->filled = 0;
    }
    co_return std::span(current_->bytes.get() + current_->filled, room_size - current_->filled);
}

void BlobWriter::commit(std::size_t count)
{
    current_->filled += count;
    position_ += count;
    if (position_ > request_.size)
        throw_error(errc::size_mismatch, "{}: more bytes came than the {} that the manifest says", request_.name,
                    request_.size);
    if (current_->filled == room_size)
        hand_over();
}

void BlobWriter::hand_over()
{
    back_->push(context_, std::move(*std::exchange(current_, std::nullopt)));
    if (progress_)
        progress_({position_, request_.size});
}

void BlobWriter::take_back(Room room, std::exception_ptr failure)
{
    if (failure && !failure_)
        failure_ = failure;
    free_.push_back(std::move(room));
    room_came_back_.cancel();
}

asio::awaitable<void> BlobWriter::finish(std::filesystem::path blob)
{
    if (position_ != request_.size)
        throw_error(errc::size_mismatch, "{}: {} bytes came, but the manifest says {}", request_.name, position_,
                    request_.size);
    if (current_ && current_->filled != 0)
        hand_over();
    else if (current_)
        free_.push_back(std::move(*std::exchange(current_, std::nullopt)));
    co_await wait_for_rooms(rooms_);
    co_await context_.offload([this, &blob] {
        const auto digest = back_->hasher.finish();
        if (digest != request_.digest)
            throw_error(errc::digest_mismatch,
                        "{}: the bytes that came have {}, but the manifest says {}; they were thrown away. The "
                        "registry's file and its manifest do not belong together, or somebody changed the bytes on "
                        "their way",
                        request_.name, to_string(digest), to_string(request_.digest));
        back_->file->publish(blob);
    });
}

} // namespace furiosa::store

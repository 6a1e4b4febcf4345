#include "store/blob_writer_back.hpp"

#include <furiosa/core/error.hpp>

#include <algorithm>
#include <boost/asio/post.hpp>

namespace furiosa::store {

namespace asio = boost::asio;

namespace {

/// So much more is written down in the journal at a time: what a killed process loses at most.
constexpr std::uint64_t journal_step = 4 * 1024 * 1024;
/// Less is not worth a file that lies about.
constexpr std::uint64_t least_kept = 1024 * 1024;

} // namespace

void BlobWriter::Back::close() noexcept
{
    std::lock_guard lock(work_mutex_); // nobody holds a room that is neither queued nor written
    try {
        while (auto room = pop())
            write(*room);
    } catch (const Error&) {
        // what was not written is not in the journal either
    }
    if (!file_)
        return;
    try {
        if (keep_ && journal_.ranges.total() >= least_kept && write_journal())
            file_->leave();
    } catch (const Error&) {
        // a full disk: then the file goes
    }
    file_.reset();
}

void BlobWriter::Back::push(Context& context, Room room)
{
    std::lock_guard lock(queue_mutex_);
    filled_.push_back(std::move(room));
    if (!std::exchange(job_runs_, true))
        asio::post(context.workers(),
                   [self = shared_from_this(), io = context.io_executor()] { self->work_off(io); });
}

void BlobWriter::Back::forget_writer() noexcept
{
    writer_ = nullptr;
}

void BlobWriter::Back::discard() noexcept
{
    keep_ = false;
}

void BlobWriter::Back::set_validator(std::string validator)
{
    std::lock_guard lock(queue_mutex_);
    validator_ = std::move(validator);
}

/// Without a validator nobody could go on with the bytes: then there is no journal.
bool BlobWriter::Back::write_journal()
{
    {
        std::lock_guard lock(queue_mutex_);
        journal_.validator = validator_;
    }
    if (journal_.validator.empty())
        return false;
    file_->write_journal(journal_);
    written_since_journal_ = 0;
    return true;
}

void BlobWriter::Back::open(const std::filesystem::path& root, bool anew)
{
    std::lock_guard lock(work_mutex_);
    const auto stem = partial_stem(digest_);
    if (!anew && size_ >= least_kept) { // of smaller ones nothing is ever left
        if (auto found = PartialFile::adopt(root, stem, size_)) {
            file_.emplace(std::move(found->first));
            adopted_ = journal_ = std::move(found->second);
            set_validator(journal_.validator);
        }
    }
    if (!file_)
        file_.emplace(root, stem, size_);
    file_->reserve();
}

void BlobWriter::Back::clear()
{
    std::lock_guard lock(work_mutex_);
    file_->clear();
    journal_ = {};
    hasher_.finish();
    digested_ = 0;
}

std::optional<BlobWriter::Room> BlobWriter::Back::pop()
{
    std::lock_guard lock(queue_mutex_);
    if (filled_.empty())
        return std::nullopt;
    auto room = std::move(filled_.front());
    filled_.pop_front();
    return room;
}

/// Rooms first, since the network waits for them; the digest catches up in between.
void BlobWriter::Back::work_off(const asio::any_io_executor& io)
{
    for (;;) {
        std::exception_ptr failure;
        std::optional<Room> room;
        try {
            if (!write_next(room) && digest_some())
                continue;
        } catch (...) {
            failure = std::current_exception();
        }
        if (room || failure)
            asio::post(
                io, [self = shared_from_this(), room = room ? std::move(*room) : Room(), failure]() mutable {
                    if (self->writer_)
                        self->writer_->take_back(std::move(room), failure);
                });
        if (room)
            continue;
        std::lock_guard lock(queue_mutex_);
        if (filled_.empty()) {
            job_runs_ = false;
            return;
        }
    }
}

/// Gives the room that it has written, or failed to write; false if there was none.
bool BlobWriter::Back::write_next(std::optional<Room>& room)
{
    std::lock_guard lock(work_mutex_);
    room = pop();
    if (room)
        write(*room);
    return room.has_value();
}

/// Under the work mutex.
void BlobWriter::Back::write(const Room& room)
{
    if (!file_) // closed meanwhile
        return;
    const std::span<const std::byte> bytes(room.bytes.get(), room.filled);
    file_->write(room.offset, bytes);
    journal_.ranges.insert({room.offset, room.offset + bytes.size()});
    if (room.offset == digested_) { // its turn: no need to read it back
        hasher_.update(bytes);
        digested_ += bytes.size();
    }
    written_since_journal_ += bytes.size();
    if (written_since_journal_ >= journal_step)
        write_journal();
}

/// Digests the next bytes that were written ahead of their turn; says whether there were any.
bool BlobWriter::Back::digest_some()
{
    std::lock_guard lock(work_mutex_);
    const auto end = std::min(journal_.ranges.end_of_run(digested_), digested_ + room_size);
    if (!file_ || end == digested_)
        return false;
    if (!piece_)
        piece_ = std::make_unique_for_overwrite<std::byte[]>(room_size);
    const std::span<std::byte> piece(piece_.get(), static_cast<std::size_t>(end - digested_));
    file_->read(digested_, piece);
    hasher_.update(piece);
    digested_ = end;
    return true;
}

void BlobWriter::Back::finish(const std::filesystem::path& blob)
{
    while (digest_some()) {
    }
    std::lock_guard lock(work_mutex_);
    const auto digest = hasher_.finish();
    if (digested_ != size_ || digest != digest_)
        throw_error(
            errc::digest_mismatch,
            "{}: the bytes that came have {}, but the manifest says {}; they were thrown away. The "
            "registry's file and its manifest do not belong together, or somebody changed the bytes on "
            "their way",
            name_, to_string(digest), to_string(digest_));
    file_->publish(blob);
    keep_ = false;
}

} // namespace furiosa::store

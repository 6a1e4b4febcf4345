#pragma once

#include "store/partial_file.hpp"
#include "store/range_set.hpp"

#include <furiosa/core/byte_sink.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/store/store.hpp>

#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <vector>

namespace furiosa::store {

/// The sink that a download fills: bytes are read into a few rooms on the I/O thread, and written and digested
/// behind it on a worker, so that the network never waits for the disk unless the disk is the slower one. What comes
/// ahead of its turn is digested from the page cache when what was missing has come.
///
/// A partial file that an earlier download left is taken over, and left again when this one breaks off.
/// All members belong on the I/O executor.
class BlobWriter final : public RangedSink
{
public:
    BlobWriter(Context& context, const BlobRequest& request, std::filesystem::path root,
               ProgressFunction progress);
    ~BlobWriter() override;

    /// Before all else: makes the file, or adopts one unless `anew`.
    boost::asio::awaitable<void> open(bool anew);
    /// Are bytes here that an earlier download brought?
    bool has_adopted() const noexcept { return adopted_; }
    /// What came is worth nothing to a next download.
    void discard() noexcept;

    boost::asio::awaitable<void> start(std::uint64_t offset, std::optional<std::uint64_t> total) override;
    boost::asio::awaitable<std::span<std::byte>> prepare() override;
    void commit(std::size_t count) override;
    std::uint64_t position() const noexcept override;

    std::uint64_t size() const noexcept override { return request_.size; }
    std::vector<ByteRange> missing() const override { return accepted_.missing(request_.size); }
    std::string validator() const override { return validator_; }
    void set_validator(std::string validator) override;
    std::unique_ptr<RangedSink::Part> part(ByteRange range) override;

    /// All bytes have come: compares size and digest with the request and makes the file a blob.
    boost::asio::awaitable<void> finish(std::filesystem::path blob);

    /// Nothing more is to come: leaves the file for the next download, or removes it.
    boost::asio::awaitable<void> close();

private:
    static constexpr std::size_t room_size = 512 * 1024;
    static constexpr std::size_t max_rooms = 8;

    struct Room
    {
        std::unique_ptr<std::byte[]> bytes;
        std::size_t filled = 0;
        std::uint64_t offset = 0; // of its first byte, in the resource
    };

    class PartSink;
    /// What the worker touches. The worker's job keeps it alive.
    class Back;

    void check_total(std::optional<std::uint64_t> total) const;
    boost::asio::awaitable<void> restart();
    boost::asio::awaitable<void> wait_for_rooms(std::size_t free);
    boost::asio::awaitable<Room> take_room();
    void return_room(Room room) { free_.push_back(std::move(room)); }
    void hand_over(Room room);
    void take_back(Room room, std::exception_ptr failure);
    void report();

    Context& context_;
    BlobRequest request_;
    std::filesystem::path root_;
    ProgressFunction progress_;
    std::shared_ptr<Back> back_;
    boost::asio::steady_timer room_came_back_; // never expires; cancelled to wake those who wait
    std::size_t rooms_ = 0;
    std::vector<Room> free_;
    std::exception_ptr failure_;
    RangeSet accepted_; // handed over to be written
    std::string validator_;
    std::unique_ptr<PartSink> whole_; // what this is as a plain sink
    bool adopted_ = false;
};

} // namespace furiosa::store

#pragma once

#include "store/partial_file.hpp"

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
/// behind it on a worker, so that the network never waits for the disk unless the disk is the slower one.
///
/// All members belong on the I/O executor.
class BlobWriter final : public ByteSink
{
public:
    BlobWriter(Context& context, const BlobRequest& request, std::filesystem::path root,
               ProgressFunction progress);
    ~BlobWriter() override;

    boost::asio::awaitable<void> start(std::uint64_t offset, std::optional<std::uint64_t> total) override;
    boost::asio::awaitable<std::span<std::byte>> prepare() override;
    void commit(std::size_t count) override;
    std::uint64_t position() const noexcept override { return position_; }

    /// All bytes have come: compares size and digest with the request and makes the file a blob.
    boost::asio::awaitable<void> finish(std::filesystem::path blob);

private:
    static constexpr std::size_t room_size = 512 * 1024;
    static constexpr std::size_t max_rooms = 4;

    struct Room
    {
        std::unique_ptr<std::byte[]> bytes;
        std::size_t filled = 0;
    };

    /// What the worker touches. The worker job keeps it alive.
    struct Back;

    void open_file();
    boost::asio::awaitable<void> restart();
    boost::asio::awaitable<void> wait_for_rooms(std::size_t free);
    void rethrow_failure() const;
    void hand_over();
    void take_back(Room room, std::exception_ptr failure);

    Context& context_;
    BlobRequest request_;
    std::filesystem::path root_;
    ProgressFunction progress_;
    std::shared_ptr<Back> back_;
    boost::asio::steady_timer room_came_back_; // never expires; cancelled to wake the one who waits
    std::size_t rooms_ = 0;
    std::vector<Room> free_;
    std::optional<Room> current_;
    std::exception_ptr failure_;
    std::uint64_t position_ = 0;
};

} // namespace furiosa::store

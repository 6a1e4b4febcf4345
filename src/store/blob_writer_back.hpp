#pragma once

#include "store/blob_writer.hpp"

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace furiosa::store {

/// The worker's side of a BlobWriter: writes rooms in the order in which they come, and digests behind.
class BlobWriter::Back : public std::enable_shared_from_this<Back>
{
public:
    explicit Back(BlobWriter& writer)
        : writer_(&writer),
          name_(writer.request_.name),
          digest_(writer.request_.digest),
          size_(writer.request_.size),
          hasher_(digest_.algorithm)
    {
    }
    ~Back() { close(); }

    // On the I/O thread
    void push(Context& context, Room room);
    void forget_writer() noexcept;
    void discard() noexcept;
    void set_validator(std::string validator);

    // On a worker. Between open() and finish() the job may run beside them.
    void open(const std::filesystem::path& root, bool anew);
    const std::optional<Journal>& adopted() const noexcept { return adopted_; }
    void clear();
    void finish(const std::filesystem::path& blob);
    /// Leaves the file for the next download, or removes it.
    void close() noexcept;

private:
    std::optional<Room> pop();
    bool write_journal();
    void work_off(const boost::asio::any_io_executor& io);
    bool write_next(std::optional<Room>& room);
    void write(const Room& room);
    bool digest_some();

    BlobWriter* writer_; // only looked at on the I/O thread; null when the writer is gone
    const std::string name_;
    const Digest digest_;
    const std::uint64_t size_;

    std::mutex queue_mutex_;
    std::deque<Room> filled_;
    std::string validator_; // for the journal
    bool job_runs_ = false;

    std::mutex work_mutex_; // for all below
    std::optional<PartialFile> file_;
    std::optional<Journal> adopted_;
    Journal journal_;
    std::uint64_t written_since_journal_ = 0;
    Hasher hasher_;
    std::uint64_t digested_ = 0;
    std::unique_ptr<std::byte[]> piece_;

    std::atomic<bool> keep_ = true;
};

} // namespace furiosa::store

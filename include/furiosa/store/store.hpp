#pragma once

#include <furiosa/core/byte_sink.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/core/shared_bytes.hpp>
#include <furiosa/store/digest.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace furiosa::store {

/// How far an artifact has come. `total` is its size by the manifest.
struct Progress
{
    std::uint64_t done = 0;
    std::uint64_t total = 0;
};

/// What to fetch: bytes of that digest and size. `name` says in errors what they are.
struct BlobRequest
{
    Digest digest;
    std::uint64_t size = 0;
    std::string name;
};

/// Brings the bytes of one resource into a sink: the registry's transports, bound to a URI.
using Source = std::function<boost::asio::awaitable<void>(RangedSink&)>;

/// Called on the I/O thread of the Context: must be quick.
using ProgressFunction = std::function<void(Progress)>;

/// What this store has done since it was made, for tests and metrics.
struct Counters
{
    std::atomic<std::uint64_t> hits = 0;      ///< blobs that were there
    std::atomic<std::uint64_t> downloads = 0; ///< sources that were asked
    std::atomic<std::uint64_t> resumed = 0;   ///< downloads that went on with what an earlier one had left
    std::atomic<std::uint64_t> joined = 0;    ///< requests that shared a download under way
    std::atomic<std::uint64_t> refused = 0;   ///< downloads whose bytes were the wrong ones
};

/// What verify() found.
struct Verification
{
    std::uint64_t blobs = 0;
    std::uint64_t bytes = 0;
    std::vector<std::filesystem::path> damaged; ///< content that does not hash to its name
};

/// What gc() is to keep.
struct GcLimits
{
    /// Bytes of blobs; of more, those that were not used for the longest time go.
    std::uint64_t max_size = UINT64_MAX;
    /// Blobs that were not used, and downloads that were not gone on with, for longer than this go.
    std::chrono::seconds max_age = std::chrono::seconds::max();
};

/// What gc() did.
struct GcReport
{
    std::uint64_t removed = 0; ///< files
    std::uint64_t freed = 0;   ///< bytes
    std::uint64_t kept = 0;    ///< bytes of blobs that are still there
    std::uint64_t in_use = 0;  ///< blobs that would have gone, had nobody mapped them
};

struct StoreOptions
{
    /// Empty: $FURIOSA_CACHE_HOME, else $XDG_CACHE_HOME/furiosa, else ~/.cache/furiosa.
    std::filesystem::path root;
};

/// Artifacts on disk, named by their content.
///
///     <root>/blobs/<algorithm>/<2 hex>/<hex>   immutable, 0444
///     <root>/partial/<digest>.<owner>.<unique> a download under way, or one that broke off and waits to be resumed
///     <root>/programs/<hex of the key>         names the blob of a compiled program
///
/// A blob appears under its name by one rename, after its bytes were digested while they streamed, found right and
/// synced: what is there is whole. No locks are taken, so file systems where locks do nothing are safe.
///
/// Thread safety
///   `find`, `blob_path`, `counters` and `root` from any thread. The coroutines are to be awaited on the I/O
///   executor of the Context.
/// Cancellation
///   Terminal. Of several who wait for one blob, only the one who is cancelled leaves.
class Store : public Context::Service
{
public:
    explicit Store(Context& context, StoreOptions options = {});
    ~Store() override;
    void shutdown() noexcept override;

    const std::filesystem::path& root() const noexcept { return root_; }
    std::filesystem::path blob_path(const Digest& digest) const;
    const Counters& counters() const noexcept { return counters_; }

    /// The mapped blob, if it is there and of that size. A blob of another size was tampered with: it throws
    /// errc::size_mismatch, naming the file to remove. Takes some microseconds.
    std::optional<SharedBytes> find(const BlobRequest& request) const;

    /// The mapped blob; fetched from `source` if it is not there. Concurrent requests for one digest share one
    /// download. Throws errc::size_mismatch, digest_mismatch, truncated_body, store_not_writable, disk_full,
    /// cancelled and what the source throws; then nothing is left that a later call would trust unchecked: a
    /// download that broke off is resumed by the next one, in this process or another, and digested from its first
    /// byte.
    boost::asio::awaitable<SharedBytes> fetch(BlobRequest request, Source source, ProgressFunction progress = {});

    /// Digests every blob anew; with `remove`, damaged ones go, and are fetched again when they are next wanted. Takes
    /// about 0.6 s a gigabyte, on a worker. Cancellation: terminal, between two blobs.
    /// Throws errc::io_error, store_not_writable, cancelled.
    boost::asio::awaitable<Verification> verify(bool remove = false);

    /// Removes blobs that were not used lately, and what broken downloads have left. A blob that some process has
    /// mapped stays, by an flock(2) that its readers share; where locks do nothing, such a reader keeps its bytes
    /// nevertheless, and the next one fetches them again. Throws errc::store_not_writable, io_error.
    boost::asio::awaitable<GcReport> gc(GcLimits limits);

    /// Puts bytes that were made here, and names them by `key`. Blocks: for a worker.
    /// Throws errc::store_not_writable, disk_full, io_error.
    void put_program(std::string_view key, std::span<const std::byte> bytes);

    /// The bytes that were put under `key`, if there are any. Blocks for some microseconds.
    std::optional<SharedBytes> find_program(std::string_view key) const;

private:
    struct Flights;

    boost::asio::awaitable<bool> try_download(const BlobRequest& request, const Source& source, bool anew);
    boost::asio::awaitable<SharedBytes> download(BlobRequest request, Source source);
    void report(const Digest& digest, Progress progress);

    Context& context_;
    std::filesystem::path root_;
    Counters counters_;
    std::unique_ptr<Flights> flights_;
};

} // namespace furiosa::store

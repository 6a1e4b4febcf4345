#pragma once

#include <furiosa/core/byte_sink.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/core/shared_bytes.hpp>
#include <furiosa/store/digest.hpp>
#include <furiosa/store/source.hpp>

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

class DownloadTurn;

/// Called on the I/O thread of the Context: must be quick, and must not throw.
using ProgressFunction = std::function<void(Progress)>;

/// What this store has done since it was made, for tests and metrics.
struct Counters
{
    std::atomic<std::uint64_t> hits = 0;      ///< blobs that were there
    std::atomic<std::uint64_t> downloads = 0; ///< sources that were asked
    std::atomic<std::uint64_t> resumed = 0;   ///< downloads that went on with what an earlier one had left
    std::atomic<std::uint64_t> joined = 0;    ///< requests that shared a download under way
    std::atomic<std::uint64_t> awaited = 0;   ///< downloads that another process made meanwhile
    std::atomic<std::uint64_t> refused = 0;   ///< downloads whose bytes were the wrong ones
};

/// A file of the store, as list() finds it.
struct StoredBlob
{
    Digest digest;
    std::uint64_t size = 0;
    std::chrono::system_clock::time_point used; ///< to the hour
    std::filesystem::path path;
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
    std::uint64_t denied = 0;  ///< files that would have gone, had they not been somebody else's
};

struct StoreOptions
{
    /// Empty: $FURIOSA_CACHE_HOME, else $XDG_CACHE_HOME/furiosa, else ~/.cache/furiosa.
    std::filesystem::path root;
    /// Stores that are only read, in this order, when `root` lacks a blob: an image baked with models. Where `root`
    /// is empty too: the folders in $FURIOSA_CACHE_LAYERS, with colons between them.
    std::vector<std::filesystem::path> layers{};
};

/// The text of a manifest as it was last read, and the entity tag that the server gave with it.
struct StoredManifest
{
    SharedBytes text;
    std::string etag;
};

/// Artifacts on disk, named by their content.
///
///     <root>/blobs/<algorithm>/<2 hex>/<hex>   immutable, 0444
///     <root>/partial/<digest>.<owner>.<unique> a download under way, or one that broke off and waits to be resumed
///     <root>/programs/<hex of the key>         names the blob of a compiled program
///     <root>/manifests/<hex of the URI>        a manifest as it was last read, behind its entity tag
///     <root>/locks/<digest>                    one process downloads, the others wait for its blob
///
/// A blob appears under its name by one rename, after its bytes were digested while they streamed, found right and
/// synced: what is there is whole. Nothing rests on locks, so file systems where they do nothing are safe: there
/// several processes may download the same blob, and each gets it.
///
/// Several users share a store whose root they all may write to (chmod 2775 or 1777): the folders that are made in
/// it get the permissions of the root. A store that may only be read serves what it has.
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
    const std::vector<std::filesystem::path>& layers() const noexcept { return layers_; }
    /// Where the blob is, or would be, in the root.
    std::filesystem::path blob_path(const Digest& digest) const;
    /// Where the blob is: in the root, or in the first layer that has it. Where nobody has it: blob_path().
    std::filesystem::path locate(const Digest& digest) const;
    const Counters& counters() const noexcept { return counters_; }

    /// The mapped blob, if it is there and of that size. A blob of another size was tampered with: it throws
    /// errc::size_mismatch, naming the file to remove; in a layer it counts as absent. Takes some microseconds.
    std::optional<SharedBytes> find(const BlobRequest& request) const;

    /// The mapped blob; fetched from `source` if it is not there. Concurrent requests for one digest share one
    /// download, also, for blobs of a megabyte or more, those of other processes. Throws errc::size_mismatch, digest_mismatch, truncated_body, store_not_writable, disk_full,
    /// cancelled and what the source throws; then nothing is left that a later call would trust unchecked: a
    /// download that broke off is resumed by the next one, in this process or another, and digested from its first
    /// byte.
    boost::asio::awaitable<SharedBytes> fetch(BlobRequest request, Source source, ProgressFunction progress = {});

    /// The blobs in the root, those that were used last first. Throws errc::io_error.
    boost::asio::awaitable<std::vector<StoredBlob>> list();

    /// Digests every blob anew; with `remove`, damaged ones go, and are fetched again when they are next wanted. Takes
    /// about 0.6 s a gigabyte, on a worker. Cancellation: terminal, between two blobs.
    /// Throws errc::io_error, store_not_writable; when cancelled, asio::error::operation_aborted.
    boost::asio::awaitable<Verification> verify(bool remove = false);

    /// Removes blobs that were not used lately, and what broken downloads have left. A blob that some process has
    /// mapped stays, by an flock(2) that its readers share; where locks do nothing, such a reader keeps its bytes
    /// nevertheless, and the next one fetches them again. Layers are left alone. Throws errc::io_error.
    boost::asio::awaitable<GcReport> gc(GcLimits limits);

    /// Puts bytes that were made here, and names them by `key`. Blocks: for a worker.
    /// Throws errc::store_not_writable, disk_full, io_error.
    void put_program(std::string_view key, std::span<const std::byte> bytes);

    /// The bytes that were put under `key`, if there are any. Blocks for some microseconds.
    std::optional<SharedBytes> find_program(std::string_view key) const;

    /// Keeps the text of the manifest at `uri`. Blocks: for a worker. Throws as put_program does.
    void put_manifest(std::string_view uri, const StoredManifest& manifest);

    /// The manifest that was last put for `uri`, if there is one. Blocks for some microseconds.
    std::optional<StoredManifest> find_manifest(std::string_view uri) const;

    /// So that it is asked for anew. Blocks for some microseconds.
    void forget_manifest(std::string_view uri) noexcept;

private:
    struct Flights;

    std::optional<SharedBytes> find_named(std::string_view folder, std::string_view name) const;
    boost::asio::awaitable<bool> try_download(const BlobRequest& request, const Source& source, bool anew);
    boost::asio::awaitable<SharedBytes> download(BlobRequest request, Source source);
    boost::asio::awaitable<std::shared_ptr<DownloadTurn>> wait_for_turn(const BlobRequest& request);
    void report(const Digest& digest, Progress progress);

    Context& context_;
    std::filesystem::path root_;
    std::vector<std::filesystem::path> layers_;
    Counters counters_;
    std::unique_ptr<Flights> flights_;
};

} // namespace furiosa::store

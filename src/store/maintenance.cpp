#include "store/blob_lease.hpp"
#include "store/partial_file.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/store/store.hpp>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <functional>
#include <sys/stat.h>

namespace furiosa::store {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

struct File
{
    fs::path path;
    std::uint64_t size = 0;
    std::time_t used = 0;
};

/// The regular files below a folder, which may not be there and may change meanwhile.
std::vector<File> files_below(const fs::path& folder)
{
    std::vector<File> files;
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        struct stat status;
        if (::lstat(at->path().c_str(), &status) == 0 && S_ISREG(status.st_mode))
            files.push_back({at->path(), static_cast<std::uint64_t>(status.st_size), status.st_mtime});
    }
    if (error && error != std::errc::no_such_file_or_directory)
        throw_error(errc::io_error, "{}: cannot be read: {}", folder.native(), error.message());
    return files;
}

DigestAlgorithm algorithm_of(const fs::path& blob)
{
    const bool is_md5 = blob.parent_path().parent_path().filename() == "md5";
    return is_md5 ? DigestAlgorithm::md5 : DigestAlgorithm::sha256;
}

/// Does the content hash to "<algorithm>/<2 hex>/<hex>"?
bool is_sound(const fs::path& blob)
{
    const auto bytes = map_leased(blob);
    if (!bytes)
        return true; // gone meanwhile
    return digest_of(algorithm_of(blob), *bytes).hex() == blob.filename().native();
}

std::vector<StoredBlob> list_blobs(const fs::path& root)
{
    std::vector<StoredBlob> blobs;
    for (const auto& file : files_below(root / "blobs")) {
        try {
            const auto digest = Digest::parse(algorithm_of(file.path), file.path.filename().native());
            blobs.push_back({digest, file.size, std::chrono::system_clock::from_time_t(file.used), file.path});
        } catch (const Error&) {
            // somebody's own file: verify() calls it damaged
        }
    }
    std::ranges::sort(blobs, std::greater<>(), &StoredBlob::used);
    return blobs;
}

bool is_too_old(const File& file, std::chrono::seconds max_age)
{
    return max_age != std::chrono::seconds::max() && std::time(nullptr) - file.used > max_age.count();
}

bool remove_counted(const File& file, GcReport& report)
{
    const auto removal = remove_unleased(file.path);
    if (removal == Removal::done) {
        ++report.removed;
        report.freed += file.size;
    }
    report.in_use += removal == Removal::leased;
    report.denied += removal == Removal::denied;
    return removal == Removal::done;
}

void collect_blobs(const fs::path& root, const GcLimits& limits, GcReport& report)
{
    auto blobs = files_below(root / "blobs");
    std::ranges::sort(blobs, {}, &File::used);
    for (const auto& blob : blobs)
        report.kept += blob.size;
    for (const auto& blob : blobs) {
        if (!is_too_old(blob, limits.max_age) && report.kept <= limits.max_size)
            continue;
        if (remove_counted(blob, report))
            report.kept -= blob.size;
    }
}

void collect_partials(const fs::path& root, const GcLimits& limits, GcReport& report)
{
    for (const auto& partial : files_below(root / "partial")) {
        if (is_too_old(partial, limits.max_age) && PartialFile::is_left(partial.path.filename().native()))
            remove_counted(partial, report);
    }
}

/// What names a blob is worth nothing when nobody has asked for the name.
void collect_references(const fs::path& root, const GcLimits& limits, GcReport& report)
{
    for (const auto* folder : {"programs", "manifests", "locks"})
        for (const auto& reference : files_below(root / folder))
            if (is_too_old(reference, limits.max_age))
                remove_counted(reference, report);
}

} // namespace

asio::awaitable<std::vector<StoredBlob>> Store::list()
{
    return context_.offload([this] { return list_blobs(root_); });
}

asio::awaitable<Verification> Store::verify(bool remove)
{
    Verification result;
    const auto blobs = co_await context_.offload([this] { return files_below(root_ / "blobs"); });
    for (const auto& blob : blobs) {
        const bool sound = co_await context_.offload([&blob] { return is_sound(blob.path); });
        ++result.blobs;
        result.bytes += blob.size;
        if (sound)
            continue;
        result.damaged.push_back(blob.path);
        if (remove)
            co_await context_.offload([&blob] {
                std::error_code error;
                if (!fs::remove(blob.path, error) && error)
                    throw_error(errc::store_not_writable, "{}: is damaged and cannot be removed: {}",
                                blob.path.native(), error.message());
            });
    }
    co_return result;
}

asio::awaitable<GcReport> Store::gc(GcLimits limits)
{
    return context_.offload([this, limits] {
        GcReport report;
        collect_blobs(root_, limits, report);
        collect_partials(root_, limits, report);
        collect_references(root_, limits, report);
        return report;
    });
}

} // namespace furiosa::store

#include "store/blob_writer.hpp"
#include "store/blob_lease.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/store/single_flight.hpp>
#include <furiosa/store/store.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstdlib>
#include <list>
#include <map>

namespace furiosa::store {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

std::optional<fs::path> environment_path(const char* name)
{
    const char* value = std::getenv(name);
    if (!value || !*value)
        return std::nullopt;
    return fs::path(value);
}

fs::path default_root()
{
    if (const auto path = environment_path("FURIOSA_CACHE_HOME"))
        return *path;
    if (const auto path = environment_path("XDG_CACHE_HOME"))
        return *path / "furiosa";
    if (const auto path = environment_path("HOME"))
        return *path / ".cache" / "furiosa";
    throw_error(errc::store_not_writable,
                "there is no place for downloaded artifacts: set FURIOSA_CACHE_HOME, XDG_CACHE_HOME or HOME");
}

fs::path program_reference(const fs::path& root, std::string_view key)
{
    return root / "programs" / digest_of(DigestAlgorithm::sha256, std::as_bytes(std::span(key))).hex();
}

void write_blob(const fs::path& root, std::string_view stem, std::span<const std::byte> bytes, const fs::path& blob)
{
    PartialFile file(root, stem, bytes.size());
    file.reserve();
    file.write(0, bytes);
    file.publish(blob);
}

} // namespace

/// Downloads under way, and who wants to hear of them.
struct Store::Flights
{
    using Listeners = std::multimap<Digest, ProgressFunction>;

    explicit Flights(asio::any_io_executor executor) : downloads(std::move(executor)) {}

    SingleFlight<Digest, SharedBytes> downloads;
    Listeners listeners;
};

Store::Store(Context& context, StoreOptions options)
    : context_(context), root_(options.root.empty() ? default_root() : std::move(options.root)),
      flights_(std::make_unique<Flights>(context.io_executor()))
{
}

Store::~Store() = default;

void Store::shutdown() noexcept
{
    flights_->downloads.cancel_all();
}

fs::path Store::blob_path(const Digest& digest) const
{
    const auto hex = digest.hex();
    return root_ / "blobs" / to_string(digest.algorithm) / hex.substr(0, 2) / hex;
}

std::optional<SharedBytes> Store::find(const BlobRequest& request) const
{
    const auto path = blob_path(request.digest);
    auto bytes = map_leased(path);
    if (bytes && bytes->size() != request.size)
        throw_error(errc::size_mismatch,
                    "{}: the stored file {} has {} bytes instead of {}: somebody changed it. Remove it to fetch it again",
                    request.name, path.native(), bytes->size(), request.size);
    return bytes;
}

asio::awaitable<SharedBytes> Store::fetch(BlobRequest request, Source source, ProgressFunction progress)
{
    if (auto bytes = find(request)) {
        ++counters_.hits;
        if (progress)
            progress({request.size, request.size});
        co_return std::move(*bytes);
    }
    const auto listener = flights_->listeners.emplace(request.digest, std::move(progress));
    struct Unlisten
    {
        Flights& flights;
        Flights::Listeners::iterator listener;
        ~Unlisten() { flights.listeners.erase(listener); }
    } unlisten{*flights_, listener};

    if (flights_->downloads.is_in_flight(request.digest))
        ++counters_.joined;
    // Named: g++ 12 destroys a lambda with captures twice when it is a temporary of a co_await.
    auto start = [this, request, source] { return download(request, source); };
    co_return co_await flights_->downloads.join(request.digest, std::move(start));
}

namespace {

/// After these a next download may go on with what has come; after the others it is the bytes, or the disk, that is bad.
bool leaves_good_bytes(const boost::system::error_code& code)
{
    return code != errc::digest_mismatch && code != errc::size_mismatch && code != errc::body_too_large &&
           code != errc::disk_full && code != errc::io_error && code != errc::store_not_writable;
}

} // namespace

/// False: the bytes are wrong, but some of them were not this source's: it deserves another try.
asio::awaitable<bool> Store::try_download(const BlobRequest& request, const Source& source, bool anew)
{
    BlobWriter writer(context_, request, root_,
                      [this, digest = request.digest](Progress progress) { report(digest, progress); });
    std::optional<Error> failure;
    try {
        co_await writer.open(anew);
        co_await source(writer);
        co_await writer.finish(blob_path(request.digest));
        if (writer.has_adopted())
            ++counters_.resumed;
        co_return true;
    } catch (const Error& error) {
        failure = error;
    } catch (const boost::system::system_error& error) {
        const bool cancelled = error.code() == asio::error::operation_aborted;
        failure = Error(cancelled ? make_error_code(errc::cancelled) : error.code(),
                        fmt::format("{}: {}", request.name, cancelled ? "the download was cancelled" : error.what()));
    }
    if (!leaves_good_bytes(failure->code()))
        writer.discard();
    const bool deserves_another = failure->code() == errc::digest_mismatch && writer.has_adopted();
    if (deserves_another)
        co_return false;
    if (failure->code() == errc::digest_mismatch || failure->code() == errc::size_mismatch)
        ++counters_.refused;
    // A cancelled coroutine could not wait for the file to be put away.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await writer.close();
    throw *failure;
}

asio::awaitable<SharedBytes> Store::download(BlobRequest request, Source source)
{
    ++counters_.downloads;
    const bool done = co_await try_download(request, source, false);
    if (!done)
        co_await try_download(request, source, true);
    auto bytes = find(request);
    if (!bytes)
        throw_error(errc::io_error, "{}: {} vanished right after it was written: is somebody emptying the store?",
                    request.name, blob_path(request.digest).native());
    report(request.digest, {request.size, request.size});
    co_return std::move(*bytes);
}

void Store::report(const Digest& digest, Progress progress)
{
    auto [first, last] = flights_->listeners.equal_range(digest);
    for (; first != last; ++first)
        if (first->second)
            first->second(progress);
}

void Store::put_program(std::string_view key, std::span<const std::byte> bytes)
{
    const auto digest = digest_of(DigestAlgorithm::sha256, bytes);
    write_blob(root_, "program", bytes, blob_path(digest));
    const auto name = fmt::format("{} {}\n", to_string(digest), bytes.size());
    write_blob(root_, "reference", std::as_bytes(std::span(name)), program_reference(root_, key));
}

std::optional<SharedBytes> Store::find_program(std::string_view key) const
{
    const auto reference = map_leased(program_reference(root_, key));
    if (!reference)
        return std::nullopt;
    // "sha256:<64 hex> <size>"; anything else is damage, and as good as nothing
    constexpr std::string_view prefix = "sha256:";
    const auto text = reference->text();
    if (!text.starts_with(prefix) || text.size() < prefix.size() + 66)
        return std::nullopt;
    try {
        const auto digest = Digest::parse(DigestAlgorithm::sha256, text.substr(prefix.size(), 64));
        const auto size = std::strtoull(std::string(text.substr(prefix.size() + 65)).c_str(), nullptr, 10);
        return find({digest, size, "compiled program"});
    } catch (const Error&) {
        return std::nullopt;
    }
}

} // namespace furiosa::store

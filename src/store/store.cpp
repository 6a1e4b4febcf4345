#include "store/blob_writer.hpp"
#include "store/blob_lease.hpp"
#include "store/download_turn.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/store/single_flight.hpp>
#include <furiosa/store/store.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <cstdlib>
#include <map>
#include <ranges>

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

std::vector<fs::path> default_layers()
{
    std::vector<fs::path> layers;
    const auto list = environment_path("FURIOSA_CACHE_LAYERS");
    if (!list)
        return layers;
    for (const auto part : std::views::split(std::string_view(list->native()), ':'))
        if (const std::string_view folder(part.begin(), part.end()); !folder.empty())
            layers.emplace_back(folder);
    return layers;
}

fs::path blob_below(const fs::path& root, const Digest& digest)
{
    const auto hex = digest.hex();
    return root / "blobs" / to_string(digest.algorithm) / hex.substr(0, 2) / hex;
}

fs::path named_below(const fs::path& root, std::string_view folder, std::string_view name)
{
    return root / folder / digest_of(DigestAlgorithm::sha256, std::as_bytes(std::span(name))).hex();
}

/// What a file says that names a blob: "sha256:<64 hex> <size>".
struct Reference
{
    Digest digest;
    std::uint64_t size = 0;

    std::string text() const { return fmt::format("{} {}\n", to_string(digest), size); }

    /// Nothing if it is damaged, which is as good as absent.
    static std::optional<Reference> parse(std::string_view text)
    {
        constexpr std::string_view prefix = "sha256:";
        if (!text.starts_with(prefix) || text.size() < prefix.size() + 66)
            return std::nullopt;
        Reference reference;
        try {
            reference.digest = Digest::parse(DigestAlgorithm::sha256, text.substr(prefix.size(), 64));
        } catch (const Error&) {
            return std::nullopt;
        }
        text.remove_prefix(prefix.size() + 65);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), reference.size);
        if (error != std::errc() || end == text.data() + text.size() || *end != '\n')
            return std::nullopt;
        return reference;
    }
};

/// Below this, to fetch a blob twice costs less than to agree on who does it.
constexpr std::uint64_t least_shared_download = 1'000'000;

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
    : context_(context), root_(options.root.empty() ? default_root() : options.root),
      layers_(options.root.empty() && options.layers.empty() ? default_layers() : std::move(options.layers)),
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
    return blob_below(root_, digest);
}

fs::path Store::locate(const Digest& digest) const
{
    std::error_code error;
    auto path = blob_path(digest);
    for (auto layer = layers_.begin(); !fs::exists(path, error) && layer != layers_.end(); ++layer)
        if (auto below = blob_below(*layer, digest); fs::exists(below, error))
            return below;
    return path;
}

std::optional<SharedBytes> Store::find(const BlobRequest& request) const
{
    const auto path = blob_path(request.digest);
    auto bytes = map_leased(path);
    if (bytes && bytes->size() != request.size)
        throw_error(errc::size_mismatch,
                    "{}: the stored file {} has {} bytes instead of {}: somebody changed it. Remove it to fetch it again",
                    request.name, path.native(), bytes->size(), request.size);
    for (auto layer = layers_.begin(); !bytes && layer != layers_.end(); ++layer)
        if (auto found = map_leased(blob_below(*layer, request.digest)); found && found->size() == request.size)
            return found;
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

/// False: the bytes are wrong, but there is another try: some of them were an earlier download's, or the source has
/// another place to ask.
asio::awaitable<bool> Store::try_download(const BlobRequest& request, const Source& source, bool anew)
{
    BlobWriter writer(context_, request, root_,
                      [this, digest = request.digest](Progress progress) { report(digest, progress); });
    std::optional<Error> failure;
    try {
        co_await writer.open(anew);
        co_await source.pull(writer);
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
    const bool wrong = failure->code() == errc::digest_mismatch || failure->code() == errc::size_mismatch;
    if (failure->code() == errc::digest_mismatch && writer.has_adopted())
        co_return false;
    if (wrong) {
        ++counters_.refused;
        if (source.refuse && source.refuse(*failure))
            co_return false;
    }
    // A cancelled coroutine could not wait for the file to be put away.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await writer.close();
    throw *failure;
}

/// Somebody else's download may end, and leave the blob, or break off, and leave the turn to us.
asio::awaitable<std::shared_ptr<DownloadTurn>> Store::wait_for_turn(const BlobRequest& request)
{
    if (request.size < least_shared_download)
        co_return nullptr;
    constexpr std::chrono::milliseconds longest_pause{250};
    std::chrono::milliseconds pause{10};
    // To give it back takes a system call or two: not on this thread.
    auto end = [workers = context_.workers()](DownloadTurn* turn) {
        asio::post(workers, [owned = std::unique_ptr<DownloadTurn>(turn)] {});
    };
    auto begin = [&] {
        return std::shared_ptr<DownloadTurn>(new DownloadTurn(root_, partial_stem(request.digest)), end);
    };
    const auto turn = co_await context_.offload(begin);
    auto take = [&] { return turn->try_take(); };
    asio::steady_timer timer(context_.io_executor());
    for (;;) {
        const bool taken = co_await context_.offload(take);
        if (taken || find(request))
            break;
        timer.expires_after(pause);
        co_await timer.async_wait(asio::use_awaitable);
        pause = std::min(2 * pause, longest_pause);
    }
    co_return turn;
}

asio::awaitable<SharedBytes> Store::download(BlobRequest request, Source source)
{
    const auto turn = co_await wait_for_turn(request);
    if (auto bytes = find(request)) {
        ++counters_.awaited;
        co_return std::move(*bytes);
    }
    ++counters_.downloads;
    std::exception_ptr failure;
    try {
        for (bool done = false, anew = false; !done; anew = true)
            done = co_await try_download(request, source, anew);
    } catch (...) {
        failure = std::current_exception();
    }
    if (turn) {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        auto give_back = [&] { turn->give_back(); };
        co_await context_.offload(give_back);
    }
    if (failure)
        std::rethrow_exception(failure);
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
    const Reference reference{digest_of(DigestAlgorithm::sha256, bytes), bytes.size()};
    const auto text = reference.text();
    write_blob(root_, "program", bytes, blob_path(reference.digest));
    write_blob(root_, "reference", std::as_bytes(std::span(text)), named_below(root_, "programs", key));
}

std::optional<SharedBytes> Store::find_program(std::string_view key) const
{
    const auto text = find_named("programs", key);
    const auto reference = text ? Reference::parse(text->text()) : std::nullopt;
    if (!reference)
        return std::nullopt;
    try {
        return find({reference->digest, reference->size, "compiled program"});
    } catch (const Error&) {
        return std::nullopt; // of another size: damage too
    }
}

/// "<size of the text> <entity tag>", a line feed, the text.
void Store::put_manifest(std::string_view uri, const StoredManifest& manifest)
{
    const auto file = fmt::format("{} {}\n{}", manifest.text.size(), manifest.etag, manifest.text.text());
    write_blob(root_, "manifest", std::as_bytes(std::span(file)), named_below(root_, "manifests", uri));
}

std::optional<StoredManifest> Store::find_manifest(std::string_view uri) const
{
    const auto file = find_named("manifests", uri);
    if (!file)
        return std::nullopt;
    const auto line = file->text().substr(0, file->text().find('\n'));
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), size);
    const bool is_whole = error == std::errc() && end != line.data() + line.size() && *end == ' ' &&
                          file->size() == line.size() + 1 + size;
    if (!is_whole)
        return std::nullopt;
    const auto text = file->view().subspan(line.size() + 1);
    return StoredManifest{SharedBytes(text, std::make_shared<SharedBytes>(*file)),
                          std::string(end + 1, line.data() + line.size())};
}

void Store::forget_manifest(std::string_view uri) noexcept
{
    std::error_code gone;
    fs::remove(named_below(root_, "manifests", uri), gone);
}

std::optional<SharedBytes> Store::find_named(std::string_view folder, std::string_view name) const
{
    auto file = map_leased(named_below(root_, folder, name));
    for (auto layer = layers_.begin(); !file && layer != layers_.end(); ++layer)
        file = map_leased(named_below(*layer, folder, name));
    return file;
}

} // namespace furiosa::store

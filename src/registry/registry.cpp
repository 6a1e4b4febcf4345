#include <furiosa/registry/registry.hpp>

#include "registry/text_sink.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/registry/catalog.hpp>
#include <furiosa/registry/transport.hpp>
#include <furiosa/store/single_flight.hpp>

#include <cstdlib>
#include <filesystem>

namespace furiosa::registry {

namespace asio = boost::asio;

namespace {

bool is_uri(std::string_view text)
{
    return text.find("://") != std::string_view::npos || text.starts_with("file:");
}

/// The manifest's own name is added to that of its folder.
http::Uri manifest_in(http::Uri uri)
{
    if (uri.path.ends_with(".json"))
        return uri;
    if (!uri.path.ends_with('/'))
        uri.path += '/';
    uri.path += "artifacts.json";
    return uri;
}

/// Parsing that takes longer than this many bytes' worth moves off the I/O thread.
constexpr std::size_t small_manifest = 32 * 1024;

} // namespace

struct Registries::Impl
{
    using SharedManifest = std::shared_ptr<const Manifest>;

    store::SingleFlight<std::string, SharedManifest> reads;
};

Registries::Registries(Context& context)
    : context_(context), impl_(std::make_unique<Impl>(Impl{store::SingleFlight<std::string, Impl::SharedManifest>(
                             context.io_executor())}))
{
}

Registries::~Registries() = default;

void Registries::shutdown() noexcept
{
    impl_->reads.cancel_all();
}

std::string Registries::resolve_name(std::string_view registry)
{
    if (registry.empty()) {
        const char* variable = std::getenv("FURIOSA_REGISTRY");
        registry = variable && *variable ? std::string_view(variable) : public_zoo;
    }
    if (registry == public_zoo)
        return std::string(public_zoo);
    if (is_uri(registry))
        return manifest_in(http::Uri::parse(registry)).to_string();
    const auto path = std::filesystem::absolute(std::filesystem::path(registry)).lexically_normal();
    http::Uri uri;
    uri.scheme = "file";
    uri.path = http::percent_encode_path(path.native());
    return manifest_in(std::move(uri)).to_string();
}

asio::awaitable<std::shared_ptr<const Manifest>> Registries::manifest(std::string registry)
{
    auto uri = resolve_name(registry);
    if (uri == public_zoo)
        co_return std::shared_ptr<const Manifest>(&public_zoo_manifest(), [](const Manifest*) {});
    // Named: g++ 12 destroys a lambda with captures twice when it is a temporary of a co_await.
    auto read = [this, uri] { return read_manifest(uri); };
    co_return co_await impl_->reads.join(uri, std::move(read));
}

asio::awaitable<std::shared_ptr<const Manifest>> Registries::read_manifest(std::string uri)
{
    TextSink sink;
    co_await transport(context_, http::Uri::parse(uri), max_manifest_size, sink);
    const auto text = sink.take();
    auto parse = [&] { return std::make_shared<const Manifest>(parse_manifest(text, uri)); };
    if (text.size() <= small_manifest)
        co_return parse();
    co_return co_await context_.offload(parse);
}

asio::awaitable<void> Registries::fetch(ArtifactInfo artifact, RangedSink& sink)
{
    for (std::size_t i = 0; i != artifact.uris.size(); ++i) {
        try {
            co_await transport(context_, http::Uri::parse(artifact.uris[i]), artifact.size, sink);
            co_return;
        } catch (const Error& error) {
            if (error.code() == errc::body_too_large)
                throw Error(errc::size_mismatch, error.what());
            if (error.code() != errc::not_found || i + 1 == artifact.uris.size())
                throw;
        }
    }
}

} // namespace furiosa::registry

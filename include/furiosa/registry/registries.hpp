#pragma once

#include <furiosa/core/context.hpp>
#include <furiosa/http/download_machine.hpp>
#include <furiosa/registry/manifest.hpp>
#include <furiosa/registry/registry.hpp>
#include <furiosa/store/source.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace furiosa::registry {

struct RegistriesOptions
{
    /// A place that was dead, or brought wrong bytes, is asked after the others for so long.
    std::chrono::seconds avoid_for{300};
};

/// The registries that a Context knows: reads their manifests, brings their artifacts.
///
/// The coroutines are to be awaited on the I/O executor of the Context; their cancellation is terminal.
class Registries : public Context::Service
{
public:
    explicit Registries(Context& context, RegistriesOptions options = {});
    ~Registries() override;
    void shutdown() noexcept override;

    /// The manifest, read by the registry's policy from the first of its places that answers; those who ask at the
    /// same time share one request. Throws what the transport throws at the last place, errc::malformed_manifest,
    /// uri_outside_registry, not_in_store, invalid_argument for a token that would go in the clear.
    boost::asio::awaitable<std::shared_ptr<const Manifest>> manifest(Registry registry);

    /// Forgets what the store has kept of a manifest, so that the next one comes whole: for when it names what is not
    /// there. Nothing but its entity tag says whether a manifest came as it was sent.
    void forget_manifest(const Registry& registry);

    /// Brings an artifact of that registry, from the first of its URIs, here or at a mirror, that has the right bytes.
    store::Source source(ArtifactInfo artifact, Registry registry);

    /// The absolute URI of the manifest of a registry, or `public_zoo`.
    static std::string resolve_name(std::string_view registry);

private:
    struct Impl;
    using SharedManifest = std::shared_ptr<const Manifest>;

    boost::asio::awaitable<SharedManifest> read_manifest(Registry registry);
    boost::asio::awaitable<SharedManifest> ask_for_manifest(http::GetRequest request, std::string base);
    boost::asio::awaitable<SharedManifest> parse(std::string_view text, std::string base);
    boost::asio::awaitable<void> keep_manifest(std::string uri, std::string_view text, std::string etag);

    Context& context_;
    std::unique_ptr<Impl> impl_;
};

} // namespace furiosa::registry

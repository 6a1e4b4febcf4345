#pragma once

#include <furiosa/core/byte_sink.hpp>
#include <furiosa/core/context.hpp>
#include <furiosa/registry/manifest.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace furiosa::registry {

/// The registries that a Context knows: reads their manifests, brings their artifacts.
///
/// A registry is named by where its artifacts.json lies: "https://host/models", "file:///srv/models",
/// "/srv/models", with or without the file name; or it is `public_zoo`, which is built in. The empty name stands
/// for $FURIOSA_REGISTRY if that is set, else for `public_zoo`.
///
/// The coroutines are to be awaited on the I/O executor of the Context; their cancellation is terminal.
class Registries : public Context::Service
{
public:
    explicit Registries(Context& context);
    ~Registries() override;
    void shutdown() noexcept override;

    /// The manifest, read anew; those who ask at the same time share one request.
    /// Throws what the transport throws, errc::malformed_manifest, errc::uri_outside_registry.
    boost::asio::awaitable<std::shared_ptr<const Manifest>> manifest(std::string registry);

    /// Brings an artifact's bytes into `sink`, from the first of its URIs that has it.
    boost::asio::awaitable<void> fetch(ArtifactInfo artifact, RangedSink& sink);

    /// The absolute URI of the manifest of a registry, or `public_zoo`.
    static std::string resolve_name(std::string_view registry);

private:
    struct Impl;

    boost::asio::awaitable<std::shared_ptr<const Manifest>> read_manifest(std::string uri);

    Context& context_;
    std::unique_ptr<Impl> impl_;
};

} // namespace furiosa::registry

#include <furiosa/registry/registries.hpp>

#include "registry/artifact_pull.hpp"
#include "registry/text_sink.hpp"

#include <furiosa/core/error.hpp>
#include <furiosa/registry/catalog.hpp>
#include <furiosa/registry/transport.hpp>
#include <furiosa/store/single_flight.hpp>
#include <furiosa/store/store.hpp>

#include <cstdlib>
#include <filesystem>
#include <fmt/ranges.h>

namespace furiosa::registry {

namespace asio = boost::asio;

namespace {

using SharedManifest = std::shared_ptr<const Manifest>;

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

bool environment_says_offline()
{
    const char* variable = std::getenv("FURIOSA_OFFLINE");
    const std::string_view text = variable ? variable : "";
    return text == "1" || text == "true" || text == "yes" || text == "on";
}

/// With the variables of the environment applied, and the manifest's place made absolute.
Registry resolved(Registry registry)
{
    registry.uri = Registries::resolve_name(registry.uri);
    if (environment_says_offline())
        registry.policy = Policy::offline;
    return registry;
}

/// Requests that share one answer.
std::string flight_key(const Registry& registry)
{
    return fmt::format("{}\n{}\n{}\n{}", registry.uri, static_cast<int>(registry.policy), registry.token,
                       fmt::join(registry.mirrors, "\n"));
}

/// Parsing that takes longer than this many bytes' worth moves off the I/O thread.
constexpr std::size_t small_manifest = 32 * 1024;

} // namespace

struct Registries::Impl
{
    Impl(Context& context, const RegistriesOptions& options)
        : reads(context.io_executor()), memory(std::make_shared<PlaceMemory>(options.avoid_for))
    {
    }

    store::SingleFlight<std::string, SharedManifest> reads;
    std::shared_ptr<PlaceMemory> memory;
};

Registries::Registries(Context& context, RegistriesOptions options)
    : context_(context), impl_(std::make_unique<Impl>(context, options))
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

asio::awaitable<SharedManifest> Registries::manifest(Registry registry)
{
    registry = resolved(std::move(registry));
    if (registry.uri == public_zoo)
        co_return SharedManifest(&public_zoo_manifest(), [](const Manifest*) {});
    auto key = flight_key(registry);
    // Named: g++ 12 destroys a lambda with captures twice when it is a temporary of a co_await.
    auto read = [this, registry] { return read_manifest(registry); };
    co_return co_await impl_->reads.join(std::move(key), std::move(read));
}

/// By the policy: from the store, or from the first place that answers.
asio::awaitable<SharedManifest> Registries::read_manifest(Registry registry)
{
    const auto own = http::Uri::parse(registry.uri);
    auto candidates = Places(own, registry).of_manifest();
    if (registry.policy != Policy::revalidate)
        for (const auto& candidate : candidates)
            if (const auto kept = context_.use<store::Store>().find_manifest(candidate.uri.to_string()))
                co_return co_await parse(kept->text.text(), registry.uri);
    impl_->memory->order(candidates, PlaceMemory::Clock::now());
    if (registry.policy == Policy::offline)
        std::erase_if(candidates, [](const Candidate& candidate) { return candidate.uri.scheme != "file"; });
    std::optional<Error> failure;
    for (std::size_t i = 0; i != candidates.size(); ++i) {
        const auto& candidate = candidates[i];
        http::GetRequest request;
        request.uri = candidate.uri;
        if (i + 1 != candidates.size())
            request.attempts = attempts_where_there_are_others;
        try {
            request.authorization = authorization_for(registry, own, candidate.uri);
            auto manifest = co_await ask_for_manifest(std::move(request), registry.uri);
            impl_->memory->answered(candidate.place);
            co_return manifest;
        } catch (const Error& error) {
            if (!is_failure_of_place(error.code()))
                throw;
            failure = error;
        }
        if (is_to_be_avoided_after(failure->code()))
            impl_->memory->failed(candidate.place, PlaceMemory::Clock::now());
    }
    if (failure)
        throw *failure;
    throw_error(errc::not_in_store, "{}: is not in the store {}, and nothing is asked over the network: load it once "
                "with another policy, and without FURIOSA_OFFLINE", own.redacted(),
                context_.use<store::Store>().root().native());
}

asio::awaitable<SharedManifest> Registries::ask_for_manifest(http::GetRequest request, std::string base)
{
    auto& store = context_.use<store::Store>();
    const bool over_network = request.uri.scheme != "file";
    const auto uri = request.uri.to_string();
    auto kept = over_network ? store.find_manifest(uri) : std::nullopt;
    if (kept)
        request.if_none_match = kept->etag;
    request.max_size = max_manifest_size;
    TextSink sink;
    const auto result = co_await transport(context_, std::move(request), sink);
    if (result.unchanged)
        co_return co_await parse(kept->text.text(), base);
    const auto text = sink.take();
    auto manifest = co_await parse(text, base);
    const bool is_news = !kept || kept->etag != result.etag || kept->text.text() != text;
    if (over_network && is_news)
        co_await keep_manifest(uri, text, result.etag);
    co_return manifest;
}

asio::awaitable<SharedManifest> Registries::parse(std::string_view text, std::string base)
{
    auto parse_now = [&] { return std::make_shared<const Manifest>(parse_manifest(text, base)); };
    if (text.size() <= small_manifest)
        co_return parse_now();
    co_return co_await context_.offload(parse_now);
}

/// A store that cannot be written to costs the next request a 304, and later offline use; the manifest is good.
asio::awaitable<void> Registries::keep_manifest(std::string uri, std::string_view text, std::string etag)
{
    auto keep = [&] {
        try {
            context_.use<store::Store>().put_manifest(uri, {SharedBytes::copy_of(text), etag});
        } catch (const Error&) {
        }
    };
    co_await context_.offload(keep);
}

void Registries::forget_manifest(const Registry& registry)
{
    const auto place = resolved(registry);
    if (place.uri == public_zoo)
        return;
    for (const auto& candidate : Places(http::Uri::parse(place.uri), place).of_manifest())
        context_.use<store::Store>().forget_manifest(candidate.uri.to_string());
}

store::Source Registries::source(ArtifactInfo artifact, Registry registry)
{
    registry = resolved(std::move(registry));
    auto pull = std::make_shared<ArtifactPull>(context_, impl_->memory, std::move(artifact), std::move(registry));
    store::Source source([pull](RangedSink& sink) { return pull->run(sink); });
    source.refuse = [pull](const Error& error) { return pull->refuse(error); };
    return source;
}

} // namespace furiosa::registry

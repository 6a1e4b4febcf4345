#include "registry/artifact_pull.hpp"

#include <furiosa/core/byte_sink.hpp>
#include <furiosa/registry/catalog.hpp>
#include <furiosa/registry/registries.hpp>
#include <furiosa/registry/transport.hpp>
#include <furiosa/store/store.hpp>

#include <numeric>

namespace furiosa::registry {

namespace asio = boost::asio;

namespace {

std::uint64_t missing_bytes(const RangedSink& sink)
{
    std::uint64_t bytes = 0;
    for (const auto& range : sink.missing())
        bytes += range.size();
    return bytes;
}

bool may_be_the_manifests_fault(const boost::system::error_code& code)
{
    return code == errc::not_found || code == errc::request_rejected || code == errc::size_mismatch ||
           code == errc::body_too_large || code == errc::digest_mismatch;
}

/// A longer answer than the manifest promised is the registry's mistake, not the caller's limit.
Error as_seen_by_registry(const Error& error)
{
    return error.code() == errc::body_too_large ? Error(errc::size_mismatch, error.what()) : error;
}

} // namespace

bool is_failure_of_place(const boost::system::error_code& code)
{
    return code != errc::cancelled && code != errc::invalid_argument && code != errc::store_not_writable &&
           code != errc::disk_full && code != errc::out_of_memory;
}

bool is_to_be_avoided_after(const boost::system::error_code& code)
{
    return code != errc::not_found && code != errc::request_rejected;
}

ArtifactPull::ArtifactPull(Context& context, std::shared_ptr<PlaceMemory> memory, ArtifactInfo artifact,
                           Registry registry)
    : context_(context),
      memory_(std::move(memory)),
      artifact_(std::move(artifact)),
      registry_(std::move(registry)),
      manifest_(http::Uri::parse(registry_.uri == public_zoo ? public_zoo_base : registry_.uri)),
      candidates_(Places(manifest_, registry_).of_artifact(artifact_.uris))
{
    memory_->order(candidates_, PlaceMemory::Clock::now());
    if (registry_.policy == Policy::offline)
        std::erase_if(candidates_, [](const Candidate& candidate) { return candidate.uri.scheme != "file"; });
}

asio::awaitable<void> ArtifactPull::run(RangedSink& sink)
{
    if (candidates_.empty())
        throw_error(errc::not_in_store,
                    "it is not in the store {}, and nothing is asked over the network: load it once with another "
                    "policy, and without FURIOSA_OFFLINE",
                    context_.use<store::Store>().root().native());
    for (;;) {
        const auto missing_before = missing_bytes(sink);
        http::GetRequest request;
        request.uri = candidates_.front().uri;
        request.max_size = artifact_.size;
        request.authorization = authorization_for(registry_, manifest_, request.uri);
        if (candidates_.size() > 1)
            request.attempts = attempts_where_there_are_others;
        try {
            co_await transport(context_, std::move(request), sink);
            co_return;
        } catch (const Error& error) {
            if (!is_failure_of_place(error.code()))
                throw;
            leave_first(error);
            if (candidates_.empty())
                throw as_seen_by_registry(error);
        }
        mixed_ = mixed_ || missing_bytes(sink) != missing_before;
    }
}

void ArtifactPull::leave_first(const Error& error)
{
    if (may_be_the_manifests_fault(error.code()))
        context_.use<Registries>().forget_manifest(registry_);
    const auto place = candidates_.front().place;
    candidates_.erase(candidates_.begin());
    if (!is_to_be_avoided_after(error.code()))
        return;
    memory_->failed(place, PlaceMemory::Clock::now());
    std::erase_if(candidates_, [&](const Candidate& candidate) { return candidate.place == place; });
}

bool ArtifactPull::refuse(const Error& error)
{
    // Whose the wrong bytes were is not known: the last one deserves to bring them all.
    if (!std::exchange(mixed_, false) && !candidates_.empty())
        leave_first(error);
    return !candidates_.empty();
}

} // namespace furiosa::registry

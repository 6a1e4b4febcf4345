#include "registry/places.hpp"

#include <furiosa/registry/registries.hpp>

namespace furiosa::registry {

namespace {

std::string folder_of(const http::Uri& uri)
{
    return uri.path.substr(0, uri.path.find_last_of('/') + 1);
}

std::string name_of(const http::Uri& manifest)
{
    return manifest.origin() + folder_of(manifest);
}

bool lies_beside(const http::Uri& artifact, const http::Uri& manifest)
{
    return artifact.origin() == manifest.origin() && artifact.path.starts_with(folder_of(manifest));
}

/// The same file in the folder of another manifest.
http::Uri moved(http::Uri artifact, const http::Uri& from, const http::Uri& to)
{
    auto there = to;
    there.path = folder_of(to) + artifact.path.substr(folder_of(from).size());
    there.query = std::move(artifact.query);
    return there;
}

} // namespace

Places::Places(const http::Uri& manifest, const Registry& registry) : manifest_(manifest), manifests_{manifest}
{
    for (const auto& mirror : registry.mirrors)
        manifests_.push_back(http::Uri::parse(Registries::resolve_name(mirror)));
}

std::vector<Candidate> Places::of_manifest() const
{
    std::vector<Candidate> candidates;
    for (const auto& manifest : manifests_)
        candidates.push_back({manifest, name_of(manifest)});
    return candidates;
}

std::vector<Candidate> Places::of_artifact(const std::vector<std::string>& uris) const
{
    std::vector<Candidate> candidates;
    for (const auto& manifest : manifests_)
        for (const auto& text : uris) {
            auto uri = http::Uri::parse(text);
            if (lies_beside(uri, manifest_))
                candidates.push_back({moved(std::move(uri), manifest_, manifest), name_of(manifest)});
            else if (&manifest == &manifests_.front())
                candidates.push_back({uri, uri.origin()});
        }
    return candidates;
}

} // namespace furiosa::registry
